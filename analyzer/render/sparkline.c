/*
 * See sparkline.h.
 */
#include "render/sparkline.h"

#include "base/terminal.h"

static uint64_t least_of(const uint64_t *values, size_t begin, size_t end) {
        uint64_t least = values[begin];

        for (size_t i = begin + 1; i < end; i++)
                least = values[i] < least ? values[i] : least;
        return least;
}

void sparkline_put(FILE *stream, const uint64_t *values, size_t count) {
        static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
        static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        bool drawn = terminal_has_unicode(stream);
        const char *const *signs = drawn ? blocks : digits;
        size_t levels = drawn ? sizeof(blocks) / sizeof(*blocks) : sizeof(digits) / sizeof(*digits);
        size_t columns = count < SPARKLINE_COLUMNS ? count : SPARKLINE_COLUMNS;
        uint64_t column[SPARKLINE_COLUMNS], low = UINT64_MAX, high = 0;

        for (size_t i = 0; i < columns; i++) {
                column[i] = least_of(values, i * count / columns, (i + 1) * count / columns);
                low = column[i] < low ? column[i] : low;
                high = column[i] > high ? column[i] : high;
        }
        for (size_t i = 0; i < columns; i++) {
                double height = high > low ? (double)(column[i] - low) / (double)(high - low) : 0;

                fputs(signs[(size_t)(height * (double)(levels - 1) + 0.5)], stream);
        }
}
