/*
 * See sql_rows.h. Standard SQL but for ON CONFLICT, which SQLite and PostgreSQL have in common: nothing in a
 * string is special but its quote, because names have no control characters any more.
 */
#include "render/export/sql_rows.h"

#include "base/text.h"
#include "render/values.h"

#include <inttypes.h>
#include <string.h>

#define STATEMENT_ROWS 500u /* what a database has to hold parsed at once */

struct sql_rows sql_rows_begin(FILE *stream, uint64_t run, const char *table) {
        return (struct sql_rows){ .stream = stream, .run = run, .table = table };
}

void sql_rows_end(struct sql_rows *rows) {
        fputs(rows->count > 0 ? ")\nON CONFLICT DO NOTHING;\n" : "", rows->stream);
        rows->count = 0;
}

void sql_rows_next(struct sql_rows *rows) {
        if (rows->count == STATEMENT_ROWS)
                sql_rows_end(rows);
        if (rows->count++ == 0)
                fprintf(rows->stream, "INSERT INTO %s VALUES\n", rows->table);
        else
                fputs("),\n", rows->stream);
        fprintf(rows->stream, "(%" PRIu64, rows->run);
}

void sql_rows_number(struct sql_rows *rows, uint64_t value) {
        fprintf(rows->stream, ",%" PRIu64, values_capped(value));
}

void sql_rows_null(struct sql_rows *rows) {
        fputs(",NULL", rows->stream);
}

void sql_rows_text(struct sql_rows *rows, const char *text) {
        if (!text || !*text) {
                sql_rows_null(rows);
                return;
        }
        fputs(",'", rows->stream);
        for (;;) {
                size_t length = strcspn(text, "'");

                text_put_bytes(rows->stream, text, length);
                if (!text[length])
                        break;
                fputs("''", rows->stream);
                text += length + 1;
        }
        fputc('\'', rows->stream);
}
