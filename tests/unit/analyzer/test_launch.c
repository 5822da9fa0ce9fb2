/*
 * launch/: which programs are found, which can be traced, and where a trace will be.
 */
#include "base/message.h"
#include "launch/launch.h"
#include "launch/output.h"
#include "launch/program.h"
#include "trace_builder.h"

#include <memtrace/crc32c.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static void enter(void) {
        message_silence();
        strcpy(directory, "/tmp/memtrace-launch-XXXXXX");
        cr_assert_not_null(mkdtemp(directory));
        cr_assert_eq(chdir(directory), 0);
}

static void leave(void) {
        char command[100];

        snprintf(command, sizeof(command), "/bin/rm -r %s", directory);
        cr_assert_eq(system(command), 0);
}

TestSuite(launch, .init = enter, .fini = leave);

static void make_file(const char *name, const char *content, mode_t mode) {
        FILE *file = fopen(name, "w");

        cr_assert_not_null(file);
        fputs(content, file);
        fclose(file);
        chmod(name, mode);
}

Test(launch, programs_are_found_as_a_shell_finds_them) {
        char *path;

        make_file("data", "x", 0644);
        make_file("own-script", "#!/bin/sh\nexit 0\n", 0755);
        mkdir("folder", 0755);
        cr_assert_eq(program_find("sh", &path), 0);
        cr_assert_not_null(strstr(path, "/sh"));
        free(path);
        cr_assert_eq(program_find("./own-script", &path), 0);
        cr_assert_str_eq(path, "./own-script");
        free(path);
        cr_assert_eq(program_find("own-script", &path), PROGRAM_NOT_FOUND);
        cr_assert_eq(program_find("./data", &path), PROGRAM_NOT_EXECUTABLE);
        cr_assert_eq(program_find("./folder", &path), PROGRAM_NOT_EXECUTABLE);
        cr_assert_eq(program_find("./nothing", &path), PROGRAM_NOT_FOUND);
        cr_assert_eq(program_find("", &path), PROGRAM_NOT_FOUND);
        setenv("PATH", directory, 1);
        cr_assert_eq(program_find("own-script", &path), 0);
        free(path);
        cr_assert_eq(program_find("data", &path), PROGRAM_NOT_EXECUTABLE);
        setenv("PATH", "/nonexistent::", 1);
        cr_assert_eq(program_find("own-script", &path), 0, "an empty entry is the working directory");
        free(path);
}

static void has_obstacle(const char *path, const char *word) {
        const char *obstacle = program_obstacle(path);

        cr_assert_not_null(obstacle, "%s", path);
        cr_assert_not_null(strstr(obstacle, word), "%s: %s", path, obstacle);
}

Test(launch, what_cannot_be_traced_is_known_before) {
        cr_assert_null(program_obstacle("/bin/sh"));
        cr_assert_null(program_obstacle("/nonexistent"));
        cr_assert_eq(system("echo 'int main(void) { return 0; }' | cc -static -o static -x c - && "
                            "cp /bin/true suid && chmod 755 suid"),
                     0);
        has_obstacle("./static", "static");
        make_file("own-script", "#! /bin/sh\n", 0755);
        cr_assert_null(program_obstacle("./own-script"));
        {
                char line[200];

                snprintf(line, sizeof(line), "#!%s/static arg\n", directory);
                make_file("indirect", line, 0755);
                has_obstacle("./indirect", "static");
        }
        cr_assert_null(program_obstacle("./suid"));
        if (getuid() == 0) { /* only root can give a file away */
                cr_assert_eq(chown("suid", 65534, 65534), 0);
                cr_assert_eq(chmod("suid", 04755), 0);
                has_obstacle("./suid", "setuid");
                cr_assert_eq(chmod("suid", 02755), 0);
                has_obstacle("./suid", "setgid");
                cr_assert_eq(chmod("suid", 0755), 0);
                cr_assert_null(program_obstacle("./suid"));
                cr_assert_eq(chown("suid", 0, 0), 0);
                cr_assert_eq(chmod("suid", 04755), 0);
                cr_assert_null(program_obstacle("./suid"), "root gains nothing from being root");
        }
        make_file("thirty-two", "\177ELF\1\1\1", 0755);
        cr_assert_eq(truncate("thirty-two", 100), 0);
        has_obstacle("./thirty-two", "32-bit");
}

static bool usable(const char *template) {
        bool is_usable;
        char *output = output_prepare(template, &is_usable);

        cr_assert_not_null(output);
        cr_assert_eq(output[0], '/');
        free(output);
        return is_usable;
}

Test(launch, an_output_is_judged_before) {
        make_file("there", "x", 0644);
        make_file("100%e", "x", 0644);
        cr_assert_eq(symlink("nowhere", "dangling"), 0);
        cr_assert(usable("new.mtr"));
        cr_assert(usable("%e.%p.mtr"));
        cr_assert(usable("%h/x.mtr"));
        cr_assert_not(usable("there"));
        cr_assert_not(usable("dangling"));
        cr_assert_not(usable("100%%e"));
        cr_assert_not(usable("nowhere/new.mtr"));
        cr_assert_not(usable("there/new.mtr"));
        cr_assert_not(usable("./"));
        cr_assert(output_is_template("a%e%p%h%t%%.mtr"));
        cr_assert_not(output_is_template("a%x"));
        cr_assert_not(output_is_template("a%"));
        cr_assert_not(output_is_template(""));
}

Test(launch, the_working_directorys_percents_are_its_own) {
        bool is_usable;
        char *output;

        mkdir("50%e", 0755);
        cr_assert_eq(chdir("50%e"), 0);
        output = output_prepare("x.%p.mtr", &is_usable);
        cr_assert(is_usable);
        cr_assert_not_null(strstr(output, "/50%%e/x.%p.mtr"), "%s", output);
        {
                struct tb *tb = tb_new(55, MTR_STORED);
                struct output_traces found;

                tb_write(tb, "x.55.mtr");
                output_find(output, 55, 0, &found);
                cr_assert_eq(found.count, 1);
                output_traces_deinit(&found);
                tb_free(tb);
        }
        free(output);
        cr_assert_eq(chdir(".."), 0);
}

static size_t find(const char *template, pid_t pid, unsigned long long since_ns, char last[200]) {
        struct output_traces found;
        size_t count;

        output_find(template, pid, since_ns, &found);
        count = found.count;
        snprintf(last, 200, "%s", count ? found.traces[count - 1].path : "");
        output_traces_deinit(&found);
        return count;
}

Test(launch, the_trace_is_found_by_pid_and_time) {
        struct tb *tb = tb_new(4321, MTR_STORED);
        char template[100], last[200];

        tb_write(tb, "memtrace.some[1]*.4321.mtr");
        make_file("memtrace.other.4321.mtr", "not a trace, whatever its name says it is", 0644);
        snprintf(template, sizeof(template), "%s/memtrace.%%e.%%p.mtr", directory);
        cr_assert_eq(find(template, 4321, 0, last), 1);
        cr_assert_not_null(strstr(last, "some[1]*"));
        cr_assert_eq(find(template, 4322, 0, last), 0);
        cr_assert_eq(find(template, 4321, 1800000000000000000u, last), 0, "one of an earlier process");
        tb_free(tb);
}

/* exec keeps the pid: the second program's trace stands beside the first's. */
Test(launch, the_traces_of_an_exec_chain_are_found_in_order) {
        struct tb *tb = tb_new(77, MTR_STORED), *other = tb_new(78, MTR_STORED);
        char template[100], last[200];
        struct mtr_file_header header;

        tb_write(other, "out.78.mtr");
        tb_write(tb, "out.mtr");
        memcpy(&header, tb->file.data, sizeof(header));
        header.started_unix_ns += 5;
        header.checksum = mtr_crc32c(&header, sizeof(header) - 4);
        memcpy(tb->file.data, &header, sizeof(header));
        tb_write(tb, "out.77.mtr");
        snprintf(template, sizeof(template), "%s/out.mtr", directory);
        cr_assert_eq(find(template, 77, 0, last), 2);
        cr_assert_str_eq(strrchr(last, '/'), "/out.77.mtr");
        cr_assert_eq(find(template, 78, 0, last), 1, "a child's is found by its own pid alone");
        tb_free(tb);
        tb_free(other);
}

static int run(char **argv) {
        char *path;
        struct launch launch;
        pid_t pid;

        cr_assert_eq(program_find(argv[0], &path), 0);
        launch = (struct launch){ path, argv, environ };
        pid = launch_start(&launch);
        free(path);
        if (pid < 0)
                return pid;
        launch_wait(pid, &(struct launch_stop){ 0 });
        return launch_reap(pid);
}

#define RUN(...) run((char *[]){ __VA_ARGS__, NULL })

Test(launch, exit_codes_are_the_programs_own) {
        make_file("plain", "exit 9\n", 0755);
        make_file("broken", "#!/nonexistent/interpreter\n", 0755);
        cr_assert_eq(RUN("sh", "-c", "exit 0"), 0);
        cr_assert_eq(RUN("sh", "-c", "exit 42"), 42);
        cr_assert_eq(RUN("sh", "-c", "kill -9 $$"), 137);
        cr_assert_eq(RUN("sh", "-c", "kill -TERM $$"), 143);
        cr_assert_eq(RUN("./plain"), 9, "a text without #! is the shell's");
        cr_assert_eq(RUN("./broken"), -ENOENT);
}
