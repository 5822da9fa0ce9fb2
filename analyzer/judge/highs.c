/*
 * See highs.h. One thread.
 */
#include "judge/highs.h"

#include "base/map.h"
#include "base/message.h"
#include "judge/histories.h"
#include "judge/limits.h"

#include <errno.h>
#include <stdlib.h>

static bool asks(const struct rule *rule) {
        return rule->limit.kind == CHECK_PEAK && rule->scope != RULE_WHOLE;
}

bool highs_are_asked(const struct rules *rules) {
        for (size_t i = 0; i < rules->count; i++)
                if (asks(&rules->items[i]))
                        return true;
        return false;
}

static const struct symbol_frame *frame_of(const struct process *process, uint32_t site) {
        uint32_t stack = process->stack_of_site[site];

        return stack == UINT32_MAX ? NULL : stacks_charged(process->ledger.stacks, stack);
}

/* Each place as a group of its own, numbered by the process's own places. */
static int take_places(const struct process *process, struct keys *keys, uint32_t *groups,
                       struct subject *subject) {
        uint64_t *peaks = NULL;
        uint32_t *places = NULL, count;
        int error = process_places(process, keys, false, groups, &places, &count);

        if (error < 0)
                return error;
        peaks = calloc((size_t)count + 1, sizeof(*peaks));
        error = peaks ? histories_peaks(process->state.trace, groups, count, peaks, &(bool){ false })
                      : message_errno(ENOMEM, process->state.trace->reader->name, "cannot judge");
        for (uint32_t i = 0; error == 0 && i < count; i++)
                error = subject_add_high(&subject->place_highs, places[i], peaks[i]);
        free(places);
        free(peaks);
        return error;
}

static int take_glob(const struct process *process, const struct rule *rule, uint32_t number,
                     uint32_t *groups, struct subject *subject) {
        uint64_t peak = 0;
        bool any = false;
        int error;

        for (uint32_t i = 0; i < process->site_count; i++) {
                const struct symbol_frame *frame = frame_of(process, i);

                groups[i] = frame && limits_match(rule, frame) ? 0 : GROUPS_NONE;
                any |= groups[i] == 0;
        }
        if (!any)
                return 0;
        error = histories_peaks(process->state.trace, groups, 1, &peak, &(bool){ false });
        return error == 0 ? subject_add_high(&subject->rule_highs, number, peak) : error;
}

int highs_take(const struct process *process, const struct rules *rules, struct keys *keys,
               struct subject *subject) {
        uint32_t *groups = calloc(process->site_count + 1, sizeof(*groups));
        bool places = false;
        int error = 0;

        if (!groups)
                return message_errno(ENOMEM, process->state.trace->reader->name, "cannot judge");
        if (process->state.when) {
                message("%s: what places held at most is in a trace, not in a saved snapshot",
                        process->state.trace->reader->name);
                error = -EINVAL;
        }
        for (uint32_t i = 0; error == 0 && i < rules->count; i++) {
                if (!asks(&rules->items[i]))
                        continue;
                if (rules->items[i].scope == RULE_PLACES)
                        error = take_glob(process, &rules->items[i], i, groups, subject);
                else if (!places)
                        error = take_places(process, keys, groups, subject);
                places |= rules->items[i].scope == RULE_EACH;
        }
        free(groups);
        return error;
}
