/*
 * judge/baseline: the file.
 */
#include "held.h"
#include "judge/baseline_file.h"

#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void writes(struct baseline *baseline, const char *expected) {
        size_t length;
        char *text = baseline_file_text(baseline, &length);

        cr_assert_str_eq(text, expected);
        cr_assert_eq(strlen(text), length);
        free(text);
}

#define HEAD(by) "{\n  \"schema\": \"memtrace-baseline/1\",\n  \"cost\": \"leaked\",\n  \"by\": \"" by "\",\n"
#define PART(programs) "    {\n      \"programs\": [" programs "],\n      \"places\": ["
#define ROW(text) "\n        {" text "}"
#define FOOT "\n      ]\n    }\n  ]\n}\n"

#define BY_FUNCTION                                                                                                   \
        HEAD("function")                                                                                              \
        "  \"parts\": [\n" PART("\"app\"") ROW(                                                                       \
                "\"file\": \"app\", \"module\": \"app\", \"bytes\": 16, "                                             \
                "\"blocks\": 1") "," ROW("\"file\": \"libz.so.1\", \"function\": \"inflate\", \"module\": "           \
                                         "\"libz.so.1\", "                                                            \
                                         "\"bytes\": 64, \"blocks\": 1") "," ROW("\"file\": "                         \
                                                                                 "\"src/cache.c\", "                  \
                                                                                 "\"function\": "                     \
                                                                                 "\"insert\", \"module\": "           \
                                                                                 "\"app\", "                          \
                                                                                 "\"bytes\": 150, "                   \
                                                                                 "\"blocks\": 3") "," ROW("\"file\":" \
                                                                                                          " \"src/"   \
                                                                                                          "main.c\"," \
                                                                                                          " \"functi" \
                                                                                                          "on\": "    \
                                                                                                          "\"main\"," \
                                                                                                          " \"module" \
                                                                                                          "\": "      \
                                                                                                          "\"app\", " \
                                                                                                          "\"bytes\"" \
                                                                                                          ": 8, "     \
                                                                                                          "\"blocks"  \
                                                                                                          "\": 1")    \
                FOOT

Test(baseline, is_the_same_text_for_every_build) {
        struct run old, new;
        struct baseline baseline;

        hold_old(&old);
        hold_new(&new);
        baseline_of(&baseline, AGGREGATE_FUNCTION, &old);
        writes(&baseline, BY_FUNCTION);
        baseline_deinit(&baseline);
        baseline_of(&baseline, AGGREGATE_FUNCTION, &new);
        writes(&baseline, BY_FUNCTION);
        baseline_deinit(&baseline);
        run_end(&old);
        run_end(&new);
}

Test(baseline, other_keys) {
        struct run old;
        struct baseline baseline;

        hold_old(&old);
        baseline_of(&baseline, AGGREGATE_LINE, &old);
        writes(&baseline,
               HEAD("line") "  \"parts\": [\n" PART("\"app\"") ROW(
                       "\"file\": \"app\", \"module\": \"app\", "
                       "\"bytes\": 16, \"blocks\": 1") "," ROW("\"file\": \"libz.so.1:inflate\", "
                                                               "\"function\": \"inflate\", \"module\": "
                                                               "\"libz.so.1\", "
                                                               "\"bytes\": 64, \"blocks\": 1") "," ROW("\"fil"
                                                                                                       "e\": "
                                                                                                       "\"src"
                                                                                                       "/cach"
                                                                                                       "e."
                                                                                                       "c\", "
                                                                                                       "\"lin"
                                                                                                       "e\": "
                                                                                                       "10, "
                                                                                                       "\"fun"
                                                                                                       "ction"
                                                                                                       "\": "
                                                                                                       "\"ins"
                                                                                                       "ert\""
                                                                                                       ", "
                                                                                                       "\"mod"
                                                                                                       "ule\""
                                                                                                       ": "
                                                                                                       "\"app"
                                                                                                       "\", "
                                                                                                       "\"byt"
                                                                                                       "es\":"
                                                                                                       " 100,"
                                                                                                       " \"bl"
                                                                                                       "ocks"
                                                                                                       "\": "
                                                                                                       "1") "," ROW("\"fi"
                                                                                                                    "le\""
                                                                                                                    ": "
                                                                                                                    "\"sr"
                                                                                                                    "c/"
                                                                                                                    "cach"
                                                                                                                    "e."
                                                                                                                    "c\","
                                                                                                                    " \"l"
                                                                                                                    "ine"
                                                                                                                    "\": "
                                                                                                                    "12, "
                                                                                                                    "\"fu"
                                                                                                                    "ncti"
                                                                                                                    "on\""
                                                                                                                    ": "
                                                                                                                    "\"in"
                                                                                                                    "sert"
                                                                                                                    "\", "
                                                                                                                    "\"mo"
                                                                                                                    "dule"
                                                                                                                    "\": "
                                                                                                                    "\"ap"
                                                                                                                    "p\","
                                                                                                                    " "
                                                                                                                    "\"by"
                                                                                                                    "tes"
                                                                                                                    "\": "
                                                                                                                    "50, "
                                                                                                                    "\"bl"
                                                                                                                    "ocks"
                                                                                                                    "\": "
                                                                                                                    "2") "," ROW("\"file\": \"src/main.c\", \"line\": 3, \"function\": \"main\", \"module\": \"app\", "
                                                                                                                                 "\"bytes\": 8, \"blocks\": 1")
                       FOOT);
        baseline_deinit(&baseline);
        baseline_of(&baseline, AGGREGATE_FILE, &old);
        writes(&baseline,
               HEAD("file") "  \"parts\": [\n" PART("\"app\"")
                       ROW("\"file\": \"app\", \"module\": \"app\", \"bytes\": 16, \"blocks\": 1") "," ROW(
                               "\"file\": \"libz.so.1\", \"module\": \"libz.so.1\", \"bytes\": 64, "
                               "\"blocks\": 1") "," ROW("\"file\": \"src/cache.c\", \"module\": \"app\", "
                                                        "\"bytes\": 150, \"blocks\": 3") "," ROW("\"file\": "
                                                                                                 "\"src/"
                                                                                                 "main.c\", "
                                                                                                 "\"module\":"
                                                                                                 " \"app\", "
                                                                                                 "\"bytes\": "
                                                                                                 "8, "
                                                                                                 "\"blocks\":"
                                                                                                 " 1") FOOT);
        baseline_deinit(&baseline);
        baseline_of(&baseline, AGGREGATE_MODULE, &old);
        writes(&baseline, HEAD("module") "  \"parts\": [\n" PART("\"app\"")
                                  ROW("\"module\": \"app\", \"bytes\": 174, \"blocks\": 5") "," ROW(
                                          "\"module\": \"libz.so.1\", \"bytes\": 64, \"blocks\": 1") FOOT);
        baseline_deinit(&baseline);
        run_end(&old);
}

/* What is suppressed, or freed, is not there; nor is there anything that JSON could not hold. */
Test(baseline, what_is_not_in_it) {
        static const char *const programs[] = { "/bin/b", "/bin/a\xff\n", "/lib/b", NULL };
        struct run run;
        struct baseline baseline;
        uint32_t suppressed;

        run_begin(&run, programs);
        suppressed = hold(&run, "/x/y/a.c", 1, "quiet", "/bin/b", 10, 1);
        run.stacks.items[suppressed].suppression = 0;
        hold(&run, "/x/y/a.c", 2, "freed", "/bin/b", 0, 0);
        hold(&run, "/x/y/a.c", 2, "n\xfft\"\t", "/bin/b", UINT64_MAX, 1);
        hold(&run, "/x/y/a.c", 3, "empty", "/bin/b", 0, 1);
        baseline_of(&baseline, AGGREGATE_FUNCTION, &run);
        writes(&baseline,
               HEAD("function") "  \"parts\": [\n" PART("\"a\\\\xff\\\\x0a\", \"b\"")
                       ROW("\"file\": \"y/a.c\", \"function\": \"empty\", \"module\": \"b\", \"bytes\": 0, "
                           "\"blocks\": 1") "," ROW("\"file\": \"y/a.c\", \"function\": "
                                                    "\"n\\\\xfft\\\"\\\\x09\", \"module\": \"b\", "
                                                    "\"bytes\": 9223372036854775807, \"blocks\": 1") FOOT);
        baseline_deinit(&baseline);
        run_end(&run);
}

/* Which of several modules and functions names a row does not depend on who came first. */
Test(baseline, order_does_not_matter) {
        char *texts[2];

        for (int i = 0; i < 2; i++) {
                const char *modules[] = { "/lib/a.so.1", "/lib/b.so.1" },
                           *functions[] = { "f<int>", "f<long>" };
                struct run run;
                struct baseline baseline;
                size_t length;

                run_begin(&run, new_programs);
                for (int k = 0; k < 2; k++) {
                        bool second = k != i;
                        const struct symbol_frame frames[] = { frame("b.c", 2 - second, "put", NEW),
                                                               frame("../a.h", 1, functions[second],
                                                                     modules[second]) };

                        hold_in(&run, frames, 2, 1, 7, 1); /* the greater name's stack is the lesser */
                }
                baseline_of(&baseline, AGGREGATE_LINE, &run);
                texts[i] = baseline_file_text(&baseline, &length);
                cr_assert(
                        strstr(texts[i], "\"function\": \"f<int>\", \"module\": \"a.so.1\", \"bytes\": 14"));
                baseline_deinit(&baseline);
                run_end(&run);
        }
        cr_assert_str_eq(texts[0], texts[1]);
        free(texts[0]);
        free(texts[1]);
}

static int load_text(const char *text, struct baseline *baseline) {
        return baseline_file_load(text, strlen(text), "b.json", baseline);
}

Test(baseline, is_read_as_it_was_written) {
        static const char two[] =
                HEAD("line") "  \"parts\": [\n" PART("\"a\", \"b\"") "]\n    },\n" PART("\"c\"")
                        ROW("\"file\": \"x:y\", \"bytes\": 1, \"blocks\": 0") "," ROW(
                                "\"file\": \"x.c\", \"line\": 0, \"bytes\": 9223372036854775807, \"blocks\": "
                                "2") "," ROW("\"file\": \"x.c\", \"line\": 4294967295, \"module\": \"m\", "
                                             "\"bytes\": 3, \"blocks\": 2") FOOT;
        struct baseline baseline;

        cr_assert_eq(load_text(BY_FUNCTION, &baseline), 0);
        cr_assert_eq(baseline.by, AGGREGATE_FUNCTION);
        cr_assert_eq(baseline.part_count, 1);
        cr_assert_eq(baseline.parts[0].count, 4);
        cr_assert_null(baseline.parts[0].rows[0].function);
        writes(&baseline, BY_FUNCTION);
        baseline_deinit(&baseline);
        cr_assert_eq(load_text(two, &baseline), 0);
        cr_assert(baseline.parts[1].rows[1].line == 0 || baseline.parts[1].rows[1].line == UINT32_MAX);
        baseline_sort(&baseline);
        cr_assert_str_eq(baseline.parts[1].rows[0].file, "x.c");
        cr_assert_eq(baseline.parts[1].rows[0].has_line, true);
        cr_assert_eq(baseline.parts[1].rows[2].has_line, false);
        baseline_deinit(&baseline);
        cr_assert_eq(load_text(HEAD("module") "  \"parts\": []\n}\n", &baseline), 0);
        writes(&baseline, HEAD("module") "  \"parts\": []\n}\n");
        baseline_deinit(&baseline);
}

/* A file from before there was the member is the heap's, and the heap's needs none. */
Test(baseline, says_whose_it_is) {
        static const char *const heaps[] = {
                HEAD("line") "  \"parts\": []\n}\n",
                HEAD("line") "  \"domains\": [\"heap\"],\n  \"parts\": []\n}\n"
        };
        struct baseline baseline;
        char *words;

        for (size_t i = 0; i < COUNT(heaps); i++) {
                cr_assert_eq(load_text(heaps[i], &baseline), 0);
                cr_assert(baseline_domains_are_heap(&baseline.domains));
                writes(&baseline, heaps[0]);
                baseline_deinit(&baseline);
        }
        cr_assert_eq(load_text(HEAD("line") "  \"parts\": [],\n  \"domains\": [\"pool\", \"heap\"]\n}\n",
                               &baseline),
                     0);
        cr_assert(!baseline_domains_are_heap(&baseline.domains));
        writes(&baseline, HEAD("line") "  \"domains\": [\"heap\", \"pool\"],\n  \"parts\": []\n}\n");
        words = baseline_domains_words(&baseline.domains);
        cr_assert_str_eq(words, "domains heap, pool");
        free(words);
        baseline_deinit(&baseline);
}

Test(baseline, whose_it_is_is_compared_by_name) {
        static const char *const names[] = { "heap", "jit*", "pool" };
        struct baseline_domains sets[8] = { 0 };

        for (unsigned i = 0; i < COUNT(sets); i++)
                for (unsigned k = COUNT(names); k-- > 0;)
                        if (i & 1u << k)
                                cr_assert_eq(baseline_domains_add(&sets[i], names[k]), 0);
        cr_assert_eq(baseline_domains_add(&sets[7], "jit*"), -EEXIST);
        cr_assert_eq(sets[7].count, 3);
        for (unsigned i = 0; i < COUNT(sets); i++)
                for (unsigned k = 0; k < COUNT(sets); k++) /* of none and of 1 it is the heap */
                        cr_assert_eq(baseline_domains_are_same(&sets[i], &sets[k]), i == k || i + k == 1,
                                     "%u %u", i, k);
        for (unsigned i = 0; i < COUNT(sets); i++)
                baseline_domains_deinit(&sets[i]);
}

#define OPEN(by)                                                                                             \
        "{\"schema\": \"memtrace-baseline/1\", \"cost\": \"leaked\",\n\"by\": \"" by "\", \"parts\": ["
#define ONE(by, row) OPEN(by) "{\"programs\": [\"a\"], \"places\": [\n" row "]}]}"
#define GOOD "{\"file\": \"x\", \"bytes\": 1, \"blocks\": 1}"

static const char *const wrongs[][2] = {
        { "{\"schema\": \"memtrace-report/1\"}",
          "1: schema: \"memtrace-report/1\", not \"memtrace-baseline/1\"" },
        { "{\"schema\": \"memtrace-baseline/2\"}",
          "1: schema: \"memtrace-baseline/2\", not \"memtrace-baseline/1\"" },
        { "{\n\"schema\": 1}", "2: schema: not a text" },
        { "{\"cost\":\n\"live\"}", "2: cost: \"live\", not \"leaked\"" },
        { "{\"by\": \"size\"}", "1: by: \"size\", not \"function\"" },
        { "{\"parts\": []}", "1: \"by\" has to stand before \"parts\"" },
        { "{\"by\": \"line\", \"parts\": []}", "1: it has no \"schema\"" },
        { "{\"domains\": []}", "1: domains: there is none" },
        { "{\"domains\": [\n3]}", "2: domains: not a text" },
        { "{\"domains\": [\"a\",\n\"a\"]}", "2: domains: \"a\" is there twice" },
        { "{\"domains\": \"a\"}", "1: domains: not an array" },
        { OPEN("line") "]}\n}", "3: something behind the end" },
        { OPEN("line") "\n3]}", "3: not an object" },
        { OPEN("line") "{\"programs\": [], \"places\": []}]}", "2: a part of no program" },
        { OPEN("line") "{\"programs\": [\"a\",\n\"a\"], \"places\": []}]}",
          "3: programs: \"a\" is there twice" },
        { OPEN("line") "{\"programs\": [\n3], \"places\": []}]}", "3: programs: not a text" },
        { OPEN("line") "{\"programs\": [\"a\"]}]}", "2: it has no \"places\"" },
        { OPEN("line") "{\"programs\": [\"a\"], \"places\": []},\n{\"programs\": [\"a\"], \"places\": []}]}",
          "3: a part of the same programs is there twice" },
        { ONE("function", "[]"), "3: places: not an object" },
        { ONE("function", GOOD "\n" GOOD), "4: neither ',' nor ']' after a value" },
        { ONE("function", GOOD ",\n" GOOD), "4: this place is there twice" },
        { ONE("function", "{\"file\": \"x\", \"line\": 1, \"bytes\": 1, \"blocks\": 1}"),
          "3: a place has no \"line\" by function" },
        { ONE("file", "{\"file\": \"x\", \"function\": \"f\", \"bytes\": 1, \"blocks\": 1}"),
          "3: a place has no \"function\" by file" },
        { ONE("module", "{\"file\": \"x\", \"bytes\": 1, \"blocks\": 1}"),
          "3: a place has no \"file\" by module" },
        { ONE("line", "{\"file\": \"x\", \"size\": 1}"), "3: a place has no \"size\"" },
        { ONE("line", "{\"file\": 1, \"bytes\": 1, \"blocks\": 1}"), "3: \"file\" is not a text" },
        { ONE("line", "{\"file\": \"x\", \"line\": 4294967296, \"bytes\": 1, \"blocks\": 1}"),
          "3: there is no such \"line\"" },
        { ONE("line", "{\"file\": \"x\", \"bytes\": -1, \"blocks\": 1}"),
          "3: \"bytes\" is not a whole number of 0 or more" },
        { ONE("line", "{\"file\": \"x\", \"bytes\": 1, \"blocks\": 1.0}"),
          "3: \"blocks\" is not a whole number of 0 or more" },
        { ONE("line", "{\"file\": \"x\", \"blocks\": 1}"), "3: a place without \"bytes\"" },
        { ONE("line", "{\"file\": \"x\", \"bytes\": 1}"), "3: a place without \"blocks\"" },
        { ONE("line", "{\"bytes\": 1, \"blocks\": 1}"), "3: a place without \"file\"" },
};

Test(baseline, what_is_wrong_has_a_line, .init = cr_redirect_stderr) {
        char expected[4000] = "";

        for (size_t i = 0; i < COUNT(wrongs); i++) {
                struct baseline baseline;

                cr_assert_eq(load_text(wrongs[i][0], &baseline), -EINVAL, "%s", wrongs[i][0]);
                sprintf(expected + strlen(expected), "memtrace: b.json:%s\n", wrongs[i][1]);
        }
        fflush(stderr);
        cr_assert_stderr_eq_str(expected);
}

/* A file may not make the reading slow. */
Test(baseline, there_are_not_too_many, .init = cr_redirect_stderr) {
        for (unsigned count = 1000; count <= 1001; count++)
                for (int parts = 0; parts < 2; parts++) {
                        struct baseline baseline;
                        char *text;
                        size_t length;
                        FILE *stream = open_memstream(&text, &length);

                        fputs(OPEN("line"), stream);
                        if (!parts)
                                fputs("{\"programs\": [", stream);
                        for (unsigned i = 0; i < count; i++)
                                fprintf(stream,
                                        parts ? "%s{\"programs\": [\"%u\"], \"places\": []}" : "%s\"%u\"",
                                        i ? "," : "", i);
                        fputs(parts ? "]}" : "], \"places\": []}]}", stream);
                        fclose(stream);
                        cr_assert_eq(load_text(text, &baseline), count > 1000 ? -EINVAL : 0);
                        if (count == 1000)
                                baseline_deinit(&baseline);
                        free(text);
                }
        fflush(stderr);
        cr_assert_stderr_eq_str("memtrace: b.json:2: programs: more than 1000\n"
                                "memtrace: b.json:2: parts: more than 1000\n");
}

static void file_is(const char *path, const char *expected) {
        char text[2000];
        FILE *file = fopen(path, "re");
        size_t length = fread(text, 1, sizeof(text), file);

        fclose(file);
        cr_assert_eq(length, strlen(expected));
        cr_assert_eq(memcmp(text, expected, length), 0);
}

Test(baseline, file_is_left_alone_where_nothing_changed) {
        char path[] = "/tmp/test-baseline-XXXXXX";
        int fd = mkstemp(path);
        struct stat before, after;
        struct baseline baseline, again;
        struct run run;
        bool same;

        hold_old(&run);
        baseline_of(&baseline, AGGREGATE_FUNCTION, &run);
        cr_assert_eq(baseline_file_write(path, &baseline, &same), 0);
        cr_assert(!same);
        file_is(path, BY_FUNCTION);
        cr_assert_eq(stat(path, &before), 0);
        cr_assert(baseline_file_is(path));
        cr_assert_eq(baseline_file_read(path, &again), 0);
        cr_assert_eq(baseline_file_write(path, &again, &same), 0);
        cr_assert(same);
        cr_assert_eq(stat(path, &after), 0);
        cr_assert_eq(before.st_ino, after.st_ino);
        cr_assert_eq(truncate(path, (off_t)strlen(BY_FUNCTION) - 1), 0); /* the end of a line is missing */
        cr_assert_eq(baseline_file_write(path, &again, &same), 0);
        cr_assert(!same);
        file_is(path, BY_FUNCTION);
        baseline_deinit(&again);
        baseline_deinit(&baseline);
        run_end(&run);
        unlink(path);
        close(fd);
}

Test(baseline, files_are_told_apart) {
        static const char *const texts[] = { "{\"schema\":\"memtrace-snapshot/1\"}", "memtrace", "",
                                             "{ \"schema\": \"memtrace-baseline/9\"}", "{}" };
        char path[] = "/tmp/test-baseline-XXXXXX";
        int fd = mkstemp(path);

        for (size_t i = 0; i < COUNT(texts); i++) {
                cr_assert_eq(pwrite(fd, texts[i], strlen(texts[i]), 0), (ssize_t)strlen(texts[i]));
                cr_assert_eq(ftruncate(fd, (off_t)strlen(texts[i])), 0);
                cr_assert_eq(baseline_file_is(path), i > 2, "%s", texts[i]);
        }
        close(fd);
        unlink(path);
        cr_assert(!baseline_file_is(path));
}
