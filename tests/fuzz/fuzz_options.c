/*
 * The MEMTRACE_* variables, with whatever a user or another program may have put there. What comes out must
 * be within what session/options.h promises. The input is the values, each ended by a NUL.
 */
#include "tracer/environment.h"

#include <memtrace/format.h>

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/tracer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static const char *const names[] = { "MEMTRACE_OUTPUT", "MEMTRACE_DEPTH",    "MEMTRACE_RSS_INTERVAL",
                                     "MEMTRACE_FOLLOW", "MEMTRACE_OVERFLOW", "MEMTRACE_UNWIND",
                                     "MEMTRACE_ARGV",   "MEMTRACE_ENABLE",   "MEMTRACE_BREAK_AT",
                                     "MEMTRACE_SIGNAL" };

static size_t said; /* characters of all lines */

/* Instead of the tracer's own, which writes to stderr. */
void tracer_say(const char *part, ...) {
        va_list parts;

        va_start(parts, part);
        for (; part; part = va_arg(parts, const char *))
                said += strlen(part);
        va_end(parts);
}

static void need(bool holds) {
        if (!holds)
                abort();
}

static void check(const struct options *options) {
        need(memchr(options->output, '\0', sizeof(options->output)));
        need(options->output[0] != '\0');
        need(options->depth >= 1 && options->depth <= MTR_STACK_DEPTH_MAX);
        need(options->rss_interval_ms <= 3600000);
        need(options->follow <= FOLLOW_ALL);
        need(options->overflow <= OVERFLOW_DROP);
        need(options->break_action <= BREAK_SNAPSHOT);
        need(options->break_bytes <= UINT64_C(1) << 60);
        need(options->signal == 0 || options->signal == SIGUSR1 || options->signal == SIGUSR2);
        need(options->signal_action <= SIGNAL_SNAPSHOT);
        need(options->unwind <= UNWIND_LIBUNWIND);
        for (const char *at = options->output; *at; at++)
                need(*at != '%' || strchr("eph%t", *++at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        char *copy = malloc(length + 1), *at = copy;
        struct options options;

        need(copy);
        memcpy(copy, data, length);
        copy[length] = '\0';
        memset(&options, 0xff, sizeof(options));
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                if (at <= copy + length)
                        need(setenv(names[i], at, 1) == 0);
                else
                        unsetenv(names[i]);
                at += at <= copy + length ? strlen(at) + 1 : 0;
        }
        environment_read(&options);
        check(&options);
        free(copy);
        return 0;
}
