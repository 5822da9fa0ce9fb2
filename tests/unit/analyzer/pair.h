/*
 * Two states for tests of comparisons: places written down by hand, of traces that name modules and builds
 * and nothing else.
 */
#ifndef TESTS_UNIT_ANALYZER_PAIR_H
#define TESTS_UNIT_ANALYZER_PAIR_H

#include "aggregate/compare.h"
#include "aggregate/difference.h"
#include "load.h"
#include "trace_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APP "/new/bin/app-2" /* what was /old/bin/app */
#define LIB "/usr/lib/libz.so.1.2.13"
#define LINE(name, number, in, from, size, times)                                                            \
        {                                                                                                    \
                .file = (name), .line = (number), .has_line = true, .function = (in), .module = (from),      \
                .size_bytes = (size), .count = (times)                                                       \
        }
#define BARE(name, in, from, size)                                                                           \
        { .file = (name), .function = (in), .module = (from), .size_bytes = (size), .count = 1 }
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A trace of a program and a library, of these builds. */
static inline struct trace *pair_trace(const char *program, const char *build, const char *library) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_process(tb, program, "app");
        tb_module(tb, 0x1000, 0x2000, 0x1000, (const uint8_t *)build, strlen(build), program);
        tb_module(tb, 0x3000, 0x4000, 0x3000, (const uint8_t *)build, strlen(build), library);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        tb_free(tb);
        return trace;
}

struct pair {
        struct trace *traces[2];
        struct comparison comparison;
        struct differences differences;
};

static inline void pair_add(struct comparison *comparison, struct aggregate_entry *entries, size_t count,
                            struct aggregate_node *nodes, const struct trace *trace) {
        struct aggregate aggregate = {
                .wish = comparison->places.wish, .entries = entries, .count = count, .nodes = nodes
        };
        const struct match_run run = match_run_of(trace);

        cr_assert_eq(compare_add(comparison, &aggregate, &run), 0);
        memset(entries, 0xff, count * sizeof(*entries)); /* it need not outlive that */
}

/* Of two builds, /old/bin/app and /new/bin/app-2, unless `same`. */
static inline void pair_begin(struct pair *pair, struct aggregate_wish wish, bool same) {
        *pair = (struct pair){ .traces = { pair_trace("/old/bin/app", "one", "/usr/lib/libz.so.1.2.11"),
                                           pair_trace(APP, same ? "one" : "two", LIB) } };
        compare_init(&pair->comparison, &wish, 2);
}

static inline void pair_compare(struct pair *pair, struct aggregate_wish wish, bool same,
                                struct aggregate_entry *earlier, size_t earlier_count,
                                struct aggregate_entry *later, size_t later_count) {
        pair_begin(pair, wish, same);
        pair_add(&pair->comparison, earlier, earlier_count, NULL, pair->traces[0]);
        pair_add(&pair->comparison, later, later_count, NULL, pair->traces[1]);
        cr_assert_eq(difference_make(&pair->comparison, &pair->differences), 0);
}

static inline void pair_done(struct pair *pair) {
        difference_deinit(&pair->differences);
        compare_deinit(&pair->comparison);
        trace_free(pair->traces[0]);
        trace_free(pair->traces[1]);
}

/* The differences, one line each: "PLACE SIZE CHANGE COUNT CHANGE STATUS". */
static inline void pair_is(const struct pair *pair, const char *expected) {
        char *text;
        size_t length;
        FILE *stream = open_memstream(&text, &length);

        for (size_t i = 0; i < pair->differences.count; i++) {
                const struct difference *item = &pair->differences.items[i];
                char *place = aggregate_place(pair->differences.places, &item->entry);

                fprintf(stream, "%s %ld %+ld %ld %+ld %s\n", place, (long)item->entry.size_bytes,
                        (long)(item->entry.size_bytes - item->earlier.size_bytes), (long)item->entry.count,
                        (long)(item->entry.count - item->earlier.count), difference_names[item->status]);
                free(place);
        }
        fclose(stream);
        cr_assert_str_eq(text, expected);
        free(text);
}

/* Of `earlier` and `later`, into `pair`. */
#define COMPARE(key, same)                                                                                   \
        pair_compare(&pair, (struct aggregate_wish){ .by = key }, same, earlier, COUNT(earlier), later,      \
                     COUNT(later))

#endif
