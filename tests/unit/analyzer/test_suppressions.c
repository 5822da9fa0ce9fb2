/*
 * judge/suppressions.c, with matchers, heads and frame_names: which stacks entries match, and what is
 * counted.
 */
#include "judge/suppressions.h"

#include "memtrace/format.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBC "/lib/x86_64-linux-gnu/libc.so.6"
#define STDCXX "/lib/x86_64-linux-gnu/libstdc++.so.6"

static const struct symbol_frame f_main = { .file = "src/main.c",
                                            .directory = "/home/me/app",
                                            .function = "main",
                                            .module = "/home/me/app/build/app",
                                            .line = 9,
                                            .has_line = true };
static const struct symbol_frame f_put = { .file = "/home/me/app/src/cache.c",
                                           .function = "cache_put",
                                           .module = "/home/me/app/build/app",
                                           .line = 42,
                                           .has_line = true };
static const struct symbol_frame f_strdup = {
        .file = "string/strdup.c", .function = "__GI___strdup", .module = LIBC, .line = 42, .has_line = true
};
static const struct symbol_frame f_start = { .file = "libc.so.6:__libc_start_main@@GLIBC_2.34+0x85",
                                             .function = "__libc_start_main@@GLIBC_2.34",
                                             .module = LIBC };
static const struct symbol_frame f_nameless = { .file = "libstdc++.so.6+0xa57ba", .module = STDCXX };
static const struct symbol_frame f_nothing = { .file = "<unknown>" };
static const struct symbol_frame f_new = { .file = "libstdc++.so.6:operator new+0x1c",
                                           .function = "operator new(unsigned long)",
                                           .module = STDCXX };
static const struct symbol_frame f_new_quiet = { .file = "libstdc++.so.6:operator new+0xd",
                                                 .function =
                                                         "operator new(unsigned long, std::nothrow_t const&)",
                                                 .module = STDCXX };
static const struct symbol_frame f_fill = { .file = "/home/me/app/src/list.cpp",
                                            .function = "app::fill(std::vector<int>*, char const*)",
                                            .module = "/home/me/app/build/app",
                                            .line = 3,
                                            .has_line = true };
static const struct symbol_frame f_grow = { .file = "/home/me/app/src/list.cpp",
                                            .function = "app::List::grow(int)",
                                            .linkage = "_ZN3app4List4growEi",
                                            .module = "/home/me/app/build/app",
                                            .line = 8,
                                            .has_line = true };
static const struct symbol_frame f_versioned = { .file = "libstdc++.so.6:std::terminate+0x3",
                                                 .function = "std::terminate()",
                                                 .linkage = "_ZSt9terminatev@@GLIBCXX_3.4",
                                                 .module = STDCXX };
static const struct symbol_frame f_reserve = { .file = "/usr/include/c++/12/bits/vector.tcc",
                                               .function = "std::vector<int, std::allocator<int> "
                                                           ">::reserve(unsigned long)",
                                               .module = "/home/me/app/build/app",
                                               .line = 79,
                                               .has_line = true,
                                               .inlined = true };

#define STACK(...)                                                                                           \
        (const struct symbol_frame *const[]){ __VA_ARGS__ },                                                 \
                sizeof((const struct symbol_frame *const[]){ __VA_ARGS__ }) /                                \
                        sizeof(const struct symbol_frame *)

struct trial {
        const char
                *text; /* of one suppression; an entry's frames with blanks between, without what is around */
        const struct symbol_frame *const *frames;
        size_t count;
        uint8_t kind;
        bool matches;
};

static int read_text(struct suppressions *suppressions, const char *text) {
        return suppressions_read_text(suppressions, text, strlen(text), "t.supp", false);
}

/* "fun:a fun:b" as an entry; "leak:..." as it is; "obj:a b" has no place here. */
static void read_short(struct suppressions *suppressions, const char *text) {
        char whole[1024] = "{\n name\n Memcheck:Leak\n ";
        size_t length = strlen(whole);

        if (strncmp(text, "leak:", 5) == 0) {
                cr_assert_eq(read_text(suppressions, text), 0, "%s", text);
                return;
        }
        for (const char *at = text; *at; at++)
                whole[length++] = *at == '~' ? '\n' : *at;
        strcpy(whole + length, "\n}\n");
        cr_assert_eq(read_text(suppressions, whole), 0, "%s", text);
}

static void expect(const struct trial *trials, size_t count) {
        for (size_t i = 0; i < count; i++) {
                struct suppressions suppressions = { 0 };
                uint32_t number = 7;

                read_short(&suppressions, trials[i].text);
                cr_assert_eq(suppressions_match(&suppressions, trials[i].frames, trials[i].count,
                                                trials[i].kind, &number),
                             0);
                cr_expect_eq(number, trials[i].matches ? 0 : SUPPRESSIONS_NONE, "%zu: %s", i, trials[i].text);
                suppressions_deinit(&suppressions);
        }
}

#define EXPECT(trials) expect(trials, sizeof(trials) / sizeof(*(trials)))

Test(suppressions, a_sanitizers_pattern_is_of_any_frame) {
        const struct trial trials[] = {
                { "leak:cache_put", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "leak:^main$", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "leak:^ain", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                { "leak:src/cache.c", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "leak:^src/main.c$", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "leak:/home/me/app/src/main.c", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "leak:build/app$", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "leak:libc.so.6", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                { "leak:libc.so.6", STACK(&f_strdup, &f_main), MTR_KIND_MALLOC, true },
                { "leak:^/usr/lib/x86_64-linux-gnu/libc.so.6$", STACK(&f_strdup), MTR_KIND_MALLOC, true },
                { "leak:^malloc$", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "leak:^malloc$", STACK(&f_put), MTR_KIND_CALLOC, false },
                { "leak:^calloc$", STACK(&f_put), MTR_KIND_CALLOC, true },
                /* parameters are part of the name */
                { "leak:app::fill$", STACK(&f_fill), MTR_KIND_MALLOC, false },
                { "leak:^app::fill(", STACK(&f_fill), MTR_KIND_MALLOC, true },
                { "leak:_ZN3app4List", STACK(&f_grow), MTR_KIND_MALLOC, false },
                { "leak:vector.tcc", STACK(&f_new, &f_reserve, &f_fill), MTR_KIND_MALLOC, true },
                { "leak:__libc_start_main$", STACK(&f_put, &f_start), MTR_KIND_MALLOC, true },
                /* what has no name has none to be found, and an offset is no source file */
                { "leak:???", STACK(&f_nameless), MTR_KIND_MALLOC, false },
                { "leak:unknown", STACK(&f_nothing), MTR_KIND_MALLOC, false },
                { "leak:0xa57ba", STACK(&f_nameless), MTR_KIND_MALLOC, false },
                { "leak:libstdc++.so.6.0.30", STACK(&f_nameless), MTR_KIND_MALLOC, true },
                { "leak:libstdc++.so.5", STACK(&f_nameless), MTR_KIND_MALLOC, false },
                { "leak:*", STACK(&f_nothing), MTR_KIND_MALLOC, true },
        };

        EXPECT(trials);
}

Test(suppressions, an_entry_is_of_the_innermost_frames) {
        const struct trial trials[] = {
                { "fun:malloc~fun:cache_put~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:cache_put", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:cache_put~fun:main", STACK(&f_put), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:cache_put~fun:main~...", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~...~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~...~fun:main", STACK(&f_main), MTR_KIND_MALLOC, true },
                { "...~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "...~...~fun:main~...", STACK(&f_put, &f_main), MTR_KIND_MALLOC, true },
                { "...~fun:cache_put~fun:cache_put", STACK(&f_put, &f_main, &f_put, &f_put), MTR_KIND_MALLOC,
                  true },
                { "...~fun:main~...~fun:cache_put~fun:main", STACK(&f_main, &f_put, &f_put, &f_main),
                  MTR_KIND_MALLOC, true },
                { "...~fun:main~...~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                /* first is the function that gave the block, and no other */
                { "fun:cache_put", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                { "fun:*~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                { "obj:*~fun:main", STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
                { "fun:calloc~fun:cache_put", STACK(&f_put), MTR_KIND_MALLOC, false },
                { "fun:*alloc~fun:cache_put", STACK(&f_put), MTR_KIND_CALLOC, true },
                { "obj:*~fun:cache_put", STACK(&f_put), MTR_KIND_CALLOC, true },
                { "obj:*~obj:*~fun:main", STACK(&f_put, &f_main), MTR_KIND_CALLOC, true },
                { "fun:malloc~fun:cache_put", STACK(&f_put), HEADS_KIND_UNKNOWN, true },
                { "fun:pvalloc~fun:cache_put", STACK(&f_put), HEADS_KIND_UNKNOWN, true },
                { "fun:malloc", STACK(&f_nothing), MTR_KIND_MALLOC, true },
        };

        EXPECT(trials);
}

/* As Valgrind 3.19 writes them: its functions go on to each other without a frame. */
Test(suppressions, an_entry_begins_as_valgrind_has_it) {
        const struct trial trials[] = {
                { "fun:malloc~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOC, true },
                { "fun:realloc~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOC, true },
                { "fun:malloc~fun:realloc~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOC, true },
                { "fun:realloc~fun:malloc~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOC, false },
                { "fun:calloc~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOC, false },
                { "fun:malloc~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOCARRAY, true },
                { "fun:realloc~fun:reallocarray~fun:cache_put", STACK(&f_put), MTR_KIND_REALLOCARRAY, true },
                { "fun:memalign~fun:cache_put", STACK(&f_put), MTR_KIND_ALIGNED_ALLOC, true },
                { "fun:memalign~fun:posix_memalign~fun:cache_put", STACK(&f_put), MTR_KIND_POSIX_MEMALIGN,
                  true },
                { "fun:posix_memalign~fun:cache_put", STACK(&f_put), MTR_KIND_POSIX_MEMALIGN, true },
                { "fun:memalign~fun:cache_put", STACK(&f_put), MTR_KIND_VALLOC, true },
                { "fun:memalign~fun:cache_put", STACK(&f_put), MTR_KIND_PVALLOC, true },
                { "fun:valloc~fun:cache_put", STACK(&f_put), MTR_KIND_MEMALIGN, false },
                /* operator new has a frame of its own here, and operator new[] none or two */
                { "fun:_Znwm~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, true },
                { "fun:_Znam~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, true },
                { "fun:_Zna*~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, true },
                { "fun:_Zna*t~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, false },
                { "fun:_ZnwmRKSt9nothrow_t~fun:main", STACK(&f_new, &f_new_quiet, &f_main), MTR_KIND_MALLOC,
                  true },
                { "fun:_ZnamRKSt9nothrow_t~fun:main", STACK(&f_new, &f_new_quiet, &f_main), MTR_KIND_MALLOC,
                  true },
                { "fun:_Znwm~fun:main", STACK(&f_new, &f_new_quiet, &f_main), MTR_KIND_MALLOC, false },
                { "fun:_Znwm~fun:_ZnwmRKSt9nothrow_t", STACK(&f_new, &f_new_quiet), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:_Znwm~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, false },
                { "fun:_ZnwmSt11align_val_t~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, false },
                { "fun:operator new*~fun:main", STACK(&f_new, &f_main), MTR_KIND_MALLOC, true },
        };

        EXPECT(trials);
}

Test(suppressions, functions_go_by_the_names_that_others_give_them) {
        const struct trial trials[] = {
                { "fun:malloc~fun:strdup", STACK(&f_strdup), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:__strdup", STACK(&f_strdup), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:__GI___strdup", STACK(&f_strdup), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:dup", STACK(&f_strdup), MTR_KIND_MALLOC, false },
                { "...~fun:__libc_start_main", STACK(&f_put, &f_start), MTR_KIND_MALLOC, true },
                { "...~fun:__libc_start_main@@GLIBC_2.34", STACK(&f_put, &f_start), MTR_KIND_MALLOC, true },
                { "...~fun:__libc_start_main@@GLIBC_2.17", STACK(&f_put, &f_start), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:app::fill", STACK(&f_fill), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:app::fill(std::vector<int>*, char const*)", STACK(&f_fill), MTR_KIND_MALLOC,
                  true },
                { "fun:malloc~fun:fill", STACK(&f_fill), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:_ZN3app4fillEPSt6vectorIiEPKc", STACK(&f_fill), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN3app4fillEi", STACK(&f_fill), MTR_KIND_MALLOC, false },
                /* what the debug information has of a function in a nameless namespace, and of a static one
                 */
                { "fun:malloc~fun:_ZN3appL9cache_putEi", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN12_GLOBAL__N_19cache_putEv", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN3appL9cache_getEi", STACK(&f_put), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:app::cache_put(int)", STACK(&f_put), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:_Z4fillv", STACK(&f_fill), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:cache_put.constprop.0", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:cache_put.part.1.isra.0", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:cache_put.x", STACK(&f_put), MTR_KIND_MALLOC, false },
                /* a mangled name with wildcards is one of mangled names */
                { "fun:malloc~fun:_ZN3app*", STACK(&f_grow), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN3app*grow*", STACK(&f_grow), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN?app4List4growE?", STACK(&f_grow), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN3app4List4growEi", STACK(&f_grow), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:_ZN3app4list*", STACK(&f_grow), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:_ZN3app4List4grow", STACK(&f_grow), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:app::*", STACK(&f_grow), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:*v", STACK(&f_versioned), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:_ZN3app*", STACK(&f_grow), MTR_KIND_MALLOC, false },
                { "fun:malloc~src:_ZN3app*", STACK(&f_grow), MTR_KIND_MALLOC, false },
                { "fun:malloc~fun:_ZN3app*", STACK(&f_fill), MTR_KIND_MALLOC, false }, /* not known */
                /* where it is inlined Valgrind has its name alone */
                { "fun:_Znwm~fun:reserve~fun:app::fill", STACK(&f_new, &f_reserve, &f_fill), MTR_KIND_MALLOC,
                  true },
                { "fun:_Znwm~fun:std::vector<*>::reserve~fun:app::*", STACK(&f_new, &f_reserve, &f_fill),
                  MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:\?\?\?", STACK(&f_nameless), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:*", STACK(&f_nameless), MTR_KIND_MALLOC, true },
                { "fun:malloc~fun:?", STACK(&f_nameless), MTR_KIND_MALLOC, false },
        };

        EXPECT(trials);
}

Test(suppressions, objects_and_sources_have_their_names_too) {
        const struct trial trials[] = {
                { "fun:malloc~obj:/home/me/app/build/app", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:*/app", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:app", STACK(&f_put), MTR_KIND_MALLOC, false },
                { "fun:malloc~obj:" LIBC, STACK(&f_strdup), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:/usr" LIBC, STACK(&f_strdup), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:/usr" STDCXX ".0.30", STACK(&f_nameless), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:*/libstdc++.so.6.0*", STACK(&f_nameless), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:*/libstdc++.so.7.0*", STACK(&f_nameless), MTR_KIND_MALLOC, false },
                { "fun:malloc~obj:\?\?\?", STACK(&f_nothing), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:*", STACK(&f_nothing), MTR_KIND_MALLOC, true },
                { "fun:malloc~src:cache.c", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~src:cache.c:42", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~src:cache.c:43", STACK(&f_put), MTR_KIND_MALLOC, false },
                { "fun:malloc~src:cache.?:42", STACK(&f_put), MTR_KIND_MALLOC, true },
                { "fun:malloc~src:src/main.c", STACK(&f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~src:/home/me/app/src/main.c:9", STACK(&f_main), MTR_KIND_MALLOC, true },
                { "fun:malloc~src:app/src/main.c", STACK(&f_main), MTR_KIND_MALLOC, false },
                { "fun:malloc~src:*", STACK(&f_nameless), MTR_KIND_MALLOC, false },
        };

        EXPECT(trials);
}

/* Libraries of the two spellings of one directory. */
Test(suppressions, a_path_under_usr_is_one_without) {
        static const struct symbol_frame usr = { .file = "x", .module = "/usr/lib64/libz.so.1" };
        static const struct symbol_frame opt = { .file = "x", .module = "/opt/lib64/libz.so.1" };
        const struct trial trials[] = {
                { "fun:malloc~obj:/lib64/libz.so.1", STACK(&usr), MTR_KIND_MALLOC, true },
                { "fun:malloc~obj:/usr/opt/lib64/libz.so.1", STACK(&opt), MTR_KIND_MALLOC, false },
        };

        EXPECT(trials);
}

Test(suppressions, the_first_of_them_is_the_one_that_counts) {
        const struct symbol_frame *stacks[][2] = { { &f_put, &f_main }, { &f_strdup, &f_main } };
        struct suppressions suppressions = { 0 };
        uint32_t number;

        cr_assert_eq(read_text(&suppressions, "# what\n leak:nothing \r\n\nleak:strdup\n{\n  every one\n"
                                              "  Memcheck,Addrcheck:Leak\n  match-leak-kinds: "
                                              "definite,reachable\n  ...\n  fun:main\n}\nleak:cache_put"),
                     0);
        cr_assert_eq(suppressions.count, 4);
        cr_expect_str_eq(suppressions.items[0].text, "leak:nothing");
        cr_expect_str_eq(suppressions.items[0].origin, "t.supp:2");
        cr_expect_str_eq(suppressions.items[2].text, "{ every one }");
        cr_expect_str_eq(suppressions.items[2].origin, "t.supp:5");
        cr_expect_str_eq(suppressions.items[3].origin, "t.supp:12");
        cr_assert_eq(suppressions_match(&suppressions, stacks[0], 2, MTR_KIND_MALLOC, &number), 0);
        cr_expect_eq(number, 2);
        suppressions_use(&suppressions, number, 100, 3);
        suppressions_use(&suppressions, number, 1, 1);
        cr_assert_eq(suppressions_match(&suppressions, stacks[1], 2, MTR_KIND_MALLOC, &number), 0);
        cr_expect_eq(number, 1);
        suppressions_use(&suppressions, number, 0, 0);
        cr_expect_eq(suppressions.items[2].bytes, 101);
        cr_expect_eq(suppressions.items[2].blocks, 4);
        cr_expect(suppressions.items[2].used);
        cr_expect(!suppressions.items[1].used);
        cr_expect(!suppressions.items[3].used);
        /* what is read later is asked too, also of frames that were met before */
        cr_assert_eq(suppressions_match(&suppressions, STACK(&f_start), MTR_KIND_MALLOC, &number), 0);
        cr_expect_eq(number, SUPPRESSIONS_NONE);
        cr_assert_eq(read_text(&suppressions, "leak:start_main\n"), 0);
        cr_assert_eq(suppressions_match(&suppressions, STACK(&f_start), MTR_KIND_MALLOC, &number), 0);
        cr_expect_eq(number, 4);
        cr_assert_eq(suppressions_match(&suppressions, NULL, 0, MTR_KIND_MALLOC, &number), 0);
        cr_expect_eq(number, SUPPRESSIONS_NONE);
        suppressions_deinit(&suppressions);
}

/* Only what the runtime keeps for itself, with its debug information and without. */
Test(suppressions, those_built_in_are_of_the_runtime_alone) {
        static const struct symbol_frame buffer = { .file = "x",
                                                    .function = "_IO_file_doallocate",
                                                    .module = LIBC };
        static const struct symbol_frame locale = { .file = "x",
                                                    .function = "__GI_setlocale",
                                                    .module = LIBC };
        static const struct symbol_frame in_libc = { .file = "libc.so.6+0x1", .module = LIBC };
        static const struct symbol_frame open = { .file = "x", .function = "fopen", .module = LIBC };
        static const struct symbol_frame line = { .file = "x",
                                                  .function = "__GI___getdelim",
                                                  .module = LIBC };
        static const struct symbol_frame load = { .file = "ld-linux-x86-64.so.2+0x1",
                                                  .module = "/lib64/ld-linux-x86-64.so.2" };
        static const struct symbol_frame tls = { .file = "x",
                                                 .function = "_dl_allocate_tls",
                                                 .module = "/bin/app" };
        static const struct symbol_frame initialize = { .file = "x",
                                                        .function = "initialize",
                                                        .module = "/bin/app" };
        const struct trial trials[] = {
                { NULL, STACK(&buffer, &f_main), MTR_KIND_MALLOC, true },
                { NULL, STACK(&in_libc, &locale, &f_main), MTR_KIND_REALLOC, true },
                { NULL, STACK(&in_libc, &f_main), MTR_KIND_MALLOC, false },
                { NULL, STACK(&open, &f_main), MTR_KIND_MALLOC, false },
                { NULL, STACK(&line, &f_main), MTR_KIND_MALLOC, false },
                { NULL, STACK(&f_strdup, &f_main), MTR_KIND_MALLOC, false },
                { NULL, STACK(&load, &in_libc, &f_main), MTR_KIND_CALLOC, true },
                { NULL, STACK(&initialize, &load), MTR_KIND_MALLOC, false },
                { NULL, STACK(&in_libc, &tls, &f_main), MTR_KIND_CALLOC, true },
                { NULL, STACK(&f_nameless, &load), MTR_KIND_MALLOC, true },
                { NULL, STACK(&f_nameless, &f_main), MTR_KIND_MALLOC, false },
                { NULL, STACK(&f_new, &f_nameless, &load), MTR_KIND_MALLOC, false },
                { NULL, STACK(&f_put, &f_main), MTR_KIND_MALLOC, false },
        };

        for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
                struct suppressions suppressions = { 0 };
                uint32_t number;

                cr_assert_eq(suppressions_match(&suppressions, trials[i].frames, trials[i].count,
                                                trials[i].kind, &number),
                             0);
                cr_expect_eq(number, SUPPRESSIONS_NONE);
                cr_assert_eq(suppressions_add_builtin(&suppressions), 0);
                for (size_t k = 0; k < suppressions.count; k++)
                        cr_expect(suppressions.items[k].builtin);
                cr_assert_eq(suppressions_match(&suppressions, trials[i].frames, trials[i].count,
                                                trials[i].kind, &number),
                             0);
                cr_expect_eq(number != SUPPRESSIONS_NONE, trials[i].matches, "%zu", i);
                suppressions_deinit(&suppressions);
        }
}
