/*
 * judge/suppressions_read.c and suppressions_entry.c: what is refused, with which words; and what is passed
 * over.
 */
#include "judge/suppressions.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMCHECK "{\nname\nMemcheck:Leak\n"

/* What reading the text gives, and what it says; how many suppressions there are after it. */
static void reading_is(const char *text, size_t length, int result, size_t count, const char *said) {
        struct suppressions suppressions = { 0 };
        char path[] = "/tmp/suppressions.XXXXXX", heard[512] = "";
        int file = mkstemp(path), saved = dup(STDERR_FILENO);
        ssize_t got;

        dup2(file, STDERR_FILENO);
        cr_expect_eq(suppressions_read_text(&suppressions, text, length, "t.supp", false), result, "%s",
                     text);
        dup2(saved, STDERR_FILENO);
        close(saved);
        got = pread(file, heard, sizeof(heard) - 1, 0);
        heard[got < 0 ? 0 : got] = '\0';
        close(file);
        unlink(path);
        cr_expect_str_eq(heard, said, "%s", heard);
        cr_expect_eq(suppressions.count, count, "%s", text);
        suppressions_deinit(&suppressions);
}

static void refused(const char *text, const char *said) {
        char whole[512];

        snprintf(whole, sizeof(whole), "memtrace: t.supp:%s\n", said);
        reading_is(text, strlen(text), -EINVAL, 0, whole);
}

Test(suppressions_read, what_is_no_suppression_is_told_with_its_line) {
        static const char neither[] =
                "is neither leak:PATTERN, which is all that is taken of the sanitizers' "
                "types, nor the \"{\" that an entry begins with";
        static const char *const others[] = { "race:foo", "fun:foo", "}", "{ name", "leak foo", "LEAK:foo" };
        char said[256];

        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
                char text[64];

                snprintf(text, sizeof(text), "# first\n\n  %s\t\n", others[i]);
                snprintf(said, sizeof(said), "3: \"%s\" %s", others[i], neither);
                refused(text, said);
        }
        refused("leak:", "1: \"leak:\" has no pattern behind leak:");
        refused("\nleak:^$\n", "2: \"leak:^$\" has no pattern behind leak:");
        refused("leak:^", "1: \"leak:^\" has no pattern behind leak:");
}

Test(suppressions_read, what_is_no_entry_is_told_with_its_line) {
        refused("\n{\n", "2: the entry that begins here has no \"}\"");
        refused("{\nname\n", "1: the entry that begins here has no \"}\"");
        refused(MEMCHECK, "1: the entry that begins here has no \"}\"");
        refused(MEMCHECK "fun:a\n", "1: the entry that begins here has no \"}\"");
        refused("{\nname\nHelgrind:Race\nfun:a\n", "1: the entry that begins here has no \"}\"");
        refused("{\n}\n", "2: \"}\" ends an entry that has no name");
        refused("{\nname\nfoo\n}\n", "3: \"foo\" is not TOOL:KIND, as in Memcheck:Leak");
        refused("{\nname\n}\n", "3: \"}\" is not TOOL:KIND, as in Memcheck:Leak");
        refused(MEMCHECK "}\n", "1: the entry that begins here has no frames");
        refused(MEMCHECK "...\n...\n}\n",
                "1: the entry that begins here has no frames but ..., and would suppress everything");
        refused(MEMCHECK "# fun:a\nFun:a\n}\n",
                "5: \"Fun:a\" is no frame: fun:NAME, obj:NAME, src:FILE or ...");
        refused(MEMCHECK "fun:a\n{\n", "5: \"{\" is no frame: fun:NAME, obj:NAME, src:FILE or ...");
        refused(MEMCHECK "fun:a\nmatch-leak-kinds: all\n}",
                "5: \"match-leak-kinds: all\" is no frame: fun:NAME, obj:NAME, src:FILE or ...");
        refused(MEMCHECK "fun:\n}\n", "4: \"fun:\" has no pattern behind its colon");
        refused(MEMCHECK "obj:  \n}\n", "4: \"obj:\" has no pattern behind its colon");
        refused(MEMCHECK "src:a.c:\n}\n", "4: \"src:a.c:\" has no line's number behind its last colon");
        refused(MEMCHECK "src:a.c:0\n}\n", "4: \"src:a.c:0\" has no line's number behind its last colon");
        refused(MEMCHECK "src:a.c:1x\n}\n", "4: \"src:a.c:1x\" has no line's number behind its last colon");
        refused(MEMCHECK "src:a.c:9999999999\n}\n",
                "4: \"src:a.c:9999999999\" has no line's number behind its last colon");
        refused(MEMCHECK "src::1\n}\n", "4: \"src:\" has no file");
        refused(MEMCHECK "match-leak-kinds: definite,lost\nfun:a\n}\n",
                "4: \"match-leak-kinds: definite,lost\" names no kinds of leaks: they are definite, "
                "indirect, "
                "possible, reachable, all and none");
        refused(MEMCHECK "match-leak-kinds:\nfun:a\n}\n",
                "4: \"match-leak-kinds:\" names no kinds of leaks: they are definite, indirect, possible, "
                "reachable, all and none");
}

Test(suppressions_read, other_kinds_of_entries_are_passed_over_and_told_of) {
        static const char text[] = "{\na\nMemcheck:Value8\nfun:x\n}\n"
                                   "{\nb\ndrd:ConflictingAccess\n anything: here\n}\n"
                                   "{\nc\nHelgrind,Memcheck:Leak\nfun:x\n}\n"
                                   "{\nd\nMemcheck:Leak\nmatch-leak-kinds: none\nfun:x\n}\n"
                                   "{\ne\nMemcheckX:Leak\nfun:x\n}\n"
                                   "{\nf\nMemcheck:leak\nfun:x\n}\n";

        reading_is(text, strlen(text), 0, 1,
                   "memtrace: t.supp: entries of other kinds than Memcheck:Leak are passed over: 5, the "
                   "first in "
                   "line 1\n");
}

Test(suppressions_read, bytes_of_no_text_and_too_many_of_them_are_refused) {
        size_t length = 70000;
        char *text = malloc(length + 2);

        reading_is("leak:a\nleak:\0b\n", 15, -EINVAL, 1,
                   "memtrace: t.supp:2: a NUL byte, as no suppressions have\n");
        memset(text, 'a', length);
        memcpy(text, "\nleak:", 6);
        reading_is(text, length, -EINVAL, 0, "memtrace: t.supp:2: a line of more than 64 KiB\n");
        reading_is(text, 65537, 0, 1, "");
        reading_is(text, 65538, -EINVAL, 0, "memtrace: t.supp:2: a line of more than 64 KiB\n");
        reading_is("", 0, 0, 0, "");
        reading_is("leak:\x1b[2J\nleak \x1b[2J", 19, -EINVAL, 1,
                   "memtrace: t.supp:2: \"leak \\x1b[2J\" is neither leak:PATTERN, which is all that is "
                   "taken of "
                   "the sanitizers' types, nor the \"{\" that an entry begins with\n");
        free(text);
}

Test(suppressions_read, there_is_an_end_to_their_number) {
        char *text = malloc(200000);
        size_t length = 0;

        cr_assert(text);
        for (int i = 0; i <= 10000; i++)
                length += (size_t)sprintf(text + length, "leak:a%d\n", i);
        reading_is(text, length, -EINVAL, 10000, "memtrace: t.supp:10001: more than 10000 suppressions\n");
        length = (size_t)sprintf(text, MEMCHECK);
        for (int i = 0; i < 500; i++)
                length += (size_t)sprintf(text + length, "fun:a\n");
        sprintf(text + length, "}\n");
        reading_is(text, length + 2, 0, 1, "");
        sprintf(text + length, "...\n}\n");
        reading_is(text, length + 6, -EINVAL, 0, "memtrace: t.supp:504: an entry of more than 500 frames\n");
        free(text);
}

Test(suppressions_read, a_file_that_is_not_there_is_told) {
        struct suppressions suppressions = { 0 };

        cr_redirect_stderr();
        cr_expect_lt(suppressions_read(&suppressions, "/nowhere/leaks.supp"), 0);
        fflush(stderr);
        cr_expect_stderr_eq_str("memtrace: /nowhere/leaks.supp: cannot open: No such file or directory\n");
        suppressions_deinit(&suppressions);
}
