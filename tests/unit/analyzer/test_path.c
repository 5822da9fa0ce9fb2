/*
 * base/path.h: paths and names of files as text. Nothing is looked up.
 */
#include "base/path.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(path, paths_are_tidied_as_text) {
        static const char *const cases[][2] = {
                { "/build/../src/a.c", "/src/a.c" },
                { "/a/./b//c.c", "/a/b/c.c" },
                { "/../a", "/a" },
                { "../a.c", "../a.c" },
                { "a/../../b.c", "../b.c" },
                { "a/..", "." },
                { "/", "/" },
                { "a.c", "a.c" },
                { "../../x/../y.c", "../../y.c" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                char *tidy = path_tidy(cases[i][0]);

                cr_assert_str_eq(tidy, cases[i][1]);
                free(tidy);
        }
}

Test(path, a_file_is_seen_from_its_directory) {
        static const char *const cases[][3] = {
                { "/build", "a.c", "/build/a.c" },     { "/build/x", "../../src/./a.c", "/src/a.c" },
                { "build", "a.c", "build/a.c" },       { "/build", "/src/../a.c", "/a.c" },
                { NULL, "../src//a.c", "../src/a.c" }, { NULL, "/a.c", "/a.c" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                char *whole = path_under(cases[i][0], cases[i][1]);

                cr_assert_str_eq(whole, cases[i][2]);
                free(whole);
        }
}

Test(path, the_last_names) {
        cr_assert_str_eq(path_base("/a/b"), "b");
        cr_assert_str_eq(path_base("b"), "b");
        cr_assert_str_eq(path_base("/a/"), "");
}

Test(path, names_after_a_trace) {
        cr_assert_eq(path_stem("app.mtr", 7), 3);
        cr_assert_eq(path_stem("app.peak.json", 13), 8);
        cr_assert_eq(path_stem("app.json.mtr", 12), 8, "one ending, not two");
        cr_assert_eq(path_stem("app.mtr@50%", 7), 3);
        cr_assert_eq(path_stem(".mtr", 4), 4, "something is left");
        cr_assert_eq(path_without("app.json", 8, ".mtr"), 8);
        cr_assert(path_ends_with("a.svg", ".svg"));
        cr_assert_not(path_ends_with(".svg", ".svg"));
        cr_assert_not(path_ends_with("a.svgz", ".svg"));
}
