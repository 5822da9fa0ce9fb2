/*
 * Names as hostile as they come, given to the reports directly: the executable, arguments, files, functions
 * and modules. The input is these strings, each ended by a NUL, and numbers made of its bytes.
 */
#include "input.h"
#include "render_check.h"

#include "base/message.h"
#include "base/saturate.h"
#include "render/ages.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 8u

/* The entries once more, each the most recent frame of those before it, who call each other too. */
static void check_paths(struct aggregate *aggregate, const struct report *report) {
        struct symbol_frame frames[ENTRIES_MAX];
        struct aggregate_node nodes[ENTRIES_MAX];

        for (uint32_t i = 0; i < aggregate->count; i++) {
                struct aggregate_entry *entry = &aggregate->entries[i];

                frames[i] = (struct symbol_frame){ .file = entry->file,
                                                   .function = entry->function,
                                                   .module = entry->module,
                                                   .line = entry->line,
                                                   .has_line = entry->has_line };
                nodes[i] = (struct aggregate_node){ &frames[i], i ? i - 1 : AGGREGATE_NO_NODE, i + 1, i % 2 };
                entry->node = i;
                aggregate->size_bytes = saturate_add(aggregate->size_bytes, entry->size_bytes);
                aggregate->blocks = saturate_add(aggregate->blocks, entry->count);
        }
        aggregate->nodes = nodes;
        aggregate->wish.by = AGGREGATE_TRACEBACK;
        render_check(report);
        for (int by = AGGREGATE_LINE; by <= AGGREGATE_MODULE; by++) {
                aggregate->wish.by = (enum aggregate_by)by;
                render_check_calls(report);
                render_check_flames(report);
        }
}

/* A life of each entry, whose numbers are made of the entry's; two classes of age, or none. */
static void check_ages(const struct aggregate *aggregate, struct report report) {
        struct lifespan spans[ENTRIES_MAX] = { 0 };
        uint64_t classes[ENTRIES_MAX][2];
        struct lifespans lifespans = { .aggregate = *aggregate, .spans = spans, .count = aggregate->count };

        for (uint32_t i = 0; i < aggregate->count; i++) {
                const struct aggregate_entry *entry = &aggregate->entries[i];
                uint64_t known = entry->count / 2, unknown = entry->size_bytes % 2;

                classes[i][0] = known / 3;
                classes[i][1] = known - known / 3;
                spans[i] = (struct lifespan){
                        .frees = entry->count,
                        .never_freed = entry->size_bytes,
                        .told = { known + unknown, unknown, known / 2, known / 5, entry->size_bytes },
                        .classes = classes[i],
                        .first_class = (uint32_t)(entry->size_bytes % MTR_AGE_CLASS_MAX),
                        .class_count = known ? 2 : 0,
                };
        }
        lifespans.all = spans[0];
        report.aggregate = &lifespans.aggregate;
        for (int by = AGGREGATE_LINE; by <= AGGREGATE_MODULE; by++) {
                lifespans.aggregate.wish.by = (enum aggregate_by)by;
                render_check_ages(&(struct ages){ &report, &lifespans });
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static struct aggregate_entry next_entry(struct input *input) {
        struct aggregate_entry entry = { .file = input_string(input),
                                         .function = input_string(input),
                                         .module = input_string(input),
                                         .line = (uint32_t)input_number(input),
                                         .size_bytes = input_number(input),
                                         .count = input_number(input) };

        /* As symbols.h has it: there is always a place. Nor do we open what is named. */
        if (!entry.file || entry.file[0] == '/')
                entry.file = "<unknown>";
        entry.has_line = entry.line % 2;
        return entry;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        char *copy = malloc(length + 1);
        struct input input = { copy, copy + length + (length > 0) };
        struct aggregate_entry entries[ENTRIES_MAX];
        struct aggregate aggregate = { .entries = entries };
        struct summary summary = { .has_end = true };
        struct report report = render_check_report(&summary, &aggregate);
        const char *program;

        if (!copy)
                abort();
        message_silence();
        memcpy(copy, data, length);
        copy[length] = '\0';
        program = input_string(&input);
        summary.program = program ? program : "";
        summary.command = (char *)summary.program;
        summary.argv = copy;
        summary.argv_bytes = length;
        summary.how = (enum mtr_end_how)(input_number(&input) % 6);
        summary.code = (int32_t)input_number(&input);
        summary.started_unix_ns = input_number(&input);
        summary.duration_ns = summary.peak_time_ns = report.time_ns = input_number(&input);
        summary.lost = summary.damage_count = input_number(&input);
        for (; aggregate.count < ENTRIES_MAX && input.at != input.end; aggregate.count++)
                entries[aggregate.count] = next_entry(&input);
        for (int by = AGGREGATE_LINE; by <= AGGREGATE_MODULE; by++) {
                aggregate.wish.by = (enum aggregate_by)by;
                render_check(&report);
        }
        check_paths(&aggregate, &report);
        check_ages(&aggregate, report);
        free(copy);
        return 0;
}
