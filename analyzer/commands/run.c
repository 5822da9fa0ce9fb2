/*
 * memtrace run [OPTIONS] -- PROGRAM [ARGUMENTS]: the same as preloading the library by hand, with
 * the program's own exit code, and five lines on stderr at the end.
 *
 * Whatever goes wrong with the tracing, the program runs.
 */
#include "commands/command.h"

#include "aggregate/summary.h"
#include "base/array.h"
#include "base/message.h"
#include "commands/run_break.h"
#include "commands/run_check.h"
#include "launch/launch.h"
#include "launch/offspring.h"
#include "launch/output.h"
#include "launch/program.h"
#include "render/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long what the program leaves running may take to its end before it is judged without it. */
#define OFFSPRING_WAIT_MS 10000

enum index { OUTPUT, DEPTH, FOLLOW, RSS_INTERVAL, PAUSED, OVERFLOW, UNWIND, NO_ARGV, QUIET, CHECK, BREAK_AT };

static const char *const follows[] = { "all", "exec", "fork", "none", NULL };
static const char *const overflows[] = { "wait", "drop", NULL };
static const char *const unwinders[] = { "cfi", "libunwind", NULL };

static const struct option_spec specs[] = {
        [OUTPUT] = { "output", 'o', "FILE", "the trace; %p stands for the pid (memtrace.PROGRAM.PID.mtr)",
                     NULL },
        [DEPTH] = { "depth", 'd', "N", "frames kept of a stack, 1 to 1024 (1024)", NULL },
        [FOLLOW] = { "follow", 0, "WHICH", "children to trace: all, exec, fork or none (all)", follows },
        [RSS_INTERVAL] = { "rss-interval", 0, "MS", "between samples of the resident set, 0: none (10)",
                           NULL },
        [PAUSED] = { "paused", 0, NULL, "begin without recording", NULL },
        [OVERFLOW] = { "overflow", 0, "HOW", "when the tracer is behind: wait or drop (wait)", overflows },
        [UNWIND] = { "unwind", 0, "HOW", "how stacks are read: cfi or libunwind (cfi)", unwinders },
        [NO_ARGV] = { "no-argv", 0, NULL, "leave the program's arguments out of the trace", NULL },
        [QUIET] = { "quiet", 'q', NULL, "no summary at the end", NULL },
        [CHECK] = { "check", 0, "FILE", "judge the run by the rules in FILE, as memtrace check does", NULL },
        [BREAK_AT] = { "break-at", 0, "SIZE[:WHAT]",
                       "when it first holds more than SIZE: stop, core, gdb or snapshot (stop)", NULL },
        { 0 },
};

/* The environment variable of memtrace(7) each of them sets. */
static const char *const variables[] = {
        [OUTPUT] = "MEMTRACE_OUTPUT",
        [DEPTH] = "MEMTRACE_DEPTH",
        [FOLLOW] = "MEMTRACE_FOLLOW",
        [RSS_INTERVAL] = "MEMTRACE_RSS_INTERVAL",
        [PAUSED] = "MEMTRACE_ENABLE",
        [OVERFLOW] = "MEMTRACE_OVERFLOW",
        [UNWIND] = "MEMTRACE_UNWIND",
        [NO_ARGV] = "MEMTRACE_ARGV",
        [QUIET] = NULL,
        [CHECK] = NULL,
        [BREAK_AT] = "MEMTRACE_BREAK_AT",
};

struct request {
        const char *values[sizeof(specs) / sizeof(*specs)];
        bool quiet;
        struct run_break at;
        struct checking checking; /* with CHECK */
        bool own_names;           /* the traces' names are nobody else's, and nobody has asked for them */
};

static int take_option(void *context, size_t index, const char *value) {
        struct request *request = context;
        unsigned long long number;
        bool sane = true;

        switch ((enum index)index) {
        case OUTPUT:
                sane = output_is_template(value);
                break;
        case DEPTH:
                sane = options_number(value, 1, 1024, &number) == 0;
                break;
        case RSS_INTERVAL:
                sane = options_number(value, 0, 3600 * 1000, &number) == 0;
                break;
        case FOLLOW:
        case OVERFLOW:
        case UNWIND:
                sane = options_choice(value, specs[index].choices) >= 0;
                break;
        case PAUSED:
        case NO_ARGV:
                value = "0";
                break;
        case QUIET:
                request->quiet = true;
                return 0;
        case CHECK:
                break;
        case BREAK_AT:
                if (run_break_parse(value, &request->at) < 0)
                        return -1;
                value = request->at.variable;
                break;
        }
        request->values[index] = value;
        if (!sane)
                message("run: --%s %s makes no sense; see memtrace run --help", specs[index].name, value);
        return sane ? 0 : -1;
}

static const struct option_group options = { specs, take_option };
static const struct option_group *const groups[] = { &options, NULL };

static const struct options_about about = {
        .command = "run",
        .usage = "run [OPTIONS] [--] PROGRAM [ARGUMENTS]",
        .summary = "Run a program and write a trace of its heap.",
        .groups = groups,
};

/* Ours first, so that what the user preloads sits between the program and us as it would without. */
static int preload(const char *library) {
        const char *others = getenv("LD_PRELOAD");
        char *all = NULL;
        int made;

        if (strpbrk(library, " :")) {
                message("%s: the loader cannot take a path with a space or colon; the program runs untraced",
                        library);
                return -EINVAL;
        }
        made = others && *others ? asprintf(&all, "%s:%s", library, others) : asprintf(&all, "%s", library);
        if (made < 0 || setenv("LD_PRELOAD", all, 1) < 0) {
                message("no memory for the environment; the program runs untraced");
                made = -1;
        }
        if (made >= 0)
                free(all);
        return made < 0 ? -ENOMEM : 0;
}

/* Where the traces go, as the user has it. Heap; NULL: no memory. */
static char *output_template(struct request *request) {
        const char *template = request->values[OUTPUT] ? request->values[OUTPUT] : getenv(variables[OUTPUT]);

        if (template && *template)
                return strdup(template);
        request->own_names = request->values[CHECK];
        return request->own_names ? run_check_output() : strdup(OUTPUT_DEFAULT);
}

/* Everything the tracer needs in the environment. NULL after a line on stderr: run without. */
static char *prepare(struct request *request, const char *path) {
        const char *obstacle = program_obstacle(path);
        char *template, *library, *output;
        bool usable;

        if (obstacle) {
                message("%s: cannot be traced: %s; it runs untraced", path, obstacle);
                return NULL;
        }
        template = output_template(request);
        output = template ? output_prepare(template, &usable) : NULL;
        free(template);
        library = output && usable ? output_library() : NULL;
        if (output && usable && !library)
                message("libmemtrace.so is not where it should be (MEMTRACE_LIB can tell); the program runs "
                        "untraced");
        if (!library || preload(library) < 0 || setenv(variables[OUTPUT], output, 1) < 0) {
                free(output);
                output = NULL;
        }
        for (size_t i = DEPTH; output && i < sizeof(variables) / sizeof(*variables); i++)
                if (variables[i] && request->values[i])
                        setenv(variables[i], request->values[i], 1);
        free(library);
        return output;
}

/* The last trace is the one of the program that ended; those before it replaced themselves by exec. */
static void sum_up(const struct output_traces *found) {
        const char *trace_path = found->traces[found->count - 1].path;
        struct summary summary;
        struct trace *trace;
        int error = trace_open(trace_path, &trace);

        if (error > 0)
                message("%s: %s", trace_path, reader_error_text(error));
        if (error != 0)
                return;
        if (summary_make(trace, &summary) == 0) {
                render_run_summary(&summary, trace_path, stderr);
                summary_deinit(&summary);
        }
        trace_free(trace);
        for (size_t i = 0; i + 1 < found->count; i++)
                message("%s is of what it was before its exec", found->traces[i].path);
}

/* With --check: what the program leaves running has its trace only when it is over. Those that are not traced
 * would be waited for in vain. */
static void wait_for_offspring(const struct request *request, const char *output) {
        const char *follow = request->values[FOLLOW] ? request->values[FOLLOW] : getenv(variables[FOLLOW]);
        const char *preloaded = getenv("LD_PRELOAD");
        char *library = preloaded ? strndup(preloaded, strcspn(preloaded, ":")) : NULL;

        if (library && !(follow && strcmp(follow, "none") == 0))
                offspring_wait(output, library, OFFSPRING_WAIT_MS);
        free(library);
}

/* What the rules say of all traces since then. */
static int judge(struct request *request, const char *output, unsigned long long since_ns) {
        struct output_traces all = { 0 };
        int result;

        if (output) {
                wait_for_offspring(request, output);
                output_find(output, 0, since_ns, &all);
        }
        output_settle(&all);
        result = run_check_end(&request->checking, &all, request->quiet);
        for (size_t i = 0; result == COMMAND_OK && request->own_names && i < all.count; i++)
                unlink(all.traces[i].path);
        output_traces_deinit(&all);
        return result;
}

static int run_program(struct request *request, const char *path, char **argv) {
        const struct launch_stop stop = run_break_stop(&request->at);
        struct launch launch = { .path = path, .argv = argv };
        char *output = prepare(request, path);
        struct output_traces found = { 0 };
        struct timespec now;
        unsigned long long now_ns;
        int code, verdict;
        pid_t pid;

        clock_gettime(CLOCK_REALTIME, &now);
        now_ns = (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec;
        launch.environment = environ;
        pid = launch_start(&launch);
        if (pid < 0) {
                message("%s: cannot be executed: %s", path, strerror(-pid));
                free(output);
                return pid == -ENOENT ? PROGRAM_NOT_FOUND : PROGRAM_NOT_EXECUTABLE;
        }
        request->at.output = output;
        request->at.program = pid;
        request->at.since_ns = now_ns;
        launch_wait(pid, &stop);
        if (output)
                /* a second's grace: the clock may be set back while the program runs */
                output_find(output, pid, now_ns - 1000000000u, &found);
        output_settle(&found); /* while the program's zombie still tells how it ended */
        code = launch_reap(pid);
        if (output && found.count == 0)
                message("%s: no trace was written", path);
        else if (found.count > 0 && !request->quiet)
                sum_up(&found);
        run_break_children(&request->at);
        verdict = request->values[CHECK] ? judge(request, output, now_ns) : COMMAND_OK;
        output_traces_deinit(&found);
        free(output);
        return code ? code : verdict;
}

static int run(int argc, char **argv) {
        struct request request = { 0 };
        char *path;
        int first, result;

        result = options_parse(&about, OPTIONS_FIRST, argc, argv, (void *[]){ &request }, &first);
        if (result != 0)
                return result == OPTIONS_HELPED ? COMMAND_OK : COMMAND_UNUSABLE;
        if (first == argc) {
                message("run: which program? see memtrace run --help");
                return COMMAND_UNUSABLE;
        }
        if (request.values[CHECK] && run_check_begin(&request.checking, request.values[CHECK]) < 0) {
                checking_deinit(&request.checking);
                return COMMAND_UNUSABLE;
        }
        result = program_find(argv[first], &path);
        if (result == 0) {
                result = run_program(&request, path, argv + first);
                free(path);
        } else {
                message("%s: %s", argv[first],
                        result == PROGRAM_NOT_FOUND ? "no such program" : "cannot be executed");
        }
        checking_deinit(&request.checking);
        run_break_deinit(&request.at);
        return result;
}

const struct command command_run = { &about, run };
