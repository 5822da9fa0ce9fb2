/*
 * The histogram of block sizes, in plain ASCII.
 */
#include "render/render.h"

#include "base/text.h"

#include <inttypes.h>

#define BAR_LENGTH 40

/* What the bar is long by: calls where calls are compared. */
static uint64_t measure(const struct report *report, const struct aggregate_entry *entry) {
        return report->aggregate->wish.cost == AGGREGATE_COUNT ? entry->count : entry->size_bytes;
}

void render_sizes(const struct report *report, FILE *stream) {
        struct render_walk first = { 0 }, second = { 0 };
        const struct aggregate_entry *entry;
        uint64_t largest = 0;

        while ((entry = render_next(report, &first)))
                if (measure(report, entry) > largest)
                        largest = measure(report, entry);
        fprintf(stream, "%10s %10s %12s %10s\n", "from", "below", "count", "size");
        while ((entry = render_next(report, &second))) {
                double share = largest ? (double)measure(report, entry) / (double)largest : 0;
                int length = (int)(share * BAR_LENGTH + 0.5);

                fprintf(stream, "%10s %10s %12" PRIu64 " %10s",
                        text_size((double)entry->least_bytes, false).text,
                        text_size((double)entry->end_bytes, false).text, entry->count,
                        text_size((double)entry->size_bytes, false).text);
                if (length > 0)
                        fprintf(stream, " %.*s", length, "########################################");
                fputc('\n', stream);
        }
}
