/*
 * Reading MEMTRACE_*: see environment.h. Reads `environ`, never writes it.
 */
#include "tracer/environment.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <memtrace/format.h>
#include <memtrace/harmless.h>

#include "tracer/tracer.h"

#define OUTPUT_DEFAULT "memtrace.%e.%p.mtr"
#define RSS_INTERVAL_DEFAULT_MS 10u
#define RSS_INTERVAL_MAX_MS 3600000u
#define SIGNAL_ACTION_SHIFT 8
#define SHOWN_BYTES 256u /* of a value that makes no sense */

struct choice {
        const char *word;
        uint32_t value;
};

static void complain(const char *name, const char *value, const char *wanted) {
        char shown[SHOWN_BYTES];

        tracer_say(name, "=", mtr_harmless_text(value, shown, sizeof(shown)), " makes no sense: ", wanted,
                   "; the default is used", NULL);
}

static uint32_t read_choice(const char *name, const struct choice *choices, const char *wanted,
                            uint32_t otherwise) {
        const char *value = getenv(name);

        if (!value || !*value)
                return otherwise;
        for (; choices->word; choices++)
                if (strcmp(value, choices->word) == 0)
                        return choices->value;
        complain(name, value, wanted);
        return otherwise;
}

/* Digits with an optional unit: `unit` multiplies by 1, `larger` by 1000. */
static uint32_t read_number(const char *name, uint32_t minimum, uint32_t maximum, const char *unit,
                            const char *larger, const char *wanted, uint32_t otherwise) {
        const char *value = getenv(name), *at = value;
        uint64_t number = 0;

        if (!value || !*value)
                return otherwise;
        for (; *at >= '0' && *at <= '9' && number <= maximum; at++)
                number = number * 10 + (uint64_t)(*at - '0');
        if (at != value && strcmp(at, larger) == 0 && *larger)
                number *= 1000;
        else if (at == value || (*at && strcmp(at, unit) != 0))
                number = UINT64_MAX;
        if (number >= minimum && number <= maximum)
                return (uint32_t)number;
        complain(name, value, wanted);
        return otherwise;
}

static bool template_is_sound(const char *template) {
        for (const char *at = template; *at; at++)
                if (*at == '%' && (!at[1] || !strchr("eph%t", *++at)))
                        return false;
        return strlen(template) < OPTIONS_PATH_MAX;
}

static void read_output(struct options *options) {
        const char *value = getenv("MEMTRACE_OUTPUT");

        strcpy(options->output, OUTPUT_DEFAULT);
        if (!value || !*value)
                return;
        if (!template_is_sound(value)) {
                complain("MEMTRACE_OUTPUT", value, "after % one of e p h t %, and less than 4096 bytes");
                return;
        }
        strcpy(options->output, value);
}

/* "100M" or "100M:core". */
static void read_break(struct options *options) {
        static const char units[] = "KMGT";
        static const char *const actions[] = {
                [BREAK_STOP] = ":stop", [BREAK_CORE] = ":core", [BREAK_SNAPSHOT] = ":snapshot"
        };
        const char *value = getenv("MEMTRACE_BREAK_AT"), *at = value, *unit;
        uint64_t bytes = 0;

        if (!value || !*value)
                return;
        for (; *at >= '0' && *at <= '9' && bytes < UINT64_C(1) << 50; at++)
                bytes = bytes * 10 + (uint64_t)(*at - '0');
        unit = at != value && *at ? strchr(units, *at) : NULL;
        if (unit) {
                unsigned shift = 10 * (unsigned)(unit - units + 1);

                bytes = bytes >> (60 - shift) ? 0 : bytes << shift;
                at++;
                at += strncmp(at, "iB", 2) == 0 ? 2 : 0;
        } else if (at != value && *at == 'B') {
                at++;
        } else {
                bytes = 0; /* a number alone could be of anything */
        }
        for (uint8_t i = 0; bytes > 0 && i < sizeof(actions) / sizeof(*actions); i++)
                if (strcmp(at, actions[i]) == 0 || (!*at && i == BREAK_STOP)) {
                        options->break_bytes = bytes;
                        options->break_action = i;
                        return;
                }
        complain("MEMTRACE_BREAK_AT", value, "a size as 100M, and :stop, :core or :snapshot behind it");
}

void environment_read(struct options *options) {
        static const struct choice switches[] = { { "0", 0 }, { "1", 1 }, { NULL, 0 } };
        static const struct choice follows[] = { { "all", FOLLOW_ALL },
                                                 { "fork", FOLLOW_FORK },
                                                 { "exec", FOLLOW_EXEC },
                                                 { "none", FOLLOW_NONE },
                                                 { NULL, 0 } };
        static const struct choice overflows[] = { { "wait", OVERFLOW_WAIT },
                                                   { "drop", OVERFLOW_DROP },
                                                   { NULL, 0 } };
        static const struct choice signals[] = {
                { "USR1", SIGUSR1 },
                { "USR1:toggle", SIGUSR1 },
                { "USR1:snapshot", SIGUSR1 | SIGNAL_SNAPSHOT << SIGNAL_ACTION_SHIFT },
                { "USR2", SIGUSR2 },
                { "USR2:toggle", SIGUSR2 },
                { "USR2:snapshot", SIGUSR2 | SIGNAL_SNAPSHOT << SIGNAL_ACTION_SHIFT },
                { NULL, 0 },
        };
        static const struct choice unwinds[] = { { "cfi", UNWIND_EH_FRAME },
                                                 { "libunwind", UNWIND_LIBUNWIND },
                                                 { NULL, 0 } };

        uint32_t signal;

        memset(options, 0, sizeof(*options));
        read_output(options);
        options->depth = read_number("MEMTRACE_DEPTH", 1, MTR_STACK_DEPTH_MAX, "", "",
                                     "a number from 1 to 1024", MTR_STACK_DEPTH_MAX);
        options->rss_interval_ms = read_number("MEMTRACE_RSS_INTERVAL", 0, RSS_INTERVAL_MAX_MS, "ms", "s",
                                               "milliseconds up to an hour, as 10, 10ms or 2s; 0 for none",
                                               RSS_INTERVAL_DEFAULT_MS);
        options->follow =
                (uint8_t)read_choice("MEMTRACE_FOLLOW", follows, "all, fork, exec or none", FOLLOW_ALL);
        options->overflow =
                (uint8_t)read_choice("MEMTRACE_OVERFLOW", overflows, "wait or drop", OVERFLOW_WAIT);
        options->unwind =
                (uint8_t)read_choice("MEMTRACE_UNWIND", unwinds, "cfi or libunwind", UNWIND_EH_FRAME);
        options->argv = read_choice("MEMTRACE_ARGV", switches, "0 or 1", 1);
        read_break(options);
        signal = read_choice("MEMTRACE_SIGNAL", signals,
                             "USR1 or USR2, and behind it :toggle or :snapshot or nothing", 0);
        options->signal = signal & ((1u << SIGNAL_ACTION_SHIFT) - 1);
        options->signal_action = (uint8_t)(signal >> SIGNAL_ACTION_SHIFT);
        options->enabled = read_choice("MEMTRACE_ENABLE", switches, "0 or 1", 1);
}
