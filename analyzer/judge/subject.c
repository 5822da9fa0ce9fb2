/*
 * See subject.h. One thread.
 */
#include "judge/subject.h"

#include "base/array.h"
#include "base/path.h"
#include "base/saturate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int subject_init(struct subject *subject, const char *name, const struct stacks *stacks) {
        *subject = (struct subject){ .name = strdup(name) };
        ledger_init(&subject->ledger, stacks);
        return subject->name ? 0 : -ENOMEM;
}

void subject_deinit(struct subject *subject) {
        for (size_t i = 0; i < subject->trace_count; i++)
                free(subject->traces[i]);
        free(subject->traces);
        for (size_t i = 0; i < subject->program_count; i++)
                free(subject->programs[i]);
        free(subject->programs);
        free(subject->place_highs.bytes);
        free(subject->rule_highs.bytes);
        free(subject->name);
        free(subject->why);
        ledger_deinit(&subject->ledger);
        *subject = (struct subject){ 0 };
}

static int doubt(struct subject *subject, const struct summary *summary) {
        const char *program = path_base(summary->program);
        int made = 0;

        if (summary->lost > 0 || summary->damage_count > 0)
                subject->lossy = true;
        else if (!summary->has_end)
                subject->unended = true;
        else
                return 0;
        if (subject->why)
                return 0;
        if (summary->lost > 0)
                made = asprintf(&subject->why, "%" PRIu64 " events of %s (%" PRIu32 ") were lost",
                                summary->lost, program, summary->pid);
        else if (summary->damage_count > 0)
                made = asprintf(&subject->why, "the trace of %s (%" PRIu32 ") is damaged", program,
                                summary->pid);
        else
                made = asprintf(&subject->why, "the trace of %s (%" PRIu32 ") %s", program, summary->pid,
                                summary->running ? "is of a program that still runs" : "has no end");
        if (made < 0)
                subject->why = NULL;
        return made < 0 ? -ENOMEM : 0;
}

static int add_program(struct subject *subject, const char *program) {
        size_t at = 0;
        char *copy;

        while (at < subject->program_count && strcmp(subject->programs[at], program) < 0)
                at++;
        if (at < subject->program_count && strcmp(subject->programs[at], program) == 0)
                return 0;
        if (array_reserve(&subject->programs, &subject->programs_capacity, subject->program_count + 1,
                          sizeof(*subject->programs)) < 0 ||
            !(copy = strdup(program)))
                return -ENOMEM;
        memmove(&subject->programs[at + 1], &subject->programs[at],
                (subject->program_count++ - at) * sizeof(*subject->programs));
        subject->programs[at] = copy;
        return 0;
}

int subject_add(struct subject *subject, const char *trace, const struct summary *summary) {
        char *copy = strdup(trace);

        if (!copy || array_reserve(&subject->traces, &subject->traces_capacity, subject->trace_count + 1,
                                   sizeof(*subject->traces)) < 0) {
                free(copy);
                return -ENOMEM;
        }
        subject->traces[subject->trace_count++] = copy;
        subject->peak_bytes = saturate_add(subject->peak_bytes, summary->peak_bytes);
        subject->peak_least_bytes = subject->peak_bytes;
        if (add_program(subject, path_base(summary->program)) < 0)
                return -ENOMEM;
        return doubt(subject, summary);
}

int subject_add_high(struct subject_highs *highs, uint32_t number, uint64_t bytes) {
        if (array_reserve(&highs->bytes, &highs->capacity, (size_t)number + 1, sizeof(*highs->bytes)) < 0)
                return -ENOMEM;
        while (highs->count <= number)
                highs->bytes[highs->count++] = 0;
        if (bytes > highs->bytes[number])
                highs->bytes[number] = bytes;
        return 0;
}
