/*
 * See text.h. Plain functions, no state.
 */
#include "base/text.h"

#include <memtrace/harmless.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct size_text text_size(double size_bytes, bool with_sign) {
        static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
        struct size_text out;

        for (size_t i = 0;; i++, size_bytes /= 1024) {
                bool small = fabs(size_bytes) < 100 && i > 0;

                if (!small && fabs(size_bytes) >= 10240 && i < 4)
                        continue;
                snprintf(out.text, sizeof(out.text), with_sign ? "%+.*f %s" : "%.*f %s", small ? 1 : 0,
                         size_bytes, units[i]);
                return out;
        }
}

struct size_text text_seconds(uint64_t time_ns) {
        struct size_text out;

        snprintf(out.text, sizeof(out.text), "%" PRIu64 ".%03" PRIu64 " s", time_ns / 1000000000,
                 time_ns / 1000000 % 1000);
        return out;
}

struct size_text text_duration(double time_ms) {
        static const struct {
                const char *name;
                double next; /* so many of it are one of the next */
        } units[] = { { "ms", 1000 }, { "s", 60 }, { "min", 60 }, { "h", 24 }, { "d", INFINITY } };
        struct size_text out;
        size_t unit = 0;

        for (; time_ms >= units[unit].next; unit++)
                time_ms /= units[unit].next;
        if (unit == 0 && time_ms == floor(time_ms))
                snprintf(out.text, sizeof(out.text), "%.0f ms", time_ms);
        else
                snprintf(out.text, sizeof(out.text), "%.*f %s",
                         time_ms < 9.995   ? 2
                         : time_ms < 99.95 ? 1
                                           : 0,
                         time_ms, units[unit].name);
        return out;
}

char *text_escape(const char *text, size_t length_bytes) {
        const uint8_t *from = (const uint8_t *)text;
        size_t capacity;
        char *out, *to;

        if (__builtin_mul_overflow(length_bytes, 4, &capacity) || !(out = malloc(capacity + 1)))
                return NULL;
        to = out;
        for (size_t i = 0; i < length_bytes;) {
                size_t shown = mtr_harmless_bytes(from + i, length_bytes - i);

                if (shown == 0) {
                        to += sprintf(to, "\\x%02x", from[i++]);
                        continue;
                }
                memcpy(to, from + i, shown);
                to += shown;
                i += shown;
        }
        *to = '\0';
        return out;
}

void text_put_bytes(FILE *stream, const char *text, size_t length_bytes) {
        size_t left = length_bytes;

        while (left > 0) {
                size_t shown = mtr_harmless_bytes((const uint8_t *)text, left);

                if (shown == 0)
                        fprintf(stream, "\\x%02x", (uint8_t)*text);
                else
                        fwrite(text, 1, shown, stream);
                text += shown ? shown : 1;
                left -= shown ? shown : 1;
        }
}

void text_put(FILE *stream, const char *text) {
        text_put_bytes(stream, text, strlen(text));
}
