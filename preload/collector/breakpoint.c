/*
 * See breakpoint.h.
 */
#include "collector/breakpoint.h"

#include <signal.h>

#include "collector/marks.h"
#include "collector/sys.h"

/* By pidfd: the pid of a process that is gone may be another's. */
static void send(const struct trace *trace, int number) {
        if (trace->watch.pidfd >= 0)
                (void)sys_call6(SYS_pidfd_send_signal, trace->watch.pidfd, number, 0, 0, 0, 0);
}

void breakpoint_turn(struct trace *trace) {
        const struct options *options = &trace->identity->options;

        if (options->break_bytes == 0 || trace->broken || trace->events.peak_bytes <= options->break_bytes)
                return;
        trace->broken = true;
        marks_name(trace, options->break_action == BREAK_SNAPSHOT ? RECORD_NAME_SNAPSHOT : RECORD_NAME_MARK,
                   MTR_BREAK_AT);
        if (options->break_action == BREAK_STOP)
                send(trace, SIGSTOP);
        else if (options->break_action == BREAK_CORE)
                send(trace, SIGABRT);
}
