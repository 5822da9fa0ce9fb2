/*
 * Row 21: the ways a process ends. Each time, some hundred thousand events stand before it and the trace
 * holds the last of them. argv[1] is the way.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness.h"

static void busy(void) {
        void *slots[64] = { 0 };
        size_t sizes[64] = { 0 };
        for (size_t i = 0; i < 60000; i++) {
                size_t slot = i * 37 % 64;
                h_free(slots[slot], sizes[slot]);
                sizes[slot] = 1 + i % 500;
                slots[slot] = h_malloc(sizes[slot]);
        }
}

static volatile int forever = 1;

static __attribute__((noinline)) int overflow(int depth) {
        volatile char frame[4096];
        frame[0] = (char)depth;
        if (!forever)
                return 0;
        if (depth < 100)
                h_malloc(10);
        if (depth == 100)
                h_report(H_ONE_THREAD, "signaled", SIGSEGV);
        return overflow(depth + 1) + frame[0];
}

static void *exit_from_thread(void *code) {
        h_malloc(123);
        h_report(H_THREADS | H_STAY(1), "exited", 6);
        exit(*(int *)code);
}

/* A child that is killed, and its parent that ends as if nothing were. */
static int child(void) {
        pid_t child = fork();
        int status = 0;

        if (child == 0) {
                h_forked();
                busy();
                h_report(H_ONE_THREAD, "signaled", SIGKILL);
                kill(getpid(), SIGKILL);
        }
        waitpid(child, &status, 0);
        busy();
        h_report(H_ONE_THREAD, "exited", 10 + WTERMSIG(status));
        return 10 + WTERMSIG(status);
}

int main(int argc, char **argv) {
        const char *way = argc > 1 ? argv[1] : "return";

        busy();
        if (!strcmp(way, "return")) {
                h_report(H_ONE_THREAD, "exited", 3);
                return 3;
        } else if (!strcmp(way, "exit")) {
                h_report(H_ONE_THREAD, "exited", 4);
                exit(4);
        } else if (!strcmp(way, "_exit")) {
                h_report(H_ONE_THREAD, "exited", 5);
                _exit(5);
        } else if (!strcmp(way, "exit_group")) {
                h_report(H_ONE_THREAD, "exited", 9);
                syscall(SYS_exit_group, 9);
        } else if (!strcmp(way, "child")) {
                return child();
        } else if (!strcmp(way, "quick_exit")) {
                h_report(H_ONE_THREAD, "exited", 7);
                quick_exit(7);
        } else if (!strcmp(way, "abort")) {
                h_report(H_ONE_THREAD, "signaled", SIGABRT);
                abort();
        } else if (!strcmp(way, "sigsegv")) {
                h_report(H_ONE_THREAD, "signaled", SIGSEGV);
                *(volatile int *)8 = 1;
        } else if (!strcmp(way, "sigkill")) {
                h_report(H_ONE_THREAD, "signaled", SIGKILL);
                kill(getpid(), SIGKILL);
        } else if (!strcmp(way, "sigterm")) {
                h_report(H_ONE_THREAD, "signaled", SIGTERM);
                kill(getpid(), SIGTERM);
        } else if (!strcmp(way, "overflow")) {
                return overflow(0);
        } else if (!strcmp(way, "thread")) {
                pthread_t thread;
                int code = 6;
                h_thread_done();
                pthread_create(&thread, NULL, exit_from_thread, &code);
                pthread_join(thread, NULL);
        } else if (!strcmp(way, "exec")) {
                h_report(H_ONE_THREAD, "exec", 0);
                execl("/proc/self/exe", argv[0], "_exit", NULL);
        }
        return 98;
}
