/*
 * aggregate/filter.c: what a glob matches, by the kind of filter it is given for.
 */
#include "aggregate/filter.h"

#include <criterion/criterion.h>

static bool matches(enum filter_kind kind, const char *glob, struct symbol_frame frame) {
        const struct symbol_frame *frames[] = { &frame };
        struct filter filter = { 0 };
        bool found;

        cr_assert_eq(filter_add(&filter, kind, glob), 0);
        found = filter_match(&filter, frames, 1) == 1u << kind;
        cr_assert_eq(filter.globs[0].matched, found);
        filter_deinit(&filter);
        return found;
}

Test(filter, what_a_glob_matches) {
        struct symbol_frame frame = { .file = "/src/a\\b/cache.c",
                                      .line = 12,
                                      .has_line = true,
                                      .function = "ns::(anonymous namespace)::put(int, void (*)()) const",
                                      .module = "/usr/lib/libcache.so.1" };
        struct symbol_frame lineless = { .file = "libz.so.1:inflate+0x1f", .module = "/lib/libz.so.1" };
        struct symbol_frame call = { .file = "a", .function = "F::operator()(int)" };

        cr_assert(matches(FILTER_INCLUDE, "cache.c", frame));
        cr_assert(matches(FILTER_INCLUDE, "/src/*.c", frame), "a star matches slashes");
        cr_assert(matches(FILTER_INCLUDE, "*a\\b/cache.[!x]", frame), "a backslash is a letter");
        cr_assert_not(matches(FILTER_INCLUDE, "b/cache.c", frame), "a path is matched whole");
        cr_assert_not(matches(FILTER_INCLUDE, "ache.c", frame));
        cr_assert(matches(FILTER_EXCLUDE, "cache.c:12", frame));
        cr_assert_not(matches(FILTER_EXCLUDE, "cache.c:13", frame));
        cr_assert_not(matches(FILTER_EXCLUDE, "cache.c:", frame));
        cr_assert(matches(FILTER_INCLUDE, "libz.so.*", lineless));
        cr_assert_not(matches(FILTER_INCLUDE, "libz.so.*:0", lineless), "there is no line");
        cr_assert(matches(FILTER_FUNCTION, "*::put", frame), "without its parameters");
        cr_assert(matches(FILTER_FUNCTION, "*put(int*const", frame), "and with them");
        cr_assert_not(matches(FILTER_FUNCTION, "put", frame));
        cr_assert(matches(FILTER_FUNCTION, "F::operator()", call));
        cr_assert(matches(FILTER_FUNCTION, "<unknown>", lineless));
        cr_assert(matches(FILTER_MODULE, "libcache*", frame));
        cr_assert(matches(FILTER_MODULE, "<unknown>", call));
        cr_assert_not(matches(FILTER_MODULE, "*/cache", frame));
        cr_assert(matches(FILTER_SKIP, "cache.c", frame));
        cr_assert(matches(FILTER_SKIP, "*put", frame));
        cr_assert_not(matches(FILTER_SKIP, "<unknown>", lineless), "an unknown function is no wrapper");
}
