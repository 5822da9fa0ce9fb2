/*
 * Rows of a table as SQL's INSERT, some hundred in a statement. A row that the table has already stays as
 * it is there. Each begins with the run.
 *
 * Must not: know the tables.
 */
#ifndef ANALYZER_RENDER_EXPORT_SQL_ROWS_H
#define ANALYZER_RENDER_EXPORT_SQL_ROWS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sql_rows {
        FILE *stream;
        uint64_t run;
        const char *table;
        size_t count;
};

struct sql_rows sql_rows_begin(FILE *stream, uint64_t run, const char *table);
void sql_rows_end(struct sql_rows *rows);

/* A new row; its columns follow, in the table's order. */
void sql_rows_next(struct sql_rows *rows);

/* At most SQL's largest bigint, and more is written as that. */
void sql_rows_number(struct sql_rows *rows, uint64_t value);
void sql_rows_null(struct sql_rows *rows);

/* Names of the trace, made harmless; NULL and "" are null. */
void sql_rows_text(struct sql_rows *rows, const char *text);

#endif
