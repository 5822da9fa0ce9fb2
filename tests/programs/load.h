/* Something to be traced, where it is not what the test is about. Included after harness.h. */
#ifndef LOAD_H
#define LOAD_H

#include <sys/wait.h>

enum { LOAD_ROUNDS = 25000 }; /* more than a ring full */

static inline void load(void) {
        for (size_t i = 0; i < LOAD_ROUNDS; i++)
                h_free(h_malloc(1 + i % 300), 1 + i % 300);
        h_malloc(77); /* stays */
}

static inline void *load_in_thread(void *unused) {
        load();
        h_thread_done();
        return unused;
}

/* In a forked child, where one can be had; `flags` are its report's. */
static inline void load_in_child(int flags) {
        pid_t child = fork();
        if (child == 0) {
                h_forked();
                load();
                h_report(H_ONE_THREAD | flags, "exited", 5);
                exit(5);
        }
        int status = 0;
        if (child > 0)
                waitpid(child, &status, 0);
        h_say("child: %d %x\n", child > 0, (unsigned)status);
}

#endif
