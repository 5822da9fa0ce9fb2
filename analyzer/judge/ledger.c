/*
 * See ledger.h. One thread.
 */
#include "judge/ledger.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"

#include <errno.h>
#include <string.h>

void ledger_init(struct ledger *ledger, const struct stacks *stacks) {
        *ledger = (struct ledger){ .stacks = stacks };
}

void ledger_deinit(struct ledger *ledger) {
        free(ledger->sums);
        *ledger = (struct ledger){ 0 };
}

void ledger_sums_add(struct ledger_sums *sums, const struct ledger_sums *more) {
        sums->leaked_bytes = saturate_add(sums->leaked_bytes, more->leaked_bytes);
        sums->leaked_blocks = saturate_add(sums->leaked_blocks, more->leaked_blocks);
        sums->peak_bytes = saturate_add(sums->peak_bytes, more->peak_bytes);
        sums->peak_blocks = saturate_add(sums->peak_blocks, more->peak_blocks);
        sums->total_bytes = saturate_add(sums->total_bytes, more->total_bytes);
        sums->allocations = saturate_add(sums->allocations, more->allocations);
        sums->temporary_bytes = saturate_add(sums->temporary_bytes, more->temporary_bytes);
        sums->temporary = saturate_add(sums->temporary, more->temporary);
}

int ledger_add(struct ledger *ledger, uint32_t stack, const struct ledger_sums *sums) {
        if (array_reserve(&ledger->sums, &ledger->capacity, (size_t)stack + 1, sizeof(*ledger->sums)) < 0)
                return -ENOMEM;
        while (ledger->count <= stack)
                ledger->sums[ledger->count++] = (struct ledger_sums){ 0 };
        ledger_sums_add(&ledger->sums[stack], sums);
        ledger_sums_add(&ledger->all, sums);
        if (stacks_is_suppressed(ledger->stacks, stack))
                ledger_sums_add(&ledger->suppressed, sums);
        return 0;
}

static bool has_any(const struct ledger_sums *sums) {
        return sums->allocations > 0 || sums->leaked_blocks > 0 || sums->peak_blocks > 0;
}

/* Room for the places of all that may come. */
static int make_places(const struct ledger *ledger, struct keys *keys, struct ledger_places *places) {
        for (uint32_t i = 0; i < ledger->count; i++) {
                uint32_t number;

                if (has_any(&ledger->sums[i]) &&
                    keys_place(keys, stacks_charged(ledger->stacks, i), &number) < 0)
                        return -ENOMEM;
        }
        places->count = keys->place_count;
        places->items = calloc(places->count + 1, sizeof(*places->items));
        return places->items ? 0 : -ENOMEM;
}

static int add_stack(const struct ledger *ledger, uint32_t stack, struct keys *keys, ledger_measure *measure,
                     struct ledger_places *places) {
        const struct symbol_frame *frame = stacks_charged(ledger->stacks, stack);
        const struct ledger_sums *sums = &ledger->sums[stack];
        struct ledger_place *place;
        uint32_t number;
        int order = 1;

        if (keys_place(keys, frame, &number) < 0)
                return -ENOMEM;
        place = &places->items[number];
        if (place->frame)
                order = aggregate_order_numbers(measure(sums), measure(&ledger->sums[place->largest]));
        if (order == 0)
                order = -stacks_order(ledger->stacks, stack, place->largest);
        if (order > 0) {
                place->frame = frame;
                place->largest = stack;
        }
        ledger_sums_add(&place->sums, sums);
        if (stacks_is_suppressed(ledger->stacks, stack))
                ledger_sums_add(&place->suppressed, sums);
        return 0;
}

int ledger_places_make(const struct ledger *ledger, struct keys *keys, ledger_measure *measure,
                       struct ledger_places *places) {
        int error;

        *places = (struct ledger_places){ 0 };
        error = make_places(ledger, keys, places);

        for (uint32_t i = 0; error == 0 && i < ledger->count; i++)
                if (has_any(&ledger->sums[i]))
                        error = add_stack(ledger, i, keys, measure, places);
        if (error < 0) {
                ledger_places_deinit(places);
                return message_errno(ENOMEM, "check", "cannot add up its places");
        }
        return 0;
}

void ledger_places_deinit(struct ledger_places *places) {
        free(places->items);
        *places = (struct ledger_places){ 0 };
}

char *ledger_place_name(const struct keys *keys, const struct symbol_frame *frame) {
        struct aggregate names = { .wish.by = keys->by };
        struct aggregate_entry entry = keys_entry(keys->by, frame);

        return aggregate_place(&names, &entry);
}
