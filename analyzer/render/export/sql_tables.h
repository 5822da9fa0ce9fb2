/*
 * What a trace defines as rows: modules, frames, stacks and sites, each before what refers to it, and once.
 *
 * Must not: count anything.
 */
#ifndef ANALYZER_RENDER_EXPORT_SQL_TABLES_H
#define ANALYZER_RENDER_EXPORT_SQL_TABLES_H

#include "render/export/sql_numbers.h"

#include <stdio.h>

struct sql_tables {
        const struct sql_numbers *numbers;
        FILE *stream;
        uint8_t unknown; /* the frame that is not known; like the next */
        uint8_t *modules, *frames, *stacks,
                *sites; /* by their number in the trace: enum wanted; stacks by id */
};

/* 0 or a negative errno already reported; to deinit either way. */
int sql_tables_init(struct sql_tables *tables, const struct sql_numbers *numbers, FILE *stream);
void sql_tables_deinit(struct sql_tables *tables);

/* The site, and all that it refers to. */
void sql_tables_want(struct sql_tables *tables, uint32_t site);

/* What is wanted and not there yet. 0 or a negative errno already reported. */
int sql_tables_put(struct sql_tables *tables);

#endif
