/*
 * memtrace peak [TRACE...]: the most that was held, as mprof peak prints it; of the last run if none is
 * named.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/text.h"
#include "select/selection.h"
#include "select/shelf.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum index { BYTES };

static const struct option_spec specs[] = {
        [BYTES] = { "bytes", 'b', NULL, "print bytes, and no names", NULL },
        { 0 },
};

static const struct option_group options = { specs, options_take_flag };
static const struct option_group *const groups[] = { &options, &selection_domain_options, NULL };

static const struct options_about about = {
        .command = "peak",
        .usage = "peak [OPTIONS] [TRACE...]",
        .summary = "Print the most memory that a program held, of the last trace if none is named.",
        .groups = groups,
};

struct peak {
        const char *path;
        uint64_t bytes;
};

static int measure(const char *path, struct domain_choice *domains, struct peak *peak) {
        struct summary summary;
        struct trace *trace;
        int error = state_open_trace(path, &trace);

        if (error < 0)
                return error;
        error = domain_choice_take(domains, trace);
        if (error == 0)
                error = state_failed(path, summary_make(trace, &summary));
        if (error == 0) {
                *peak = (struct peak){ path, summary.peak_bytes };
                summary_deinit(&summary);
        }
        trace_free(trace);
        return error;
}

static void show(const struct peak *peak, bool bytes) {
        if (bytes) {
                printf("%" PRIu64 "\n", peak->bytes);
                return;
        }
        text_put(stdout, peak->path);
        printf("\t%s\n", text_size((double)peak->bytes, false).text);
}

/* Up to the first that cannot be read; nothing where none of them has a domain that was named. */
static int show_all(const struct shelf *shelf, char *const *operands, size_t count, bool bytes,
                    struct domain_choice *domains) {
        struct peak *peaks = calloc(count, sizeof(*peaks));
        size_t measured = 0;
        int error = peaks ? 0 : message_errno(ENOMEM, "peak", "cannot list");

        for (; error == 0 && measured < count; measured++) {
                const char *path = shelf_find(shelf, operands[measured]);

                error = path ? measure(path, domains, &peaks[measured]) : -EINVAL;
                if (error < 0)
                        break;
        }
        if (error == 0 && (error = domain_choice_end(domains)) < 0)
                measured = 0;
        for (size_t i = 0; i < measured; i++)
                show(&peaks[i], bytes);
        free(peaks);
        return error;
}

/* Of the last, where none is named. */
static int show_last(const struct shelf *shelf, bool bytes, struct domain_choice *domains) {
        if (shelf->count == 0) {
                message("peak: there is no trace in this directory");
                return -ENOENT;
        }
        return show_all(shelf, (char *[]){ "-1" }, 1, bytes, domains);
}

static int run(int argc, char **argv) {
        struct domain_choice domains = { .command = "peak", .several = true };
        bool bytes = false;
        struct shelf shelf;
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv,
                                          (void *[]){ &bytes, &domains }, &first);

        if (result == 0) {
                result = shelf_open(".", &shelf);
                if (result == 0 && first == argc)
                        result = show_last(&shelf, bytes, &domains);
                else if (result == 0)
                        result = show_all(&shelf, argv + first, (size_t)(argc - first), bytes, &domains);
                shelf_deinit(&shelf);
        }
        domain_choice_deinit(&domains);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_peak = { &about, run };
