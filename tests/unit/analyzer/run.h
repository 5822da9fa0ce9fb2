/*
 * A built trace, run to its end and added up: for tests of who is charged and what comes to what. Its modules
 * name nothing on this machine.
 */
#ifndef TESTS_UNIT_ANALYZER_RUN_H
#define TESTS_UNIT_ANALYZER_RUN_H

#include "aggregate/aggregate.h"
#include "load.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct run {
        struct trace *trace;
        struct replay replay;
        struct symbols *symbols;
        struct charge *charge;
        struct aggregate aggregate;
};

/* In place of what was made before. */
static inline void run_aggregate(struct run *run, struct aggregate_wish wish) {
        aggregate_deinit(&run->aggregate);
        cr_assert_eq(aggregate_make(&run->replay, run->charge, &wish, &run->aggregate), 0);
}

/* Ends the trace; frames answer as `which` says. */
static inline struct run run(struct tb *tb, enum charge_frame which, enum aggregate_cost cost) {
        struct run run = { 0 };

        tb_end(tb, MTR_END_EXITED, 0);
        run.trace = load_whole(tb);
        cr_assert_eq(replay_init(&run.replay, run.trace), 0);
        cr_assert_eq(replay_to(&run.replay, replay_end(run.trace), REPLAY_WITH_HIGHS), 0);
        cr_assert_not_null(run.symbols = symbols_new(run.trace));
        cr_assert_not_null(run.charge = charge_new(run.trace, run.symbols, which, NULL));
        run_aggregate(&run, (struct aggregate_wish){ .cost = cost });
        return run;
}

static inline void run_done(struct run *run, struct tb *tb) {
        aggregate_deinit(&run->aggregate);
        charge_free(run->charge);
        symbols_free(run->symbols);
        replay_deinit(&run->replay);
        trace_free(run->trace);
        tb_free(tb);
}

static inline void run_is_entry(const struct run *run, size_t index, const char *place, uint64_t size_bytes,
                                uint64_t count) {
        char *found;

        cr_assert_lt(index, run->aggregate.count);
        found = aggregate_place(&run->aggregate, &run->aggregate.entries[index]);
        cr_assert_str_eq(found, place);
        cr_assert_eq(run->aggregate.entries[index].size_bytes, size_bytes, "%s", place);
        cr_assert_eq(run->aggregate.entries[index].count, count, "%s", place);
        free(found);
}

/* Ten blocks under main > walk > visit > walk > wrap, one under main > wrap. */
static inline struct tb *walk_and_wrap(void) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t app = tb_module(tb, 0, 0x2000, 0, NULL, 0, "/nonexistent/app");
        uint32_t lib = tb_module(tb, 0x2000, 0x3000, 0x2000, NULL, 0, "/nonexistent/libwrap.so.1");
        uint32_t walk = tb_frame(tb, app, 0x20, false), visit = tb_frame(tb, app, 0x30, false);
        uint32_t wrap = tb_frame(tb, lib, 0x40, false);
        uint32_t main_stack = tb_stack(tb, 0, tb_frame(tb, app, 0x10, false));
        uint32_t deep = tb_stack(tb, tb_stack(tb, tb_stack(tb, main_stack, walk), visit), walk);

        for (int i = 0; i < 10; i++)
                tb_alloc(tb, tb_site(tb, tb_stack(tb, deep, wrap), 10, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, tb_stack(tb, main_stack, wrap), 7, MTR_KIND_MALLOC));
        return tb;
}

#endif
