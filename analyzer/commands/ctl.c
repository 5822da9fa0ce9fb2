/*
 * memtrace ctl PID VERB: has the collector of a running process do or tell something. The process itself is
 * asked nothing.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/text.h"
#include "launch/control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum index { FORMAT };

static const char *const formats[] = { "text", "json", "csv", NULL };

static const struct option_spec specs[] = {
        [FORMAT] = { "format", 0, "FORMAT", "how to print stats:", formats },
        { 0 },
};

static int take_option(void *context, size_t index, const char *value) {
        (void)index;
        *(const char **)context = value;
        return 0;
}

static const struct option_group options = { specs, take_option };
static const struct option_group *const groups[] = { &options, NULL };

static const struct options_about about = {
        .command = "ctl",
        .usage = "ctl [OPTIONS] PID start|stop|snapshot NAME|mark NAME|reset-peak|stats",
        .summary = "Switch the tracing of a running program, name moments of it, or ask it for numbers.",
        .groups = groups,
};

static const struct verb {
        const char *word;
        enum mtr_control_verb verb;
        bool named;
} verbs[] = {
        { "start", MTR_CONTROL_START, false },           { "stop", MTR_CONTROL_STOP, false },
        { "snapshot", MTR_CONTROL_SNAPSHOT, true },      { "mark", MTR_CONTROL_MARK, true },
        { "reset-peak", MTR_CONTROL_RESET_PEAK, false }, { "stats", MTR_CONTROL_STATS, false },
};

#define ROWS 13

struct row {
        const char *name; /* in JSON and csv */
        const char *words;
        uint64_t value;
        bool size;
};

static void rows_of(const struct mtr_control_stats *stats, struct row rows[ROWS]) {
        const struct row all[ROWS] = {
                { "live_bytes", "held now", stats->live_bytes, true },
                { "live_blocks", "blocks held", stats->live_blocks, false },
                { "peak_bytes", "peak", stats->peak_bytes, true },
                { "peak_since_reset_bytes", "peak since reset", stats->traced_peak_bytes, true },
                { "allocations", "allocations", stats->allocations, false },
                { "frees", "frees", stats->frees, false },
                { "foreign_frees", "frees of others", stats->foreign_frees, false },
                { "lost", "lost", stats->lost, false },
                { "trace_bytes", "trace", stats->file_bytes, true },
                { "ring_permille", "fullest ring, 1/1000", stats->ring_permille, false },
                { "threads", "threads so far", stats->threads, false },
                { "paused", "paused", stats->paused != 0, false },
                { "heap_seen", "heap is seen", stats->heap_seen != 0, false },
        };

        memcpy(rows, all, sizeof(all));
}

static void show(const struct mtr_control_stats *stats, const char *format) {
        struct row rows[ROWS];

        rows_of(stats, rows);
        if (strcmp(format, "csv") == 0)
                printf("name,value\r\n");
        for (size_t i = 0; i < ROWS; i++) {
                const struct row *row = &rows[i];

                if (strcmp(format, "json") == 0)
                        printf("%s\"%s\": %" PRIu64 "%s", i ? ", " : "{", row->name, row->value,
                               i + 1 < ROWS ? "" : "}\n");
                else if (strcmp(format, "csv") == 0)
                        printf("%s,%" PRIu64 "\r\n", row->name, row->value);
                else if (row->size)
                        printf("%-20s  %s\n", row->words, text_size((double)row->value, false).text);
                else
                        printf("%-20s  %" PRIu64 "\n", row->words, row->value);
        }
}

static const struct verb *verb_find(const char *word) {
        for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
                if (strcmp(verbs[i].word, word) == 0)
                        return &verbs[i];
        return NULL;
}

/* PID VERB [NAME]; -EINVAL after one line on stderr. */
static int operands_read(char *const *operands, int count, uint32_t *pid, const struct verb **verb) {
        char *end;
        unsigned long number;

        if (count < 2) {
                message("ctl: a process and what to do are needed; see memtrace ctl --help");
                return -EINVAL;
        }
        number = strtoul(operands[0], &end, 10);
        *verb = verb_find(operands[1]);
        *pid = (uint32_t)number;
        if (operands[0][0] < '0' || operands[0][0] > '9' || *end || number == 0 || number > INT32_MAX)
                message("ctl: '%s' is no process number", operands[0]);
        else if (!*verb)
                message("ctl: '%s' is none of start, stop, snapshot, mark, reset-peak, stats", operands[1]);
        else if (count != 2 + (*verb)->named)
                message("ctl: %s takes %s", operands[1], (*verb)->named ? "one name" : "nothing more");
        else if ((*verb)->named && (!*operands[2] || strlen(operands[2]) > MTR_CONTROL_NAME_MAX))
                message("ctl: a name has 1 to %u bytes", MTR_CONTROL_NAME_MAX);
        else
                return 0;
        return -EINVAL;
}

static int run(int argc, char **argv) {
        const char *format = "text";
        const struct verb *verb;
        struct mtr_control_stats stats;
        struct control control;
        uint32_t pid;
        int first,
                result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, (void *[]){ &format }, &first);

        if (result != 0)
                return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
        result = operands_read(argv + first, argc - first, &pid, &verb);
        if (result == 0) {
                result = control_open(pid, &control);
                if (result == 0)
                        result = control_ask(&control, verb->verb, verb->named ? argv[first + 2] : NULL,
                                             &stats);
                control_close(&control);
        }
        if (result == 0 && verb->verb == MTR_CONTROL_STATS)
                show(&stats, format);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_ctl = { &about, run };
