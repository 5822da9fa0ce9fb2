/*
 * What inject runs: target WAY. Makes none of the system calls itself that are made to fail, but for those
 * its way is about, and prints how many allocations and frees it did, one line for each of its processes.
 *
 * WAY: one (thread), threads (on stacks of their own, in one arena, so that libc maps nothing for them),
 * fork.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, SLOTS = 64, STACK_BYTES = 64 << 10 };

static _Alignas(4096) char stacks[THREADS][STACK_BYTES];

static void busy(size_t rounds) {
        void *slots[SLOTS] = { 0 };

        for (size_t i = 0; i < rounds; i++) {
                size_t slot = i * 37 % SLOTS;

                free(slots[slot]);
                slots[slot] = malloc(1 + i % 500);
                if (i % 5 == 0)
                        slots[slot] = realloc(slots[slot], 1 + i % 700);
        }
        for (size_t i = 0; i < SLOTS; i++)
                free(slots[i]);
}

static void say(const char *who, size_t rounds) {
        size_t allocations = rounds + rounds / 5;
        char line[64];
        int length = snprintf(line, sizeof(line), "%s %zu %zu\n", who, allocations, allocations);

        if (write(STDOUT_FILENO, line, (size_t)length) != length)
                _exit(99);
}

static void *thread(void *rounds) {
        busy(*(size_t *)rounds);
        return NULL;
}

int main(int argc, char **argv) {
        size_t rounds = 40000;
        const char *way = argc > 1 ? argv[1] : "one";

        mallopt(M_ARENA_MAX, 1);
        busy(rounds);
        if (strcmp(way, "threads") == 0) {
                pthread_t threads[THREADS];
                pthread_attr_t attributes;

                for (int i = 0; i < THREADS; i++) {
                        pthread_attr_init(&attributes);
                        pthread_attr_setstack(&attributes, stacks[i], STACK_BYTES);
                        pthread_create(&threads[i], &attributes, thread, &rounds);
                }
                for (int i = 0; i < THREADS; i++)
                        pthread_join(threads[i], NULL);
                say("parent", rounds * (THREADS + 1));
        } else if (strcmp(way, "fork") == 0) {
                int status = 0;
                pid_t child = fork();

                if (child == 0) {
                        busy(rounds);
                        say("child", rounds);
                        _exit(3);
                }
                waitpid(child, &status, 0);
                say("parent", rounds);
                return 10 + WEXITSTATUS(status);
        } else {
                say("parent", rounds);
        }
        return 7;
}
