/*
 * See judge.h: traces opened one after another, and then what came of them judged. One thread.
 */
#include "judge/judge_parts.h"

#include "base/message.h"
#include "base/saturate.h"
#include "judge/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const judge_per_names[] = { "tree", "program", "process", NULL };

int judge_no_memory(void) {
        return message_errno(ENOMEM, "check", "cannot judge");
}

void judge_deinit(struct judge *judge) {
        checks_deinit(&judge->checks);
        for (size_t i = 0; i < judge->subject_count; i++) {
                subject_deinit(&judge->subjects[i].subject);
                together_deinit(&judge->subjects[i].together);
                free(judge->subjects[i].program);
        }
        free(judge->subjects);
        baseline_domains_deinit(&judge->domains);
        keys_deinit(&judge->places);
        stacks_deinit(&judge->stacks);
        *judge = (struct judge){ 0 };
}

static struct growing_wish growing_wish(struct judge *judge) {
        return (struct growing_wish){
                .repeat = judge->wish->repeat,
                .drift = judge->wish->drift,
                .origin = judge->wish->growth_origin,
                .keys = &judge->places,
                .finding_limit = judge->wish->finding_limit,
        };
}

/* Of several processes only those that repeat what was named, or last long enough to be cut. */
static int judge_growth(struct judge *judge, const struct process *process) {
        const struct growing_wish wish = growing_wish(judge);
        bool alone = judge->checks.trace_count == 1, named = wish.repeat.name;
        char *name;
        int error;

        if (!process->state.when && !(alone && named) && !growing_repeats(&wish, process))
                return 0;
        name = alone ? strdup("") : judge_process_name(&process->state.summary);
        error = name ? growing_judge(&wish, process, name, &judge->checks) : judge_no_memory();
        free(name);
        judge->grown_count++;
        return error;
}

/* None of the traces repeats anything. */
static int miss_growth(struct judge *judge) {
        const struct growing_wish wish = growing_wish(judge);

        if (!wish.repeat.name)
                return growing_judge_short(&wish, &judge->checks);
        message("check: --repeat: none of the traces has such a %s",
                wish.repeat.kind == REPETITIONS_MARK ? "mark" : "scope");
        return -EINVAL;
}

static struct process_wish wish_of(struct judge *judge) {
        return (struct process_wish){
                .frame = judge->wish->frame,
                .skips = judge->wish->skips,
                .domains = judge->wish->domains,
                .stacks = &judge->stacks,
                .suppressions = judge->wish->suppressions,
        };
}

static int take_trace(struct judge *judge, const char *operand) {
        static const struct moment peak = { .kind = MOMENT_PEAK };
        struct process_wish wish = wish_of(judge);
        struct process process;
        int error;

        /* that of several is known when all of them are */
        if (judge->checks.trace_count == 1 && judge_asks_peak(judge->wish->rules))
                wish.peak = &peak;
        error = process_open(operand, &wish, &process);
        if (error < 0)
                return error;
        error = judge_add_process(judge, &process);
        if (error == 0 && judge->wish->baseline.path &&
            baseline_domains_note(&judge->domains, judge->wish->domains, &process.state) < 0)
                error = judge_no_memory();
        if (error == 0 && judge->wish->growth)
                error = judge_growth(judge, &process);
        process_close(&process);
        return error;
}

/* Whether a limit on the subject's peak may be exceeded, so that its places are of interest. */
static bool is_peak_beyond(const struct rules *rules, const struct subject *subject) {
        for (size_t i = 0; i < rules->count; i++) {
                const struct limit *limit = &rules->items[i].limit;

                if (limit->kind == CHECK_PEAK && subject->peak_bytes > limit->amount.bytes)
                        return true;
        }
        return false;
}

/* What one of the subject's processes held at that time. */
static int add_peak_of(struct judge *judge, struct judge_subject *item, size_t number,
                       const struct moment *moment) {
        struct process_wish wish = wish_of(judge);
        struct process process;
        int error;

        wish.peak = moment;
        wish.other = true;
        error = process_open(item->subject.traces[number], &wish, &process);
        if (error < 0)
                return error;
        error = process_add_peak(&process, &item->subject);
        process_close(&process);
        return error;
}

/* What its processes held at one time, instead of the sum of their peaks. */
static int find_peak(struct judge *judge, struct judge_subject *item) {
        struct together_peak peak;
        int error = item->together.count > 0 ? together_find(&item->together, &peak) : 0;

        if (error < 0 || item->together.count == 0)
                return error;
        item->subject.peak_least_bytes = peak.low_bytes;
        item->subject.peak_bytes = peak.high_bytes;
        if (!is_peak_beyond(judge->wish->rules, &item->subject))
                return 0;
        for (size_t i = 0; error == 0 && i < item->subject.trace_count; i++) {
                struct moment moment = { .kind = MOMENT_TIME, .given = true };

                if (together_time(&item->together, &peak, i, &moment.value))
                        error = add_peak_of(judge, item, i, &moment);
        }
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
        int error = find_peak(judge, item);

        return error == 0 ? limits_judge(&limits, &item->subject, &judge->checks) : error;
}

static int judge_baseline(struct judge *judge) {
        const struct subject **subjects = calloc(judge->subject_count + 1, sizeof(*subjects));
        const struct process_wish reading = wish_of(judge);
        size_t count = 0;
        int error;

        if (!subjects)
                return judge_no_memory();
        for (size_t i = 0; i < judge->subject_count; i++)
                if (judge->subjects[i].all)
                        subjects[count++] = &judge->subjects[i].subject;
        error = baseline_check(&judge->wish->baseline, &reading, subjects, count, &judge->domains,
                               judge->wish->finding_limit, &judge->checks);
        free(subjects);
        return error;
}

/* A file's device and number, to tell it by. */
struct identity {
        dev_t device;
        ino_t number;
};

static int compare_identities(const void *left, const void *right) {
        const struct identity *one = left, *other = right;

        if (one->device != other->device)
                return one->device < other->device ? -1 : 1;
        return one->number < other->number ? -1 : one->number > other->number;
}

/* A trace that counts twice would double what it leaked. */
static int refuse_twice(char *const *operands, size_t count) {
        struct identity *files = calloc(count + 1, sizeof(*files));
        size_t known = 0;
        struct stat status;
        int error = files ? 0 : judge_no_memory();

        for (size_t i = 0; files && i < count; i++)
                if (stat(operands[i], &status) == 0)
                        files[known++] = (struct identity){ status.st_dev, status.st_ino };
        if (files)
                qsort(files, known, sizeof(*files), compare_identities);
        for (size_t i = 1; error == 0 && i < known; i++)
                if (compare_identities(&files[i - 1], &files[i]) == 0) {
                        message("check: one of the traces is given twice");
                        error = -EINVAL;
                }
        free(files);
        return error;
}

static int list_traces(struct checks *checks, char *const *operands, size_t count) {
        checks->traces = calloc(count + 1, sizeof(*checks->traces));
        if (!checks->traces)
                return judge_no_memory();
        for (; checks->trace_count < count; checks->trace_count++) {
                checks->traces[checks->trace_count] = strdup(operands[checks->trace_count]);
                if (!checks->traces[checks->trace_count])
                        return judge_no_memory();
        }
        return refuse_twice(operands, count);
}

/* What the user's own suppressions were good for, and what all of them left out. */
static int list_suppressions(const struct suppressions *suppressions, struct checks *checks) {
        checks->suppressions = calloc(suppressions->count + 1, sizeof(*checks->suppressions));
        if (!checks->suppressions)
                return judge_no_memory();
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
                        return judge_no_memory();
        }
        return 0;
}

int judge_traces(char *const *operands, size_t count, const struct judge_wish *wish, struct judge *judge) {
        int error;

        *judge = (struct judge){ .wish = wish, .checks.domains = wish->domains, .places.by = wish->by };
        stacks_init(&judge->stacks);
        error = list_traces(&judge->checks, operands, count);
        for (size_t i = 0; error == 0 && i < count; i++)
                error = take_trace(judge, operands[i]);
        if (error == 0 && wish->domains)
                error = domain_choice_end(wish->domains);
        if (error == 0 && wish->growth && judge->grown_count == 0)
                error = miss_growth(judge);
        for (size_t i = 0; error == 0 && i < judge->subject_count; i++)
                error = judge_subject(judge, &judge->subjects[i]);
        if (error == 0 && wish->baseline.path)
                error = judge_baseline(judge);
        if (error == 0 && judge->checks.count == 0 && !wish->baseline.path) {
                message("check: nothing was checked: no rule is about these programs");
                error = -EINVAL;
        }
        return error == 0 ? list_suppressions(wish->suppressions, &judge->checks) : error;
}
