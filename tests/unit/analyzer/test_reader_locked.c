/*
 * reader/: a trace that its collector still holds, of a program that lives or does not.
 */
#include "base/message.h"
#include "reader/reader.h"
#include "trace_builder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(reader_locked, .init = message_silence);

/* A locked trace of `pid`; returns the descriptor that holds the lock. */
static int locked_trace(pid_t pid, struct tb **tb, int *read_fd) {
        char path[64];
        int fd;

        *tb = tb_new((uint32_t)pid, MTR_STORED);
        tb_process(*tb, "/nonexistent/app", "");
        tb_block(*tb);
        fd = tb_memfd((*tb)->file.data, (*tb)->file.length);
        cr_assert_eq(flock(fd, LOCK_EX), 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        *read_fd = open(path, O_RDONLY);
        return fd;
}

Test(reader_locked, a_locked_trace_of_a_living_program_is_read_as_it_is) {
        struct reader *reader;
        struct tb *tb;
        int read_fd;
        int fd = locked_trace(getpid(), &tb, &read_fd);

        cr_assert_eq(reader_open_fd(read_fd, "test", NULL, &reader), 0);
        cr_assert(reader->running);
        cr_assert_eq(reader->block_count, 1);
        reader_free(reader);
        close(fd);
        tb_free(tb);
}

Test(reader_locked, a_locked_trace_of_a_dead_program_is_waited_for, .timeout = 20) {
        struct reader *reader;
        struct tb *tb;
        siginfo_t info;
        int read_fd, fd;
        pid_t dead = fork(), collector;

        if (dead == 0)
                _exit(0);
        cr_assert_eq(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT), 0); /* stays a zombie */
        fd = locked_trace(dead, &tb, &read_fd);
        collector = fork();
        if (collector == 0) {
                size_t before = tb->file.length;

                usleep(300000);
                tb_end(tb, MTR_END_EXITED, 0);
                if (write(fd, tb->file.data + before, tb->file.length - before) < 0)
                        _exit(1);
                _exit(0);
        }
        close(fd); /* the lock lives on in the child */
        cr_assert_eq(reader_open_fd(read_fd, "test", NULL, &reader), 0);
        cr_assert_not(reader->running);
        cr_assert_eq(reader->block_count, 2, "what was written while we waited is there");
        reader_free(reader);
        tb_free(tb);
        waitpid(collector, NULL, 0);
        waitpid(dead, NULL, 0);
}

Test(reader_locked, a_running_traces_last_block_is_no_damage) {
        struct reader *reader;
        struct tb *tb;
        int read_fd;
        int fd = locked_trace(getpid(), &tb, &read_fd);

        cr_assert_eq(pwrite(fd, tb->file.data + 32, 50, (off_t)tb->file.length), 50);
        cr_assert_eq(reader_open_fd(read_fd, "test", NULL, &reader), 0);
        cr_assert_eq(reader->damage_count, 0);
        reader_free(reader);
        close(fd);
        tb_free(tb);
}
