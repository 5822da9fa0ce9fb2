/*
 * What would suppress a judgement's failures: all stacks that the places that failed are charged with, in an
 * entry for each. One thread.
 */
#include "judge/judge.h"

#include "base/map.h"
#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

/* Why a place failed: what is held there at the end, or what is held on the way too. */
enum { FAILED_HELD = 1, FAILED_GROWTH = 2 };

static bool is_suppressible(enum check_kind kind) {
        return kind == CHECK_LEAK || kind == CHECK_BASELINE || kind == CHECK_GROWTH;
}

/* The places of the findings: failed[number] is why. Their keys may be of another kind than the judge's. */
static int mark_failed(const struct judge *judge, struct keys *keys, struct map *failed) {
        for (size_t i = 0; i < judge->checks.count; i++) {
                const struct check *check = &judge->checks.items[i];

                if (check->verdict != CHECK_FAILED || !is_suppressible(check->kind))
                        continue;
                for (size_t k = 0; k < check->finding_count; k++) {
                        uint32_t place, *why;

                        if (check->findings[k].undecided)
                                continue;
                        if (keys_place(keys, check->findings[k].frame, &place) < 0 ||
                            !(why = map_value(failed, place, 0)))
                                return -ENOMEM;
                        *why |= check->kind == CHECK_GROWTH ? FAILED_GROWTH : FAILED_HELD;
                }
        }
        return 0;
}

/* What of a subject is held by those places. */
static int suggest_held(const struct subject *subject, struct keys *keys, struct map *failed,
                        struct suggest *suggest) {
        const struct ledger *ledger = &subject->ledger;
        struct charge_frames frames = { 0 };
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < ledger->count; i++) {
                const struct symbol_frame *frame = stacks_charged(ledger->stacks, i);
                const struct stacks_stack *stack = &ledger->stacks->items[i];
                uint32_t place, *why;
                char *name;

                if (ledger->sums[i].allocations == 0 || stacks_is_suppressed(ledger->stacks, i))
                        continue;
                if (keys_place(keys, frame, &place) < 0 || !(why = map_value(failed, place, 0)) ||
                    stacks_frames(ledger->stacks, i, &frames) < 0)
                        error = -ENOMEM;
                else if (!(*why & FAILED_GROWTH) && (*why == 0 || ledger->sums[i].leaked_blocks == 0))
                        continue;
                name = error == 0 ? ledger_place_name(keys, frame) : NULL;
                error = name ? suggest_add(suggest, name, frames.frames, frames.count,
                                           stacks_inner(ledger->stacks, i), stack->kind,
                                           ledger->sums[i].leaked_bytes, ledger->sums[i].leaked_blocks)
                             : -ENOMEM;
                free(name);
        }
        free(frames.frames);
        return error;
}

int judge_suggest(const struct judge *judge, struct suggest *suggest) {
        struct keys keys = { .by = judge->places.by };
        struct map failed = { 0 };
        int error = mark_failed(judge, &keys, &failed);

        *suggest = (struct suggest){ 0 };
        for (size_t i = 0; error == 0 && i < judge->subject_count; i++)
                if (judge->subjects[i].all)
                        error = suggest_held(&judge->subjects[i].subject, &keys, &failed, suggest);
        map_deinit(&failed);
        keys_deinit(&keys);
        return error < 0 ? message_errno(ENOMEM, "check", "cannot suggest") : 0;
}
