/*
 * See aggregate.h. Sites are first added up by the frame that answers for them (one pointer each,
 * from symbols.c's cache), then equal places are joined by sorting. One thread.
 */
#include "aggregate/aggregate.h"

#include "base/array.h"
#include "base/message.h"

#include <stdio.h>
#include <string.h>

static int compare_numbers(uint64_t left, uint64_t right) {
        return left < right ? -1 : left > right;
}

static int compare_places(const struct aggregate_entry *left, const struct aggregate_entry *right) {
        int names = strcmp(left->file, right->file);

        return names ? names : compare_numbers(left->line, right->line);
}

int aggregate_order(const void *left_pointer, const void *right_pointer, void *cost) {
        const struct aggregate_entry *left = left_pointer, *right = right_pointer;
        int sizes = compare_numbers(right->size_bytes, left->size_bytes);
        int counts = compare_numbers(right->count, left->count);

        if (*(const enum aggregate_cost *)cost == AGGREGATE_COUNT && counts)
                return counts;
        if (sizes || counts)
                return sizes ? sizes : counts;
        return compare_places(right, left);
}

/* Equal places together, the largest of each first. */
static int by_place(const void *left_pointer, const void *right_pointer) {
        const struct aggregate_entry *left = left_pointer, *right = right_pointer;
        int places = compare_places(left, right);
        int sizes = places ? places : compare_numbers(right->size_bytes, left->size_bytes);

        if (sizes)
                return sizes;
        return strcmp(left->function ? left->function : "", right->function ? right->function : "");
}

static uint64_t add_up(uint64_t left, uint64_t right) {
        uint64_t sum;

        return __builtin_add_overflow(left, right, &sum) ? UINT64_MAX : sum; /* a crafted trace's only */
}

static uint64_t times(uint64_t left, uint64_t right) {
        uint64_t product;

        return __builtin_mul_overflow(left, right, &product) ? UINT64_MAX : product;
}

static int add_site(struct aggregate *aggregate, struct charge *charge, uint32_t stack, uint64_t blocks,
                    uint64_t size_bytes) {
        const struct symbol_frame *frame;
        int error = charge_stack(charge, stack, &frame);

        if (error < 0)
                return error;
        if (array_reserve(&aggregate->entries, &aggregate->capacity, aggregate->count + 1,
                          sizeof(*aggregate->entries)) < 0)
                return message_errno(ENOMEM, "report", "cannot add up");
        aggregate->entries[aggregate->count++] = (struct aggregate_entry){
                .file = frame->file,
                .function = frame->function,
                .module = frame->module,
                .line = frame->line,
                .has_line = frame->has_line,
                .size_bytes = size_bytes,
                .count = blocks,
        };
        aggregate->size_bytes = add_up(aggregate->size_bytes, size_bytes);
        aggregate->blocks = add_up(aggregate->blocks, blocks);
        return 0;
}

static void join_places(struct aggregate *aggregate) {
        size_t kept = 0;

        if (aggregate->count == 0)
                return;
        qsort(aggregate->entries, aggregate->count, sizeof(*aggregate->entries), by_place);
        for (size_t i = 1; i < aggregate->count; i++) {
                struct aggregate_entry *into = &aggregate->entries[kept], *from = &aggregate->entries[i];

                if (compare_places(into, from) != 0) {
                        aggregate->entries[++kept] = *from;
                        continue;
                }
                into->size_bytes = add_up(into->size_bytes, from->size_bytes);
                into->count = add_up(into->count, from->count);
        }
        aggregate->count = kept + 1;
}

int aggregate_lines(const struct replay *replay, struct charge *charge, enum aggregate_cost cost,
                    struct aggregate *out) {
        *out = (struct aggregate){ 0 };
        for (uint32_t i = 0; i < replay->site_count; i++) {
                const struct replay_site *site = &replay->sites[i];
                uint64_t blocks = cost == AGGREGATE_LIVE || cost == AGGREGATE_LEAKED ? site->live_blocks
                                                                                     : site->allocations;
                int error;

                if (blocks == 0)
                        continue;
                error = add_site(out, charge, trace_site(replay->trace, i)->stack, blocks,
                                 times(blocks, site->size_bytes));
                if (error < 0) {
                        aggregate_deinit(out);
                        return error;
                }
        }
        join_places(out);
        if (out->count > 0)
                qsort_r(out->entries, out->count, sizeof(*out->entries), aggregate_order, &cost);
        return 0;
}

void aggregate_deinit(struct aggregate *aggregate) {
        free(aggregate->entries);
        *aggregate = (struct aggregate){ 0 };
}

char *aggregate_place(const struct aggregate_entry *entry) {
        char *place;
        bool unknown = strcmp(entry->file, "<unknown>") == 0;

        if (entry->has_line || unknown ? asprintf(&place, "%s:%u", entry->file, entry->line) < 0
                                       : !(place = strdup(entry->file)))
                return NULL;
        return place;
}
