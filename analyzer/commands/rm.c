/*
 * memtrace rm TRACE... and memtrace clean: traces that are not wanted any more. What is no trace stays.
 */
#include "commands/command.h"

#include "base/message.h"
#include "select/shelf.h"

#include <errno.h>

enum index { DRY_RUN };

static const struct option_spec specs[] = {
        [DRY_RUN] = { "dry-run", 0, NULL, "only name what would be removed", NULL },
        { 0 },
};

static const struct option_group options = { specs, options_take_flag };
static const struct option_group *const groups[] = { &options, NULL };

static const struct options_about about_rm = {
        .command = "rm",
        .usage = "rm [OPTIONS] TRACE...",
        .summary = "Remove traces, by their names or the numbers that memtrace list gives them.",
        .groups = groups,
};

static const struct options_about about_clean = {
        .command = "clean",
        .usage = "clean [OPTIONS]",
        .summary = "Remove all traces of the current directory.",
        .groups = groups,
};

/* All are found before the first is gone: numbers stay what they were. */
static int find_all(const struct shelf *shelf, char **operands, size_t count) {
        for (size_t i = 0; i < count; i++) {
                const char *path = shelf_find(shelf, operands[i]);

                if (!path)
                        return -EINVAL;
                operands[i] = (char *)path;
        }
        return 0;
}

static int run_rm(int argc, char **argv) {
        bool dry_run = false;
        struct shelf shelf;
        int first, result = options_parse(&about_rm, OPTIONS_ANYWHERE, argc, argv, (void *[]){ &dry_run },
                                          &first);

        if (result == 0 && first == argc) {
                message("rm: which trace? see memtrace rm --help");
                result = -EINVAL;
        }
        if (result != 0)
                return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
        result = shelf_open(".", &shelf);
        if (result == 0)
                result = find_all(&shelf, argv + first, (size_t)(argc - first));
        for (int i = first; result == 0 && i < argc; i++)
                result = shelf_remove(argv[i], dry_run);
        shelf_deinit(&shelf);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

static int run_clean(int argc, char **argv) {
        bool dry_run = false;
        struct shelf shelf;
        int first, failed = 0,
                   result = options_parse(&about_clean, OPTIONS_ANYWHERE, argc, argv, (void *[]){ &dry_run },
                                          &first);

        if (result == 0 && first < argc) {
                message("clean: it takes no operands; see memtrace clean --help");
                result = -EINVAL;
        }
        if (result != 0)
                return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
        result = shelf_open(".", &shelf);
        for (size_t i = 0; result == 0 && i < shelf.count; i++)
                if (shelf_remove(shelf.traces[i].path, dry_run) < 0)
                        failed = -EIO; /* one that is still written does not keep the others */
        shelf_deinit(&shelf);
        return result < 0 || failed < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_rm = { &about_rm, run_rm };
const struct command command_clean = { &about_clean, run_clean };
