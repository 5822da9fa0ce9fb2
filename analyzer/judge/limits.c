/*
 * See limits.h. One thread.
 */
#include "judge/limits.h"

#include "base/message.h"
#include "base/text.h"
#include "judge/finding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One rule while it is judged. */
struct judging {
        const struct limits_wish *wish;
        const struct subject *subject;
        const struct rule *rule;
        const struct ledger_places *places; /* in the order of what the rule measures */
        bool *matched;                      /* RULE_PLACES: by place, whether it is one of the glob's */
        struct check *check;
};

/* A place by what the rule measures. */
struct candidate {
        uint32_t place;
        struct check_amount amount;
};

static uint64_t leaked(const struct ledger_sums *sums) {
        return sums->leaked_bytes;
}

static uint64_t peak(const struct ledger_sums *sums) {
        return sums->peak_bytes;
}

static uint64_t total(const struct ledger_sums *sums) {
        return sums->total_bytes;
}

static uint64_t allocations(const struct ledger_sums *sums) {
        return sums->allocations;
}

static uint64_t temporary(const struct ledger_sums *sums) {
        return sums->temporary;
}

static ledger_measure *const measures[CHECK_KINDS] = {
        [CHECK_LEAK] = leaked,        [CHECK_PEAK] = peak,           [CHECK_TOTAL] = total,
        [CHECK_ALLOCS] = allocations, [CHECK_TEMPORARY] = temporary,
};

/* `high_bytes`: what was held at one time. */
static struct check_amount amount_of(enum check_kind kind, const struct ledger_sums *sums,
                                     const struct ledger_sums *suppressed, uint64_t high_bytes) {
        struct check_amount amount = { .has_bytes = true };

        switch (kind) {
        case CHECK_LEAK:
                amount.bytes = sums->leaked_bytes - suppressed->leaked_bytes;
                amount.count = sums->leaked_blocks - suppressed->leaked_blocks;
                amount.has_count = true;
                break;
        case CHECK_PEAK:
                amount.bytes = high_bytes;
                break;
        case CHECK_TOTAL:
                amount.bytes = sums->total_bytes;
                amount.count = sums->allocations;
                amount.has_count = true;
                break;
        case CHECK_ALLOCS:
                amount = (struct check_amount){ .has_count = true, .count = sums->allocations };
                break;
        default:
                amount = (struct check_amount){ .has_count = true, .count = sums->temporary };
                amount.has_share = true;
                if (sums->allocations > 0)
                        amount.share = (double)sums->temporary / (double)sums->allocations;
        }
        return amount;
}

static uint64_t weight(enum check_kind kind, const struct check_amount *amount) {
        return kind == CHECK_ALLOCS || kind == CHECK_TEMPORARY ? amount->count : amount->bytes;
}

/* The larger first. Of what weighs the same, more blocks are more: they may all have 0 bytes. */
static int compare_amounts(enum check_kind kind, const struct check_amount *left,
                           const struct check_amount *right) {
        uint64_t left_weight = weight(kind, left), right_weight = weight(kind, right);

        if (left_weight != right_weight)
                return left_weight < right_weight ? 1 : -1;
        return (left->count < right->count) - (left->count > right->count);
}

bool limits_match(const struct rule *rule, const struct symbol_frame *frame) {
        return filter_matches_path(rule->glob, filter_file(frame)) ||
               (frame->module && *frame->module && filter_matches_path(rule->glob, frame->module));
}

static int compare_candidates(const void *left_pointer, const void *right_pointer, void *context) {
        const struct candidate *left = left_pointer, *right = right_pointer;
        const struct judging *judging = context;
        int order = compare_amounts(judging->rule->limit.kind, &left->amount, &right->amount);

        if (order != 0)
                return order;
        return stacks_order(judging->subject->ledger.stacks, judging->places->items[left->place].largest,
                            judging->places->items[right->place].largest);
}

/* A sum's places are listed by what they hold when it is greatest, a place by itself by its own highest. */
static struct check_amount place_amount(const struct judging *judging, uint32_t number) {
        const struct ledger_place *place = &judging->places->items[number];
        uint64_t high_bytes = judging->rule->scope == RULE_EACH
                                      ? subject_high(&judging->subject->place_highs, number)
                                      : place->sums.peak_bytes;

        return amount_of(judging->rule->limit.kind, &place->sums, &place->suppressed, high_bytes);
}

/* Whether the place is one of those that the rule's findings come from. */
static bool is_candidate(const struct judging *judging, uint32_t number, const struct check_amount *amount) {
        const struct rule *rule = judging->rule;

        if (weight(rule->limit.kind, amount) == 0 && amount->count == 0)
                return false;
        if (rule->scope == RULE_EACH)
                return limit_exceeded(&rule->limit, amount);
        return rule->scope == RULE_WHOLE || judging->matched[number];
}

static int add_findings(struct judging *judging, const struct candidate *candidates, size_t count) {
        for (size_t i = 0; i < count; i++) {
                struct check_finding *finding;

                if (finding_add(judging->check, judging->subject->ledger.stacks, judging->wish->keys,
                                judging->places->items[candidates[i].place].largest, &finding) < 0)
                        return -ENOMEM;
                finding->actual = candidates[i].amount;
        }
        return 0;
}

/* The places that a failure is about, the worst first. Heap; NULL: no memory. */
static struct candidate *find_candidates(const struct judging *judging, size_t *count) {
        struct candidate *candidates = calloc(judging->places->count + 1, sizeof(*candidates));

        *count = 0;
        for (uint32_t i = 0; candidates && i < judging->places->count; i++) {
                struct check_amount amount;

                if (!judging->places->items[i].frame)
                        continue;
                amount = place_amount(judging, i);
                if (is_candidate(judging, i, &amount))
                        candidates[(*count)++] = (struct candidate){ i, amount };
        }
        if (candidates)
                qsort_r(candidates, *count, sizeof(*candidates), compare_candidates, (void *)judging);
        return candidates;
}

/* What the rule's limit is held against; with each place, the highest of them. */
static struct check_amount measure(const struct judging *judging) {
        const struct subject *subject = judging->subject;
        const struct rule *rule = judging->rule;
        enum check_kind kind = rule->limit.kind;
        struct ledger_sums sums = { 0 }, suppressed = { 0 };
        struct check_amount most = amount_of(kind, &sums, &suppressed, 0);

        if (rule->scope == RULE_WHOLE)
                return amount_of(kind, &subject->ledger.all, &subject->ledger.suppressed,
                                 subject->peak_bytes);
        for (uint32_t i = 0; i < judging->places->count; i++) {
                const struct ledger_place *place = &judging->places->items[i];
                struct check_amount amount;

                if (!place->frame)
                        continue;
                if (rule->scope == RULE_PLACES && judging->matched[i]) {
                        ledger_sums_add(&sums, &place->sums);
                        ledger_sums_add(&suppressed, &place->suppressed);
                } else if (rule->scope == RULE_EACH) {
                        amount = place_amount(judging, i);
                        if (compare_amounts(kind, &amount, &most) < 0)
                                most = amount;
                }
        }
        if (rule->scope == RULE_EACH)
                return most;
        return amount_of(kind, &sums, &suppressed,
                         subject_high(&subject->rule_highs, (size_t)(rule - judging->wish->rules->items)));
}

/* Of several processes it is not known to the instant who held what when. */
static bool may_be_less(const struct judging *judging) {
        const struct rule *rule = judging->rule;
        const struct subject *subject = judging->subject;

        return rule->limit.kind == CHECK_PEAK && rule->scope == RULE_WHOLE &&
               subject->peak_least_bytes <= rule->limit.amount.bytes;
}

/* A loss may hide frees as well as allocations; what comes after the last event can only be more. */
static enum check_verdict verdict(const struct judging *judging, bool exceeded) {
        const struct subject *subject = judging->subject;
        enum check_kind kind = judging->rule->limit.kind;
        bool only_grows =
                kind == CHECK_TOTAL || kind == CHECK_ALLOCS || (kind == CHECK_PEAK && !subject->lossy);

        if ((subject->lossy || subject->unended) && !(exceeded && only_grows))
                return CHECK_UNDECIDED;
        if (exceeded && may_be_less(judging))
                return CHECK_UNDECIDED;
        return exceeded ? CHECK_FAILED : CHECK_PASSED;
}

/* Why it is undecided. 0 or -ENOMEM. */
static int explain(const struct judging *judging) {
        const struct subject *subject = judging->subject;
        struct check *check = judging->check;
        int made;

        if (subject->lossy || subject->unended) {
                check->why = strdup(subject->why);
                return check->why ? 0 : -ENOMEM;
        }
        made = asprintf(&check->why,
                        "between %s and %s at one time, and which of it only finer clocks could tell",
                        text_size((double)subject->peak_least_bytes, false).text,
                        text_size((double)subject->peak_bytes, false).text);
        if (made < 0)
                check->why = NULL;
        return made < 0 ? -ENOMEM : 0;
}

static int name_check(const struct judging *judging) {
        const struct rule *rule = judging->rule;
        struct check *check = judging->check;

        check->subject = strdup(judging->subject->name);
        check->origin = strdup(rule->origin);
        check->glob = rule->glob ? strdup(rule->glob) : NULL;
        check->each = rule->scope == RULE_EACH;
        check->limit = rule->limit.amount;
        return check->subject && check->origin && (check->glob || !rule->glob) ? 0 : -ENOMEM;
}

/* Asked once a place, as there may be many of them and many rules. A glob of nothing is likely a slip of the
 * pen. */
static int match_places(struct judging *judging) {
        const struct ledger_places *places = judging->places;
        bool any = false;

        if (judging->rule->scope != RULE_PLACES)
                return 0;
        judging->matched = calloc(places->count + 1, sizeof(*judging->matched));
        for (uint32_t i = 0; judging->matched && i < places->count; i++) {
                judging->matched[i] =
                        places->items[i].frame && limits_match(judging->rule, places->items[i].frame);
                any |= judging->matched[i];
        }
        if (judging->matched && !any)
                judging->check->note = strdup("no file or module here matches");
        return judging->matched && (any || judging->check->note) ? 0 : -ENOMEM;
}

/* The worst places of what is exceeded. 0 or -ENOMEM. */
static int list_places(struct judging *judging, bool *exceeded) {
        size_t count, limit = judging->wish->finding_limit;
        struct candidate *candidates = find_candidates(judging, &count);
        int error = candidates ? 0 : -ENOMEM;

        if (judging->rule->scope == RULE_EACH)
                *exceeded = count > 0;
        if (error == 0 && *exceeded) {
                judging->check->finding_total = count;
                error = add_findings(judging, candidates, count < limit ? count : limit);
        }
        free(candidates);
        return error;
}

static int judge(struct judging *judging) {
        const struct rule *rule = judging->rule;
        struct check *check = judging->check;
        int error = name_check(judging);
        bool exceeded;

        if (error == 0)
                error = match_places(judging);
        if (error < 0)
                return error;
        check->actual = measure(judging);
        exceeded = limit_exceeded(&rule->limit, &check->actual);
        if (exceeded || rule->scope == RULE_EACH)
                error = list_places(judging, &exceeded);
        check->verdict = verdict(judging, exceeded);
        return error == 0 && check->verdict == CHECK_UNDECIDED ? explain(judging) : error;
}

/* `places` are those of each kind, made when a rule first asks for them. */
static int judge_rule(struct judging *judging, struct ledger_places *places, struct checks *checks) {
        enum check_kind kind = judging->rule->limit.kind;
        int error = places[kind].items ? 0
                                       : ledger_places_make(&judging->subject->ledger, judging->wish->keys,
                                                            measures[kind], &places[kind]);

        if (error < 0)
                return error;
        judging->places = &places[kind];
        judging->check = checks_add(checks, kind);
        error = judging->check ? judge(judging) : -ENOMEM;
        free(judging->matched);
        return error < 0 ? message_errno(ENOMEM, "check", "cannot judge") : 0;
}

/* Rules for programs are of subjects that are one. */
static bool is_for(const struct limits_wish *wish, const struct rule *rule) {
        if (rule->limit.kind > CHECK_TEMPORARY)
                return false;
        return rule->program ? wish->program && filter_matches_path(rule->program, wish->program) : wish->all;
}

int limits_judge(const struct limits_wish *wish, const struct subject *subject, struct checks *checks) {
        struct ledger_places places[CHECK_KINDS] = { 0 };
        int error = 0;

        for (size_t i = 0; error == 0 && i < wish->rules->count; i++) {
                struct judging judging = { .wish = wish, .subject = subject, .rule = &wish->rules->items[i] };

                if (is_for(wish, judging.rule))
                        error = judge_rule(&judging, places, checks);
        }
        for (size_t i = 0; i < CHECK_KINDS; i++)
                ledger_places_deinit(&places[i]);
        return error;
}
