/*
 * See baseline_check.h. One thread.
 */
#include "judge/baseline_check.h"

#include "base/message.h"
#include "judge/baseline_file.h"
#include "judge/baseline_judge.h"
#include "state/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct checking_baseline {
        const struct baseline_wish *wish;
        const struct process_wish *reading;
        const struct subject *const *subjects;
        struct baseline_domains *domains;
        size_t count, finding_limit;
        bool is_file; /* and no other run */
        struct baseline before, now;
        char *doubt; /* why `before` may be wrong; heap */
};

static int no_memory(void) {
        return message_errno(ENOMEM, "check", "cannot compare with a baseline");
}

/* What a place is where the baseline does not say it: a function stays itself when lines move. */
static enum aggregate_by wanted(const struct baseline_wish *wish) {
        return wish->by_given ? wish->by : AGGREGATE_FUNCTION;
}

/* An end that is missing is nothing to a moment before it. */
static bool is_doubtful(const struct process *process, const struct subject *subject) {
        return subject->lossy || (subject->unended && process->state.moment.kind == MOMENT_END);
}

static int take_run(struct checking_baseline *checking, const struct process *process) {
        struct subject subject;
        int error;

        if (subject_init(&subject, "", checking->reading->stacks) < 0)
                return no_memory();
        error = process_add(process, &subject);
        baseline_init(&checking->before, wanted(checking->wish));
        if (error == 0 &&
            baseline_domains_note(&checking->before.domains, checking->reading->domains, &process->state) < 0)
                error = no_memory();
        if (error == 0)
                error = baseline_add_subject(&checking->before, &subject);
        if (error == 0 && is_doubtful(process, &subject) && !(checking->doubt = strdup(subject.why)))
                error = no_memory();
        subject_deinit(&subject);
        return error;
}

/* A trace or a saved snapshot to compare with. */
static int read_run(struct checking_baseline *checking) {
        struct process_wish wish = *checking->reading;
        struct process process;
        int error;

        wish.other = true;
        if (snapshot_is(checking->wish->path))
                wish.domains = NULL; /* it is of those that it was saved of, which must be the same */
        error = process_open(checking->wish->path, &wish, &process);
        if (error < 0)
                return error;
        error = take_run(checking, &process);
        process_close(&process);
        return error;
}

static int read_before(struct checking_baseline *checking) {
        const char *path = checking->wish->path;

        checking->is_file = baseline_file_is(path);
        if (checking->is_file)
                return baseline_file_read(path, &checking->before);
        if (access(path, F_OK) < 0 && errno == ENOENT && !strchr(path, '@')) {
                message("%s: there is no such baseline; --update-baseline writes it", path);
                return -ENOENT;
        }
        return read_run(checking);
}

/* The same for one that is to be written: there need be none. */
static int read_earlier(struct checking_baseline *checking) {
        const char *path = checking->wish->path;

        if (baseline_file_is(path))
                return baseline_file_read(path, &checking->before);
        if (access(path, F_OK) == 0) {
                message("%s: is no baseline, and is not written over", path);
                return -EEXIST;
        }
        baseline_init(&checking->before, wanted(checking->wish));
        return 0;
}

static int add_now(struct checking_baseline *checking) {
        const struct baseline_wish *wish = checking->wish;
        int error = 0;

        baseline_init(&checking->now, wish->by_given ? wish->by : checking->before.by);
        checking->now.domains = *checking->domains;
        *checking->domains = (struct baseline_domains){ 0 };
        for (size_t i = 0; error == 0 && i < checking->count; i++)
                error = baseline_add_subject(&checking->now, checking->subjects[i]);
        return error;
}

static struct check *add_check(const struct checking_baseline *checking, const struct subject *subject,
                               struct checks *checks) {
        const struct baseline_wish *wish = checking->wish;
        struct check *check = checks_add(checks, CHECK_BASELINE);

        if (!check)
                return NULL;
        check->subject = strdup(subject->name);
        check->limit.has_bytes = true; /* none, unless it is said */
        if (wish->growth)
                check->limit = wish->growth->limit.amount;
        if (wish->growth)
                check->origin = strdup(wish->growth->origin);
        else if (asprintf(&check->origin, "--baseline %s", wish->path) < 0)
                check->origin = NULL;
        return check->subject && check->origin ? check : NULL;
}

/* A baseline that is better kept lower. */
static int advise(const struct checking_baseline *checking, struct check *check) {
        char *note = check->note;

        if (!note || !checking->is_file)
                return 0;
        if (asprintf(&check->note, "%s; --update-baseline keeps it so", note) < 0)
                check->note = NULL;
        free(note);
        return check->note ? 0 : no_memory();
}

/* A loss may hide what was held before, and frees as well as allocations now. */
static int doubt(const char *why, struct check *check) {
        if (!why)
                return 0;
        free(check->note);
        check->note = NULL;
        check->verdict = CHECK_UNDECIDED;
        check->why = strdup(why);
        return check->why ? 0 : no_memory();
}

static int judge_part(struct checking_baseline *checking, size_t index, struct checks *checks) {
        const struct subject *subject = checking->subjects[index];
        const struct baseline_part *part = &checking->now.parts[index];
        const struct baseline_part *before = baseline_find(&checking->before, part, checking->wish->exact);
        struct check *check = add_check(checking, subject, checks);
        int error = check ? 0 : no_memory();

        if (error == 0)
                error = baseline_judge(before, &checking->now, part, subject->ledger.stacks,
                                       checking->finding_limit, check);
        if (error == 0)
                error = advise(checking, check);
        return error == 0 ? doubt(subject->why ? subject->why : checking->doubt, check) : error;
}

static int judge_all(struct checking_baseline *checking, struct checks *checks) {
        int error =
                baseline_fits(&checking->before, checking->wish->path, &checking->now, checking->wish->exact);

        for (size_t i = 0; error == 0 && i < checking->count; i++)
                error = judge_part(checking, i, checks);
        return error;
}

/* What would be wrong from then on. */
static int refuse_doubtful(const struct checking_baseline *checking) {
        for (size_t i = 0; i < checking->count; i++)
                if (checking->subjects[i]->why) {
                        message("%s: is not written: %s", checking->wish->path, checking->subjects[i]->why);
                        return -EINVAL;
                }
        return 0;
}

/* What all of its parts have in common. */
static int refuse_other(const struct checking_baseline *checking) {
        const struct baseline *before = &checking->before, *now = &checking->now;

        if (before->part_count == 0)
                return 0;
        if (before->by == now->by)
                return baseline_same_domains(before, checking->wish->path, now);
        message("%s: is a baseline by %s; to have one by %s, remove it first", checking->wish->path,
                aggregate_by_names[before->by], aggregate_by_names[now->by]);
        return -EINVAL;
}

static int write_all(struct checking_baseline *checking, struct checks *checks) {
        const char *path = checking->wish->path;
        size_t places = 0;
        bool same;
        int error = refuse_doubtful(checking);

        if (error == 0)
                error = refuse_other(checking);
        for (size_t i = 0; i < checking->count; i++)
                places += checking->now.parts[i].count;
        if (error == 0)
                error = baseline_keep(&checking->now, &checking->before, checking->wish->exact);
        if (error == 0)
                error = baseline_file_write(path, &checking->now, &same);
        for (size_t i = 0; error == 0 && i < checking->count; i++) {
                struct check *check = add_check(checking, checking->subjects[i], checks);

                if (!check)
                        return no_memory();
                check->each = true;
                check->actual.has_bytes = true;
                if (asprintf(&check->note,
                             same ? "%s is as it was, %zu place%s" : "%s is written, %zu place%s", path,
                             places, places == 1 ? "" : "s") < 0)
                        return no_memory();
        }
        return error;
}

int baseline_check(const struct baseline_wish *wish, const struct process_wish *reading,
                   const struct subject *const *subjects, size_t count, struct baseline_domains *domains,
                   size_t finding_limit, struct checks *checks) {
        struct checking_baseline checking = { .wish = wish,
                                              .reading = reading,
                                              .subjects = subjects,
                                              .count = count,
                                              .domains = domains,
                                              .finding_limit = finding_limit };
        int error = wish->update ? read_earlier(&checking) : read_before(&checking);

        if (error == 0)
                error = add_now(&checking);
        if (error == 0)
                error = wish->update ? write_all(&checking, checks) : judge_all(&checking, checks);
        baseline_deinit(&checking.now);
        baseline_deinit(&checking.before);
        free(checking.doubt);
        return error;
}
