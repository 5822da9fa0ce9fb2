/*
 * See suggest_checks.h. One thread.
 */
#include "judge/suggest_checks.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"

#include <errno.h>
#include <stdlib.h>

/* A place's name where it failed, by its number. */
struct failed {
        const char **names;
        size_t count, capacity;
};

static bool is_concerned(const struct check *check) {
        return check->verdict == CHECK_FAILED &&
               (check->kind == CHECK_LEAK || check->kind == CHECK_BASELINE || check->kind == CHECK_GROWTH);
}

static int add_failed(struct failed *failed, uint32_t place, const char *name) {
        if (array_reserve(&failed->names, &failed->capacity, (size_t)place + 1, sizeof(*failed->names)) < 0)
                return -ENOMEM;
        while (failed->count <= place)
                failed->names[failed->count++] = NULL;
        failed->names[place] = name;
        return 0;
}

static int find_failed(const struct checks *checks, struct keys *places, struct failed *failed) {
        for (size_t i = 0; i < checks->count; i++)
                for (size_t k = 0; is_concerned(&checks->items[i]) && k < checks->items[i].finding_count;
                     k++) {
                        const struct check_finding *finding = &checks->items[i].findings[k];
                        uint32_t place;

                        if (keys_place(places, finding->frame, &place) < 0 ||
                            add_failed(failed, place, finding->place) < 0)
                                return -ENOMEM;
                }
        return 0;
}

/* What a stack holds in all subjects. */
static struct ledger_sums sum(const struct ledger *const *held, size_t count, uint32_t stack) {
        struct ledger_sums sums = { 0 };

        for (size_t i = 0; i < count; i++) {
                if (stack >= held[i]->count)
                        continue;
                sums.leaked_bytes = saturate_add(sums.leaked_bytes, held[i]->sums[stack].leaked_bytes);
                sums.leaked_blocks = saturate_add(sums.leaked_blocks, held[i]->sums[stack].leaked_blocks);
        }
        return sums;
}

static int add_stack(struct suggest *suggest, const struct stacks *stacks, uint32_t stack, const char *place,
                     const struct ledger_sums *sums, struct charge_frames *frames) {
        const struct stacks_stack *item = &stacks->items[stack];
        const struct aggregate_node *nodes = stacks->keys.nodes;

        if (stacks_frames(stacks, stack, frames) < 0)
                return -ENOMEM;
        return suggest_add(suggest, place, frames->frames, frames->count,
                           nodes[item->node].depth - nodes[item->charged].depth, item->kind,
                           sums->leaked_bytes, sums->leaked_blocks);
}

int suggest_checks(struct suggest *suggest, const struct checks *checks, const struct stacks *stacks,
                   struct keys *places, const struct ledger *const *held, size_t count) {
        struct charge_frames frames = { 0 };
        struct failed failed = { 0 };
        int error = find_failed(checks, places, &failed);

        for (uint32_t i = 0; error == 0 && i < stacks->count; i++) {
                struct ledger_sums sums = sum(held, count, i);
                uint32_t place;

                if (sums.leaked_blocks == 0 || stacks_is_suppressed(stacks, i))
                        continue;
                error = keys_place(places, stacks_charged(stacks, i), &place);
                if (error == 0 && place < failed.count && failed.names[place])
                        error = add_stack(suggest, stacks, i, failed.names[place], &sums, &frames);
        }
        free(frames.frames);
        free(failed.names);
        return error < 0 ? message_errno(ENOMEM, "check", "cannot suggest suppressions") : 0;
}
