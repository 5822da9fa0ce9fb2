/*
 * judge/suggest.c: what is written for stacks, and that it suppresses them when it is read back.
 */
#include "judge/suggest.h"

#include "judge/suppressions.h"
#include "memtrace/format.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct symbol_frame f_main = { .file = "app:main+0x1",
                                            .function = "main",
                                            .module = "/bin/app" };
static const struct symbol_frame f_put = { .file = "app:put+0x1", .function = "put", .module = "/bin/app" };
static const struct symbol_frame f_new = { .file = "x",
                                           .function = "operator new(unsigned long)",
                                           .module = "/lib/libstdc++.so.6" };
static const struct symbol_frame f_new_quiet = {
        .file = "x", .function = "operator new[](unsigned long, std::nothrow_t const&)", .module = "/lib/x"
};
static const struct symbol_frame f_vector = { .file = "x",
                                              .function = "std::vector<int>::reserve(unsigned long)",
                                              .module = "/bin/app",
                                              .inlined = true };
static const struct symbol_frame f_nameless = { .file = "libz.so.1+0x5", .module = "/lib/libz.so.1" };
static const struct symbol_frame f_strdup = { .file = "x",
                                              .function = "__GI___strdup",
                                              .module = "/lib/libc.so.6" };
static const struct symbol_frame f_own = { .file = "x", .function = "__GI_own", .module = "/bin/app" };
static const struct symbol_frame f_nothing = { .file = "<unknown>" };

static char *written(const struct suggest *suggest) {
        char *text;
        size_t length;
        FILE *stream = open_memstream(&text, &length);

        cr_assert_eq(suggest_write(suggest, stream), 0);
        fclose(stream);
        return text;
}

/* What is suppressed of a stack by the entries written for it, or for another. */
static bool suppresses(const char *text, const struct symbol_frame *const *frames, size_t count,
                       uint8_t kind) {
        struct suppressions suppressions = { 0 };
        uint32_t number;

        cr_assert_eq(suppressions_read_text(&suppressions, text, strlen(text), "s", false), 0, "%s", text);
        cr_assert_eq(suppressions_match(&suppressions, frames, count, kind, &number), 0);
        suppressions_deinit(&suppressions);
        return number != SUPPRESSIONS_NONE;
}

struct stack {
        const struct symbol_frame *frames[5];
        size_t count, charged;
        uint8_t kind;
        const char *entry; /* its frames */
};

Test(suggest, an_entry_goes_up_to_the_frame_that_answers) {
        static const struct stack stacks[] = {
                { { &f_put, &f_main }, 2, 0, MTR_KIND_MALLOC, "   fun:malloc\n   fun:put\n" },
                { { &f_put, &f_main }, 2, 1, MTR_KIND_CALLOC, "   fun:calloc\n   fun:put\n   fun:main\n" },
                { { &f_put, &f_main }, 2, 0, HEADS_KIND_UNKNOWN, "   fun:*al*\n   fun:put\n" },
                { { &f_new, &f_put, &f_main },
                  3,
                  1,
                  MTR_KIND_MALLOC,
                  "   fun:operator new(unsigned long)\n   fun:put\n" },
                { { &f_new, &f_new_quiet, &f_put, &f_main },
                  4,
                  2,
                  MTR_KIND_MALLOC,
                  "   fun:operator new[](unsigned long, std::nothrow_t const&)\n   fun:put\n" },
                { { &f_new, &f_vector, &f_put, &f_main },
                  4,
                  1,
                  MTR_KIND_MALLOC,
                  "   fun:operator new(unsigned long)\n   fun:std::vector<int>::reserve(unsigned long)\n   "
                  "fun:put\n" },
                { { &f_nameless, &f_nothing, &f_put, &f_main },
                  4,
                  0,
                  MTR_KIND_REALLOC,
                  "   fun:realloc\n   obj:/lib/libz.so.1\n   obj:*\n   fun:put\n" },
                { { &f_nameless }, 1, 0, MTR_KIND_MALLOC, "   fun:malloc\n   obj:/lib/libz.so.1\n" },
                { { &f_nothing, &f_nameless },
                  2,
                  0,
                  MTR_KIND_MALLOC,
                  "   fun:malloc\n   obj:*\n   obj:/lib/libz.so.1\n" },
                { { &f_strdup, &f_put },
                  2,
                  1,
                  MTR_KIND_MALLOC,
                  "   fun:malloc\n   fun:strdup\n   fun:put\n" },
                { { &f_own, &f_put }, 2, 0, MTR_KIND_MALLOC, "   fun:malloc\n   fun:__GI_own\n" },
                { { &f_new }, 1, 0, MTR_KIND_MALLOC, "   fun:operator new(unsigned long)\n" },
        };

        for (size_t i = 0; i < sizeof(stacks) / sizeof(*stacks); i++) {
                const struct stack *stack = &stacks[i];
                struct suggest suggest = { 0 };
                char *text;

                cr_assert_eq(suggest_add(&suggest, "p", stack->frames, stack->count, stack->charged,
                                         stack->kind, 1, 1),
                             0);
                cr_assert_eq(suggest.count, 1);
                cr_expect_str_eq(intern_get(&suggest.entries, 0), stack->entry, "%zu", i);
                text = written(&suggest);
                cr_expect(suppresses(text, stack->frames, stack->count, stack->kind), "%zu", i);
                free(text);
                suggest_deinit(&suggest);
        }
}

Test(suggest, stacks_of_one_entry_are_added_up_and_the_largest_is_first) {
        const struct symbol_frame *stacks[][3] = { { &f_put, &f_main },
                                                   { &f_put, &f_put, &f_main },
                                                   { &f_main } };
        struct suggest suggest = { 0 };
        char *text;

        suggest_add(&suggest, "main.c:3", &stacks[2][0], 1, 0, MTR_KIND_MALLOC, 40, 1);
        suggest_add(&suggest, "put.c:5", &stacks[0][0], 2, 0, MTR_KIND_MALLOC, 20, 2);
        suggest_add(&suggest, "put.c:9", &stacks[1][0], 3, 0, MTR_KIND_MALLOC, 30, 3);
        suggest_add(&suggest, "put.c:7", &stacks[1][0], 3, 0, MTR_KIND_CALLOC, 50, 1);
        text = written(&suggest);
        cr_expect_str_eq(text, "# 50 B in 1 block: put.c:7\n{\n   leak in put\n   Memcheck:Leak\n"
                               "   fun:calloc\n   fun:put\n}\n"
                               "# 50 B in 5 blocks: put.c:9\n{\n   leak in put\n   Memcheck:Leak\n"
                               "   fun:malloc\n   fun:put\n}\n"
                               "# 40 B in 1 block: main.c:3\n{\n   leak in main\n   Memcheck:Leak\n"
                               "   fun:malloc\n   fun:main\n}\n");
        /* and nothing more */
        cr_expect(!suppresses(text, (const struct symbol_frame *const[]){ &f_nameless, &f_main }, 2,
                              MTR_KIND_MALLOC));
        cr_expect(!suppresses(text, stacks[2], 1, MTR_KIND_CALLOC));
        free(text);
        suggest_deinit(&suggest);
}

Test(suggest, for_what_says_nothing_there_is_no_entry) {
        const struct symbol_frame *nothing[] = { &f_nothing, &f_nothing };
        struct suggest suggest = { 0 };
        char *text;

        suggest_add(&suggest, "<unknown>:0", nothing, 2, 0, MTR_KIND_MALLOC, 7, 2);
        suggest_add(&suggest, "<unknown>:0", NULL, 0, 0, MTR_KIND_MALLOC, 1, 1);
        text = written(&suggest);
        cr_expect_str_eq(text,
                         "# 8 B in 3 blocks: nothing is known of their stacks that an entry could say\n");
        free(text);
        suggest_deinit(&suggest);
}

/* Names from a trace may be anything. */
Test(suggest, hostile_names_stay_in_their_line_and_are_covered) {
        static const char *const names[] = { "}",
                                             " x",
                                             "x ",
                                             "a\nleak:*",
                                             "\x1b[2J",
                                             "#",
                                             "*",
                                             "???",
                                             "_ZN3app4fillEi",
                                             "a.constprop.0",
                                             "f@@V1",
                                             "__",
                                             "__GI_",
                                             "__GI___",
                                             "\xc3\xa9t\xc3\xa9",
                                             "operator*(x const&, char const*)" };
        char *longest = malloc(10001);

        memset(longest, 'a', 10000);
        longest[10000] = '\0';
        for (size_t i = 0; i <= sizeof(names) / sizeof(*names); i++) {
                const char *name = i < sizeof(names) / sizeof(*names) ? names[i] : longest;
                const struct symbol_frame by_function = { .file = "x", .function = name };
                const struct symbol_frame by_module = { .file = "x", .module = name };
                const struct symbol_frame in_libc = { .file = "x", .function = name, .module = "libc.so.6" };
                const struct symbol_frame *frames[] = { &by_function, &by_module, &in_libc };

                for (size_t k = 0; k < 3; k++) {
                        struct suggest suggest = { 0 };
                        char *text;

                        cr_assert_eq(suggest_add(&suggest, name, &frames[k], 1, 0, MTR_KIND_MALLOC, 1, 1), 0);
                        text = written(&suggest);
                        cr_expect(suppresses(text, &frames[k], 1, MTR_KIND_MALLOC), "%s", text);
                        free(text);
                        suggest_deinit(&suggest);
                }
        }
        free(longest);
}

/* A stack that is deeper than entries are long is told by its outer frames. */
Test(suggest, of_deep_stacks_the_innermost_frames_are_left_open) {
        const struct symbol_frame *frames[400];
        struct suggest suggest = { 0 };
        char *text;

        for (size_t i = 0; i < 400; i++)
                frames[i] = &f_vector;
        frames[399] = &f_main;
        suggest_add(&suggest, "p", frames, 400, 0, MTR_KIND_MALLOC, 1, 1);
        text = written(&suggest);
        cr_expect(strstr(text, "Memcheck:Leak\n   ...\n   fun:std::vector"), "%s", text);
        cr_expect(suppresses(text, frames, 400, MTR_KIND_MALLOC));
        cr_expect(suppresses(text, frames + 300, 100, MTR_KIND_MALLOC));
        cr_expect(!suppresses(text, frames + 301, 99, MTR_KIND_MALLOC));
        free(text);
        suggest_deinit(&suggest);
        suggest_add(&suggest, "p", frames + 300, 100, 0, MTR_KIND_MALLOC, 1, 1);
        suggest_add(&suggest, "p", frames + 299, 101, 0, MTR_KIND_MALLOC, 1, 1);
        cr_expect_eq(strncmp(intern_get(&suggest.entries, 0), "   fun:malloc\n", 14), 0);
        cr_expect_eq(strncmp(intern_get(&suggest.entries, 1), "   ...\n", 7), 0);
        suggest_deinit(&suggest);
}
