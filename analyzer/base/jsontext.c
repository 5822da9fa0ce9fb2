/*
 * See jsontext.h. One thread.
 */
#include "base/jsontext.h"

#include <stdio.h>
#include <string.h>

struct jsontext jsontext_over(const char *text, size_t length_bytes) {
        return (struct jsontext){ .start = text, .at = text, .end = text + length_bytes };
}

static void pass_blanks(struct jsontext *text) {
        while (text->at < text->end && memchr(" \t\r\n", *text->at, 4))
                text->at++;
}

bool jsontext_take(struct jsontext *text, char letter) {
        pass_blanks(text);
        if (text->at == text->end || *text->at != letter)
                return false;
        text->at++;
        return true;
}

bool jsontext_at_end(struct jsontext *text) {
        pass_blanks(text);
        return text->at == text->end;
}

json_t *jsontext_value(struct jsontext *text) {
        const size_t flags = JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES;
        size_t left;
        json_error_t error;
        json_t *value;
        bool whole;

        pass_blanks(text);
        left = (size_t)(text->end - text->at);
        whole = left <= JSONTEXT_VALUE_MAX;
        value = json_loadb(text->at, whole ? left : JSONTEXT_VALUE_MAX, flags, &error);
        /* the end is the end of what was looked at: a number there may go on behind it */
        if (value && (whole || (size_t)error.position < JSONTEXT_VALUE_MAX)) {
                text->at += error.position;
                return value;
        }
        json_decref(value);
        if (!whole && (value || json_error_code(&error) == json_error_premature_end_of_input))
                snprintf(text->wrong, sizeof(text->wrong), "a value of more than %u MiB",
                         JSONTEXT_VALUE_MAX >> 20);
        else
                snprintf(text->wrong, sizeof(text->wrong), "%s", error.text);
        if (!value && error.position > 0)
                text->at += (size_t)error.position < left ? (size_t)error.position : left;
        return NULL;
}

size_t jsontext_line(const struct jsontext *text) {
        size_t line = 1;

        for (const char *at = text->start; at < text->at; at++)
                line += *at == '\n';
        return line;
}
