/*
 * aggregate/compare, difference and growth: what changed, what grew, and the order of it.
 */
#include "aggregate/growth.h"
#include "pair.h"

Test(compare, new_gone_changed_same) {
        struct aggregate_entry earlier[] = { LINE("/a.c", 1, "f", APP, 100, 1),
                                             LINE("/a.c", 2, "f", APP, 50, 5),
                                             LINE("/a.c", 3, "f", APP, 9, 1) };
        struct aggregate_entry later[] = { LINE("/a.c", 2, "f", APP, 60, 3), LINE("/a.c", 4, "f", APP, 30, 2),
                                           LINE("/a.c", 3, "f", APP, 9, 1) };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);

        pair_is(&pair, "/a.c:1 0 -100 0 -1 gone\n"
                       "/a.c:4 30 +30 2 +2 new\n"
                       "/a.c:2 60 +10 3 -2 changed\n"
                       "/a.c:3 9 +0 1 +0 same\n");
        for (int i = 0; i < DIFFERENCE_COUNT; i++)
                cr_assert_eq(pair.differences.counts[i], 1);
        pair_done(&pair);
}

Test(compare, order_is_tracemallocs) {
        struct aggregate_entry earlier[] = {
                LINE("/a.c", 1, NULL, APP, 30, 4), LINE("/a.c", 2, NULL, APP, 10, 4),
                LINE("/a.c", 3, NULL, APP, 10, 7), LINE("/a.c", 4, NULL, APP, 10, 2),
                LINE("/a.c", 5, NULL, APP, 10, 2), LINE("/a.c", 6, NULL, APP, 50, 1)
        };
        struct aggregate_entry later[] = {
                LINE("/a.c", 1, NULL, APP, 10, 4), LINE("/a.c", 2, NULL, APP, 30, 5),
                LINE("/a.c", 3, NULL, APP, 30, 4), LINE("/a.c", 4, NULL, APP, 30, 5),
                LINE("/a.c", 5, NULL, APP, 30, 5), LINE("/a.c", 6, NULL, APP, 29, 9)
        };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);

        pair_is(&pair, "/a.c:6 29 -21 9 +8 changed\n"
                       "/a.c:5 30 +20 5 +3 changed\n"
                       "/a.c:4 30 +20 5 +3 changed\n"
                       "/a.c:3 30 +20 4 -3 changed\n"
                       "/a.c:2 30 +20 5 +1 changed\n"
                       "/a.c:1 10 -20 4 +0 changed\n");
        pair_done(&pair);
}

static void sorted(struct pair *pair, enum aggregate_sort sort) {
        struct aggregate_entry earlier[] = { LINE("/a.c", 1, NULL, APP, 100, 1),
                                             LINE("/a.c", 2, NULL, APP, 8, 1) };
        struct aggregate_entry later[] = { LINE("/a.c", 1, NULL, APP, 200, 2),
                                           LINE("/a.c", 2, NULL, APP, 20, 10),
                                           LINE("/a.c", 3, NULL, APP, 9, 1) };

        pair_compare(pair, (struct aggregate_wish){ .sort = sort }, false, earlier, COUNT(earlier), later,
                     COUNT(later));
}

Test(compare, other_orders) {
        static const char *const lines[] = { "/a.c:1 200 +100 2 +1 changed\n",
                                             "/a.c:2 20 +12 10 +9 changed\n", "/a.c:3 9 +9 1 +1 new\n" };
        static const int orders[][4] = { { AGGREGATE_BY_COUNT, 1, 0, 2 },
                                         { AGGREGATE_BY_AVERAGE, 2, 1, 0 },
                                         { AGGREGATE_BY_PLACE, 0, 1, 2 } };

        for (size_t i = 0; i < COUNT(orders); i++) {
                struct pair pair;
                char expected[200];

                sorted(&pair, (enum aggregate_sort)orders[i][0]);
                snprintf(expected, sizeof(expected), "%s%s%s", lines[orders[i][1]], lines[orders[i][2]],
                         lines[orders[i][3]]);
                pair_is(&pair, expected);
                pair_done(&pair);
        }
}

Test(compare, sizes_are_themselves) {
        struct aggregate_entry earlier[] = {
                { .least_bytes = 16, .end_bytes = 32, .size_bytes = 20, .count = 1 }
        };
        struct aggregate_entry later[] = {
                { .least_bytes = 16, .end_bytes = 32, .size_bytes = 50, .count = 2 },
                { .least_bytes = 32, .end_bytes = 64, .size_bytes = 40, .count = 1 }
        };
        struct pair pair;

        COMPARE(AGGREGATE_SIZE, false);

        pair_is(&pair, "32 40 +40 1 +1 new\n16 50 +30 2 +1 changed\n");
        pair_done(&pair);
}

Test(compare, one_name_twice_is_one_place) {
        struct aggregate_entry earlier[] = { LINE("/a.c", 1, "f", APP, UINT64_MAX - 5, 1) };
        struct aggregate_entry later[] = { LINE("/a.c", 1, "f", APP, UINT64_MAX - 5, 1),
                                           LINE("/a.c", 1, "f", APP, 10, 2) };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);

        cr_assert_eq(pair.differences.count, 1);
        cr_assert_eq(pair.differences.items[0].entry.size_bytes, UINT64_MAX);
        cr_assert_eq(pair.differences.items[0].entry.count, 3);
        pair_done(&pair);
}

static struct growths grown(struct comparison *comparison, const struct trace *trace,
                            enum aggregate_sort sort) {
        static const uint64_t sizes[4][5] = {
                { 10, 10, 10, 90, 40 }, { 20, 30, 10, 90, 40 }, { 30, 20, 70, 50, 40 }, { 40, 31, 20, 0, 40 }
        };
        static const uint64_t counts[4][5] = {
                { 1, 1, 1, 9, 1 }, { 2, 1, 1, 9, 2 }, { 3, 1, 1, 9, 3 }, { 4, 1, 1, 0, 4 }
        };
        struct aggregate_wish wish = { .sort = sort };
        struct growths growths;

        compare_init(comparison, &wish, 4);
        for (int state = 0; state < 4; state++) {
                struct aggregate_entry entries[5];
                size_t count = 0;

                for (unsigned i = 0; i < 5; i++)
                        if (counts[state][i] > 0)
                                entries[count++] = (struct aggregate_entry)LINE(
                                        "/a.c", i + 1, "f", APP, sizes[state][i], counts[state][i]);
                pair_add(comparison, entries, count, NULL, trace);
        }
        cr_assert_eq(growth_make(comparison, &growths), 0);
        return growths;
}

static void is_growth(const struct growths *growths, size_t index, unsigned line, uint64_t size_bytes,
                      uint64_t count, size_t steps) {
        cr_assert_lt(index, growths->count);
        cr_assert_eq(growths->items[index].entry.line, line);
        cr_assert_eq(growths->items[index].entry.size_bytes, size_bytes);
        cr_assert_eq(growths->items[index].entry.count, count);
        cr_assert_eq(growths->items[index].steps, steps);
}

Test(compare, growth_is_beyond_all_before) {
        struct trace *trace = pair_trace(APP, "one", LIB);
        struct comparison comparison;
        struct growths growths = grown(&comparison, trace, AGGREGATE_BY_SIZE);

        cr_assert_eq(growths.count, 3);
        cr_assert_eq(growths.step_count, 3);
        cr_assert_eq(growths.every_step, 1);
        is_growth(&growths, 0, 3, 70, 1, 1);
        is_growth(&growths, 1, 1, 40, 4, 3);
        is_growth(&growths, 2, 2, 31, 1, 2);
        growth_deinit(&growths);
        compare_deinit(&comparison);

        growths = grown(&comparison, trace, AGGREGATE_BY_COUNT);
        cr_assert_eq(growths.count, 2);
        cr_assert_eq(growths.every_step, 2);
        is_growth(&growths, 0, 1, 40, 4, 3); /* both +3, of 4: by the growth of sizes */
        is_growth(&growths, 1, 5, 40, 4, 3);
        growth_deinit(&growths);
        compare_deinit(&comparison);

        growths = grown(&comparison, trace, AGGREGATE_BY_PLACE);
        is_growth(&growths, 0, 1, 40, 4, 3);
        is_growth(&growths, 2, 3, 70, 1, 1);
        growth_deinit(&growths);
        compare_deinit(&comparison);
        trace_free(trace);
}
