/*
 * See fields.h.
 */
#include "render/fields.h"

#include "base/message.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int fields_text(const char *text, const char *behind, FILE *stream) {
        char *harmless = text_escape(text ? text : "", text ? strlen(text) : 0);
        bool quoted;

        if (!harmless)
                return message_errno(ENOMEM, "csv", "cannot print");
        quoted = strpbrk(harmless, "\",");
        if (quoted)
                fputc('"', stream);
        for (const char *at = harmless; *at; at++) {
                if (*at == '"')
                        fputc('"', stream);
                fputc(*at, stream);
        }
        fputs(quoted ? "\"" : "", stream);
        fputs(behind, stream);
        free(harmless);
        return 0;
}

void fields_seconds(uint64_t time_ns, FILE *stream) {
        fprintf(stream, "%" PRIu64 ".%03" PRIu64, time_ns / 1000000000, time_ns / 1000000 % 1000);
}
