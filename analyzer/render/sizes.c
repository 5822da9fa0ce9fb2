/*
 * The histogram of block sizes, in plain ASCII.
 */
#include "render/render.h"

#include "base/terminal.h"
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
        size_t used, columns, longest;

        while ((entry = render_next(report, &first)))
                if (measure(report, entry) > largest)
                        largest = measure(report, entry);
        terminal_style(stream, TERMINAL_HEADING);
        used = (size_t)fprintf(stream, "%10s %10s %12s %10s", "from", "below", "count", "size");
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
        columns = terminal_columns(stream);
        longest = columns > used + 1 + BAR_LENGTH ? BAR_LENGTH : columns > used + 1 ? columns - used - 1 : 0;
        while ((entry = render_next(report, &second))) {
                double share = largest ? (double)measure(report, entry) / (double)largest : 0;
                int length = (int)(share * (double)longest + 0.5);

                fprintf(stream, "%10s %10s %12" PRIu64 " ", text_size((double)entry->least_bytes, false).text,
                        text_size((double)entry->end_bytes, false).text, entry->count);
                terminal_style(stream, TERMINAL_SIZE);
                fprintf(stream, "%10s", text_size((double)entry->size_bytes, false).text);
                terminal_style(stream, TERMINAL_PLAIN);
                if (length > 0)
                        fprintf(stream, " %.*s", length, "########################################");
                fputc('\n', stream);
        }
}
