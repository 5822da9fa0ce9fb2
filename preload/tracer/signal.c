/*
 * See signal.h. The handler runs in whatever thread the signal finds.
 */
#include "tracer/signal.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "tracer/tracer.h"

#define SNAPSHOT_NAME "signal"

void memtrace_v1_snapshot(const char *name);

static uint8_t action;

static void handle(int number) {
        (void)number;
        if (action == SIGNAL_SNAPSHOT)
                memtrace_v1_snapshot(SNAPSHOT_NAME);
        else if (tracer_thread_for(TRACER_WORD))
                tracer_pause(!tracer.paused);
}

void signal_begin(const struct options *options) {
        const struct sigaction ours = { .sa_handler = handle, .sa_flags = SA_RESTART };
        struct sigaction before;
        int saved = errno;

        if (options->signal == 0)
                return;
        action = options->signal_action;
        if (sigaction(options->signal, NULL, &before) < 0 || before.sa_handler != SIG_DFL ||
            sigaction(options->signal, &ours, NULL) < 0)
                tracer_say("the signal of MEMTRACE_SIGNAL is handled or ignored already: it is left alone",
                           NULL);
        errno = saved;
}
