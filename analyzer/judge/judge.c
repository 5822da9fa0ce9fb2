/*
 * See judge.h. One thread.
 */
#include "judge/judge.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"
#include "base/saturate.h"
#include "judge/highs.h"
#include "judge/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const judge_per_names[] = { "tree", "program", "process", NULL };

struct judge_subject {
        struct subject subject;
        char *program; /* that all its processes are; NULL: several; heap */
        bool all;      /* rules about no program are for it */
};

static int no_memory(void) {
        return message_errno(ENOMEM, "check", "cannot judge");
}

void judge_deinit(struct judge *judge) {
        checks_deinit(&judge->checks);
        for (size_t i = 0; i < judge->subject_count; i++) {
                subject_deinit(&judge->subjects[i].subject);
                free(judge->subjects[i].program);
        }
        free(judge->subjects);
        keys_deinit(&judge->places);
        stacks_deinit(&judge->stacks);
        *judge = (struct judge){ 0 };
}

/* The subject of that name, new or known. NULL: no memory. */
static struct subject *find_subject(struct judge *judge, const char *name, const char *program, bool all) {
        struct judge_subject *item;

        for (size_t i = 0; i < judge->subject_count; i++)
                if (judge->subjects[i].all == all && strcmp(judge->subjects[i].subject.name, name) == 0)
                        return &judge->subjects[i].subject;
        if (array_reserve(&judge->subjects, &judge->subjects_capacity, judge->subject_count + 1,
                          sizeof(*judge->subjects)) < 0)
                return NULL;
        item = &judge->subjects[judge->subject_count];
        *item = (struct judge_subject){ .program = program ? strdup(program) : NULL, .all = all };
        if ((program && !item->program) || subject_init(&item->subject, name, &judge->stacks) < 0) {
                free(item->program);
                return NULL;
        }
        judge->subject_count++;
        return &item->subject;
}

static int add_to(struct judge *judge, const struct process *process, const char *name, const char *program,
                  bool all) {
        const struct rules *rules = judge->wish->rules;
        struct subject *subject = find_subject(judge, name, program, all);
        int error = subject ? process_add(process, subject) : no_memory();

        return error == 0 && highs_are_asked(rules) ? highs_take(process, rules, &judge->places, subject)
                                                    : error;
}

/* Whether there is a rule for programs of that name. */
static bool is_ruled(const struct rules *rules, const char *program) {
        for (size_t i = 0; i < rules->count; i++)
                if (rules->items[i].program && filter_matches_path(rules->items[i].program, program))
                        return true;
        return false;
}

/* To all that it is judged as a part of. */
static int add_process(struct judge *judge, const struct process *process) {
        const struct summary *summary = &process->state.summary;
        const char *program = *summary->program ? path_base(summary->program) : "<unknown>";
        char *name;
        int error;

        switch (judge->wish->per) {
        case JUDGE_PROGRAM:
                return add_to(judge, process, program, program, true);
        case JUDGE_PROCESS:
                if (asprintf(&name, "%s (%" PRIu32 ")", program, summary->pid) < 0)
                        return no_memory();
                error = add_to(judge, process, name, program, true);
                free(name);
                return error;
        default:
                error = add_to(judge, process, "", NULL, true);
                return error == 0 && is_ruled(judge->wish->rules, program)
                               ? add_to(judge, process, program, program, false)
                               : error;
        }
}

static bool asks_peak(const struct rules *rules) {
        for (size_t i = 0; i < rules->count; i++)
                if (rules->items[i].limit.kind == CHECK_PEAK)
                        return true;
        return false;
}

static struct process_wish wish_of(struct judge *judge) {
        return (struct process_wish){
                .frame = judge->wish->frame,
                .skips = judge->wish->skips,
                .stacks = &judge->stacks,
                .suppressions = judge->wish->suppressions,
                .peak = asks_peak(judge->wish->rules),
        };
}

static int take_trace(struct judge *judge, const char *operand) {
        const struct process_wish wish = wish_of(judge);
        struct process process;
        int error = process_open(operand, &wish, &process);

        if (error < 0)
                return error;
        error = add_process(judge, &process);
        process_close(&process);
        return error;
}

static int judge_subject(struct judge *judge, struct judge_subject *item) {
        const struct limits_wish limits = {
                .rules = judge->wish->rules,
                .program = item->program,
                .all = item->all,
                .keys = &judge->places,
                .finding_limit = judge->wish->finding_limit,
        };

        return limits_judge(&limits, &item->subject, &judge->checks);
}

static int judge_baseline(struct judge *judge) {
        const struct subject **subjects = calloc(judge->subject_count + 1, sizeof(*subjects));
        const struct process_wish reading = wish_of(judge);
        size_t count = 0;
        int error;

        if (!subjects)
                return no_memory();
        for (size_t i = 0; i < judge->subject_count; i++)
                if (judge->subjects[i].all)
                        subjects[count++] = &judge->subjects[i].subject;
        error = baseline_check(&judge->wish->baseline, &reading, subjects, count, judge->wish->finding_limit,
                               &judge->checks);
        free(subjects);
        return error;
}

static int list_traces(struct checks *checks, char *const *operands, size_t count) {
        checks->traces = calloc(count + 1, sizeof(*checks->traces));
        if (!checks->traces)
                return no_memory();
        for (; checks->trace_count < count; checks->trace_count++) {
                checks->traces[checks->trace_count] = strdup(operands[checks->trace_count]);
                if (!checks->traces[checks->trace_count])
                        return no_memory();
        }
        return 0;
}

/* What the user's own suppressions were good for, and what all of them left out. */
static int list_suppressions(const struct suppressions *suppressions, struct checks *checks) {
        checks->suppressions = calloc(suppressions->count + 1, sizeof(*checks->suppressions));
        if (!checks->suppressions)
                return no_memory();
        for (size_t i = 0; i < suppressions->count; i++) {
                const struct suppression *from = &suppressions->items[i];
                struct check_suppression *to = &checks->suppressions[checks->suppression_count];

                checks->suppressed_bytes = saturate_add(checks->suppressed_bytes, from->bytes);
                checks->suppressed_blocks = saturate_add(checks->suppressed_blocks, from->blocks);
                if (from->builtin)
                        continue;
                checks->suppression_count++;
                *to = (struct check_suppression){ strdup(from->text), strdup(from->origin), from->bytes,
                                                  from->blocks, from->used };
                if (!to->text || !to->origin)
                        return no_memory();
        }
        return 0;
}

int judge_traces(char *const *operands, size_t count, const struct judge_wish *wish, struct judge *judge) {
        int error;

        *judge = (struct judge){ .wish = wish, .places.by = wish->by };
        stacks_init(&judge->stacks);
        error = list_traces(&judge->checks, operands, count);
        for (size_t i = 0; error == 0 && i < count; i++)
                error = take_trace(judge, operands[i]);
        for (size_t i = 0; error == 0 && i < judge->subject_count; i++)
                error = judge_subject(judge, &judge->subjects[i]);
        if (error == 0 && wish->baseline.path)
                error = judge_baseline(judge);
        return error == 0 ? list_suppressions(wish->suppressions, &judge->checks) : error;
}
