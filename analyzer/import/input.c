/*
 * See input.h.
 */
#include "import/input.h"

#include "base/array.h"
#include "base/message.h"
#include "import/unpack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What a file may unpack to: more than a real one does, so that none keeps us busy for ever. */
#define UNPACKED_BYTES_LEAST (UINT64_C(256) << 20)
#define UNPACKED_SHARE 2048u

/* What it may make us remember. */
#define SPENT_BYTES_LEAST (UINT64_C(64) << 20)
#define SPENT_SHARE 256u

int input_open(struct input *input, FILE *stream, const char *name, uint64_t file_bytes) {
        *input = (struct input){ .name = name, .file_bytes = file_bytes };
        input->unpack = unpack_new(stream);
        return input->unpack ? 0 : input_no_memory(input);
}

void input_close(struct input *input) {
        unpack_free(input->unpack);
        free(input->text);
        *input = (struct input){ 0 };
}

int input_wrong(const struct input *input, const char *format, ...) {
        char what[256];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(what, sizeof(what), format, arguments);
        va_end(arguments);
        message("%s:%" PRIu64 ": %s", input->name, input->line, what);
        return -EINVAL;
}

int input_no_memory(const struct input *input) {
        return message_errno(ENOMEM, input->name, "cannot import");
}

/* More than `least` and `share` times the file. */
static bool is_above(const struct input *input, uint64_t bytes, uint64_t least, unsigned share) {
        return bytes > least && (bytes - least) / share > input->file_bytes;
}

int input_spend(struct input *input, uint64_t bytes) {
        input->spent_bytes += bytes;
        return is_above(input, input->spent_bytes, SPENT_BYTES_LEAST, SPENT_SHARE)
                       ? input_wrong(input, "more is defined than any such file does")
                       : 0;
}

static bool unpacks_to_too_much(const struct input *input) {
        return is_above(input, input->unpacked_bytes, UNPACKED_BYTES_LEAST, UNPACKED_SHARE);
}

/* 1: there is more pending. */
static int more(struct input *input) {
        switch (unpack_next(input->unpack, &input->pending, &input->pending_bytes)) {
        case UNPACK_MORE:
                input->unpacked_bytes += input->pending_bytes;
                return unpacks_to_too_much(input)
                               ? input_wrong(input, "unpacks to more than any such file does")
                               : 1;
        case UNPACK_END:
                return 0;
        case UNPACK_CUT:
                input->cut = true;
                return 0;
        case UNPACK_BROKEN:
                return input_wrong(input, "what follows does not unpack");
        case UNPACK_UNREAD:
                return message_errno(errno, input->name, "cannot read");
        case UNPACK_NO_MEMORY:
                return input_no_memory(input);
        }
        return 0;
}

static int add(struct input *input, size_t bytes) {
        if (bytes > INPUT_LINE_MAX - input->length_bytes)
                return input_wrong(input, "is longer than a MiB");
        if (array_reserve(&input->text, &input->capacity, input->length_bytes + bytes + 1, 1) < 0)
                return input_no_memory(input);
        memcpy(input->text + input->length_bytes, input->pending, bytes);
        input->length_bytes += bytes;
        input->text[input->length_bytes] = '\0';
        return 0;
}

int input_line(struct input *input) {
        input->length_bytes = 0;
        input->line++;
        for (;;) {
                const uint8_t *end;
                size_t bytes;
                int result = input->pending_bytes > 0 ? 1 : more(input);

                if (result <= 0) {
                        input->cut |= result == 0 && input->length_bytes > 0;
                        return result;
                }
                end = memchr(input->pending, '\n', input->pending_bytes);
                bytes = end ? (size_t)(end - input->pending) : input->pending_bytes;
                result = add(input, bytes);
                if (result < 0)
                        return result;
                bytes += end != NULL;
                input->pending += bytes;
                input->pending_bytes -= bytes;
                if (end)
                        return 1;
        }
}
