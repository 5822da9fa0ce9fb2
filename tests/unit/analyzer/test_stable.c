/*
 * aggregate/stable: the names that places have in every build.
 */
#include "aggregate/stable.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

Test(stable, sources_are_named_alike_wherever_they_are_built) {
        static const struct {
                const char *file, *directory, *module, *name;
        } cases[] = {
                /* relative to where the compiler ran */
                { "../src/cache.c", NULL, "/home/one/app/build/app", "src/cache.c" },
                { "../../src/cache.c", NULL, "/x/app", "src/cache.c" },
                { "cache.c", NULL, NULL, "cache.c" },
                { "../src/cache.c", "/home/one/app/build", "/home/one/app/build/app", "src/cache.c" },
                { "one/src/cache.c", "/home", "/home/one/app", "src/cache.c" },
                { "../src/cache.c", "/home/work-17/build", "/home/bin/app", "src/cache.c" },
                { "../src/cache.c", "/home/one/app/build", "/usr/bin/app", "src/cache.c" },
                /* beside the program */
                { "/home/one/app/src/cache.c", NULL, "/home/one/app/build/app", "src/cache.c" },
                { "/srv/two/src/cache.c", NULL, "/srv/two/out/debug/app", "src/cache.c" },
                { "/srv/two/src/cache.c", NULL, "/srv/two/app", "src/cache.c" },
                { "/srv/cache.c", NULL, "/srv/app", "cache.c" },
                /* half a directory's name is none */
                { "/srv/two/x.c", NULL, "/srv/twofold/app", "two/x.c" },
                /* installed, or built elsewhere */
                { "/build/app-1.2/src/cache.c", NULL, "/usr/bin/app", "src/cache.c" },
                { "/build/app-1.2/src/cache.c", NULL, NULL, "src/cache.c" },
                { "/cache.c", NULL, "/app", "/cache.c" },
                /* the system's */
                { "/usr/include/c++/12/bits/stl_vector.h", NULL, "/usr/bin/app",
                  "/usr/include/c++/12/bits/stl_vector.h" },
                { "/usr/src/app/src/cache.c", NULL, "/usr/src/app/build/app", "src/cache.c" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                char *name = stable_source(cases[i].file, cases[i].directory, cases[i].module);

                cr_expect_str_eq(name, cases[i].name, "%s of %s is %s", cases[i].file, cases[i].module, name);
                free(name);
        }
}

Test(stable, copies_of_a_function_are_the_function) {
        static const char *const cases[][2] = {
                { "inflate", "inflate" },
                { "inflate.part.0", "inflate" },
                { "inflate.constprop.12.isra.0", "inflate" },
                { "inflate.cold", "inflate" },
                { "inflate.part.0.cold", "inflate" },
                { "inflate.lto_priv.3", "inflate" },
                { "inflate.llvm.123456789", "inflate" },
                { "std::f(int) [clone .part.0]", "std::f(int)" },
                { "inflate2", "inflate2" },
                { "inflate.2", "inflate.2" },
                { "inflate.parts.2", "inflate.parts.2" },
                { "inflate.part_7", "inflate.part_7" },
                { ".part.0", ".part.0" },
                { "7", "7" },
                { "", "" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                char *name = stable_function(cases[i][0]);

                cr_expect_str_eq(name, cases[i][1], "%s is %s", cases[i][0], name);
                free(name);
        }
}
