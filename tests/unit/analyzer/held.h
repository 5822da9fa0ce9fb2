/*
 * Runs for tests of baselines: what they hold at the end, written down by hand, stack by stack.
 */
#ifndef TESTS_UNIT_ANALYZER_HELD_H
#define TESTS_UNIT_ANALYZER_HELD_H

#include "judge/baseline.h"

#include <criterion/criterion.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A run: stacks of one frame or two, in the order they are put. */
struct run {
        struct stacks stacks;
        struct subject subject;
};

static inline void run_begin(struct run *run, const char *const *programs) {
        stacks_init(&run->stacks);
        cr_assert_eq(subject_init(&run->subject, "", &run->stacks), 0);
        for (; *programs; programs++) {
                const struct summary summary = { .program = *programs, .has_end = true };

                cr_assert_eq(subject_add(&run->subject, "a.mtr", &summary), 0);
        }
}

static inline void run_end(struct run *run) {
        subject_deinit(&run->subject);
        stacks_deinit(&run->stacks);
}

static inline struct symbol_frame frame(const char *file, unsigned line, const char *function,
                                        const char *module) {
        return (struct symbol_frame){
                .file = file, .line = line, .has_line = line > 0, .function = function, .module = module
        };
}

/* Frames[charged] answers for what is held. */
static inline uint32_t hold_in(struct run *run, const struct symbol_frame *frames, size_t count,
                               size_t charged, uint64_t bytes, uint64_t blocks) {
        const struct symbol_frame *pointers[4];
        const struct ledger_sums sums = { .leaked_bytes = bytes,
                                          .leaked_blocks = blocks,
                                          .allocations = blocks };
        struct charge_frames path = { pointers, count, count };
        uint32_t stack;

        for (size_t i = 0; i < count; i++)
                pointers[i] = &frames[i];
        stacks_begin(&run->stacks); /* the frames lie where others did */
        cr_assert_eq(stacks_put(&run->stacks, &path, charged, 0, &stack), 0);
        cr_assert_eq(ledger_add(&run->subject.ledger, stack, &sums), 0);
        return stack;
}

static inline uint32_t hold(struct run *run, const char *file, unsigned line, const char *function,
                            const char *module, uint64_t bytes, uint64_t blocks) {
        struct symbol_frame one = frame(file, line, function, module);

        return hold_in(run, &one, 1, 0, bytes, blocks);
}

#define OLD "/home/one/app/build/app"
#define NEW "/srv/two/out/app"
#define OLD_LIB "/usr/lib/libz.so.1.2.11"
#define NEW_LIB "/opt/lib/libz.so.1.3"

static const char *const old_programs[] = { OLD, NULL }, *const new_programs[] = { NEW, NULL };

/* The same program in two builds, in two places, with two libraries; the stacks in two orders. */
static inline void hold_old(struct run *run) {
        run_begin(run, old_programs);
        hold(run, "/home/one/app/src/cache.c", 10, "insert", OLD, 100, 1);
        hold(run, "/home/one/app/src/cache.c", 12, "insert", OLD, 50, 2);
        hold(run, "/home/one/app/src/main.c", 3, "main", OLD, 8, 1);
        hold(run, "libz.so.1.2.11:inflate+0x1f", 0, "inflate", OLD_LIB, 64, 1);
        hold(run, "app+0x123", 0, NULL, OLD, 16, 1);
}

static inline void hold_new(struct run *run) {
        run_begin(run, new_programs);
        hold(run, "app+0x456", 0, NULL, NEW, 16, 1);
        hold(run, "libz.so.1.3:inflate+0x2f", 0, "inflate", NEW_LIB, 64, 1);
        hold(run, "/srv/two/src/main.c", 5, "main", NEW, 8, 1);
        hold(run, "/srv/two/src/cache.c", 22, "insert", NEW, 50, 2);
        hold(run, "/srv/two/src/cache.c", 20, "insert", NEW, 100, 1);
}

static inline void baseline_of(struct baseline *baseline, enum aggregate_by by, const struct run *run) {
        baseline_init(baseline, by);
        cr_assert_eq(baseline_add_subject(baseline, &run->subject), 0);
}

#endif
