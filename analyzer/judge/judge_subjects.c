/*
 * Whose memory a process's is judged as a part of: a tree's, its program's, its own. See judge_parts.h. One
 * thread.
 *
 * Must not: judge anything.
 */
#include "judge/judge_parts.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"
#include "judge/highs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The subject of that name, new or known. NULL: no memory. */
static struct judge_subject *find_subject(struct judge *judge, const char *name, const char *program,
                                          bool all) {
        struct judge_subject *item;

        for (size_t i = 0; i < judge->subject_count; i++)
                if (judge->subjects[i].all == all && strcmp(judge->subjects[i].subject.name, name) == 0)
                        return &judge->subjects[i];
        if (array_reserve(&judge->subjects, &judge->subjects_capacity, judge->subject_count + 1,
                          sizeof(*judge->subjects)) < 0)
                return NULL;
        item = &judge->subjects[judge->subject_count];
        *item = (struct judge_subject){ .together.domains = judge->wish->domains,
                                        .program = program ? strdup(program) : NULL,
                                        .all = all };
        if ((program && !item->program) || subject_init(&item->subject, name, &judge->stacks) < 0) {
                free(item->program);
                return NULL;
        }
        judge->subject_count++;
        return item;
}

bool judge_asks_peak(const struct rules *rules) {
        for (size_t i = 0; i < rules->count; i++)
                if (rules->items[i].limit.kind == CHECK_PEAK)
                        return true;
        return false;
}

/* What only another replay tells. */
static int add_peaks(struct judge *judge, const struct process *process, struct judge_subject *item) {
        const struct rules *rules = judge->wish->rules;
        int error = 0;

        if (!judge_asks_peak(rules))
                return 0;
        if (highs_are_asked(rules))
                error = highs_take(process, rules, &judge->places, &item->subject);
        if (error < 0 || judge->checks.trace_count == 1)
                return error;
        if (!process->state.when)
                return together_add(&item->together, process->state.trace);
        message("%s: what several processes held at one time is in their traces, not in a saved snapshot",
                process->state.trace->reader->name);
        return -EINVAL;
}

static int add_to(struct judge *judge, const struct process *process, const char *name, const char *program,
                  bool all) {
        struct judge_subject *item = find_subject(judge, name, program, all);
        int error = item ? process_add(process, &item->subject) : judge_no_memory();

        return error == 0 ? add_peaks(judge, process, item) : error;
}

static const char *program_name(const struct summary *summary) {
        return *summary->program ? path_base(summary->program) : "<unknown>";
}

char *judge_process_name(const struct summary *summary) {
        char *name;

        return asprintf(&name, "%s (%" PRIu32 ")", program_name(summary), summary->pid) < 0 ? NULL : name;
}

/* Of its own: a program may replace itself, and containers give each of theirs the same pid. Heap; NULL: no
 * memory. */
static char *own_name(const struct judge *judge, const struct process *process) {
        char *name = judge_process_name(&process->state.summary), *longer;
        bool taken = false;

        for (size_t i = 0; name && i < judge->subject_count; i++)
                taken |= strcmp(judge->subjects[i].subject.name, name) == 0;
        if (!taken)
                return name;
        if (asprintf(&longer, "%s in %s", name, process->state.trace->reader->name) < 0)
                longer = NULL;
        free(name);
        return longer;
}

/* Whether there is a rule for programs of that name. */
static bool is_ruled(const struct rules *rules, const char *program) {
        for (size_t i = 0; i < rules->count; i++)
                if (rules->items[i].program && filter_matches_path(rules->items[i].program, program))
                        return true;
        return false;
}

int judge_add_process(struct judge *judge, const struct process *process) {
        const struct summary *summary = &process->state.summary;
        const char *program = program_name(summary);
        char *name;
        int error;

        switch (judge->wish->per) {
        case JUDGE_PROGRAM:
                return add_to(judge, process, program, program, true);
        case JUDGE_PROCESS:
                name = own_name(judge, process);
                error = name ? add_to(judge, process, name, program, true) : judge_no_memory();
                free(name);
                return error;
        default:
                error = add_to(judge, process, "", NULL, true);
                return error == 0 && is_ruled(judge->wish->rules, program)
                               ? add_to(judge, process, program, program, false)
                               : error;
        }
}
