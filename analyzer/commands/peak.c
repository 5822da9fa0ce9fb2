/*
 * memtrace peak [TRACE...]: the most that was held, as mprof peak prints it; of the last run if none is
 * named.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/text.h"
#include "select/shelf.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum index { BYTES };

static const struct option_spec specs[] = {
        [BYTES] = { "bytes", 'b', NULL, "print bytes, and no names", NULL },
        { 0 },
};

static const struct option_group options = { specs, options_take_flag };
static const struct option_group *const groups[] = { &options, NULL };

static const struct options_about about = {
        .command = "peak",
        .usage = "peak [OPTIONS] [TRACE...]",
        .summary = "Print the most memory that a program held, of the last trace if none is named.",
        .groups = groups,
};

static int show(const char *path, bool bytes) {
        struct summary summary;
        struct trace *trace;
        int error = state_open_trace(path, &trace);

        if (error < 0)
                return error;
        error = state_failed(path, summary_make(trace, &summary));
        if (error == 0) {
                if (bytes) {
                        printf("%" PRIu64 "\n", summary.peak_bytes);
                } else {
                        text_put(stdout, path);
                        printf("\t%s\n", text_size((double)summary.peak_bytes, false).text);
                }
                summary_deinit(&summary);
        }
        trace_free(trace);
        return error;
}

static int show_all(const struct shelf *shelf, char *const *operands, size_t count, bool bytes) {
        int error = 0;

        if (count == 0 && shelf->count == 0) {
                message("peak: there is no trace in this directory");
                return -ENOENT;
        }
        if (count == 0)
                return show(shelf->traces[shelf->count - 1].path, bytes);
        for (size_t i = 0; error == 0 && i < count; i++) {
                const char *path = shelf_find(shelf, operands[i]);

                error = path ? show(path, bytes) : -EINVAL;
        }
        return error;
}

static int run(int argc, char **argv) {
        bool bytes = false;
        struct shelf shelf;
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, (void *[]){ &bytes }, &first);

        if (result != 0)
                return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
        result = shelf_open(".", &shelf);
        if (result == 0)
                result = show_all(&shelf, argv + first, (size_t)(argc - first), bytes);
        shelf_deinit(&shelf);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_peak = { &about, run };
