/*
 * See growth.h. One thread.
 */
#include "aggregate/growth.h"

#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

static int order_sizes(const struct growth *left, const struct growth *right) {
        int order = aggregate_order_numbers(left->entry.size_bytes - left->values[0].size_bytes,
                                            right->entry.size_bytes - right->values[0].size_bytes);

        return order ? order : aggregate_order_numbers(left->entry.size_bytes, right->entry.size_bytes);
}

static int order_counts(const struct growth *left, const struct growth *right) {
        int order = aggregate_order_numbers(left->entry.count - left->values[0].count,
                                            right->entry.count - right->values[0].count);

        return order ? order : aggregate_order_numbers(left->entry.count, right->entry.count);
}

static int compare(const void *left_pointer, const void *right_pointer, void *context) {
        const struct growth *left = left_pointer, *right = right_pointer;
        const struct aggregate *places = context;
        enum aggregate_sort sort = places->wish.sort;
        int order;

        if (sort == AGGREGATE_BY_PLACE)
                return aggregate_order_places(places, &left->entry, &right->entry);
        order = sort == AGGREGATE_BY_COUNT ? order_counts(left, right) : order_sizes(left, right);
        if (order == 0)
                order = sort == AGGREGATE_BY_COUNT ? order_sizes(left, right) : order_counts(left, right);
        return order ? -order : aggregate_order_places(places, &right->entry, &left->entry);
}

static struct growth growth_of(const struct comparison *comparison, size_t index) {
        const struct compare_value *values = compare_values(comparison, index);
        bool by_count = comparison->places.wish.sort == AGGREGATE_BY_COUNT;
        struct growth growth = { .entry = comparison->places.entries[index], .values = values };

        growth.entry.size_bytes = values[0].size_bytes;
        growth.entry.count = values[0].count;
        for (size_t i = 1; i < comparison->state_count; i++) {
                growth.steps += by_count ? values[i].count > growth.entry.count
                                         : values[i].size_bytes > growth.entry.size_bytes;
                if (values[i].size_bytes > growth.entry.size_bytes)
                        growth.entry.size_bytes = values[i].size_bytes;
                if (values[i].count > growth.entry.count)
                        growth.entry.count = values[i].count;
        }
        return growth;
}

int growth_make(const struct comparison *comparison, struct growths *out) {
        const struct aggregate *places = &comparison->places;

        *out = (struct growths){ .places = places, .step_count = comparison->state_count - 1 };
        out->items = calloc(places->count + 1, sizeof(*out->items));
        if (!out->items)
                return message_errno(ENOMEM, "report", "cannot compare");
        for (size_t i = 0; i < places->count; i++) {
                struct growth growth = growth_of(comparison, i);

                if (growth.steps == 0)
                        continue;
                out->every_step += growth.steps == out->step_count;
                out->items[out->count++] = growth;
        }
        qsort_r(out->items, out->count, sizeof(*out->items), compare, (void *)places);
        return 0;
}

void growth_deinit(struct growths *growths) {
        free(growths->items);
        *growths = (struct growths){ 0 };
}
