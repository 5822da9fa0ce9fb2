/*
 * The report as text: tracemalloc's lines, and its "Top 10 lines" recipe for --pretty.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* What a person calls the cost. */
static const char *const cost_words[] = { "live bytes", "bytes never freed", "bytes allocated",
                                          "allocation calls", "bytes of temporaries" };

static int put_place(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        char *place = aggregate_place(report->aggregate, entry);

        if (!place)
                return message_errno(ENOMEM, "report", "cannot print");
        text_put(stream, place);
        free(place);
        return 0;
}

/* "the peak (1.234 s)" */
static int put_moment(const struct moment *moment, uint64_t time_ns, FILE *stream) {
        char *phrase = moment_phrase(moment);

        if (!phrase)
                return message_errno(ENOMEM, "report", "cannot print");
        text_put(stream, phrase);
        free(phrase);
        fprintf(stream, " (%s)", text_seconds(time_ns).text);
        return 0;
}

int render_what(const struct report *report, FILE *stream) {
        int error = 0;

        fputs(cost_words[report->aggregate->wish.cost], stream);
        if (report->from) {
                fputs(" from ", stream);
                error = put_moment(report->from, report->from_ns, stream);
        }
        fputs(report->from ? " to " : " at ", stream);
        return error < 0 ? error : put_moment(report->moment, report->time_ns, stream);
}

static void put_sum(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate, *less = report->less;

        fprintf(stream, ", %s in %" PRIu64 " blocks", text_size((double)aggregate->size_bytes, false).text,
                aggregate->blocks);
        if (less)
                fprintf(stream, " more, %s in %" PRIu64 " blocks less",
                        text_size((double)less->size_bytes, false).text, less->blocks);
        fputs(":\n", stream);
}

/* tracemalloc's statistic: "PLACE: size=%s, count=%d, average=%s". */
static int put_statistic(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        int error = put_place(report, entry, stream);

        if (error < 0)
                return error;
        fprintf(stream, ": size=%s, count=%" PRIu64, text_size((double)entry->size_bytes, false).text,
                entry->count);
        if (entry->count > 0)
                fprintf(stream, ", average=%s",
                        text_size((double)entry->size_bytes / (double)entry->count, false).text);
        fputc('\n', stream);
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
        fprintf(stream, "\nTop %zu of %zu %ss by ", count.shown, aggregate->count,
                aggregate_by_names[aggregate->wish.by]);
        error = render_what(report, stream);
        put_sum(report, stream);
        if (aggregate->wish.by == AGGREGATE_SIZE) {
                render_sizes(report, stream);
                return error;
        }
        while (error == 0 && (entry = render_next(report, &walk)))
                error = put_statistic(report, entry, stream);
        return error;
}

static int put_pretty_entry(const struct report *report, const struct aggregate_entry *entry, size_t number,
                            FILE *stream) {
        int error;

        if (report->aggregate->wish.by == AGGREGATE_TRACEBACK) {
                fprintf(stream, "%" PRIu64 " memory blocks: %.1f KiB\n", entry->count,
                        (double)entry->size_bytes / 1024);
                return render_traceback(report, entry, stream);
        }
        fprintf(stream, "#%zu: ", number);
        error = put_place(report, entry, stream);
        if (error < 0)
                return error;
        fprintf(stream, ": %.1f KiB\n", (double)entry->size_bytes / 1024);
        render_source_line(entry->file, entry->has_line, entry->line, stream);
        return 0;
}

int render_report_pretty(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate;
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        uint64_t other_bytes = 0;
        int error = 0;

        if (report->summary->lost > 0 || report->summary->damage_count > 0 || report->summary->unseen)
                error = render_summary(report->summary, stream);
        fprintf(stream, "Top %zu %ss\n", report->limit, aggregate_by_names[aggregate->wish.by]);
        for (size_t i = 0; i < aggregate->count; i++)
                other_bytes += aggregate->entries[i].size_bytes;
        while (error == 0 && (entry = render_next(report, &walk))) {
                error = put_pretty_entry(report, entry, walk.shown, stream);
                other_bytes -= entry->size_bytes;
        }
        if (aggregate->count > walk.shown)
                fprintf(stream, "%zu other: %.1f KiB\n", aggregate->count - walk.shown,
                        (double)other_bytes / 1024);
        fprintf(stream, "Total allocated size: %.1f KiB\n", (double)aggregate->size_bytes / 1024);
        return error;
}
