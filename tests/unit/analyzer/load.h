/*
 * A built trace as the analyzer's tests read it.
 */
#ifndef TESTS_UNIT_ANALYZER_LOAD_H
#define TESTS_UNIT_ANALYZER_LOAD_H

#include "reader/trace.h"
#include "trace_builder.h"

#include <criterion/criterion.h>

/* The caller's to free. */
static inline struct trace *load(const struct tb *tb) {
        struct reader *reader;
        struct trace *trace;

        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", NULL, &reader), 0);
        cr_assert_eq(trace_load(reader, &trace), 0);
        return trace;
}

/* The same, and nothing in it is damaged. */
static inline struct trace *load_whole(const struct tb *tb) {
        struct trace *trace = load(tb);

        cr_assert_eq(trace->reader->damage_count, 0);
        return trace;
}

#endif
