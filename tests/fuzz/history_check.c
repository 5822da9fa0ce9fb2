/*
 * See history_check.h.
 */
#include "history_check.h"

#include "judge/histories.h"
#include "judge/together.h"

#include <stdlib.h>

#define PLACES 3u

/* Some sites are of no place. */
static uint32_t *make_places(const struct trace *trace) {
        size_t count = trace_site_count(trace);
        uint32_t *places = calloc(count + 1, sizeof(*places));

        if (!places)
                abort();
        for (uint32_t i = 0; i < count; i++)
                places[i] = i % (PLACES + 1) < PLACES ? i % (PLACES + 1) : GROUPS_NONE;
        return places;
}

static void check_histories(const struct histories *histories, const uint64_t *peaks) {
        uint64_t *least = calloc(histories->count, sizeof(*least));
        size_t unsure = 0;

        if (!least)
                abort();
        for (size_t k = 0; k < histories->count; k++)
                unsure += histories->unsure[k];
        if (unsure != histories->unsure_count)
                abort();
        for (uint32_t place = 0; place < PLACES; place++) {
                bool differs = false, changes = histories_least(histories, place, least);

                for (size_t k = 0; k < histories->count; k++) {
                        differs |= least[k] != least[0];
                        if (peaks && least[k] > peaks[place])
                                abort();
                }
                if (changes != differs)
                        abort();
        }
        free(least);
}

static void look(struct trace *trace, const struct repetitions_wish *wish, const uint32_t *places) {
        uint64_t peaks[PLACES], damage_count = trace->reader->damage_count;
        struct repetitions repetitions;
        struct histories histories;
        bool unsure;

        if (repetitions_find(trace, wish, &repetitions) != 0)
                return;
        if (repetitions.count == 0 || repetitions.count > REPETITIONS_MAX ||
            repetitions.first + (repetitions.count - 1) * repetitions.step >= repetitions.end_count)
                abort();
        if (histories_peaks(trace, places, PLACES, peaks, &unsure) == 0 &&
            histories_make(trace, &repetitions, places, PLACES, &histories) == 0) {
                /* a block that turned out to be nonsense on the way is in one of the two alone */
                check_histories(&histories, damage_count == trace->reader->damage_count ? peaks : NULL);
                histories_deinit(&histories);
        }
        repetitions_deinit(&repetitions);
}

void history_check(struct trace *trace) {
        const struct repetitions_wish wishes[] = {
                { 0 },
                { .kind = REPETITIONS_TIME, .slices = 7 },
                { .kind = REPETITIONS_MARK, .name = trace->mark_count ? trace->marks[0].name : "none" },
                { .kind = REPETITIONS_SCOPE, .name = trace->scope_count ? trace->scopes[0].at.name : "none" },
        };
        uint32_t *places = make_places(trace);
        struct together together = { 0 };
        struct together_peak peak;

        for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
                look(trace, &wishes[i], places);
        free(places);
        /* twice the same, which nobody opens again: as far as the parts tell */
        if (together_add(&together, trace) == 0 && together_add(&together, trace) == 0 &&
            together_sum(&together, &peak) == 0 && peak.low_bytes > peak.high_bytes)
                abort();
        together_deinit(&together);
}
