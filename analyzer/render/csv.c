/*
 * The report's table as CSV: a line of names, then one line an entry.
 */
#include "render/rows.h"

int render_report_csv(const struct report *report, FILE *stream) {
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        int error = 0;

        rows_csv_names(report, stream);
        fputs("\r\n", stream);
        while (error == 0 && (entry = render_next(report, &walk))) {
                error = rows_csv(report, entry, stream);
                fputs("\r\n", stream);
        }
        return error;
}
