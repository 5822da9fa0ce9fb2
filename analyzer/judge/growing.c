/*
 * See growing.h. One thread.
 */
#include "judge/growing.h"

#include "base/message.h"
#include "judge/finding.h"
#include "judge/histories.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A place whose memory changes. */
struct mover {
        uint32_t group;
        struct drift drift;
};

struct growing {
        const struct growing_wish *wish;
        const struct process *process;
        struct drift_wish drift;
        struct repetitions repetitions;
        struct histories histories;
        uint32_t *groups, *places; /* by site, and by group: as of process_places() */
        uint32_t place_count;
        uint64_t *least_bytes; /* of one place, by repetition */
        struct mover *movers;
        size_t mover_count;
        struct check *check;
};

static int no_memory(const struct growing *growing) {
        return message_errno(ENOMEM, growing->process->state.trace->reader->name, "cannot judge its growth");
}

bool growing_repeats(const struct growing_wish *wish, const struct process *process) {
        const struct trace *trace = process->state.trace;

        if (wish->repeat.kind == REPETITIONS_MARK)
                for (size_t i = 0; i < trace->mark_count; i++)
                        if (strcmp(trace->marks[i].name, wish->repeat.name) == 0)
                                return true;
        if (wish->repeat.kind == REPETITIONS_SCOPE)
                for (size_t i = 0; i < trace->scope_count; i++)
                        if (strcmp(trace->scopes[i].at.name, wish->repeat.name) == 0)
                                return true;
        return wish->repeat.kind != REPETITIONS_MARK && wish->repeat.kind != REPETITIONS_SCOPE &&
               !repetitions_too_short(trace, &wish->repeat);
}

/* Measured are places that change; of the others there is nothing to tell. */
static int find_movers(struct growing *growing) {
        growing->movers = calloc((size_t)growing->place_count + 1, sizeof(*growing->movers));
        growing->least_bytes = calloc(growing->repetitions.count + 1, sizeof(*growing->least_bytes));
        if (!growing->movers || !growing->least_bytes)
                return no_memory(growing);
        for (uint32_t i = 0; i < growing->place_count; i++)
                if (histories_least(&growing->histories, i, growing->least_bytes))
                        growing->movers[growing->mover_count++].group = i;
        growing->drift.places = growing->mover_count;
        return 0;
}

static int measure(struct growing *growing) {
        struct drift *drifts = calloc(growing->mover_count + 1, sizeof(*drifts));
        int error = drifts ? 0 : no_memory(growing);

        for (size_t i = 0; error == 0 && i < growing->mover_count; i++) {
                histories_least(&growing->histories, growing->movers[i].group, growing->least_bytes);
                error = drift_measure(growing->least_bytes, growing->repetitions.count, &growing->drift,
                                      &drifts[i]);
        }
        if (error == 0)
                error = drift_decide(drifts, growing->mover_count, &growing->drift);
        for (size_t i = 0; error == 0 && i < growing->mover_count; i++)
                growing->movers[i].drift = drifts[i];
        free(drifts);
        return error;
}

/* Those that grow stand first, the steepest of them before all. */
static int compare_movers(const void *left_pointer, const void *right_pointer) {
        const struct mover *left = left_pointer, *right = right_pointer;
        bool left_grows = left->drift.verdict == DRIFT_GROWS,
             right_grows = right->drift.verdict == DRIFT_GROWS;

        if (left_grows != right_grows)
                return left_grows ? -1 : 1;
        if (left->drift.slope != right->drift.slope)
                return left->drift.slope > right->drift.slope ? -1 : 1;
        return left->group < right->group ? -1 : 1;
}

/* Why it cannot be told, and what would help. Heap; NULL: no memory. */
static char *doubt_words(const struct drift *drift) {
        char *words;
        int made = drift->needed > 0
                           ? asprintf(&words, "%s; %zu repetitions would tell", drift->why, drift->needed)
                           : asprintf(&words, "%s", drift->why);

        return made < 0 ? NULL : words;
}

static int add_trend(const struct growing *growing, const struct mover *mover,
                     struct check_finding *finding) {
        const struct drift *drift = &mover->drift;
        size_t bytes = (growing->repetitions.count + 1) * sizeof(*finding->trend->least_bytes);

        finding->undecided = drift->verdict == DRIFT_UNDECIDED;
        finding->actual.has_bytes = true;
        finding->trend = malloc(sizeof(*finding->trend));
        if (!finding->trend)
                return -ENOMEM;
        *finding->trend = (struct check_trend){
                .slope = drift->slope,
                .slope_low = drift->slope_low,
                .slope_high = drift->slope_high,
                .confidence = growing->drift.confidence,
                .p = drift->p,
                .p_adjusted = drift->p_adjusted,
                .repetitions = drift->repetitions,
                .warm_up = drift->warm_up,
                .blocks = drift->blocks,
                .block_length = drift->block_length,
                .least_bytes = malloc(bytes),
        };
        if (!finding->trend->least_bytes || (finding->undecided && !(finding->why = doubt_words(drift))))
                return -ENOMEM;
        histories_least(&growing->histories, mover->group, finding->trend->least_bytes);
        return 0;
}

static uint64_t leaked(const struct ledger_sums *sums) {
        return sums->leaked_bytes;
}

/* Those that grow or may. */
static int add_findings(struct growing *growing) {
        struct check *check = growing->check;
        struct ledger_places places;
        int error = ledger_places_make(&growing->process->ledger, growing->wish->keys, leaked, &places);

        for (size_t i = 0; error == 0 && i < growing->mover_count; i++) {
                const struct mover *mover = &growing->movers[i];
                const struct ledger_place *place = &places.items[growing->places[mover->group]];
                struct check_finding *finding;

                if (mover->drift.verdict == DRIFT_STEADY ||
                    check->finding_total++ >= growing->wish->finding_limit)
                        continue;
                if (finding_add(check, growing->process->ledger.stacks, growing->wish->keys, place->largest,
                                &finding) < 0 ||
                    add_trend(growing, mover, finding) < 0)
                        error = no_memory(growing);
                else
                        finding->actual.bytes = place->sums.leaked_bytes - place->suppressed.leaked_bytes;
        }
        if (error == 0)
                ledger_places_deinit(&places);
        return error;
}

__attribute__((format(printf, 3, 4))) static int say(const struct growing *growing, char **text,
                                                     const char *format, ...) {
        va_list arguments;
        int made;

        va_start(arguments, format);
        made = vasprintf(text, format, arguments);
        va_end(arguments);
        if (made >= 0)
                return 0;
        *text = NULL;
        return no_memory(growing);
}

/* What stands in the way of a verdict, if anything does. */
static int doubt(struct growing *growing) {
        const struct summary *summary = &growing->process->state.summary;
        size_t needed = drift_needed(&growing->drift), count = growing->repetitions.count;
        struct check *check = growing->check;

        if (summary->lost > 0)
                return say(growing, &check->why, "%" PRIu64 " events were lost", summary->lost);
        if (growing->histories.unsure_count > 0)
                return say(growing, &check->why, "the trace is damaged in %zu of %zu repetitions",
                           growing->histories.unsure_count, count);
        if (growing->mover_count > 0 && count < needed)
                return say(growing, &check->why,
                           "%zu repetitions (%s); at least %zu are needed for %zu places that change", count,
                           growing->repetitions.unit, needed, growing->mover_count);
        return 0;
}

static void decide(struct growing *growing) {
        struct check *check = growing->check;

        qsort(growing->movers, growing->mover_count, sizeof(*growing->movers), compare_movers);
        check->place_count = growing->mover_count;
        if (growing->mover_count == 0 || growing->movers[0].drift.verdict != DRIFT_GROWS)
                return;
        check->verdict = CHECK_FAILED;
        check->actual.has_bytes = true;
        check->actual.bytes = (uint64_t)llround(growing->movers[0].drift.slope);
}

/* Its check, by name. 0 or a negative errno already reported. */
static int begin(struct growing *growing, const char *subject, struct checks *checks) {
        struct check *check = growing->check = checks_add(checks, CHECK_GROWTH);

        if (!check)
                return message_errno(ENOMEM, "check", "cannot judge");
        check->each = true;
        check->limit.has_bytes = true;
        check->limit.bytes = (uint64_t)growing->drift.min_slope_bytes;
        check->subject = strdup(subject);
        check->origin = strdup(growing->wish->origin);
        return check->subject && check->origin ? 0 : message_errno(ENOMEM, "check", "cannot judge");
}

int growing_judge_short(const struct growing_wish *wish, struct checks *checks) {
        struct growing growing = { .wish = wish, .drift = wish->drift };
        size_t slices = wish->repeat.slices ? wish->repeat.slices : REPETITIONS_SLICES;
        int error = begin(&growing, "", checks);

        if (error < 0)
                return error;
        growing.check->verdict = CHECK_UNDECIDED;
        if (asprintf(&growing.check->unit, "1/%zu of the run", slices) < 0)
                growing.check->unit = NULL;
        if (asprintf(&growing.check->why,
                     "the run is too short to be cut into %zu repetitions, which takes %zu ms", slices,
                     slices) < 0)
                growing.check->why = NULL;
        return growing.check->unit && growing.check->why ? 0 : message_errno(ENOMEM, "check", "cannot judge");
}

static int judge(struct growing *growing, const char *subject, struct checks *checks) {
        int error = begin(growing, subject, checks);
        struct check *check = growing->check;

        if (error < 0)
                return error;
        check->unit = strdup(growing->repetitions.unit);
        if (!check->unit)
                return no_memory(growing);
        error = find_movers(growing);
        if (error == 0)
                error = doubt(growing);
        if (error == 0 && check->why) {
                check->verdict = CHECK_UNDECIDED;
                return 0;
        }
        if (error == 0)
                error = measure(growing);
        if (error == 0) {
                decide(growing);
                error = add_findings(growing);
        }
        return error;
}

static int follow(struct growing *growing) {
        const struct process *process = growing->process;
        int error;

        growing->groups = calloc(process->site_count + 1, sizeof(*growing->groups));
        if (!growing->groups)
                return no_memory(growing);
        error = process_places(process, growing->wish->keys, true, growing->groups, &growing->places,
                               &growing->place_count);
        return error == 0 ? histories_make(process->state.trace, &growing->repetitions, growing->groups,
                                           growing->place_count, &growing->histories)
                          : error;
}

int growing_judge(const struct growing_wish *wish, const struct process *process, const char *subject,
                  struct checks *checks) {
        struct growing growing = { .wish = wish, .process = process, .drift = wish->drift };
        int error;

        if (process->state.when) {
                message("%s: growth is in a trace, not in a saved snapshot",
                        process->state.trace->reader->name);
                return -EINVAL;
        }
        error = repetitions_find(process->state.trace, &wish->repeat, &growing.repetitions);
        if (error < 0)
                return error;
        error = follow(&growing);
        if (error == 0) {
                error = judge(&growing, subject, checks);
                histories_deinit(&growing.histories);
        }
        repetitions_deinit(&growing.repetitions);
        free(growing.groups);
        free(growing.places);
        free(growing.least_bytes);
        free(growing.movers);
        return error;
}
