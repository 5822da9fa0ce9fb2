/*
 * base/whole: files that are there whole or not at all, new ones and in place of others; and read whole.
 */
#include "base/message.h"
#include "base/whole.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/test-whole-XXXXXX";

static void enter(void) {
        message_silence();
        umask(022);
        cr_assert(mkdtemp(directory));
        cr_assert_eq(chdir(directory), 0);
}

static void leave(void) {
        DIR *stream = opendir(".");
        const struct dirent *entry;

        while ((entry = readdir(stream)))
                if (entry->d_name[0] != '.')
                        cr_assert_eq(remove(entry->d_name), 0);
        closedir(stream);
        cr_assert_eq(rmdir(directory), 0);
}

TestSuite(whole, .init = enter, .fini = leave);

static size_t file_count(void) {
        DIR *stream = opendir(".");
        const struct dirent *entry;
        size_t count = 0;

        while ((entry = readdir(stream)))
                count += entry->d_name[0] != '.';
        closedir(stream);
        return count;
}

static void put(struct whole *whole, const char *text) {
        fputs(text, whole->stream);
        cr_assert_eq(whole_finish(whole), 0);
}

static void holds(const char *path, const char *expected) {
        size_t length;
        char *text = whole_read(path, 100, &length);

        cr_assert_str_eq(text, expected);
        cr_assert_eq(length, strlen(expected));
        free(text);
}

Test(whole, is_new_or_refused) {
        struct whole whole;

        cr_assert_eq(whole_begin(&whole, "a"), 0);
        cr_assert_eq(access("a", F_OK), -1);
        put(&whole, "one");
        holds("a", "one");
        cr_assert_eq(whole_begin(&whole, "a"), -EEXIST);
        cr_assert_eq(file_count(), 1);
}

/* Whoever comes in between is not overwritten either. */
Test(whole, is_refused_at_the_end) {
        struct whole whole, other;

        cr_assert_eq(whole_begin(&whole, "a"), 0);
        cr_assert_eq(whole_begin_again(&other, "./a"), -EEXIST); /* the same temporary name */
        cr_assert_eq(link(whole.temporary, "a"), 0);
        cr_assert_eq(whole_finish(&whole), -EEXIST);
        cr_assert_eq(file_count(), 1);
}

Test(whole, says_what_the_disk_says) {
        const struct rlimit small = { 100, 100 };
        struct whole whole;
        FILE *full = fopen("/dev/full", "w");

        cr_assert(full);
        for (int i = 0; i < 100000; i++)
                fputc('x', full);
        cr_expect_eq(whole_flush(full), -ENOSPC);
        fclose(full);
        full = fopen("/dev/full", "w");
        setvbuf(full, NULL, _IONBF, 0);
        fputc('x', full); /* of which nothing is left to be written */
        cr_expect_eq(whole_flush(full), -ENOSPC);
        fclose(full);

        signal(SIGXFSZ, SIG_IGN);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        cr_assert_eq(whole_begin(&whole, "large"), 0);
        for (int i = 0; i < 100000; i++)
                fputc('x', whole.stream);
        cr_expect_eq(whole_finish(&whole), -EFBIG);
        cr_expect_eq(file_count(), 0);
}

Test(whole, replaces) {
        struct whole whole;
        struct stat status;

        cr_assert_eq(whole_begin_again(&whole, "a"), 0);
        put(&whole, "one");
        cr_assert_eq(stat("a", &status), 0);
        cr_assert_eq(status.st_mode & 0777, 0644);
        cr_assert_eq(chmod("a", 0600), 0);
        cr_assert_eq(whole_begin_again(&whole, "a"), 0);
        fputs("two", whole.stream);
        holds("a", "one");
        cr_assert_eq(whole_finish(&whole), 0);
        holds("a", "two");
        cr_assert_eq(stat("a", &status), 0);
        cr_assert_eq(status.st_mode & 0777, 0600);
        cr_assert_eq(whole_begin_again(&whole, "a"), 0);
        whole_abandon(&whole);
        holds("a", "two");
        cr_assert_eq(file_count(), 1);
}

Test(whole, replaces_what_a_link_leads_to) {
        struct whole whole;
        struct stat status;

        cr_assert_eq(whole_begin(&whole, "a"), 0);
        put(&whole, "one");
        cr_assert_eq(symlink("a", "b"), 0);
        cr_assert_eq(whole_begin_again(&whole, "b"), 0);
        put(&whole, "two");
        holds("a", "two");
        cr_assert_eq(lstat("b", &status), 0);
        cr_assert(S_ISLNK(status.st_mode));
}

Test(whole, replaces_plain_files_alone) {
        struct whole whole;

        cr_assert_eq(mkdir("d", 0700), 0);
        cr_assert_eq(whole_begin_again(&whole, "d"), -EINVAL);
        cr_assert_eq(mkfifo("f", 0600), 0);
        cr_assert_eq(whole_begin_again(&whole, "f"), -EINVAL);
        cr_assert_eq(whole_begin_again(&whole, "none/a"), -ENOENT);
        cr_assert_eq(file_count(), 2);
}

/* A process that must end in the middle leaves nothing; one that it forked meanwhile takes nothing away. */
Test(whole, is_not_there_after_an_exit) {
        struct whole whole, other;
        pid_t child;
        int status;

        cr_assert_eq(whole_begin(&whole, "a"), 0);
        cr_assert_eq(file_count(), 1);
        child = fork();
        if (child == 0) {
                if (whole_begin(&other, "b") == 0 && file_count() == 2)
                        exit(3);
                _exit(4);
        }
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
        cr_assert_eq(file_count(), 1);
        put(&whole, "one");
        holds("a", "one");
}

Test(whole, is_read_up_to_a_limit) {
        struct whole whole;
        size_t length;

        cr_assert_eq(whole_begin(&whole, "a"), 0);
        put(&whole, "four");
        cr_assert_null(whole_read("a", 3, &length));
        free(whole_read("a", 4, &length));
        cr_assert_eq(length, 4);
        cr_assert_eq(mkfifo("f", 0600), 0);
        cr_assert_null(whole_read("f", 100, &length)); /* nor waited for */
        cr_assert_null(whole_read(".", 1 << 20, &length));
        cr_assert_null(whole_read("none", 100, &length));
        cr_assert_eq(length, 0);
}

/* A process that begins the file and then is gone, or waits to be. */
static pid_t begin_and(int signal_number) {
        int ready[2];
        pid_t pid;
        char byte;

        cr_assert_eq(pipe(ready), 0);
        pid = fork();
        if (pid == 0) {
                struct whole whole;

                _exit(whole_begin(&whole, "a") < 0 || write(ready[1], "", 1) != 1 ||
                      raise(signal_number) != 0);
        }
        cr_assert_eq(read(ready[0], &byte, 1), 1);
        cr_assert_eq(waitpid(pid, NULL, WUNTRACED), pid);
        close(ready[0]);
        close(ready[1]);
        return pid;
}

static bool is_there(const char *name) {
        struct stat status;

        return lstat(name, &status) == 0;
}

Test(whole, what_the_killed_left_goes) {
        struct whole whole;

        begin_and(SIGKILL);
        cr_assert_eq(file_count(), 1);
        cr_assert_eq(whole_begin(&whole, "a"), 0);
        cr_assert_eq(file_count(), 1, "its own");
        put(&whole, "new");
        cr_assert_eq(file_count(), 1);
        holds("a", "new");
}

Test(whole, what_others_write_or_have_stays) {
        static const char *const others[] = { "a.1x.part", "a..part",  "a.1.parts", "a.part",
                                              "a_1.part",  "b.1.part", "aa.1.part" };
        struct whole whole;
        char name[32];
        pid_t pid = begin_and(SIGSTOP);

        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
                cr_assert_eq(close(creat(others[i], 0666)), 0);
        cr_assert_eq(symlink("b.1.part", "a.2.part"), 0);
        cr_assert_eq(mkdir("a.3.part", 0777), 0);
        cr_assert_eq(close(creat("a.4.part", 0666)), 0);
        cr_assert_eq(whole_begin(&whole, "./a"), 0);
        put(&whole, "new");
        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
                cr_assert(is_there(others[i]), "%s", others[i]);
        cr_assert(is_there("a.2.part") && is_there("a.3.part"));
        cr_assert_not(is_there("a.4.part"));
        snprintf(name, sizeof(name), "a.%d.part", (int)pid);
        cr_assert(is_there(name), "the other is at work on it");
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
}
