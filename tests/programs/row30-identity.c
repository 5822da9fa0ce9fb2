/*
 * Row 30: a program that changes who it is: into a user namespace of its own, which only a process of one
 * thread may; and into another user, which libc does by a signal to every thread. argv[1] is the case.
 */
#include <pthread.h>
#include <sched.h>

#include "harness.h"

#include "load.h"

enum { THREADS = 6, NOBODY = 65534 };

static int user_namespace(void) {
        load();
        if (unshare(CLONE_NEWUSER))
                return h_skip("no user namespaces here");
        h_say("user %d\n", (int)getuid());
        load();
        load_in_child(0);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}

static pthread_barrier_t before, after;
static uid_t wanted;

static void *work(void *unused) {
        load();
        pthread_barrier_wait(&before);
        load(); /* the signal comes in here */
        pthread_barrier_wait(&after);
        if (getuid() != wanted)
                h_say("a thread is user %d\n", (int)getuid());
        load();
        h_thread_done();
        return unused;
}

static int other_user(void) {
        pthread_t threads[THREADS];

        wanted = getuid() == 0 ? NOBODY : getuid();
        pthread_barrier_init(&before, NULL, THREADS + 1);
        pthread_barrier_init(&after, NULL, THREADS + 1);
        for (int i = 0; i < THREADS; i++)
                pthread_create(&threads[i], NULL, work, NULL);
        pthread_barrier_wait(&before);
        h_say("setgid %d", setgid(getuid() == 0 ? NOBODY : getgid()));
        h_say(" setuid %d\n", setuid(wanted));
        pthread_barrier_wait(&after);
        load();
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        load_in_child(0);
        h_report(H_THREADS, "exited", 0);
        return 0;
}

int main(int argc, char **argv) {
        return argc > 1 && !strcmp(argv[1], "namespace") ? user_namespace() : other_user();
}
