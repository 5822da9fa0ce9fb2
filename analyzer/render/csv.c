/*
 * The report's table as CSV: a line of names, then one line an entry. Between two moments each line tells
 * them, and the shrinkage, so that tables of several can be put together.
 */
#include "render/rows.h"

#include "render/fields.h"

#include <inttypes.h>

/* What only a report between two moments has, and the line's end. */
static int end_line(const struct report *report, FILE *stream) {
        int error = 0;

        if (report->from) {
                fputc(',', stream);
                error = fields_text(moment_name(report->from), ",", stream);
                fields_seconds(report->from_ns, stream);
                fputc(',', stream);
                if (error == 0)
                        error = fields_text(moment_name(report->moment), ",", stream);
                fields_seconds(report->time_ns, stream);
        }
        if (report->less)
                fprintf(stream, ",%" PRIu64 ",%" PRIu64, report->less->size_bytes, report->less->blocks);
        fputs("\r\n", stream);
        return error;
}

int render_report_csv(const struct report *report, FILE *stream) {
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        int error = 0;

        rows_csv_names(report, stream);
        fputs(report->from ? ",from,from_time_s,at,time_s" : "", stream);
        fputs(report->less ? ",less_size,less_count\r\n" : "\r\n", stream);
        while (error == 0 && (entry = render_next(report, &walk))) {
                error = rows_csv(report, entry, stream);
                if (error == 0)
                        error = end_line(report, stream);
        }
        if (walk.shown == 0 && report->from) {
                rows_csv_nothing(report, stream);
                error = end_line(report, stream);
        }
        return error;
}
