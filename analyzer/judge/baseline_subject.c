/*
 * What a subject holds at the end, as a part of a baseline. One thread.
 */
#include "judge/baseline.h"

#include "aggregate/match.h"
#include "aggregate/stable.h"
#include "base/message.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes a name over, so that it can be read and written. NULL stays NULL; false: no memory. */
static bool make_plain(char **name) {
        char *plain = *name ? text_escape(*name, strlen(*name)) : NULL;
        bool made = plain || !*name;

        free(*name);
        *name = plain;
        return made;
}

/* A row's names, each on the heap or NULL. */
struct names {
        char *file, *function, *module;
};

static void names_deinit(struct names *names) {
        free(names->file);
        free(names->function);
        free(names->module);
}

static int make_names(const struct baseline *baseline, const struct symbol_frame *frame,
                      struct names *names) {
        bool by_function = baseline->by == AGGREGATE_LINE || baseline->by == AGGREGATE_FUNCTION;

        if (frame->module && *frame->module && !(names->module = match_module_name(frame->module)))
                return -ENOMEM;
        if (by_function && frame->function && !(names->function = stable_function(frame->function)))
                return -ENOMEM;
        if (baseline->by != AGGREGATE_MODULE) {
                names->file = frame->has_line
                                      ? stable_source(frame->file, frame->directory, frame->module)
                                      : stable_without_line(names->module, baseline->by == AGGREGATE_LINE
                                                                                   ? names->function
                                                                                   : NULL);
                if (!names->file)
                        return -ENOMEM;
        }
        return make_plain(&names->file) && make_plain(&names->function) && make_plain(&names->module)
                       ? 0
                       : -ENOMEM;
}

static int add_stack(struct baseline *baseline, struct baseline_part *part, const struct ledger *ledger,
                     uint32_t stack) {
        const struct symbol_frame *frame = stacks_charged(ledger->stacks, stack);
        const struct ledger_sums *sums = &ledger->sums[stack];
        bool has_line = baseline->by == AGGREGATE_LINE && frame->has_line, known;
        struct names names = { 0 };
        int error = make_names(baseline, frame, &names);

        if (error == 0) {
                const struct baseline_row row = {
                        .file = names.file,
                        .function = names.function,
                        .module = names.module,
                        .line = has_line ? frame->line : 0,
                        .has_line = has_line,
                        .bytes = sums->leaked_bytes,
                        .blocks = sums->leaked_blocks,
                        .stack = stack,
                        .stack_bytes = sums->leaked_bytes,
                };

                error = baseline_add_row(baseline, part, &row, &known);
        }
        names_deinit(&names);
        return error;
}

static int compare_stacks(const void *left, const void *right, void *stacks) {
        return stacks_order(stacks, *(const uint32_t *)left, *(const uint32_t *)right);
}

/* In an order that is the same in every run: the first of several largest stacks is shown. */
static int add_stacks(struct baseline *baseline, struct baseline_part *part, const struct ledger *ledger) {
        uint32_t *held = calloc(ledger->count + 1, sizeof(*held));
        size_t count = 0;
        int error = held ? 0 : -ENOMEM;

        for (uint32_t i = 0; held && i < ledger->count; i++)
                if (ledger->sums[i].leaked_blocks > 0 && !stacks_is_suppressed(ledger->stacks, i))
                        held[count++] = i;
        if (count > 0)
                qsort_r(held, count, sizeof(*held), compare_stacks, (void *)ledger->stacks);
        for (size_t i = 0; error == 0 && i < count; i++)
                error = add_stack(baseline, part, ledger, held[i]);
        free(held);
        return error;
}

static int no_memory(void) {
        return message_errno(ENOMEM, "check", "cannot compare with a baseline");
}

int baseline_add_subject(struct baseline *baseline, const struct subject *subject) {
        const struct ledger *ledger = &subject->ledger;
        struct baseline_part *part = baseline_add_part(baseline);
        int error = part ? 0 : -ENOMEM;

        for (size_t i = 0; error == 0 && i < subject->program_count; i++) {
                char *name = strdup(subject->programs[i]);

                error = make_plain(&name) ? baseline_add_program(baseline, part, name) : -ENOMEM;
                if (error == -EEXIST)
                        error = 0; /* two names that look the same */
                free(name);
        }
        if (error == 0)
                error = add_stacks(baseline, part, ledger);
        return error < 0 ? no_memory() : 0;
}
