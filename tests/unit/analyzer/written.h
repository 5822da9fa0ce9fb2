/*
 * What is written to a stream, held against what it must be.
 */
#ifndef TESTS_UNIT_ANALYZER_WRITTEN_H
#define TESTS_UNIT_ANALYZER_WRITTEN_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static char *written;
static size_t written_bytes;

static inline FILE *written_begin(void) {
        FILE *stream = open_memstream(&written, &written_bytes);

        cr_assert(stream);
        return stream;
}

static inline void written_expect(FILE *stream, const char *wanted) {
        cr_assert_eq(fclose(stream), 0);
        cr_expect_str_eq(written, wanted);
        free(written);
}

#endif
