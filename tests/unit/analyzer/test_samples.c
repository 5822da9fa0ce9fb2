/*
 * reader/samples.c: records of several samples, cut ones, and times that cannot be.
 */
#include "load.h"
#include "reader/samples.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

/* A record that says it has `count` samples. */
static struct tb_bytes record(uint64_t count, const uint64_t *values, size_t value_count) {
        struct tb_bytes bytes = { 0 };

        tb_varint(&bytes, count);
        for (size_t i = 0; i < value_count; i++)
                tb_varint(&bytes, values[i]);
        return bytes;
}

/* How many samples are read, and the last of them. */
static size_t read_all(const struct tb_bytes *bytes, struct samples_sample *last) {
        struct samples samples = samples_over(cursor_over(bytes->data, bytes->length));
        size_t count = 0;

        while (samples_next(&samples, last))
                count++;
        cr_assert(!samples_next(&samples, last));
        return count;
}

Test(samples, times_add_up) {
        static const uint64_t wanted_units[] = { 5, 5, 1005 };
        struct tb_bytes bytes = record(3, (const uint64_t[]){ 5, 1, 0, 2, 1000, 3 }, 6);
        struct samples samples = samples_over(cursor_over(bytes.data, bytes.length));
        struct samples_sample sample;

        for (unsigned i = 0; i < 3; i++) {
                cr_assert(samples_next(&samples, &sample));
                cr_assert_eq(sample.units, wanted_units[i]);
                cr_assert_eq(sample.bytes, 1024 * (i + 1));
        }
        cr_assert(!samples_next(&samples, &sample));
        free(bytes.data);
}

Test(samples, the_count_says_how_many) {
        static const uint64_t values[] = { 5, 1, 1, 2, 1, 3 };
        struct samples_sample last;

        for (size_t count = 0; count < 6; count++)
                for (size_t there = 0; there <= 6; there++) {
                        struct tb_bytes bytes = record(count, values, there);
                        size_t wanted = count < there / 2 ? count : there / 2;

                        cr_assert_eq(read_all(&bytes, &last), wanted);
                        free(bytes.data);
                }
        cr_assert_eq(read_all(&(struct tb_bytes){ 0 }, &last), 0);
}

Test(samples, what_does_not_fit_ends_them) {
        static const uint64_t most_units = UINT64_MAX / MTR_TIME_UNIT_NS;
        static const struct {
                uint64_t values[4];
                size_t wanted;
        } cases[] = {
                { { most_units, 1, 0, 1 }, 2 },
                { { most_units, 1, 1, 1 }, 1 },
                { { 1, 1, UINT64_MAX, 1 }, 1 },
                { { 1, UINT64_MAX >> 10, 1, (UINT64_MAX >> 10) + 1 }, 1 },
        };
        struct samples_sample last;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct tb_bytes bytes = record(2, cases[i].values, 4);

                cr_assert_eq(read_all(&bytes, &last), cases[i].wanted);
                free(bytes.data);
        }
}

struct taking {
        size_t count, limit;
};

static int take(void *context, const struct samples_sample *sample) {
        struct taking *taking = context;

        cr_assert_eq(sample->bytes, 1024 * ++taking->count);
        return taking->count == taking->limit ? -ECANCELED : 0;
}

Test(samples, of_all_blocks_until_told_to_stop) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        struct taking taking = { 0 };
        struct trace *trace;

        for (uint64_t i = 1; i <= 6; i++) {
                tb_at(tb, i * 1000000);
                tb_rss(tb, i);
                if (i % 2 == 0)
                        tb_block(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        cr_assert_eq(samples_tell(trace, take, &taking), 0);
        cr_assert_eq(taking.count, 6);
        for (size_t limit = 1; limit <= 6; limit++) {
                taking = (struct taking){ .limit = limit };
                cr_assert_eq(samples_tell(trace, take, &taking), -ECANCELED);
                cr_assert_eq(taking.count, limit);
        }
        trace_free(trace);
        tb_free(tb);
}
