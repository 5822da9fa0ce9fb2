/*
 * memtrace list [DIRECTORY]: its traces, with the numbers that peak and rm take.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/shelf.h"
#include "select/listing.h"
#include "select/selection.h"
#include "select/shelf.h"
#include "state/state.h"

#include <errno.h>
#include <stdlib.h>

static const struct option_group *const groups[] = { &listing_options, &selection_domain_options, NULL };

static const struct options_about about = {
        .command = "list",
        .usage = "list [OPTIONS] [DIRECTORY]",
        .summary = "List the traces of a directory, the oldest first.",
        .groups = groups,
        .lacks = (const char *const[]){ "limit", "min", "format=pstats", NULL },
};

static int render(enum listing_format format, const struct shelf_row *rows, size_t count) {
        switch (format) {
        case LISTING_JSON:
                return render_shelf_json(rows, count, stdout);
        case LISTING_CSV:
                return render_shelf_csv(rows, count, stdout);
        default:
                return render_shelf_text(rows, count, stdout);
        }
}

static int open_row(const char *path, struct domain_choice *domains, struct shelf_row *row,
                    struct trace **trace) {
        int error = state_open_trace(path, trace);

        if (error < 0)
                return error;
        row->path = path;
        error = domain_choice_take(domains, *trace);
        if (error == 0)
                error = state_failed(path, summary_make(*trace, &row->summary));
        if (error < 0)
                trace_free(*trace);
        return error;
}

/* A summary lives as long as its trace. */
static int open_and_render(const struct listing *listing, const struct shelf *shelf,
                           struct domain_choice *domains) {
        struct shelf_row *rows = calloc(shelf->count + 1, sizeof(*rows));
        struct trace **traces = calloc(shelf->count + 1, sizeof(*traces));
        size_t count = 0;
        int failed = 0, error = rows && traces ? 0 : message_errno(ENOMEM, "list", "cannot list");

        for (size_t i = 0; error == 0 && i < shelf->count; i++)
                if (open_row(shelf->traces[i].path, domains, &rows[count], &traces[count]) == 0)
                        count++;
                else
                        failed = -EIO; /* which is said, and does not keep the others */
        if (error == 0 && count > 0)
                error = domain_choice_end(domains);
        if (error == 0)
                error = render(listing->format, rows, count);
        for (size_t i = 0; i < count; i++) {
                summary_deinit(&rows[i].summary);
                trace_free(traces[i]);
        }
        free(rows);
        free(traces);
        return error < 0 ? error : failed;
}

static int run(int argc, char **argv) {
        struct listing listing = { .command = "list" };
        struct domain_choice domains = { .command = "list", .several = true };
        void *const contexts[] = { &listing, &domains };
        struct shelf shelf;
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first > 1) {
                message("list: one directory at most; see memtrace list --help");
                result = -EINVAL;
        }
        if (result == 0) {
                result = shelf_open(first < argc ? argv[first] : ".", &shelf);
                if (result == 0)
                        result = open_and_render(&listing, &shelf, &domains);
                shelf_deinit(&shelf);
        }
        domain_choice_deinit(&domains);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_list = { &about, run };
