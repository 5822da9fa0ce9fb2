/*
 * memtrace merge TRACE... -o FILE: many processes' heaps as one snapshot.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/snapshot.h"
#include "select/selection.h"
#include "state/snapshot.h"
#include "state/snapshot_merge.h"

#include <errno.h>
#include <stdlib.h>

enum index { OUTPUT, AT };

static const struct option_spec specs[] = {
        [OUTPUT] = { "output", 'o', "FILE", "the snapshot; -: standard output", NULL },
        [AT] = { "at", 'a', "WHEN", "the moment of each trace that names none itself (peak)", NULL },
        { 0 },
};

struct asked {
        const char *output;
        struct moment at; /* not given: the peak */
        struct domain_choice domains;
};

static int take_option(void *context, size_t index, const char *value) {
        struct asked *asked = context;

        switch ((enum index)index) {
        case OUTPUT:
                asked->output = value;
                return 0;
        case AT:
                return moment_read(value, &asked->at);
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &own_options, &selection_domain_options, NULL };

static const struct options_about about = {
        .command = "merge",
        .usage = "merge [OPTIONS] -o FILE TRACE[@WHEN]...",
        .summary = "Add up many processes' heaps, a tree's or a fleet's, into one snapshot.",
        .groups = groups,
};

/* A saved snapshot is of its own moment, and so is a trace that names one. */
static int takes_at(const char *operand, bool *takes) {
        struct moment moment;
        char *path;
        int error = moment_parse(operand, MOMENT_PEAK, &path, &moment);

        if (error < 0)
                return error;
        *takes = !moment.given && !snapshot_is(path);
        free(path);
        return 0;
}

static int add(struct snapshot_merge *merge, const char *operand, struct asked *asked) {
        struct state_wish wish = { .fallback = MOMENT_PEAK, .all = true, .domains = &asked->domains };
        struct state state;
        bool takes = false;
        int error = asked->at.given ? takes_at(operand, &takes) : 0;

        if (takes)
                wish.to = &asked->at;
        if (error == 0)
                error = state_open(operand, &wish, &state);
        if (error < 0)
                return error;
        error = snapshot_merge_add(merge, &state);
        state_close(&state);
        return error;
}

static int merge_all(char *const *operands, size_t count, struct asked *asked) {
        struct snapshot_merge *merge = snapshot_merge_new(asked->output);
        struct state state = { 0 };
        int error = merge ? 0 : -ENOMEM;

        for (size_t i = 0; error == 0 && i < count; i++)
                error = add(merge, operands[i], asked);
        if (error == 0)
                error = domain_choice_end(&asked->domains);
        if (error == 0)
                error = snapshot_merge_finish(merge, &state);
        if (merge)
                snapshot_merge_free(merge);
        if (error < 0)
                return error;
        error = render_snapshot_as(&state, asked->output);
        state_close(&state);
        return error;
}

static int settle(const struct asked *asked, int operand_count) {
        if (!asked->output || !*asked->output) {
                message("merge: where to? give --output a name; see memtrace merge --help");
                return -EINVAL;
        }
        if (operand_count > 0)
                return 0;
        message("merge: a trace is needed; see memtrace merge --help");
        return -EINVAL;
}

static int run(int argc, char **argv) {
        struct asked asked = { .domains = { .command = "merge", .several = true } };
        void *const contexts[] = { &asked, &asked.domains };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0)
                result = settle(&asked, argc - first);
        if (result == 0)
                result = merge_all(argv + first, (size_t)(argc - first), &asked);
        domain_choice_deinit(&asked.domains);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_merge = { &about, run };
