/*
 * Differences as text: tracemalloc's StatisticDiff lines to the letter. Behind the line of a place that one
 * of the two states does not have stands which.
 */
#include "render/difference.h"

#include "base/terminal.h"
#include "render/rows.h"

#include <inttypes.h>
#include <string.h>

struct size_text difference_signed(uint64_t earlier, uint64_t later) {
        struct size_text out;

        snprintf(out.text, sizeof(out.text), "%c%" PRIu64, later < earlier ? '-' : '+',
                 difference_distance(earlier, later));
        return out;
}

struct size_text difference_signed_size(uint64_t earlier, uint64_t later) {
        double distance = (double)difference_distance(earlier, later);

        return text_size(later < earlier ? -distance : distance, true);
}

const struct difference *difference_next(const struct difference_report *report, struct render_walk *walk) {
        const struct differences *all = report->differences;

        for (; walk->at < all->count && walk->shown < report->table.limit; walk->at++) {
                const struct difference *item = &all->items[walk->at];

                if ((item->status == DIFFERENCE_SAME && !report->with_same) ||
                    difference_distance(item->earlier.size_bytes, item->entry.size_bytes) <
                            report->table.least_bytes)
                        continue;
                walk->shown++;
                walk->at++;
                return item;
        }
        return NULL;
}

static int put_point(const struct series_point *point, FILE *stream) {
        int error;

        text_put(stream, point->name);
        fputs(" at ", stream);
        error = render_moment(&point->moment, point->time_ns, stream);
        fprintf(stream, ", %s in %" PRIu64 " blocks", text_size((double)point->size_bytes, false).text,
                point->blocks);
        if (point->summary->beyond_heap) {
                fputs(" of ", stream);
                render_selected(point->summary, stream);
        }
        fputc('\n', stream);
        return error;
}

int difference_points(const struct series *series, FILE *stream) {
        size_t last = series->point_count - 1;
        int error = 0;

        for (size_t i = 0; error == 0 && i <= last; i++) {
                fputs(i == 0 ? "before:      " : i == last ? "after:       " : "             ", stream);
                error = put_point(&series->points[i], stream);
        }
        for (size_t i = 0; error == 0 && i <= last; i++) /* moments in a row may be of one trace */
                if (i == 0 || series->points[i].summary != series->points[i - 1].summary)
                        render_troubles(series->points[i].summary, "", stream);
        return error;
}

static void put_heading(const struct difference_report *report, FILE *stream) {
        const struct series_point *points = report->series->points;
        const struct differences *all = report->differences;
        const size_t *counts = all->counts;
        const struct aggregate_wish *wish = &all->places->wish;
        struct render_walk count = { 0 };

        while (difference_next(report, &count))
                ;
        terminal_style(stream, TERMINAL_HEADING);
        fprintf(stream, "Top %zu of %zu %ss by change of ", count.shown,
                all->count - (report->with_same ? 0 : counts[DIFFERENCE_SAME]), aggregate_by_names[wish->by]);
        render_cost(wish, stream);
        fprintf(stream, ", %s, %s blocks; %zu new, %zu gone, %zu unchanged%s:",
                difference_signed_size(points[0].size_bytes, points[1].size_bytes).text,
                difference_signed(points[0].blocks, points[1].blocks).text, counts[DIFFERENCE_NEW],
                counts[DIFFERENCE_GONE], counts[DIFFERENCE_SAME],
                report->with_same || counts[DIFFERENCE_SAME] == 0 ? "" : " left out");
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
}

/* "PLACE: size=%s (%+s), count=%d (%+d), average=%s" */
static int put_line(const struct difference_report *report, const struct difference *item, FILE *stream) {
        const struct aggregate_entry *entry = &item->entry;
        struct size_text size = text_size((double)entry->size_bytes, false);
        char rest[240];
        int error, used = snprintf(rest, sizeof(rest), " (%s), count=%" PRIu64 " (%s)",
                                   difference_signed_size(item->earlier.size_bytes, entry->size_bytes).text,
                                   entry->count, difference_signed(item->earlier.count, entry->count).text);

        if (entry->count > 0)
                used += snprintf(rest + used, sizeof(rest) - (size_t)used, ", average=%s",
                                 text_size((double)entry->size_bytes / (double)entry->count, false).text);
        if (item->status == DIFFERENCE_NEW || item->status == DIFFERENCE_GONE)
                snprintf(rest + used, sizeof(rest) - (size_t)used, " [%s]", difference_names[item->status]);
        error = render_place(report->differences->places, entry,
                             strlen(": size=") + strlen(size.text) + strlen(rest), stream);
        fputs(": size=", stream);
        render_size(size, stream);
        fprintf(stream, "%s\n", rest);
        return error;
}

static int put_lines(const struct difference_report *report, bool with_source, FILE *stream) {
        enum aggregate_by by = report->differences->places->wish.by;
        const struct series_point *points = report->series->points;
        struct report table = report->table;
        const struct difference *item;
        struct render_walk walk = { 0 };
        int error = 0;

        while (error == 0 && (item = difference_next(report, &walk))) {
                table.summary = points[item->status == DIFFERENCE_GONE ? 0 : 1].summary;
                error = put_line(report, item, stream);
                if (error == 0 && by == AGGREGATE_TRACEBACK)
                        error = render_traceback(&table, &item->entry, stream);
                else if (error == 0 && with_source)
                        error = render_source_line(&table, item->entry.frame, stream);
        }
        return error;
}

static void put_sizes(const struct difference_report *report, FILE *stream) {
        const struct difference *item;
        struct render_walk walk = { 0 };

        fprintf(stream, "%10s %10s %12s %12s %10s %11s\n", "from", "below", "count", "change", "size",
                "change");
        while ((item = difference_next(report, &walk))) {
                const struct aggregate_entry *entry = &item->entry;

                fprintf(stream, "%10s %10s %12" PRIu64 " %12s %10s %11s\n",
                        text_size((double)entry->least_bytes, false).text,
                        text_size((double)entry->end_bytes, false).text, entry->count,
                        difference_signed(item->earlier.count, entry->count).text,
                        text_size((double)entry->size_bytes, false).text,
                        difference_signed_size(item->earlier.size_bytes, entry->size_bytes).text);
        }
}

int difference_text(const struct difference_report *report, FILE *stream) {
        int error = difference_points(report->series, stream);

        if (error < 0)
                return error;
        fputc('\n', stream);
        put_heading(report, stream);
        if (report->differences->places->wish.by == AGGREGATE_SIZE) {
                put_sizes(report, stream);
                return 0;
        }
        return put_lines(report, false, stream);
}

int difference_pretty(const struct difference_report *report, FILE *stream) {
        const struct series_point *points = report->series->points;
        int error = render_is_flawed(points[0].summary) || render_is_flawed(points[1].summary)
                            ? difference_points(report->series, stream)
                            : 0;

        if (error < 0)
                return error;
        terminal_style(stream, TERMINAL_HEADING);
        fprintf(stream, "[ Top %zu differences ]", report->table.limit);
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
        return put_lines(report, true, stream);
}

int difference_csv(const struct difference_report *report, FILE *stream) {
        const struct difference *item;
        struct render_walk walk = { 0 };
        int error = 0;

        rows_csv_names(&report->table, stream);
        fputs(",size_diff,count_diff,status\r\n", stream);
        while (error == 0 && (item = difference_next(report, &walk))) {
                error = rows_csv(&report->table, &item->entry, stream);
                fprintf(stream, ",%s%" PRIu64 ",%s%" PRIu64 ",%s\r\n",
                        item->entry.size_bytes < item->earlier.size_bytes ? "-" : "",
                        difference_distance(item->earlier.size_bytes, item->entry.size_bytes),
                        item->entry.count < item->earlier.count ? "-" : "",
                        difference_distance(item->earlier.count, item->entry.count),
                        difference_names[item->status]);
        }
        return error;
}
