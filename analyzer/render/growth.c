/*
 * Growth as a table, with objgraph's figures: the highest, and by how much it is more than at first.
 */
#include "render/difference.h"

#include "base/terminal.h"
#include "render/rows.h"

#include <inttypes.h>
#include <string.h>

const struct growth *growth_next(const struct growth_report *report, struct render_walk *walk) {
        const struct growths *all = report->growths;

        for (; walk->at < all->count && walk->shown < report->table.limit; walk->at++) {
                const struct growth *item = &all->items[walk->at];

                if (item->entry.size_bytes - item->values[0].size_bytes < report->table.least_bytes)
                        continue;
                walk->shown++;
                walk->at++;
                return item;
        }
        return NULL;
}

static void put_heading(const struct growth_report *report, FILE *stream) {
        const struct growths *all = report->growths;
        const struct aggregate_wish *wish = &all->places->wish;
        struct render_walk count = { 0 };

        while (growth_next(report, &count))
                ;
        terminal_style(stream, TERMINAL_HEADING);
        fprintf(stream, "Top %zu of %zu %ss by growth of ", count.shown, all->count,
                aggregate_by_names[wish->by]);
        render_cost(wish, stream);
        fprintf(stream, " over %zu moments", all->step_count + 1);
        if (all->step_count > 1)
                fprintf(stream, "; %zu grew in every step (*)", all->every_step);
        fputc(':', stream);
        terminal_style(stream, TERMINAL_PLAIN);
        fprintf(stream, "\n%10s %10s %10s %10s %7s  place\n", "size", "grown", "count", "grown", "steps");
}

static int put_row(const struct growth_report *report, const struct growth *item, FILE *stream) {
        const struct aggregate_entry *entry = &item->entry;
        size_t step_count = report->growths->step_count;
        char steps[50];
        int used;

        snprintf(steps, sizeof(steps), "%zu/%zu", item->steps, step_count);
        terminal_style(stream, TERMINAL_SIZE);
        used = fprintf(stream, "%10s", text_size((double)entry->size_bytes, false).text);
        terminal_style(stream, TERMINAL_PLAIN);
        used += fprintf(stream, " %10s %10" PRIu64 " %10s %7s%c ",
                        difference_signed_size(item->values[0].size_bytes, entry->size_bytes).text,
                        entry->count, difference_signed(item->values[0].count, entry->count).text, steps,
                        step_count > 1 && item->steps == step_count ? '*' : ' ');
        used = render_place(report->growths->places, entry, (size_t)used, stream);
        fputc('\n', stream);
        if (used == 0 && report->growths->places->wish.by == AGGREGATE_TRACEBACK)
                return render_traceback(&report->table, entry, stream);
        return used;
}

int growth_text(const struct growth_report *report, FILE *stream) {
        const struct growth *item;
        struct render_walk walk = { 0 };
        int error = difference_points(report->series, stream);

        if (error < 0)
                return error;
        fputc('\n', stream);
        put_heading(report, stream);
        while (error == 0 && (item = growth_next(report, &walk)))
                error = put_row(report, item, stream);
        return error;
}

int growth_csv(const struct growth_report *report, FILE *stream) {
        const struct growth *item;
        struct render_walk walk = { 0 };
        int error = 0;

        rows_csv_names(&report->table, stream);
        fputs(",size_grown,count_grown,steps,every_step\r\n", stream);
        while (error == 0 && (item = growth_next(report, &walk))) {
                error = rows_csv(&report->table, &item->entry, stream);
                fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",%zu,%s\r\n",
                        item->entry.size_bytes - item->values[0].size_bytes,
                        item->entry.count - item->values[0].count, item->steps,
                        item->steps == report->growths->step_count ? "true" : "false");
        }
        return error;
}
