/*
 * What a program tells of itself by memtrace.h, wherever it may be told: marks MODE. Each thread allocates
 * blocks of a size of its own, so at each mark it knows how many of these events there were before it, and
 * prints that at its end:
 *
 *   said KIND NAME SIZE EVENTS     M mark, S snapshot, B and E a scope's begin and end; the name in
 * hexadecimal
 *
 * marks.py holds the trace against these lines. Modes: threads, turns (two threads one after the other),
 * handler (at every instruction of the calls), jump (out of them), fork, exec, many, hostile, strict
 * (seccomp).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memtrace/memtrace.h>

#include "steps.h"

enum { THREADS = 4, ROUNDS = 500, TURNS = 500, HANDLED = 3000, MANY = 100000, JUMPS = 2000, NAME_BYTES = 24 };

struct said {
        char kind;
        char name[NAME_BYTES];
        uint32_t size, events;
};

/* One runner: a thread, or a handler in it. */
struct runner {
        uint32_t size, events, count, room;
        struct said *said;
};

static struct runner first = { .size = 1000 };

/* Makes room beforehand, because handlers say things too. */
static void prepare(struct runner *runner, uint32_t size, uint32_t room) {
        *runner = (struct runner){ .size = size, .room = room, .said = malloc(room * sizeof(struct said)) };
        if (!runner->said)
                abort();
}

static void *take(struct runner *runner) {
        void *block = malloc(runner->size);

        runner->events++;
        return block;
}

static void give(struct runner *runner, void *block) {
        free(block);
        runner->events++;
}

/* What is said about the events of another size. */
static void say_of(struct runner *runner, char kind, const char *name, const struct runner *of) {
        if (runner->count == runner->room)
                abort();
        runner->said[runner->count] = (struct said){ .kind = kind, .size = of->size, .events = of->events };
        strncpy(runner->said[runner->count++].name, name, NAME_BYTES - 1);
        errno = 77;
        switch (kind) {
        case 'M':
                memtrace_mark(name);
                break;
        case 'S':
                memtrace_snapshot(name);
                break;
        case 'B':
                memtrace_scope_begin(name);
                break;
        default:
                memtrace_scope_end(name);
        }
        if (errno != 77)
                abort();
}

static void say(struct runner *runner, char kind, const char *name) {
        say_of(runner, kind, name, runner);
}

static void print(const struct runner *runner) {
        for (uint32_t i = 0; i < runner->count; i++) {
                const struct said *said = &runner->said[i];

                printf("said %c ", said->kind);
                for (const char *c = said->name; *c; c++)
                        printf("%02x", (unsigned char)*c);
                printf(" %u %u\n", said->size, said->events);
        }
}

/* Some moment is named before main, by when the tracer may not have begun. */
static __attribute__((constructor(101))) void before_main(void) {
        memtrace_mark("constructor");
}

static void *work(void *argument) {
        struct runner *runner = argument;
        char name[NAME_BYTES];

        snprintf(name, sizeof(name), "worker-%u", runner->size);
        memtrace_thread_name(name);
        for (int i = 0; i < ROUNDS; i++) {
                void *block, *other;

                snprintf(name, sizeof(name), "round/%u", runner->size);
                say(runner, 'B', name);
                block = take(runner);
                snprintf(name, sizeof(name), "%d/%u", i, runner->size);
                say(runner, i % 50 == 0 ? 'S' : 'M', name);
                snprintf(name, sizeof(name), "inner/%u", runner->size);
                say(runner, 'B', name);
                other = take(runner);
                give(runner, block);
                say(runner, 'E', name);
                give(runner, other);
                snprintf(name, sizeof(name), "round/%u", runner->size);
                say(runner, 'E', name);
        }
        return NULL;
}

static void threads(void) {
        pthread_t ids[THREADS];
        struct runner runners[THREADS];

        for (uint32_t i = 0; i < THREADS; i++) {
                prepare(&runners[i], 1000 + i, 5 * ROUNDS);
                pthread_create(&ids[i], NULL, work, &runners[i]);
        }
        for (uint32_t i = 0; i < THREADS; i++) {
                pthread_join(ids[i], NULL);
                print(&runners[i]);
        }
}

static struct turn {
        struct runner runner;
        sem_t go;
} turn[2];

/* Each marks what the other has done meanwhile. */
static void *take_turns(void *argument) {
        struct turn *mine = argument, *other = mine == turn ? turn + 1 : turn;
        char name[NAME_BYTES];

        for (int i = 0; i < TURNS; i++) {
                sem_wait(&mine->go);
                snprintf(name, sizeof(name), "saw/%d/%u", i, mine->runner.size);
                say_of(&mine->runner, 'M', name, &other->runner);
                give(&mine->runner, take(&mine->runner));
                sem_post(&other->go);
        }
        return NULL;
}

static void turns(void) {
        pthread_t ids[2];

        for (uint32_t i = 0; i < 2; i++) {
                prepare(&turn[i].runner, 1000 + i, TURNS);
                sem_init(&turn[i].go, 0, i == 0);
        }
        for (uint32_t i = 0; i < 2; i++)
                pthread_create(&ids[i], NULL, take_turns, &turn[i]);
        for (uint32_t i = 0; i < 2; i++) {
                pthread_join(ids[i], NULL);
                print(&turn[i].runner);
        }
}

static struct runner in_handler;

static void on_step(int signal, siginfo_t *info, void *context) {
        if (in_handler.count + 3 > in_handler.room) {
                steps_end(context);
                return;
        }
        say(&in_handler, 'B', "in handler");
        void *block = take(&in_handler);
        say(&in_handler, 'M', "in handler");
        give(&in_handler, block);
        say(&in_handler, 'E', "in handler");
}

static void handler(void) {
        prepare(&first, 1000, HANDLED);
        prepare(&in_handler, 2000, HANDLED);
        steps_handler(on_step, 0);
        while (in_handler.count + 3 <= in_handler.room && first.count + 2 <= first.room) {
                void *block = take(&first);

                steps_on();
                say(&first, 'S', "stepped");
                steps_off();
                give(&first, block);
                say(&first, 'M', "not stepped");
        }
        print(&first);
        print(&in_handler);
}

static sigjmp_buf back;
static volatile int steps_left, came_through;

static void on_jump_step(int signal, siginfo_t *info, void *context) {
        if (--steps_left == 0)
                siglongjmp(back, 1);
}

static void jump(void) {
        prepare(&first, 1000, JUMPS);
        steps_handler(on_jump_step, SA_NODEFER);
        for (int at = 1; !came_through; at++) {
                void *block = take(&first);

                steps_left = at;
                if (sigsetjmp(back, 1) == 0) {
                        steps_on();
                        memtrace_mark("jumped out of");
                        steps_off();
                        came_through = steps_left > 0;
                } else {
                        steps_off();
                }
                say(&first, 'M', "after the jump");
                give(&first, block);
        }
        print(&first);
}

static void in_child(const char *name, bool allocates) {
        if (fork() != 0) {
                wait(NULL);
                return;
        }
        first.count = first.events = 0;
        if (allocates)
                give(&first, take(&first));
        say(&first, 'M', name);
        printf("pid %d\n", getpid());
        print(&first);
        fflush(stdout);
        _exit(0);
}

static void forks(void) {
        prepare(&first, 1000, 10);
        give(&first, take(&first));
        say(&first, 'M', "before the fork");
        fflush(stdout);
        in_child("a child", true);
        in_child("a child without a block", false);
        say(&first, 'M', "after the fork");
        printf("pid %d\n", getpid());
        print(&first);
}

static void execs(const char *program, const char *next) {
        prepare(&first, 1000, 10);
        give(&first, take(&first));
        say(&first, 'S', next ? "before the exec" : "after the exec");
        printf("pid %d\n", getpid());
        print(&first);
        fflush(stdout);
        if (next)
                execl(program, program, next, (char *)NULL);
}

static void many(void) {
        char name[NAME_BYTES];

        prepare(&first, 1000, MANY);
        for (int i = 0; i < MANY; i++) {
                void *block = i % 3 == 0 ? take(&first) : NULL;

                snprintf(name, sizeof(name), "request %d", i);
                say(&first, 'M', name);
                if (block)
                        give(&first, block);
        }
        print(&first);
}

/* Names of which the program tells all bytes, however many of them the trace keeps. */
static void whole(const char *name) {
        memtrace_mark(name);
        printf("said M ");
        for (const char *c = name; *c; c++)
                printf("%02x", (unsigned char)*c);
        printf(" 1000 0\n");
}

static void hostile(void) {
        static const char *const names[] = {
                " ",
                "\x1b[31mred\x1b[0m",
                "a\nb\r\tc",
                "\"quoted\\\"",
                "</script><b>&amp;",
                "\x80\xff\xfe",
                "\xe2\x80\xae",
                "peak",
                "start",
                "end",
                "50%",
                "12.5s",
                "a@b",
                "a#2",
                "#1",
                "-n",
                "../../etc/passwd",
                "%s%n%p",
                "constructor",
                "M0;DROP TABLE",
                "\xc3\xa4\xc3",
                "\x01\x7f",
        };
        static char name[100000];

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                whole(names[i]);
        /* Cut between characters of one to four bytes, and within what is none. */
        for (uint32_t length = 250; length < 262; length++) {
                memset(name, 'a', length);
                name[length] = '\0';
                whole(name);
                for (uint32_t i = 0; i < length; i++)
                        name[i] = "\xf0\x9f\x98\x80"[(i + 1) % 4];
                whole(name);
                memset(name, 0x80, length);
                whole(name);
        }
        memset(name, 'x', sizeof(name) - 1);
        whole(name);
        memtrace_mark("");
        memtrace_mark(NULL);
        memtrace_snapshot(NULL);
        memtrace_scope_begin("");
        memtrace_scope_end(NULL);
        memtrace_thread_name("");
        memtrace_thread_name("\x1b]0;evil\x07<i>");
}

static void strict(void) {
        static char buffer[4096]; /* else stdio asks the system how large one should be */

        setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        prepare(&first, 1000, 10);
        say(&first, 'M', "before strict");
        fflush(stdout);
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        give(&first, take(&first));
        say(&first, 'M', "in strict");
        print(&first);
        fflush(stdout);
        syscall(SYS_exit, 0);
}

int main(int argc, char **argv) {
        const char *mode = argc > 1 ? argv[1] : "";

        if (strcmp(mode, "threads") == 0)
                threads();
        else if (strcmp(mode, "turns") == 0)
                turns();
        else if (strcmp(mode, "handler") == 0)
                handler();
        else if (strcmp(mode, "jump") == 0)
                jump();
        else if (strcmp(mode, "fork") == 0)
                forks();
        else if (strcmp(mode, "exec") == 0)
                execs(argv[0], "execed");
        else if (strcmp(mode, "execed") == 0)
                execs(argv[0], NULL);
        else if (strcmp(mode, "many") == 0)
                many();
        else if (strcmp(mode, "hostile") == 0)
                hostile();
        else if (strcmp(mode, "strict") == 0)
                strict();
        else
                return 2;
        return 0;
}
