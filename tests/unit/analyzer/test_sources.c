/*
 * symbols/sources.h: where a source is looked for, and that nothing but a plain file of a sane size is read.
 */
#include "base/message.h"
#include "symbols/sources.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/memtrace-sources-XXXXXX";

/* A directory to work in; paths of the tests are relative to it. */
static void begin(void) {
        message_silence();
        cr_assert_not_null(mkdtemp(top));
        cr_assert_eq(chdir(top), 0);
}

static void end(void) {
        char command[100];

        snprintf(command, sizeof(command), "rm -rf %s", top);
        cr_assert_eq(chdir("/"), 0);
        cr_assert_eq(system(command), 0);
}

TestSuite(sources, .init = begin, .fini = end);

static void put_bytes(const char *path, const char *bytes, size_t length) {
        char copy[200];
        FILE *file;

        snprintf(copy, sizeof(copy), "%s", path);
        for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                mkdir(copy, 0700);
                *slash = '/';
        }
        cr_assert_not_null(file = fopen(path, "w"), "%s", path);
        cr_assert_eq(fwrite(bytes, 1, length, file), length);
        cr_assert_eq(fclose(file), 0);
}

static void put_file(const char *path, const char *text) {
        put_bytes(path, text, strlen(text));
}

/* The file's first line, or what is wrong with it. */
static const char *first_line(struct sources *sources, const char *directory, const char *name) {
        static char line[100];
        struct symbol_frame frame = { .file = name, .directory = directory, .line = 1, .has_line = true };
        const struct sources_file *file = sources_get(sources, &frame);
        const char *text;
        size_t length;

        cr_assert_not_null(file);
        if (file->why)
                return file->why;
        cr_assert_not_null(text = sources_line(file, 1, &length));
        snprintf(line, sizeof(line), "%.*s", (int)length, text);
        return line;
}

static void is_line(struct sources *sources, uint32_t number, const char *wanted, size_t wanted_length) {
        struct symbol_frame frame = { .file = "lines", .line = 1, .has_line = true };
        const struct sources_file *file = sources_get(sources, &frame);
        size_t length = 99;
        const char *text = sources_line(file, number, &length);

        if (!wanted) {
                cr_assert_null(text);
                return;
        }
        cr_assert_not_null(text, "line %u", number);
        cr_assert_eq(length, wanted_length, "line %u has %zu bytes", number, length);
        cr_assert_arr_eq(text, wanted, length);
}

Test(sources, lines_are_what_stands_between_line_feeds) {
        struct sources sources = { 0 };

        put_bytes("lines", "one\n\n\r\nfo\0ur\r\n\xff\rfive", 20);
        is_line(&sources, 0, NULL, 0);
        is_line(&sources, 1, "one", 3);
        is_line(&sources, 2, "", 0);
        is_line(&sources, 3, "", 0);
        is_line(&sources, 4, "fo\0ur", 5);
        is_line(&sources, 5, "\xff\rfive", 6);
        is_line(&sources, 6, NULL, 0);
        is_line(&sources, UINT32_MAX, NULL, 0);
        sources_deinit(&sources);
        put_bytes("lines", "", 0);
        is_line(&sources, 1, NULL, 0);
        sources_deinit(&sources);
}

Test(sources, a_relative_name_begins_at_the_compile_directory) {
        struct sources sources = { 0 };
        char directory[100];

        put_file("a.c", "here");
        put_file("project/src/a.c", "there");
        snprintf(directory, sizeof(directory), "%s/project/build", top);
        cr_assert_str_eq(first_line(&sources, directory, "../src/a.c"), "there", "though there is no build");
        cr_assert_str_eq(first_line(&sources, NULL, "a.c"), "here");
        cr_assert_str_eq(first_line(&sources, directory, "a.c"), "here", "as a last resort");
        cr_assert_str_eq(first_line(&sources, directory, "b.c"), "it is not here");
        sources_deinit(&sources);
}

Test(sources, rules_come_first_and_in_their_order) {
        struct sources sources = { 0 };

        put_file("a.c", "compiled");
        put_file("one/sub/a.c", "one");
        put_file("two/sub/a.c", "two");
        put_file("one/r/sub/a.c", "of another name");
        put_file("two/a.c", "shorter");
        cr_assert_eq(sources_add(&sources, "/old/=one"), 0);
        cr_assert_eq(sources_add(&sources, "two"), 0);
        cr_assert_eq(sources_add(&sources, "../rel=one/sub"), 0);
        cr_assert_eq(sources_add(&sources, "/=one"), 0);
        cr_assert_str_eq(first_line(&sources, NULL, "/old/sub/a.c"), "one");
        cr_assert_str_eq(first_line(&sources, NULL, "/older/sub/a.c"), "two", "names are replaced whole");
        cr_assert_str_eq(first_line(&sources, NULL, "/x/y/a.c"), "shorter");
        cr_assert_str_eq(first_line(&sources, "/old/bin", "../sub/a.c"), "one");
        unlink("two/a.c");
        cr_assert_str_eq(first_line(&sources, NULL, "/x/y/a.c"), "shorter", "looked for once");
        cr_assert_str_eq(first_line(&sources, "/deep", "../rel/a.c"), "one",
                         "as debug information has it too");
        cr_assert_str_eq(first_line(&sources, NULL, "/z/sub/a.c"), "two");
        unlink("two/sub/a.c");
        cr_assert_str_eq(first_line(&sources, NULL, "/sub/a.c"), "one", "from the root");
        cr_assert_str_eq(first_line(&sources, NULL, "/y/z/a.c"), "it is not here");
        sources_deinit(&sources);
}

Test(sources, below_a_directory_is_not_above_it) {
        struct sources sources = { 0 };

        put_file("a.c", "above");
        mkdir("inner", 0700);
        cr_assert_eq(sources_add(&sources, "inner"), 0);
        cr_assert_str_eq(first_line(&sources, NULL, "../a.c"), "it is not here");
        sources_deinit(&sources);
}

Test(sources, what_is_no_rule) {
        struct sources sources = { 0 };

        cr_assert_eq(sources_add(&sources, ""), -EINVAL);
        cr_assert_eq(sources_add(&sources, "=new"), -EINVAL);
        cr_assert_eq(sources_add(&sources, "old="), -EINVAL);
        cr_assert_eq(sources.rule_count, 0);
        sources_deinit(&sources);
}

Test(sources, only_plain_files_are_opened) {
        struct sources sources = { 0 };
        char *long_name;

        cr_assert_eq(mkfifo("fifo", 0600), 0);
        mkdir("directory", 0700);
        cr_assert_eq(symlink("/dev/zero", "link"), 0);
        cr_assert_eq(symlink("loop", "loop"), 0);
        put_file("closed", "secret");
        cr_assert_eq(chmod("closed", 0), 0);
        cr_assert_str_eq(first_line(&sources, NULL, "fifo"), "it is not a plain file");
        cr_assert_str_eq(first_line(&sources, NULL, "directory"), "it is not a plain file");
        cr_assert_str_eq(first_line(&sources, NULL, "link"), "it is not a plain file");
        cr_assert_str_eq(first_line(&sources, NULL, "/dev/tty"), "it is not a plain file");
        cr_assert_str_eq(first_line(&sources, NULL, "loop"), "it is not here");
        if (geteuid() != 0)
                cr_assert_str_eq(first_line(&sources, NULL, "closed"), "Permission denied");
        cr_assert_not_null(long_name = malloc(1000001));
        memset(long_name, 'a', 1000000);
        long_name[1000000] = '\0';
        cr_assert_str_eq(first_line(&sources, NULL, long_name), "it is not here");
        free(long_name);
        sources_deinit(&sources);
}

Test(sources, there_is_a_limit_to_what_is_read_and_kept) {
        struct sources sources = { 0 };
        FILE *file;

        cr_assert_not_null(file = fopen("large", "w"));
        fputs("x\n", file);
        cr_assert_eq(ftruncate(fileno(file), SOURCES_FILE_BYTES_MAX + 1L), 0);
        fclose(file);
        cr_assert_str_eq(first_line(&sources, NULL, "large"), "it is too large");
        cr_assert_eq(truncate("large", SOURCES_FILE_BYTES_MAX), 0);
        for (int i = 0; i < 4; i++) {
                char name[20];

                snprintf(name, sizeof(name), "%d/../large", i);
                cr_assert_eq(first_line(&sources, NULL, name)[0], 'x');
                cr_assert_leq(sources.kept_bytes,
                              (size_t)SOURCES_KEPT_BYTES_MAX + SOURCES_FILE_BYTES_MAX + 100);
        }
        sources_deinit(&sources);
}
