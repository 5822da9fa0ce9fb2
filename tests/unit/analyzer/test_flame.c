/*
 * aggregate/flame: the tree of a flame graph, of paths made by hand: what frames hold, which are shown, and
 * in which order.
 */
#include "aggregate/flame.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAIN, PARSE, VISIT, WALK, WALK_ON, FUNCTIONS };

static const struct symbol_frame frames[FUNCTIONS] = {
        { .file = "a.c", .function = "main", .line = 10, .has_line = true },
        { .file = "b.c", .function = "parse", .line = 20, .has_line = true },
        { .file = "b.c", .function = "visit", .line = 5, .has_line = true, .inlined = true },
        { .file = "b.c", .function = "walk", .line = 30, .has_line = true },
        { .file = "b.c", .function = "walk", .line = 33, .has_line = true },
};

static struct flame flame_by(struct flame_wish wish) {
        struct flame flame;

        flame_init(&flame, &wish);
        return flame;
}

/* A path of so many functions, the outermost first. */
static void add(struct flame *flame, struct compare_value now, struct compare_value earlier, size_t length,
                const int *functions) {
        struct aggregate_node nodes[16];
        const struct aggregate paths = { .nodes = nodes };

        for (uint32_t i = 0; i < length; i++)
                nodes[i] = (struct aggregate_node){ .frame = &frames[functions[i]],
                                                    .parent = i > 0 ? i - 1 : AGGREGATE_NO_NODE,
                                                    .depth = i + 1,
                                                    .inlined = frames[functions[i]].inlined };
        cr_assert_eq(flame_add(flame, &paths, (uint32_t)length - 1, now, earlier), 0);
}

#define ADD_BOTH(flame, size, times, size_before, times_before, ...)                                         \
        add(flame, (struct compare_value){ size, times },                                                    \
            (struct compare_value){ size_before, times_before },                                             \
            sizeof((int[]){ __VA_ARGS__ }) / sizeof(int), (int[]){ __VA_ARGS__ })
#define ADD(flame, size, times, ...) ADD_BOTH(flame, size, times, 0, 0, __VA_ARGS__)

/* A line for each frame, set in by its depth: "NAME[ inlined] WIDTH: SIZE/COUNT self SIZE/COUNT". */
static void is(struct flame *flame, const char *expected) {
        char *text;
        size_t length;
        FILE *stream = open_memstream(&text, &length);

        for (size_t i = 0; i < flame->count; i++) {
                const struct flame_frame *frame = &flame->frames[i];

                cr_assert_eq(frame->depth, i == 0 ? 0 : flame->frames[frame->parent].depth + 1);
                cr_assert(i == 0 || frame->parent < i);
                fprintf(stream, "%*s", (int)frame->depth, "");
                if (frame->left_out)
                        fprintf(stream, "%" PRIu64 " more", frame->frames_left);
                else
                        fputs(frame->frame ? frame->frame->function : "all", stream);
                fprintf(stream, "%s %" PRIu64 ": %" PRIu64 "/%" PRIu64 " self %" PRIu64 "/%" PRIu64 "\n",
                        frame->inlined ? " inlined" : "", frame->width, frame->all.size_bytes,
                        frame->all.count, frame->self.size_bytes, frame->self.count);
        }
        fclose(stream);
        cr_assert_str_eq(text, expected);
        free(text);
        flame_deinit(flame);
}

static void add_four(struct flame *flame) {
        ADD(flame, 100, 10, MAIN, WALK, VISIT);
        ADD(flame, 30, 30, MAIN, PARSE, VISIT);
        ADD(flame, 7, 1, MAIN, PARSE);
        ADD(flame, 50, 5, MAIN, WALK_ON, VISIT);
}

Test(flame, frames_hold_what_is_above_them) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });

        add_four(&flame);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        cr_assert_eq(flame.depth, 3);
        cr_assert_eq(flame.shown, 6);
        cr_assert_eq(flame.frames_left, 0);
        cr_assert_eq(flame.frames[2].least_line, 30);
        cr_assert_eq(flame.frames[2].most_line, 33);
        is(&flame, "all 187: 187/46 self 0/0\n"
                   " main 187: 187/46 self 0/0\n"
                   "  walk 150: 150/15 self 0/0\n"
                   "   visit inlined 150: 150/15 self 150/15\n"
                   "  parse 37: 37/31 self 7/1\n"
                   "   visit inlined 30: 30/30 self 30/30\n");
}

Test(flame, by_line_two_lines_are_two_frames) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_LINE });

        add_four(&flame);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        cr_assert_eq(flame.frames[2].most_line, 30);
        is(&flame, "all 187: 187/46 self 0/0\n"
                   " main 187: 187/46 self 0/0\n"
                   "  walk 100: 100/10 self 0/0\n"
                   "   visit inlined 100: 100/10 self 100/10\n"
                   "  walk 50: 50/5 self 0/0\n"
                   "   visit inlined 50: 50/5 self 50/5\n"
                   "  parse 37: 37/31 self 7/1\n"
                   "   visit inlined 30: 30/30 self 30/30\n");
}

Test(flame, counts_are_widths_where_they_are_compared) {
        struct flame flame = flame_by((struct flame_wish){
                .by = AGGREGATE_FUNCTION, .sort = AGGREGATE_BY_COUNT, .by_count = true });

        add_four(&flame);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        is(&flame, "all 46: 187/46 self 0/0\n"
                   " main 46: 187/46 self 0/0\n"
                   "  parse 31: 37/31 self 7/1\n"
                   "   visit inlined 30: 30/30 self 30/30\n"
                   "  walk 15: 150/15 self 0/0\n"
                   "   visit inlined 15: 150/15 self 150/15\n");
}

Test(flame, siblings_by_count_and_by_name) {
        struct flame flame =
                flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION, .sort = AGGREGATE_BY_COUNT });

        ADD(&flame, 100, 1, MAIN);
        ADD(&flame, 10, 2, PARSE);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        is(&flame, "all 110: 110/3 self 0/0\n parse 10: 10/2 self 10/2\n main 100: 100/1 self 100/1\n");
        flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION, .sort = AGGREGATE_BY_PLACE });
        ADD(&flame, 100, 9, PARSE);
        ADD(&flame, 10, 2, MAIN);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        is(&flame, "all 110: 110/11 self 0/0\n main 10: 10/2 self 10/2\n parse 100: 100/9 self 100/9\n");
}

Test(flame, functions_of_one_name_are_in_the_order_of_their_files) {
        static const struct symbol_frame same[] = {
                { .file = "z.c", .function = "init", .line = 1, .has_line = true },
                { .file = "a.c", .function = "init", .line = 2, .has_line = true },
        };
        struct flame flame =
                flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION, .sort = AGGREGATE_BY_PLACE });

        for (uint32_t i = 0; i < 2; i++) {
                struct aggregate_node node = { .frame = &same[i], .parent = AGGREGATE_NO_NODE, .depth = 1 };
                const struct aggregate paths = { .nodes = &node };
                const struct compare_value now = { 10, 1 };

                cr_assert_eq(flame_add(&flame, &paths, 0, now, (struct compare_value){ 0 }), 0);
        }
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        cr_assert_eq(flame.count, 3);
        cr_assert_str_eq(flame.frames[1].frame->file, "a.c");
        flame_deinit(&flame);
}

Test(flame, inverted_the_innermost_frames_are_at_the_root) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION, .inverted = true });

        add_four(&flame);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        is(&flame, "all 187: 187/46 self 0/0\n"
                   " visit inlined 180: 180/45 self 0/0\n"
                   "  walk 150: 150/15 self 0/0\n"
                   "   main 150: 150/15 self 150/15\n"
                   "  parse 30: 30/30 self 0/0\n"
                   "   main 30: 30/30 self 30/30\n"
                   " parse 7: 7/1 self 0/0\n"
                   "  main 7: 7/1 self 7/1\n");
}

Test(flame, a_function_that_calls_itself_is_one_frame_if_wanted) {
        for (int fold = 0; fold < 2; fold++) {
                struct flame flame =
                        flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION, .fold_recursion = fold });

                ADD(&flame, 8, 1, MAIN, WALK, WALK_ON, WALK, VISIT, WALK);
                ADD(&flame, 2, 1, MAIN, WALK, WALK);
                cr_assert_eq(flame_finish(&flame, 0, 100), 0);
                is(&flame, fold ? "all 10: 10/2 self 0/0\n"
                                  " main 10: 10/2 self 0/0\n"
                                  "  walk 10: 10/2 self 2/1\n"
                                  "   visit inlined 8: 8/1 self 0/0\n"
                                  "    walk 8: 8/1 self 8/1\n"
                                : "all 10: 10/2 self 0/0\n"
                                  " main 10: 10/2 self 0/0\n"
                                  "  walk 10: 10/2 self 0/0\n"
                                  "   walk 10: 10/2 self 2/1\n"
                                  "    walk 8: 8/1 self 0/0\n"
                                  "     visit inlined 8: 8/1 self 0/0\n"
                                  "      walk 8: 8/1 self 8/1\n");
        }
}

/* main holds 1000, and above it stand nine frames in three. */
static void add_narrow(struct flame *flame) {
        ADD(flame, 869, 1, MAIN);
        ADD(flame, 100, 1, MAIN, WALK);
        ADD(flame, 10, 1, MAIN, PARSE);
        ADD(flame, 10, 1, MAIN, VISIT, MAIN);
        ADD(flame, 10, 1, MAIN, VISIT, PARSE);
        ADD(flame, 1, 1, MAIN, VISIT, WALK, WALK);
}

Test(flame, what_is_too_narrow_is_left_out_and_said) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });

        add_narrow(&flame);
        cr_assert_eq(flame_finish(&flame, 0.02, 100), 0);
        cr_assert_eq(flame.least_width, 20);
        cr_assert_eq(flame.shown, 4);
        cr_assert_eq(flame.frames_left, 5);
        is(&flame, "all 1000: 1000/6 self 0/0\n"
                   " main 1000: 1000/6 self 869/1\n"
                   "  walk 100: 100/1 self 100/1\n"
                   "  visit inlined 21: 21/3 self 0/0\n"
                   "   4 more 21: 21/3 self 0/0\n");
        flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });
        add_narrow(&flame);
        cr_assert_eq(flame_finish(&flame, 0.03, 100), 0);
        cr_assert_eq(flame.frames_left, 6);
        is(&flame, "all 1000: 1000/6 self 0/0\n"
                   " main 1000: 1000/6 self 869/1\n"
                   "  walk 100: 100/1 self 100/1\n"
                   "  6 more 31: 31/4 self 0/0\n");
}

Test(flame, beyond_the_limit_the_narrowest_go_and_no_frame_without_its_parent) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });

        add_narrow(&flame);
        cr_assert_eq(flame_finish(&flame, 0, 4), 0);
        cr_assert_eq(flame.least_width, 21);
        cr_assert_eq(flame.shown, 4);
        cr_assert_eq(flame.frames_left, 5);
        flame_deinit(&flame);
        /* of one width are the least deep */
        flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });
        ADD(&flame, 10, 1, PARSE, WALK, WALK, WALK);
        ADD(&flame, 10, 1, MAIN, WALK, WALK, WALK);
        cr_assert_eq(flame_finish(&flame, 0, 5), 0);
        is(&flame, "all 20: 20/2 self 0/0\n"
                   " main 10: 10/1 self 0/0\n"
                   "  walk 10: 10/1 self 0/0\n"
                   "   2 more 10: 10/1 self 0/0\n"
                   " parse 10: 10/1 self 0/0\n"
                   "  walk 10: 10/1 self 0/0\n"
                   "   2 more 10: 10/1 self 0/0\n");
}

Test(flame, a_difference_is_as_wide_as_the_later_state_and_what_is_gone_as_it_was) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });

        ADD_BOTH(&flame, 50, 5, 80, 8, MAIN, WALK);
        ADD_BOTH(&flame, 0, 0, 30, 3, MAIN, PARSE);
        ADD_BOTH(&flame, 0, 0, 9, 1, MAIN, WALK_ON); /* another line of what is there */
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        cr_assert_eq(flame.frames[0].earlier.size_bytes, 119);
        cr_assert_eq(flame.frames[1].earlier_self.size_bytes, 0);
        cr_assert_eq(flame.frames[2].earlier_self.size_bytes, 89);
        cr_assert_eq(flame.frames[3].earlier.count, 3);
        cr_assert_eq(flame.most_change, 69);
        is(&flame, "all 80: 50/5 self 0/0\n"
                   " main 80: 50/5 self 0/0\n"
                   "  walk 50: 50/5 self 50/5\n"
                   "  parse 30: 0/0 self 0/0\n");
}

Test(flame, called_in_one_stack_is_not_inlined) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });
        struct aggregate_node called = { .frame = &frames[VISIT], .parent = AGGREGATE_NO_NODE, .depth = 1 };
        const struct aggregate paths = { .nodes = &called };

        ADD(&flame, 1, 1, VISIT);
        cr_assert_eq(
                flame_add(&flame, &paths, 0, (struct compare_value){ 1, 1 }, (struct compare_value){ 0 }), 0);
        cr_assert_eq(flame_finish(&flame, 0, 100), 0);
        is(&flame, "all 2: 2/2 self 0/0\n visit 2: 2/2 self 2/2\n");
}

Test(flame, nothing_is_a_root_alone) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });

        cr_assert_eq(flame_finish(&flame, 0.001, 100), 0);
        is(&flame, "all 0: 0/0 self 0/0\n");
}

Test(flame, sums_stop_at_the_largest_number) {
        struct flame flame = flame_by((struct flame_wish){ .by = AGGREGATE_FUNCTION });

        ADD(&flame, UINT64_MAX, 1, MAIN, PARSE);
        ADD(&flame, UINT64_MAX, 1, MAIN, WALK);
        cr_assert_eq(flame_finish(&flame, 1, 100), 0);
        cr_assert_eq(flame.frames[0].all.size_bytes, UINT64_MAX);
        cr_assert_eq(flame.frames[1].self.size_bytes, 0);
        cr_assert_eq(flame.least_width, UINT64_MAX);
        cr_assert_eq(flame.count, 4);
        flame_deinit(&flame);
}
