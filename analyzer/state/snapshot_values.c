/*
 * A snapshot's single values, each checked for what it must be. One thread.
 */
#include "state/snapshot_parts.h"

#include "base/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int snapshot_wrong(const struct snapshot *snapshot, const char *format, ...) {
        char what[200], where[80] = "";
        va_list arguments;

        if (snapshot->member && snapshot->row != SNAPSHOT_NO_ROW)
                snprintf(where, sizeof(where), "%s[%zu]: ", snapshot->member, snapshot->row);
        else if (snapshot->member)
                snprintf(where, sizeof(where), "%s: ", snapshot->member);
        va_start(arguments, format);
        vsnprintf(what, sizeof(what), format, arguments);
        va_end(arguments);
        message("%s: %s%s", snapshot->name, where, what);
        return -EINVAL;
}

int snapshot_no_memory(const struct snapshot *snapshot) {
        return message_errno(ENOMEM, snapshot->name, "cannot read the snapshot");
}

int snapshot_number(const struct snapshot *snapshot, const json_t *value, const char *what, uint64_t most,
                    uint64_t *number) {
        json_int_t given = json_integer_value(value);

        if (!json_is_integer(value) || given < 0)
                return snapshot_wrong(snapshot, "%s is not a whole number of 0 or more", what);
        if ((uint64_t)given > most)
                return snapshot_wrong(snapshot, "%s is %llu, more than %llu", what, (unsigned long long)given,
                                      (unsigned long long)most);
        *number = (uint64_t)given;
        return 0;
}

static int digit(char letter) {
        if (letter >= '0' && letter <= '9')
                return letter - '0';
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

int snapshot_bytes(const struct snapshot *snapshot, const json_t *value, const char *what, size_t most_bytes,
                   uint8_t *bytes, size_t *length_bytes) {
        const char *text = json_string_value(value);
        size_t length = json_string_length(value);

        if (!text || length % 2 != 0 || length / 2 > most_bytes)
                return snapshot_wrong(snapshot, "%s is not bytes in hexadecimal, at most %zu", what,
                                      most_bytes);
        for (size_t i = 0; i < length; i += 2) {
                int high = digit(text[i]), low = digit(text[i + 1]);

                if (high < 0 || low < 0)
                        return snapshot_wrong(snapshot, "%s is not bytes in hexadecimal", what);
                bytes[i / 2] = (uint8_t)(high << 4 | low);
        }
        *length_bytes = length / 2;
        return 0;
}

int snapshot_text(const struct snapshot *snapshot, const json_t *value, const char *what, char **text) {
        const json_t *bytes = json_object_get(value, "bytes");
        size_t most_bytes = json_string_length(bytes) / 2, length;
        int error;

        if (!json_is_string(value) && !bytes)
                return snapshot_wrong(snapshot, "%s is neither a text nor bytes", what);
        *text = bytes ? calloc(most_bytes + 1, 1) : strdup(json_string_value(value));
        if (!*text)
                return snapshot_no_memory(snapshot);
        if (!bytes)
                return 0;
        error = snapshot_bytes(snapshot, bytes, what, most_bytes, (uint8_t *)*text, &length);
        if (error == 0 && strlen(*text) != length)
                error = snapshot_wrong(snapshot, "%s has a byte 0", what);
        if (error < 0) {
                free(*text);
                *text = NULL;
        }
        return error;
}
