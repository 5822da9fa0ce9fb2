/*
 * See run_break.h.
 */
#include "commands/run_break.h"

#include "base/array.h"
#include "base/message.h"
#include "base/options.h"
#include "base/path.h"
#include "base/process.h"
#include "base/size.h"
#include "base/text.h"
#include "launch/output.h"
#include "reader/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A trace is behind its process by some milliseconds: who stopped it is looked for so often. */
#define LOOKS 8u

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
        at->core = strcmp(action, "core") == 0;
        at->watched = strcmp(action, "snapshot") != 0;
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

/* A trace of a child. */
struct run_break_child {
        char *path;
        unsigned looks; /* into its trace, since it is stopped */
        bool told;
};

static struct run_break_child *child_of(struct run_break *at, const char *path) {
        struct run_break_child *child;

        for (size_t i = 0; i < at->child_count; i++)
                if (strcmp(at->children[i].path, path) == 0)
                        return &at->children[i];
        if (array_reserve(&at->children, &at->child_capacity, at->child_count + 1, sizeof(*child)) < 0)
                return NULL;
        child = &at->children[at->child_count];
        *child = (struct run_break_child){ .path = strdup(path) };
        at->child_count += child->path != NULL;
        return child->path ? child : NULL;
}

static bool is_broken(const struct run_break *at, const struct trace *trace) {
        const struct mtr_end *end = &trace->facts.end;
        bool aborted = trace->facts.has_end && end->how == MTR_END_SIGNALED && end->code == SIGABRT;

        for (size_t i = 0; i < trace->mark_count; i++)
                if (!trace->marks[i].snapshot && strcmp(trace->marks[i].name, MTR_BREAK_AT) == 0)
                        return !at->core || aborted;
        return false;
}

/* Whoever else stopped or ended it, its trace does not tell of a break. */
static void look_at(const struct run_break *at, const struct output_trace *found,
                    struct run_break_child *child) {
        const struct size_text size = text_size((double)at->size_bytes, false);
        long pid = (long)found->pid;
        struct trace *trace;

        if (trace_open(found->path, &trace) != 0)
                return;
        child->told = is_broken(at, trace);
        if (child->told && at->core)
                message("%ld (%s), a child, has held more than %s, and was ended by SIGABRT", pid,
                        path_base(trace->facts.exe ? trace->facts.exe : ""), size.text);
        else if (child->told)
                message("%ld (%s), a child, has held more than %s, and is stopped: "
                        "gdb -p %ld attaches to it, kill -CONT %ld lets it go on",
                        pid, path_base(trace->facts.exe ? trace->facts.exe : ""), size.text, pid, pid);
        trace_free(trace);
}

static void look(struct run_break *at, bool ended) {
        struct output_traces found = { 0 };

        if (at->output && at->watched && at->core == ended)
                output_find(at->output, 0, at->since_ns, &found);
        if (ended)
                output_settle(&found);
        for (size_t i = 0; i < found.count; i++) {
                struct run_break_child *child = child_of(at, found.traces[i].path);

                if (!child || child->told || found.traces[i].pid == at->program)
                        continue;
                if (!at->core && process_state(found.traces[i].pid) != PROCESS_STOPPED)
                        child->looks = 0;
                else if (child->looks++ < LOOKS)
                        look_at(at, &found.traces[i], child);
        }
        output_traces_deinit(&found);
}

static void turn(void *context) {
        look(context, false);
}

void run_break_children(struct run_break *at) {
        look(at, at->core);
}

void run_break_deinit(struct run_break *at) {
        for (size_t i = 0; i < at->child_count; i++)
                free(at->children[i].path);
        free(at->children);
        at->children = NULL;
        at->child_count = at->child_capacity = 0;
}

struct launch_stop run_break_stop(struct run_break *at) {
        return (struct launch_stop){ at->watched ? stopped : NULL, turn, at };
}
