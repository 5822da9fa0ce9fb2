/*
 * See histories.h. A place's changes are a list from the last to the first, in one array with all others'.
 * One thread.
 */
#include "judge/histories.h"

#include "base/array.h"
#include "base/message.h"
#include "state/state.h"

#include <errno.h>
#include <stdlib.h>

struct making {
        const struct trace *trace;
        const struct repetitions *repetitions;
        struct histories *histories;
};

static int take(void *context, size_t interval, uint32_t place, const struct groups_held *held) {
        const struct making *making = context;
        struct histories *histories = making->histories;
        uint32_t before = histories->last[place];
        uint64_t held_before = before ? histories->changes[before - 1].end_bytes : 0;

        if (held->least_bytes == held_before && held->end_bytes == held_before)
                return 0;
        if (histories->change_count == HISTORIES_CHANGES_MAX) {
                message("%s: its places change too often to be followed over %zu repetitions: take fewer",
                        making->trace->reader->name, histories->count);
                return -E2BIG;
        }
        if (array_reserve(&histories->changes, &histories->change_capacity, histories->change_count + 1,
                          sizeof(*histories->changes)) < 0)
                return message_errno(ENOMEM, making->trace->reader->name, "cannot follow its places");
        histories->changes[histories->change_count++] =
                (struct histories_change){ held->least_bytes, held->end_bytes, (uint32_t)interval, before };
        histories->last[place] = (uint32_t)histories->change_count;
        return 0;
}

static int end(void *context, size_t interval, bool unsure) {
        struct histories *histories = ((const struct making *)context)->histories;

        if (!unsure || interval < histories->first || (interval - histories->first) % histories->step > 0)
                return 0;
        histories->unsure[(interval - histories->first) / histories->step] = true;
        histories->unsure_count++;
        return 0;
}

int histories_make(struct trace *trace, const struct repetitions *repetitions, const uint32_t *places,
                   uint32_t place_count, struct histories *histories) {
        struct making making = { trace, repetitions, histories };
        const struct groups_cut cut = { places, place_count, repetitions->ends, repetitions->end_count };
        const struct groups_taker taker = { take, end, &making };
        int error = 0;

        *histories = (struct histories){
                .count = repetitions->count,
                .first = repetitions->first,
                .step = repetitions->step,
                .place_count = place_count,
        };
        histories->unsure = calloc(histories->count + 1, sizeof(*histories->unsure));
        histories->last = calloc((size_t)place_count + 1, sizeof(*histories->last));
        if (!histories->unsure || !histories->last)
                error = message_errno(ENOMEM, trace->reader->name, "cannot follow its places");
        if (error == 0)
                error = state_failed(trace->reader->name, groups_tell(trace, &cut, &taker));
        if (error < 0)
                histories_deinit(histories);
        return error;
}

void histories_deinit(struct histories *histories) {
        free(histories->unsure);
        free(histories->last);
        free(histories->changes);
        *histories = (struct histories){ 0 };
}

bool histories_least(const struct histories *histories, uint32_t place, uint64_t *least_bytes) {
        uint32_t number = place < histories->place_count ? histories->last[place] : 0;
        bool changes = false;

        for (size_t k = histories->count; k-- > 0;) {
                size_t interval = histories->first + k * histories->step;

                while (number && histories->changes[number - 1].interval > interval)
                        number = histories->changes[number - 1].before;
                if (!number)
                        least_bytes[k] = 0;
                else if (histories->changes[number - 1].interval == interval)
                        least_bytes[k] = histories->changes[number - 1].least_bytes;
                else
                        least_bytes[k] = histories->changes[number - 1].end_bytes;
                changes |= least_bytes[k] != least_bytes[histories->count - 1];
        }
        return changes;
}

struct peaks {
        uint64_t *bytes;
        bool *unsure;
};

static int take_peak(void *context, size_t interval, uint32_t group, const struct groups_held *held) {
        (void)interval;
        ((const struct peaks *)context)->bytes[group] = held->most_bytes;
        return 0;
}

static int end_peaks(void *context, size_t interval, bool unsure) {
        (void)interval;
        *((const struct peaks *)context)->unsure = unsure;
        return 0;
}

int histories_peaks(struct trace *trace, const uint32_t *groups, uint32_t count, uint64_t *peak_bytes,
                    bool *unsure) {
        const struct groups_end all = groups_end_at(replay_end(trace));
        struct peaks peaks = { peak_bytes, unsure };
        const struct groups_cut cut = { groups, count, &all, 1 };
        const struct groups_taker taker = { take_peak, end_peaks, &peaks };

        for (uint32_t i = 0; i < count; i++)
                peak_bytes[i] = 0;
        return state_failed(trace->reader->name, groups_tell(trace, &cut, &taker));
}
