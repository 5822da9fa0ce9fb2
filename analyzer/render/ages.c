/*
 * See ages.h. Times are known to the class, so quantiles are shown as what they are below.
 */
#include "render/ages.h"

#include "base/terminal.h"
#include "base/text.h"
#include "render/json.h"
#include "render/list.h"
#include "render/rows.h"
#include "render/values.h"

#include <inttypes.h>

#define SCHEMA "memtrace-lifetimes-1"

static const char *const sort_words[] = { "frees", "mean life", "blocks never freed", "bytes allocated",
                                          "place" };

static const struct {
        unsigned percent;
        const char *name, *member;
} quantiles[] = { { 50, "50%", "p50_below_ms" },
                  { 90, "90%", "p90_below_ms" },
                  { 99, "99%", "p99_below_ms" },
                  { 100, "max", "max_below_ms" } };

#define QUANTILES (sizeof(quantiles) / sizeof(*quantiles))

/* A mean below a millisecond is nothing that whole milliseconds could tell. */
static void put_mean(const struct lifespan *span, FILE *stream) {
        double mean_ms = lifespan_mean_ms(span);

        fprintf(stream, " %9s",
                lifespan_known(span) == 0 ? "-"
                : mean_ms < 1             ? "<1 ms"
                                          : text_duration(mean_ms).text);
}

static void put_below(const struct lifespan *span, unsigned percent, FILE *stream) {
        struct size_text below = text_duration((double)lifespan_below_ms(span, percent));
        char shown[sizeof(below.text) + 1] = "-";

        if (lifespan_known(span) > 0)
                snprintf(shown, sizeof(shown), "<%s", below.text);
        fprintf(stream, " %9s", shown);
}

static void put_share(uint64_t part, const struct lifespan *span, FILE *stream) {
        uint64_t known = lifespan_known(span);

        if (known == 0)
                fprintf(stream, " %6s", "-");
        else
                fprintf(stream, " %5.1f%%", 100 * (double)part / (double)known);
}

/* All but the place; the columns that it takes. */
static size_t put_span(const struct lifespan *span, FILE *stream) {
        fprintf(stream, "%10" PRIu64 " %10" PRIu64, span->frees, span->never_freed);
        put_mean(span, stream);
        for (size_t i = 0; i < QUANTILES; i++)
                put_below(span, quantiles[i].percent, stream);
        put_share(span->told.other_thread, span, stream);
        put_share(span->told.temporary, span, stream);
        fputs("  ", stream);
        return 21 + 10 * (1 + QUANTILES) + 2 * 7 + 2;
}

static int put_entry(const struct ages *ages, const struct aggregate_entry *entry, FILE *stream) {
        const struct aggregate *aggregate = &ages->lifespans->aggregate;
        size_t beside = put_span(lifespans_of(ages->lifespans, entry), stream);
        int error = 0;

        if (aggregate->wish.by == AGGREGATE_SIZE)
                fprintf(stream, "%s to %s", text_size((double)entry->least_bytes, false).text,
                        text_size((double)entry->end_bytes, false).text);
        else
                error = render_place(aggregate, entry, beside, stream);
        fputc('\n', stream);
        return error == 0 && aggregate->wish.by == AGGREGATE_TRACEBACK
                       ? render_traceback(ages->report, entry, stream)
                       : error;
}

static void put_heading(const struct ages *ages, FILE *stream) {
        const struct aggregate *aggregate = &ages->lifespans->aggregate;
        const struct lifespan *all = &ages->lifespans->all;
        struct render_walk count = { 0 };

        while (render_next(ages->report, &count))
                ;
        fputc('\n', stream);
        terminal_style(stream, TERMINAL_HEADING);
        fprintf(stream,
                "Top %zu of %zu %ss by %s; of %" PRIu64 " blocks %" PRIu64 " were freed, %" PRIu64 " never",
                count.shown, aggregate->count, aggregate_by_names[aggregate->wish.by],
                sort_words[ages->lifespans->sort], aggregate->blocks, all->frees, all->never_freed);
        if (lifespan_known(all) != all->frees)
                fprintf(stream, "; how long is known of %" PRIu64, lifespan_known(all));
        fprintf(stream, ":\n%10s %10s %9s", "frees", "never", "mean");
        for (size_t i = 0; i < QUANTILES; i++)
                fprintf(stream, " %9s", quantiles[i].name);
        fprintf(stream, " %6s %6s  place", "other", "temp.");
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
}

int ages_text(const struct ages *ages, FILE *stream) {
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        int error = render_summary(ages->report->summary, stream);

        if (error < 0)
                return error;
        put_heading(ages, stream);
        while (error == 0 && (entry = render_next(ages->report, &walk)))
                error = put_entry(ages, entry, stream);
        put_span(&ages->lifespans->all, stream);
        fputs("total\n", stream);
        return error;
}

static json_t *json_below(const struct lifespan *span, unsigned percent) {
        return lifespan_known(span) ? values_number(lifespan_below_ms(span, percent)) : json_null();
}

json_t *ages_json_span(const struct lifespan *span) {
        json_t *made =
                json_pack("{s:o, s:o, s:o, s:o}", "frees", values_number(span->frees), "never_freed",
                          values_number(span->never_freed), "known", values_number(lifespan_known(span)),
                          "mean_ms", lifespan_known(span) ? json_real(lifespan_mean_ms(span)) : json_null());
        bool failed = !made;

        for (size_t i = 0; !failed && i < QUANTILES; i++)
                failed = json_object_set_new(made, quantiles[i].member,
                                             json_below(span, quantiles[i].percent)) < 0;
        if (!failed &&
            json_object_set_new(made, "other_thread", values_number(span->told.other_thread)) == 0 &&
            json_object_set_new(made, "temporary", values_number(span->told.temporary)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

json_t *ages_json_entry(const struct ages *ages, const struct aggregate_entry *entry) {
        return rows_json_more(rows_json(ages->report, entry),
                              ages_json_span(lifespans_of(ages->lifespans, entry)));
}

static json_t *json_head(const struct ages *ages) {
        json_t *head = render_json_head(ages->report, SCHEMA);
        json_t *sort = json_string(lifespans_sort_names[ages->lifespans->sort]);

        if (json_object_set_new(json_object_get(head, "selection"), "sort", sort) == 0 &&
            json_object_set_new(head, "total", ages_json_span(&ages->lifespans->all)) == 0)
                return head;
        json_decref(head);
        return NULL;
}

int ages_json(const struct ages *ages, FILE *stream) {
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        struct list list;

        list_begin(&list, json_head(ages), "entries", stream);
        while (!list.failed && (entry = render_next(ages->report, &walk)))
                list_add(&list, ages_json_entry(ages, entry));
        return list_end(&list, ages->report->trace_name);
}

static void csv_span(const struct lifespan *span, FILE *stream) {
        bool known = lifespan_known(span) > 0;

        fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", span->frees, span->never_freed,
                lifespan_known(span));
        if (known)
                fprintf(stream, "%.15g", lifespan_mean_ms(span));
        for (size_t i = 0; i < QUANTILES; i++) {
                fputc(',', stream);
                if (known)
                        fprintf(stream, "%" PRIu64, lifespan_below_ms(span, quantiles[i].percent));
        }
        fprintf(stream, ",%" PRIu64 ",%" PRIu64 "\r\n", span->told.other_thread, span->told.temporary);
}

int ages_csv(const struct ages *ages, FILE *stream) {
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        int error = 0;

        rows_csv_names(ages->report, stream);
        fputs(",frees,never_freed,known,mean_ms", stream);
        for (size_t i = 0; i < QUANTILES; i++)
                fprintf(stream, ",%s", quantiles[i].member);
        fputs(",other_thread,temporary\r\n", stream);
        while (error == 0 && (entry = render_next(ages->report, &walk))) {
                error = rows_csv(ages->report, entry, stream);
                csv_span(lifespans_of(ages->lifespans, entry), stream);
        }
        return error;
}
