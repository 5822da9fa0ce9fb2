/*
 * Row 13: a handler allocates wherever it lands, inside the tracer as well, and each of its events is
 * recorded.
 *
 *   timer      a timer at 10 kHz, on the thread's own stack, while it allocates
 *   altstack   the same with four threads, each with a small alternate stack and a timer of its own
 *   step       a handler at every instruction of calls, and in some of these handlers another at each of
 *              theirs
 *
 * The companion's allocator may be entered by a handler at any instruction (safe-library.c). How often the
 * handler runs is chance, so it stops at a number, and what is missing to it is made up at the end.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include "harness.h"
#include "stacks.h"
#include "steps.h"

enum { THREADS = 4, CALLS = 20000, IN_TIMER = 1000, IN_STEPS = 4000, DEPTH = 3 };

static __thread volatile long handled __attribute__((tls_model("initial-exec")));
static __thread volatile int depth __attribute__((tls_model("initial-exec")));
static long wanted;

/* What one handler does. The counts are added up at the end: a handler may interrupt the harness. */
static __attribute__((noinline)) void allocate_in_handler(void) {
        void *block = malloc(40);
        block = realloc(block, 90);
        free(block);
        block = calloc(2, 20);
        free(block);
}

static void count_handled(long times) {
        for (long i = 0; i < times; i++) {
                h_took(H_MALLOC, &wanted, 40);
                h_moved(H_REALLOC, &wanted, 40, &wanted, 90);
                h_gave(&wanted, 90);
                h_took(H_CALLOC, &wanted, 40);
                h_gave(&wanted, 40);
        }
}

static void on_timer(int signal) {
        int error = errno;

        if (handled < wanted) {
                handled++;
                allocate_in_handler();
        }
        errno = error;
}

static void on_step(int signal, siginfo_t *info, void *context) {
        if (handled >= wanted) {
                steps_end(context);
                return;
        }
        long number = ++handled;
        depth++;
        /* too many if every one had handlers of its own */
        if (depth < DEPTH && number % 101 == 0) {
                steps_on();
                allocate_in_handler();
                steps_off();
        } else {
                allocate_in_handler();
        }
        depth--;
}

static void work(void) {
        void *blocks[64] = { NULL };
        size_t sizes[64] = { 0 };

        for (int i = 0; i < CALLS; i++) {
                int at = i * 7 % 64;
                h_free(blocks[at], sizes[at]);
                sizes[at] = 1 + (size_t)i % 300;
                blocks[at] = i % 3 ? h_malloc(sizes[at]) : h_calloc(1, sizes[at]);
        }
        for (int at = 0; at < 64; at++)
                h_free(blocks[at], sizes[at]);
}

static timer_t timer_start(void) {
        struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
        struct itimerspec often = { { 0, 100000 }, { 0, 100000 } };
        timer_t timer;

        event._sigev_un._tid = (int)syscall(SYS_gettid);
        if (timer_create(CLOCK_MONOTONIC, &event, &timer))
                _exit(98);
        timer_settime(timer, 0, &often, NULL);
        return timer;
}

static void *timed(void *alternate) {
        timer_t timer;

        if (alternate)
                stack_alternate(2048);
        timer = timer_start();
        work();
        timer_delete(timer);
        while (handled < wanted) {
                handled++;
                allocate_in_handler();
        }
        count_handled(handled);
        h_thread_done();
        return NULL;
}

static void stepped(void) {
        void *block;

        steps_handler(on_step, SA_NODEFER);
        for (int i = 0; i < 10; i++) {
                steps_on();
                block = malloc(70);
                block = realloc(block, 80);
                free(block);
                steps_off();
                h_took(H_MALLOC, &wanted, 70);
                h_moved(H_REALLOC, &wanted, 70, &wanted, 80);
                h_gave(&wanted, 80);
        }
        while (handled < wanted) {
                handled++;
                allocate_in_handler();
        }
        count_handled(handled);
}

int main(int argc, char **argv) {
        const char *how = argc > 1 ? argv[1] : "timer";
        struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART | SA_ONSTACK };
        pthread_t threads[THREADS];

        wanted = argc > 2 ? atol(argv[2]) : strcmp(how, "step") == 0 ? IN_STEPS : IN_TIMER;
        sigaction(SIGRTMIN, &action, NULL);
        if (strcmp(how, "step") == 0) {
                stepped();
        } else if (strcmp(how, "altstack") == 0) {
                for (int i = 0; i < THREADS; i++)
                        pthread_create(&threads[i], NULL, timed, &wanted);
                for (int i = 0; i < THREADS; i++)
                        pthread_join(threads[i], NULL);
        } else {
                timed(NULL);
        }
        h_report(H_THREADS, "exited", 0);
        return 0;
}
