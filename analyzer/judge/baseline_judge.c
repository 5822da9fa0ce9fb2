/*
 * See baseline_judge.h. One thread.
 */
#include "judge/baseline_judge.h"

#include "aggregate/difference.h"
#include "base/message.h"
#include "base/saturate.h"
#include "base/text.h"
#include "judge/finding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int no_memory(void) {
        return message_errno(ENOMEM, "check", "cannot compare with the baseline");
}

static int refuse_programs(const struct baseline *baseline, const char *name, const struct baseline *now) {
        const struct baseline_part none = { 0 };
        char *theirs = baseline_programs(baseline->part_count > 0 ? &baseline->parts[0] : &none);
        char *ours = baseline_programs(now->part_count > 0 ? &now->parts[0] : &none);

        if (theirs && ours)
                message("%s: is a baseline of %s%s, not of %s", name,
                        baseline->part_count > 0 ? theirs : "no program",
                        baseline->part_count > 1 ? " and others" : "", ours);
        free(theirs);
        free(ours);
        return theirs && ours ? -EINVAL : no_memory();
}

int baseline_same_domains(const struct baseline *baseline, const char *name, const struct baseline *now) {
        char *theirs, *ours;

        if (baseline_domains_are_same(&baseline->domains, &now->domains))
                return 0;
        theirs = baseline_domains_words(&baseline->domains);
        ours = baseline_domains_words(&now->domains);
        if (theirs && ours)
                message("%s: is a baseline of %s, not of %s: see --domain", name, theirs, ours);
        free(theirs);
        free(ours);
        return theirs && ours ? -EINVAL : no_memory();
}

int baseline_fits(const struct baseline *baseline, const char *name, const struct baseline *now, bool exact) {
        int error = baseline_same_domains(baseline, name, now);

        if (error < 0)
                return error;
        if (baseline->by != now->by) {
                message("%s: is a baseline by %s, not by %s", name, aggregate_by_names[baseline->by],
                        aggregate_by_names[now->by]);
                return -EINVAL;
        }
        for (size_t i = 0; i < now->part_count; i++)
                if (baseline_find(baseline, &now->parts[i], exact))
                        return 0;
        return refuse_programs(baseline, name, now);
}

/* A part as a state of the comparison; an entry's node is its row's number. */
static int add_part(struct comparison *comparison, const struct baseline_part *part) {
        const struct match_run run = { .whose = part,
                                       .programs = part->programs,
                                       .program_count = part->program_count };
        struct aggregate state = { .wish = comparison->places.wish, .count = part->count };
        int error;

        state.entries = calloc(part->count + 1, sizeof(*state.entries));
        if (!state.entries)
                return no_memory();
        for (size_t i = 0; i < part->count; i++) {
                const struct baseline_row *row = &part->rows[i];

                state.entries[i] = (struct aggregate_entry){
                        .file = row->file,
                        .function = row->function,
                        .module = row->module,
                        .line = row->line,
                        .has_line = row->has_line,
                        .node = (uint32_t)i,
                        .size_bytes = row->bytes,
                        .count = row->blocks,
                };
        }
        error = compare_add(comparison, &state, &run);
        free(state.entries);
        return error;
}

static bool is_beyond(const struct check_amount *limit, uint64_t before_bytes, uint64_t grown_bytes) {
        if (limit->has_bytes && grown_bytes <= limit->bytes)
                return false;
        /* a quotient is the nearest to its fraction, as the share is: 29 of 100 is not more than 29% */
        return !limit->has_share || before_bytes == 0 ||
               (double)grown_bytes / (double)before_bytes > limit->share;
}

static struct check_amount amount_of(uint64_t bytes, uint64_t blocks) {
        return (struct check_amount){ .has_bytes = true, .has_count = true, .bytes = bytes, .count = blocks };
}

static int add_finding(const struct difference *item, const struct baseline *now,
                       const struct baseline_row *row, const struct stacks *stacks, struct check *check) {
        struct check_finding *finding;

        if (finding_add(check, stacks, &now->keys, row->stack, &finding) < 0)
                return no_memory();
        finding->actual = amount_of(item->entry.size_bytes, item->entry.count);
        if (item->status != DIFFERENCE_NEW)
                finding->before = amount_of(item->earlier.size_bytes, item->earlier.count);
        return 0;
}

/* By how much at most. */
static void take_growth(struct check_amount *actual, uint64_t before_bytes, uint64_t grown_bytes) {
        double share = before_bytes > 0 ? (double)grown_bytes / (double)before_bytes : 0;

        if (grown_bytes > actual->bytes)
                actual->bytes = grown_bytes;
        if (share > actual->share) {
                actual->has_share = true;
                actual->share = share;
        }
}

/* What a user would want to keep. */
static int tell_better(struct check *check, size_t less_count, uint64_t less_bytes) {
        if (less_count == 0 || check->verdict != CHECK_PASSED)
                return 0;
        if (asprintf(&check->note, "better than the baseline: %zu place%s hold%s %s less", less_count,
                     less_count == 1 ? "" : "s", less_count == 1 ? "s" : "",
                     text_size((double)less_bytes, false).text) < 0) {
                check->note = NULL;
                return no_memory();
        }
        return 0;
}

static int judge(const struct differences *differences, const struct baseline *now,
                 const struct baseline_part *part, const struct stacks *stacks, size_t most,
                 struct check *check) {
        uint64_t less_bytes = 0;
        size_t less_count = 0;

        check->each = true;
        check->actual.has_bytes = true;
        for (size_t i = 0; i < differences->count; i++) {
                const struct difference *item = &differences->items[i];
                uint64_t before_bytes = item->earlier.size_bytes, bytes = item->entry.size_bytes;

                if (bytes < before_bytes) {
                        less_bytes = saturate_add(less_bytes, before_bytes - bytes);
                        less_count++;
                }
                if (bytes <= before_bytes)
                        continue;
                take_growth(&check->actual, before_bytes, bytes - before_bytes);
                if (!is_beyond(&check->limit, before_bytes, bytes - before_bytes))
                        continue;
                check->verdict = CHECK_FAILED;
                if (check->finding_total++ < most &&
                    add_finding(item, now, &part->rows[item->entry.node], stacks, check) < 0)
                        return -ENOMEM;
        }
        return tell_better(check, less_count, less_bytes);
}

int baseline_judge(const struct baseline_part *before, const struct baseline *now,
                   const struct baseline_part *part, const struct stacks *stacks, size_t most,
                   struct check *check) {
        const struct baseline_part nothing = { .programs = part->programs,
                                               .program_count = part->program_count };
        const struct aggregate_wish wish = { .by = now->by };
        struct differences differences;
        struct comparison comparison;
        int error;

        compare_init(&comparison, &wish, 2);
        error = add_part(&comparison, before ? before : &nothing);
        if (error == 0)
                error = add_part(&comparison, part);
        if (error == 0)
                error = difference_make(&comparison, &differences);
        if (error == 0) {
                error = judge(&differences, now, part, stacks, most, check);
                difference_deinit(&differences);
        }
        compare_deinit(&comparison);
        return error;
}
