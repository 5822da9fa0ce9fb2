/*
 * memtrace snapshot save TRACE[@WHEN]: a moment as a file that needs neither the trace nor the programs.
 */
#include "commands/snapshot.h"

#include "base/message.h"
#include "base/path.h"
#include "render/snapshot.h"
#include "select/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum index { OUTPUT };

static const struct option_spec specs[] = {
        [OUTPUT] = { "output", 'o', "FILE", "the snapshot (TRACE.WHEN.json, here); -: standard output",
                     NULL },
        { 0 },
};

static int take_option(void *context, size_t index, const char *value) {
        const char **output = context;

        if ((enum index)index != OUTPUT || !*value) {
                message("snapshot save: --output needs a name");
                return -EINVAL;
        }
        *output = value;
        return 0;
}

const struct option_group snapshot_save_options = { specs, take_option };
static const struct option_group *const groups[] = { &snapshot_save_options, &selection_domain_options,
                                                     NULL };

static const struct options_about about = {
        .command = "snapshot save",
        .usage = "snapshot save [OPTIONS] TRACE[@WHEN]",
        .summary = "Save a moment of a trace, its peak if no other, as a file that stands by itself.",
        .groups = groups,
};

/* "app.peak.json" for dir/app.mtr@peak, with nothing of the moment that a file's name should not have. */
static char *default_name(const struct state *state) {
        const char *base = path_base(state->trace->reader->name), *when = moment_name(&state->moment);
        size_t length = path_without(base, strlen(base), ".mtr");
        char *name;

        if (asprintf(&name, "%.*s.%s.json", (int)length, base, when) < 0)
                return NULL;
        for (char *at = name + length + 1; *at; at++)
                if (*at == '/' || *at == ' ' || (unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
                        *at = '_';
        return name;
}

static int save(const char *operand, const char *output, struct domain_choice *domains) {
        const struct state_wish wish = { .fallback = MOMENT_PEAK, .all = true, .domains = domains };
        struct state state;
        char *name;
        int error = state_open(operand, &wish, &state);

        if (error < 0)
                return error;
        name = output ? strdup(output) : default_name(&state);
        if (!name)
                error = message_errno(ENOMEM, operand, "cannot save");
        else
                error = render_snapshot_as(&state, name);
        if (error == 0 && !output)
                message("saved as %s", name);
        free(name);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct domain_choice domains = { .command = "snapshot save" };
        const char *output = NULL;
        void *const contexts[] = { &output, &domains };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != 1) {
                message("snapshot save: one trace is needed; see memtrace snapshot save --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = save(argv[first], output, &domains);
        domain_choice_deinit(&domains);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command snapshot_save = { &about, run };
