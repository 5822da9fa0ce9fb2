/*
 * aggregate/match: which places of two builds are the same.
 */
#include "pair.h"

/* (|size change|, size, |count change|, count, place), each where all before it are equal. */
/* The same sources elsewhere are the same places, and go by the name they have now. */
Test(match, directories_may_be_others) {
        struct aggregate_entry earlier[] = { LINE("/old/src/util.c", 10, "f", "/old/bin/app", 10, 1),
                                             LINE("/old/src/main.c", 5, "main", "/old/bin/app", 7, 1) };
        struct aggregate_entry later[] = { LINE("/new/src/util.c", 10, "f", APP, 12, 1),
                                           LINE("../src/main.c", 5, "main", APP, 8, 1) };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);
        pair_is(&pair, "/new/src/util.c:10 12 +2 1 +0 changed\n../src/main.c:5 8 +1 1 +0 changed\n");
        pair_done(&pair);
}

/* Lines that moved are honest by line, and one function by function. */
Test(match, lines_may_shift) {
        for (int by_function = 0; by_function < 2; by_function++) {
                struct aggregate_entry earlier[] = { LINE("/old/util.c", 10, "f", "/old/bin/app", 10, 1) };
                struct aggregate_entry later[] = { LINE("/new/util.c", 14, "f", APP, 13, 1) };
                struct pair pair;

                if (by_function)
                        earlier[0].line = later[0].line = 0, earlier[0].has_line = later[0].has_line = false;
                COMPARE(by_function ? AGGREGATE_FUNCTION : AGGREGATE_LINE, false);
                pair_is(&pair, by_function
                                       ? "/new/util.c:f 13 +3 1 +0 changed\n"
                                       : "/new/util.c:14 13 +13 1 +1 new\n/old/util.c:10 0 -10 0 -1 gone\n");
                pair_done(&pair);
        }
}

/* Static functions of one name, on one line, in files of one name: told apart by what directories they have
 * left. */
Test(match, directories_tell_files_of_one_name_apart) {
        struct aggregate_entry earlier[] = { LINE("/old/a/init.c", 3, "init", "/old/bin/app", 10, 1),
                                             LINE("/old/b/init.c", 3, "init", "/old/bin/app", 20, 1),
                                             LINE("/old/c/init.c", 3, "init", "/old/bin/app", 40, 1) };
        struct aggregate_entry later[] = { LINE("/new/b/init.c", 3, "init", APP, 25, 1),
                                           LINE("/new/d/init.c", 3, "init", APP, 16, 1),
                                           LINE("/new/c/init.c", 3, "init", APP, 41, 1) };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);
        pair_is(&pair, "/new/d/init.c:3 16 +6 1 +0 changed\n"
                       "/new/b/init.c:3 25 +5 1 +0 changed\n"
                       "/new/c/init.c:3 41 +1 1 +0 changed\n");
        pair_done(&pair);
}

/* What both have by its own name is itself, whatever else looks like it. */
Test(match, a_file_that_both_have_is_itself) {
        struct aggregate_entry earlier[] = { LINE("/src/a/init.c", 3, "init", APP, 10, 1),
                                             LINE("/src/b/init.c", 9, "exit", APP, 1, 1) };
        struct aggregate_entry later[] = { LINE("/src/b/init.c", 3, "init", APP, 20, 1),
                                           LINE("/src/a/init.c", 8, "exit", APP, 2, 1) };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);

        cr_assert_eq(pair.differences.counts[DIFFERENCE_NEW], 2);
        cr_assert_eq(pair.differences.counts[DIFFERENCE_GONE], 2);
        pair_done(&pair);
}

Test(match, one_build_has_one_set_of_names) {
        struct aggregate_entry earlier[] = { LINE("/src/a/init.c", 3, "init", "/old/bin/app", 10, 1) };
        struct aggregate_entry later[] = { LINE("/src/b/init.c", 3, "init", APP, 20, 1) };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, true);
        pair_is(&pair, "/src/b/init.c:3 20 +20 1 +1 new\n/src/a/init.c:3 0 -10 0 -1 gone\n");
        pair_done(&pair);
}

/* A file renamed: its functions are found where they are the only ones. */
Test(match, a_function_alone_is_found_in_another_file) {
        struct aggregate_entry earlier[] = {
                { .file = "/old/util.c",
                  .function = "grow",
                  .module = "/old/bin/app",
                  .size_bytes = 10,
                  .count = 1 },
                { .file = "/old/util.c",
                  .function = "init",
                  .module = "/old/bin/app",
                  .size_bytes = 20,
                  .count = 1 },
                { .file = "/old/util.c", .function = "only", .module = LIB, .size_bytes = 90, .count = 1 },
        };
        struct aggregate_entry later[] = {
                { .file = "/new/tool.cpp", .function = "grow", .module = APP, .size_bytes = 15, .count = 1 },
                { .file = "/new/tool.cpp", .function = "init", .module = APP, .size_bytes = 30, .count = 1 },
                { .file = "/new/more.cpp", .function = "init", .module = APP, .size_bytes = 40, .count = 1 },
                { .file = "/new/more.cpp", .function = "only", .module = APP, .size_bytes = 7, .count = 1 },
        };
        struct pair pair;

        COMPARE(AGGREGATE_FUNCTION, false);
        pair_is(&pair, "/old/util.c:only 0 -90 0 -1 gone\n"
                       "/new/more.cpp:init 40 +40 1 +1 new\n"
                       "/new/tool.cpp:init 30 +30 1 +1 new\n"
                       "/old/util.c:init 0 -20 0 -1 gone\n"
                       "/new/more.cpp:only 7 +7 1 +1 new\n"
                       "/new/tool.cpp:grow 15 +5 1 +0 changed\n");
        pair_done(&pair);
}

/* An offset in a function says nothing of another build: there is one such place, or nobody knows. */
Test(match, without_debug_information) {
        struct aggregate_entry earlier[] = {
                BARE("app:f+0x1f", "f", "/old/bin/app", 10),
                BARE("app:g+0x10", "g", "/old/bin/app", 100),
                BARE("app+0x2010", NULL, "/old/bin/app", 20),
        };
        struct aggregate_entry later[] = {
                BARE("app:f+0x2f", "f", APP, 12),
                BARE("app:g+0x18", "g", APP, 100),
                BARE("app:g+0x28", "g", APP, 100),
                BARE("app+0x2010", NULL, APP, 25),
        };
        struct pair pair;

        COMPARE(AGGREGATE_LINE, false);
        pair_is(&pair, "app:g+0x28 100 +100 1 +1 new\n"
                       "app:g+0x18 100 +100 1 +1 new\n"
                       "app:g+0x10 0 -100 0 -1 gone\n"
                       "app+0x2010 25 +5 1 +0 changed\n"
                       "app:f+0x2f 12 +2 1 +0 changed\n");
        pair_done(&pair);
}

/* A function is its symbol, whatever the version of its library. */
Test(match, functions_without_debug_information) {
        struct aggregate_entry earlier[] = {
                BARE("libz.so.1.2.11", "inflate", "/usr/lib/libz.so.1.2.11", 10),
                BARE("app", NULL, "/old/bin/app", 5),
        };
        struct aggregate_entry later[] = {
                BARE("libz.so.1.2.13", "inflate", LIB, 11),
                BARE("app", NULL, APP, 7),
        };
        struct pair pair;

        COMPARE(AGGREGATE_FUNCTION, false);
        pair_is(&pair, "app:<unknown> 7 +2 1 +0 changed\nlibz.so.1.2.13:inflate 11 +1 1 +0 changed\n");
        pair_done(&pair);
}

Test(match, modules_by_name) {
        struct aggregate_entry earlier[] = {
                { .module = "/old/bin/app", .size_bytes = 10, .count = 1 },
                { .module = "/old/lib/libq.so.4.1", .size_bytes = 20, .count = 1 },
                { .module = "/old/lib/libr.so.4", .size_bytes = 7, .count = 1 }
        };
        struct aggregate_entry later[] = { { .module = APP, .size_bytes = 12, .count = 1 },
                                           { .module = "/new/lib/libq.so.4.2", .size_bytes = 21, .count = 1 },
                                           { .module = "/new/lib/libr.so.5", .size_bytes = 8, .count = 1 } };
        struct pair pair;

        COMPARE(AGGREGATE_MODULE, false);
        pair_is(&pair, "/new/lib/libr.so.5 8 +8 1 +1 new\n"
                       "/old/lib/libr.so.4 0 -7 0 -1 gone\n"
                       "/new/bin/app-2 12 +2 1 +0 changed\n"
                       "/new/lib/libq.so.4.2 21 +1 1 +0 changed\n");
        pair_done(&pair);
}

Test(match, files_by_name_in_one_module) {
        struct aggregate_entry earlier[] = {
                { .file = "/old/util.c", .module = "/old/bin/app", .size_bytes = 10, .count = 1 },
                { .file = "/old/zutil.c", .module = "/usr/lib/libq.so.1", .size_bytes = 50, .count = 1 }
        };
        struct aggregate_entry later[] = {
                { .file = "/new/util.c", .module = APP, .size_bytes = 12, .count = 1 },
                { .file = "/new/zutil.c", .module = APP, .size_bytes = 30, .count = 1 }
        };
        struct pair pair;

        COMPARE(AGGREGATE_FILE, false);
        pair_is(&pair, "/old/zutil.c:0 0 -50 0 -1 gone\n"
                       "/new/zutil.c:0 30 +30 1 +1 new\n"
                       "/new/util.c:0 12 +2 1 +0 changed\n");
        pair_done(&pair);
}

/* A crafted snapshot may name a place twice. */
/* main > walk (inlined: visit) > f, from other directories; and the same with another line of walk. */
Test(match, tracebacks_frame_by_frame) {
        static const struct symbol_frame old[] = { { .file = "/old/m.c",
                                                     .function = "main",
                                                     .module = "/old/bin/app",
                                                     .line = 5,
                                                     .has_line = true },
                                                   { .file = "/old/w.c",
                                                     .function = "walk",
                                                     .module = "/old/bin/app",
                                                     .line = 7,
                                                     .has_line = true },
                                                   { .file = "/old/v.h",
                                                     .function = "visit",
                                                     .module = "/old/bin/app",
                                                     .line = 2,
                                                     .has_line = true },
                                                   { .file = "/old/w.c",
                                                     .function = "walk",
                                                     .module = "/old/bin/app",
                                                     .line = 8,
                                                     .has_line = true } };
        static const struct symbol_frame new[] = {
                { .file = "/new/m.c", .function = "main", .module = APP, .line = 5, .has_line = true },
                { .file = "/new/w.c", .function = "walk", .module = APP, .line = 7, .has_line = true },
                { .file = "/new/v.h", .function = "visit", .module = APP, .line = 2, .has_line = true },
                { .file = "/new/w.c", .function = "walk", .module = APP, .line = 9, .has_line = true }
        };
        struct pair pair;

        pair_begin(&pair, (struct aggregate_wish){ .by = AGGREGATE_TRACEBACK }, false);
        for (int i = 0; i < 2; i++) {
                const struct symbol_frame *frames = i ? new : old;
                struct aggregate_node nodes[] = { { &frames[0], AGGREGATE_NO_NODE, 1, false },
                                                  { &frames[1], 0, 2, false },
                                                  { &frames[2], 1, 3, false },
                                                  { &frames[3], 0, 2, false } };
                struct aggregate_entry entries[] = {
                        LINE(frames[2].file, 2, "visit", frames[2].module, 10 + (unsigned)i, 1),
                        LINE(frames[3].file, frames[3].line, "walk", frames[3].module, 20, 2)
                };

                entries[0].node = 2;
                entries[1].node = 3;
                pair_add(&pair.comparison, entries, 2, nodes, pair.traces[i]);
                memset(nodes, 0xff, sizeof(nodes));
        }
        cr_assert_eq(difference_make(&pair.comparison, &pair.differences), 0);
        pair_is(&pair, "/new/w.c:9 20 +20 2 +2 new\n"
                       "/old/w.c:8 0 -20 0 -2 gone\n"
                       "/new/v.h:2 11 +1 1 +0 changed\n");
        {
                const struct aggregate_node *nodes = pair.comparison.places.nodes;
                const struct aggregate_node *last = &nodes[pair.differences.items[2].entry.node];

                cr_assert_eq(last->depth, 3);
                cr_assert_str_eq(last->frame->file, "/new/v.h");
                cr_assert_str_eq(nodes[last->parent].frame->file, "/new/w.c");
                cr_assert_str_eq(nodes[nodes[last->parent].parent].frame->file, "/new/m.c");
        }
        pair_done(&pair);
}

/* 1 grows always, 2 wavers, 3 rises and falls, 4 never grows, 5 grows in blocks alone. */

/* Threads of another run by name, those of one name by their numbers' order; in one run they are themselves.
 */
Test(match, threads_by_name) {
        static const struct trace_thread threads[] = {
                { .tid = 10, .name = "worker" }, { .tid = 11, .name = "worker" },
                { .tid = 12, .name = "main" },   { .tid = 21, .name = "worker" },
                { .tid = 20, .name = "worker" }, { .tid = 22, .name = "other" }
        };
        struct aggregate_entry earlier[3], later[3];
        struct pair pair;

        for (unsigned i = 0; i < 3; i++) {
                earlier[i] =
                        (struct aggregate_entry){ .thread = &threads[i], .size_bytes = 10 << i, .count = 1 };
                later[i] = (struct aggregate_entry){ .thread = &threads[3 + i],
                                                     .size_bytes = 11 << i,
                                                     .count = 1 };
        }
        COMPARE(AGGREGATE_THREAD, false);
        pair_is(&pair, "other:22 44 +44 1 +1 new\n"
                       "main:12 0 -40 0 -1 gone\n"
                       "worker:20 22 +12 1 +0 changed\n"
                       "worker:21 11 -9 1 +0 changed\n");
        pair_done(&pair);
}
