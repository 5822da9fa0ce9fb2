/*
 * See selection.h.
 */
#include "select/selection.h"

#include "base/message.h"

#include <errno.h>

static const char *const frame_names[] = { "user", "leaf", NULL };

enum index { FRAME, SKIP_STD, SKIP, INCLUDE, EXCLUDE, FUNCTION, MODULE, THREAD, DOMAIN, ALL_FRAMES };

#define DOMAIN_SPEC                                                                                          \
        { "domain", 0, "GLOB", "of these domains: heap (malloc's, if not given), or the program's own", NULL }

static const struct option_spec specs[] = {
        [FRAME] = { "frame", 0, "FRAME", "who answers: user (past malloc and the runtime) or leaf",
                    frame_names },
        [SKIP_STD] = { "skip-std", 's', NULL, "pass over C++'s and Rust's standard library too", NULL },
        [SKIP] = { "skip", 0, "GLOB", "pass over these functions or files too, such as xmalloc", NULL },
        [INCLUDE] = { "include", 0, "GLOB[:LINE]", "only these files", NULL },
        [EXCLUDE] = { "exclude", 0, "GLOB[:LINE]", "without these files", NULL },
        [FUNCTION] = { "function", 0, "GLOB", "only these functions", NULL },
        [MODULE] = { "module", 0, "GLOB", "only these programs and libraries", NULL },
        [THREAD] = { "thread", 0, "GLOB", "only what these threads allocated, by name or number", NULL },
        [DOMAIN] = DOMAIN_SPEC,
        [ALL_FRAMES] = { "all-frames", 0, NULL, "filters look at each frame of a stack, not the one charged",
                         NULL },
        { 0 },
};

/* The option that each kind of glob comes from. */
static const enum index option_of[FILTER_KIND_COUNT] = {
        [FILTER_INCLUDE] = INCLUDE, [FILTER_EXCLUDE] = EXCLUDE, [FILTER_FUNCTION] = FUNCTION,
        [FILTER_MODULE] = MODULE,   [FILTER_THREAD] = THREAD,   [FILTER_SKIP] = SKIP,
};

static int take(void *context, size_t index, const char *value) {
        struct selection *selection = context;
        int choice;

        switch ((enum index)index) {
        case FRAME:
                choice = options_choose(selection->command, &specs[FRAME], value);
                if (choice < 0)
                        return choice;
                selection->leaf = choice == 1;
                return 0;
        case SKIP_STD:
                selection->skip_std = true;
                return 0;
        case SKIP:
                return filter_add(&selection->skips, FILTER_SKIP, value);
        case INCLUDE:
                return filter_add(&selection->filter, FILTER_INCLUDE, value);
        case EXCLUDE:
                return filter_add(&selection->filter, FILTER_EXCLUDE, value);
        case FUNCTION:
                return filter_add(&selection->filter, FILTER_FUNCTION, value);
        case MODULE:
                return filter_add(&selection->filter, FILTER_MODULE, value);
        case THREAD:
                return filter_add(&selection->filter, FILTER_THREAD, value);
        case DOMAIN:
                selection->domains.command = selection->command;
                return domain_choice_add(&selection->domains, value);
        case ALL_FRAMES:
                selection->filter.all_frames = true;
                return 0;
        }
        return -EINVAL;
}

const struct option_group selection_options = { specs, take };

static const struct option_spec domain_specs[] = { DOMAIN_SPEC, { 0 } };

static int take_domain(void *context, size_t index, const char *value) {
        (void)index;
        return domain_choice_add(context, value);
}

const struct option_group selection_domain_options = { domain_specs, take_domain };

int selection_settle(struct selection *selection) {
        const char *wrong = NULL;

        if (selection->leaf && (selection->skip_std || selection->skips.count > 0))
                wrong = "--frame leaf is the innermost; nothing is passed over with it";
        else if (selection->filter.all_frames &&
                 selection->filter.count == selection->filter.counts[FILTER_THREAD])
                wrong = "--all-frames needs a filter: --include, --exclude, --function or --module";
        if (wrong) {
                message("%s: %s", selection->command, wrong);
                return -EINVAL;
        }
        selection->frame = selection->leaf       ? CHARGE_LEAF
                           : selection->skip_std ? CHARGE_SKIP_STD
                                                 : CHARGE_USER;
        return 0;
}

static void tell_unmatched(const char *command, const struct filter *filter) {
        for (size_t i = 0; i < filter->count; i++)
                if (!filter->globs[i].matched)
                        message("%s: --%s %s matches nothing here", command,
                                specs[option_of[filter->globs[i].kind]].name, filter->globs[i].given);
}

void selection_tell_unmatched(const struct selection *selection) {
        tell_unmatched(selection->command, &selection->filter);
        tell_unmatched(selection->command, &selection->skips);
}

void selection_deinit(struct selection *selection) {
        filter_deinit(&selection->filter);
        filter_deinit(&selection->skips);
        domain_choice_deinit(&selection->domains);
}
