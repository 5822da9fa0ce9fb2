/*
 * A built trace as the analyzer's tests read it.
 */
#ifndef TESTS_UNIT_ANALYZER_LOAD_H
#define TESTS_UNIT_ANALYZER_LOAD_H

#include "reader/trace.h"
#include "trace_builder.h"

#include <criterion/criterion.h>
#include <unistd.h>

/* 0 and *trace, the caller's to free; or the error. */
static inline int load_bytes(const void *data, size_t length, struct trace **trace) {
        struct reader *reader;
        int fd = tb_memfd(data, length);
        int error = reader_open_fd(fd, "test", NULL, &reader);

        if (error != 0) {
                close(fd);
                return error;
        }
        return trace_load(reader, trace);
}

static inline struct trace *load_bytes_well(const void *data, size_t length) {
        struct trace *trace;

        cr_assert_eq(load_bytes(data, length, &trace), 0);
        return trace;
}

static inline struct trace *load(const struct tb *tb) {
        return load_bytes_well(tb->file.data, tb->file.length);
}

/* The same, and nothing in it is damaged. */
static inline struct trace *load_whole(const struct tb *tb) {
        struct trace *trace = load(tb);

        cr_assert_eq(trace->reader->damage_count, 0);
        return trace;
}

#endif
