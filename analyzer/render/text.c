/*
 * The report as text: tracemalloc's lines, and its "Top 10 lines" recipe for --pretty.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a person calls the cost. */
static const char *const cost_words[] = { "live bytes", "bytes never freed", "bytes allocated",
                                          "allocation calls", "bytes of temporaries" };

int render_place(const struct aggregate *aggregate, const struct aggregate_entry *entry,
                 size_t beside_columns, FILE *stream) {
        char *place = aggregate_place(aggregate, entry);

        if (!place)
                return message_errno(ENOMEM, "report", "cannot print");
        terminal_put_place(stream, place, beside_columns);
        free(place);
        return 0;
}

int render_moment(const struct moment *moment, uint64_t time_ns, FILE *stream) {
        char *phrase = moment_phrase(moment);

        if (!phrase)
                return message_errno(ENOMEM, "report", "cannot print");
        text_put(stream, phrase);
        free(phrase);
        fprintf(stream, " (%s)", text_seconds(time_ns).text);
        return 0;
}

void render_cost(const struct aggregate_wish *wish, FILE *stream) {
        fputs(cost_words[wish->cost], stream);
        if (wish->within > 0)
                fprintf(stream, " within %u allocations", wish->within);
}

int render_what(const struct report *report, FILE *stream) {
        int error = 0;

        render_cost(&report->aggregate->wish, stream);
        if (report->from) {
                fputs(" from ", stream);
                error = render_moment(report->from, report->from_ns, stream);
        }
        fputs(report->from ? " to " : " at ", stream);
        return error < 0 ? error : render_moment(report->moment, report->time_ns, stream);
}

void render_sum(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate, *less = report->less;

        fprintf(stream, ", %s in %" PRIu64 " blocks", text_size((double)aggregate->size_bytes, false).text,
                aggregate->blocks);
        if (less)
                fprintf(stream, " more, %s in %" PRIu64 " blocks less",
                        text_size((double)less->size_bytes, false).text, less->blocks);
        if (report->summary->beyond_heap) {
                fputs(" of ", stream);
                render_selected(report->summary, stream);
        }
}

void render_size(struct size_text size, FILE *stream) {
        terminal_style(stream, TERMINAL_SIZE);
        fputs(size.text, stream);
        terminal_style(stream, TERMINAL_PLAIN);
}

/* tracemalloc's statistic: "PLACE: size=%s, count=%d, average=%s". */
static int put_statistic(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        struct size_text size = text_size((double)entry->size_bytes, false);
        char rest[120];
        int error, used = snprintf(rest, sizeof(rest), ", count=%" PRIu64, entry->count);

        if (entry->count > 0)
                snprintf(rest + used, sizeof(rest) - (size_t)used, ", average=%s",
                         text_size((double)entry->size_bytes / (double)entry->count, false).text);
        error = render_place(report->aggregate, entry, strlen(": size=") + strlen(size.text) + strlen(rest),
                             stream);
        if (error < 0)
                return error;
        fputs(": size=", stream);
        render_size(size, stream);
        fprintf(stream, "%s\n", rest);
        return report->aggregate->wish.by == AGGREGATE_TRACEBACK ? render_traceback(report, entry, stream)
                                                                 : 0;
}

int render_report_text(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate;
        const struct aggregate_entry *entry;
        struct render_walk count = { 0 }, walk = { 0 };
        int error = render_summary(report->summary, stream);

        if (error < 0)
                return error;
        while (render_next(report, &count))
                ;
        fputc('\n', stream);
        terminal_style(stream, TERMINAL_HEADING);
        fprintf(stream, "Top %zu of %zu %ss by ", count.shown, aggregate->count,
                aggregate_by_names[aggregate->wish.by]);
        error = render_what(report, stream);
        render_sum(report, stream);
        fputc(':', stream);
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
        if (aggregate->wish.by == AGGREGATE_SIZE) {
                render_sizes(report, stream);
                return error;
        }
        while (error == 0 && (entry = render_next(report, &walk)))
                error = put_statistic(report, entry, stream);
        return error;
}

/* As the recipe has it, whatever the size. */
static struct size_text kibibytes(uint64_t size_bytes) {
        struct size_text out;

        snprintf(out.text, sizeof(out.text), "%.1f KiB", (double)size_bytes / 1024);
        return out;
}

static int put_pretty_entry(const struct report *report, const struct aggregate_entry *entry, size_t number,
                            FILE *stream) {
        struct size_text size = kibibytes(entry->size_bytes);
        int error, used;

        if (report->aggregate->wish.by == AGGREGATE_TRACEBACK) {
                fprintf(stream, "%" PRIu64 " memory blocks: ", entry->count);
                render_size(size, stream);
                fputc('\n', stream);
                return render_traceback(report, entry, stream);
        }
        used = fprintf(stream, "#%zu: ", number);
        error = render_place(report->aggregate, entry, (size_t)used + strlen(": ") + strlen(size.text),
                             stream);
        if (error < 0)
                return error;
        fputs(": ", stream);
        render_size(size, stream);
        fputc('\n', stream);
        return render_source_line(report, entry->frame, stream);
}

/* What the recipe does not know of. */
static int put_between(const struct report *report, FILE *stream) {
        int error;

        fputs("From ", stream);
        error = render_moment(report->from, report->from_ns, stream);
        fputs(" to ", stream);
        if (error == 0)
                error = render_moment(report->moment, report->time_ns, stream);
        if (report->less)
                fprintf(stream, ", %s in %" PRIu64 " blocks less", kibibytes(report->less->size_bytes).text,
                        report->less->blocks);
        fputc('\n', stream);
        return error;
}

int render_report_pretty(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate;
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        uint64_t other_bytes = 0;
        int error = 0;

        if (render_is_flawed(report->summary))
                error = render_summary(report->summary, stream);
        terminal_style(stream, TERMINAL_HEADING);
        fprintf(stream, "Top %zu %ss", report->limit, aggregate_by_names[aggregate->wish.by]);
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
        for (size_t i = 0; i < aggregate->count; i++)
                other_bytes += aggregate->entries[i].size_bytes;
        while (error == 0 && (entry = render_next(report, &walk))) {
                error = put_pretty_entry(report, entry, walk.shown, stream);
                other_bytes -= entry->size_bytes;
        }
        if (aggregate->count > walk.shown)
                fprintf(stream, "%zu other: %s\n", aggregate->count - walk.shown,
                        kibibytes(other_bytes).text);
        fprintf(stream, "Total allocated size: %s\n", kibibytes(aggregate->size_bytes).text);
        return error == 0 && report->from ? put_between(report, stream) : error;
}
