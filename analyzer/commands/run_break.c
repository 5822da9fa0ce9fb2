/*
 * See run_break.h.
 */
#include "commands/run_break.h"

#include "base/message.h"
#include "base/options.h"
#include "base/size.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const actions[] = { "stop", "core", "gdb", "snapshot", NULL };

int run_break_parse(const char *value, struct run_break *at) {
        const char *colon = strchr(value, ':');
        const char *action = colon ? colon + 1 : actions[0];
        size_t length = colon ? (size_t)(colon - value) : strlen(value);
        char size[32] = "";

        if (length < sizeof(size))
                memcpy(size, value, length);
        *at = (struct run_break){ 0 };
        if (length >= sizeof(size) || size_parse(size, &at->size_bytes) != SIZE_TAKEN ||
            at->size_bytes == 0 || options_choice(action, actions) < 0) {
                message("run: --break-at %s: write a size and what to do, such as 100M, 100M:core, 100M:gdb "
                        "or "
                        "100M:snapshot",
                        value);
                return -EINVAL;
        }
        at->gdb = strcmp(action, "gdb") == 0;
        snprintf(at->variable, sizeof(at->variable), "%" PRIu64 "B:%s", at->size_bytes,
                 at->gdb ? actions[0] : action);
        return 0;
}

/* The debugger has the terminal until the user leaves it; then the program goes on. */
static void debug(pid_t pid) {
        char number[24];
        char *const arguments[] = { (char *)"gdb", (char *)"-p", number, NULL };
        pid_t debugger;
        int error, status;

        snprintf(number, sizeof(number), "%ld", (long)pid);
        error = posix_spawnp(&debugger, arguments[0], NULL, NULL, arguments, environ);
        if (error != 0)
                message("gdb: %s; the program goes on", strerror(error));
        else
                while (waitpid(debugger, &status, 0) < 0 && errno == EINTR)
                        ;
        kill(pid, SIGCONT);
}

static void stopped(void *context, pid_t pid) {
        struct run_break *at = context;

        if (at->done)
                return; /* somebody else's */
        at->done = true;
        message("%ld has held more than %s, and is stopped%s", (long)pid,
                text_size((double)at->size_bytes, false).text,
                at->gdb ? "" : ": gdb -p it, or kill -CONT it");
        if (at->gdb)
                debug(pid);
}

struct launch_stop run_break_stop(struct run_break *at) {
        return (struct launch_stop){ at->size_bytes > 0 ? stopped : NULL, at };
}
