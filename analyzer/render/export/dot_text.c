/*
 * See dot_text.h. One thread.
 */
#include "render/export/dot_text.h"

#include "aggregate/filter.h"
#include "base/memo.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_BYTES 2000u /* of a text on one line; some five times as long with its entities */
#define LINE_BYTES 40u
#define LINES 4u
#define NAME_BYTES 80u /* of a function's name as it is */
#define ELLIPSIS "\xe2\x80\xa6"

/* `text` is harmless already. */
static void put(FILE *stream, const char *text, size_t length_bytes) {
        for (size_t i = 0; i < length_bytes; i++) {
                if (text[i] == '&')
                        fputs("&amp;", stream);
                else if (text[i] == '\\' || text[i] == '"')
                        fprintf(stream, "\\%c", text[i]);
                else
                        fputc(text[i], stream);
        }
}

/* At most so many bytes, whole characters. */
static size_t fit(const char *text, size_t most_bytes) {
        size_t length = strnlen(text, most_bytes + 1);

        if (length <= most_bytes)
                return length;
        for (length = most_bytes; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
                length--;
        return length;
}

static bool is_break(const char *text, size_t at) {
        return at > 0 && text[at] != *ELLIPSIS &&
               (strchr(" ,<(/", text[at - 1]) ||
                (at > 1 && text[at - 1] == ':' && text[at - 2] == ':' && text[at] != ':'));
}

/* What stands on one line. */
static size_t line_bytes(const char *text) {
        size_t most = fit(text, LINE_BYTES);

        if (text[most] == 0)
                return most;
        for (size_t at = most; at > LINE_BYTES / 3; at--)
                if (is_break(text, at))
                        return at;
        return most;
}

int dot_text_put(FILE *stream, const char *text) {
        char *harmless = text_escape(text, strlen(text));
        size_t length;

        if (!harmless)
                return -ENOMEM;
        length = fit(harmless, WHOLE_BYTES);
        put(stream, harmless, length);
        fputs(harmless[length] ? ELLIPSIS : "", stream);
        free(harmless);
        return 0;
}

/* `text` is harmless already. */
static void put_wrapped(FILE *stream, const char *text) {
        for (unsigned line = 1; line <= LINES && *text; line++) {
                size_t length = line_bytes(text);

                put(stream, text, length);
                text += length;
                fputs(line == LINES && *text ? ELLIPSIS "\\n" : "\\n", stream);
        }
}

int dot_text_wrap(FILE *stream, const char *text) {
        char *harmless = text_escape(text, strlen(text));

        if (!harmless)
                return -ENOMEM;
        put_wrapped(stream, harmless);
        free(harmless);
        return 0;
}

/* The brackets of an operator's own name open and close nothing. */
static size_t operator_bytes(const char *name) {
        static const char word[] = "operator";
        size_t length = sizeof(word) - 1;

        if (strncmp(name, word, length) != 0)
                return 0;
        if (strncmp(name + length, "()", 2) == 0)
                return length + 2;
        return length + strspn(name + length, "<>=-");
}

/* Without what stands between the brackets of templates; false where these do not match. */
static bool fold(const char *name, size_t length_bytes, FILE *stream) {
        size_t depth = 0;

        for (size_t i = 0; i < length_bytes; i++) {
                size_t own = operator_bytes(name + i);

                if (own > 0 && i + own <= length_bytes) {
                        fprintf(stream, "%.*s", depth == 0 ? (int)own : 0, name + i);
                        i += own - 1;
                        continue;
                }
                if (name[i] == '>' && i > 0 && name[i - 1] != '-' && depth-- == 0)
                        return false;
                if (depth == 0)
                        fputc(name[i], stream);
                if (name[i] == '<' && depth++ == 0)
                        fputs(ELLIPSIS, stream);
        }
        return depth == 0;
}

/* Heap; NULL: it cannot be folded. */
static char *folded(const char *name, size_t length_bytes) {
        char *text = NULL;
        size_t bytes;
        FILE *stream = memo_stream(&text, &bytes);
        bool whole = stream && fold(name, length_bytes, stream);

        if (stream && fclose(stream) == 0 && whole)
                return text;
        free(text);
        return NULL;
}

int dot_text_function(FILE *stream, const char *name) {
        char *harmless = text_escape(name, strlen(name)), *shorter = NULL;

        if (!harmless)
                return -ENOMEM;
        if (strlen(harmless) > NAME_BYTES) {
                shorter = folded(harmless, filter_plain_length(harmless));
                /* the last parameters may be those of an argument */
                if (!shorter)
                        shorter = folded(harmless, strlen(harmless));
        }
        put_wrapped(stream, shorter ? shorter : harmless);
        free(shorter);
        free(harmless);
        return 0;
}
