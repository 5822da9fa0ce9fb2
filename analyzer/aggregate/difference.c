/*
 * See difference.h. One thread.
 */
#include "aggregate/difference.h"

#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

const char *const difference_names[] = { "new", "gone", "changed", "same" };

static long double average(uint64_t size_bytes, uint64_t count) {
        return count ? (long double)size_bytes / (long double)count : 0;
}

static long double average_change(const struct difference *difference) {
        long double change = average(difference->entry.size_bytes, difference->entry.count) -
                             average(difference->earlier.size_bytes, difference->earlier.count);

        return change < 0 ? -change : change;
}

static int order_sizes(const struct difference *left, const struct difference *right) {
        int order = aggregate_order_numbers(
                difference_distance(left->earlier.size_bytes, left->entry.size_bytes),
                difference_distance(right->earlier.size_bytes, right->entry.size_bytes));

        return order ? order : aggregate_order_numbers(left->entry.size_bytes, right->entry.size_bytes);
}

static int order_counts(const struct difference *left, const struct difference *right) {
        int order = aggregate_order_numbers(difference_distance(left->earlier.count, left->entry.count),
                                            difference_distance(right->earlier.count, right->entry.count));

        return order ? order : aggregate_order_numbers(left->entry.count, right->entry.count);
}

static int compare(const void *left_pointer, const void *right_pointer, void *context) {
        const struct difference *left = left_pointer, *right = right_pointer;
        const struct aggregate *places = context;
        enum aggregate_sort sort = places->wish.sort;
        int order = 0;

        if (sort == AGGREGATE_BY_PLACE)
                return aggregate_order_places(places, &left->entry, &right->entry);
        if (sort == AGGREGATE_BY_AVERAGE) {
                long double one = average_change(left), other = average_change(right);

                order = (one > other) - (one < other);
        } else if (sort == AGGREGATE_BY_COUNT) {
                order = order_counts(left, right);
        }
        if (order == 0)
                order = order_sizes(left, right);
        if (order == 0)
                order = order_counts(left, right);
        return order ? -order : aggregate_order_places(places, &right->entry, &left->entry);
}

static enum difference_status status_of(const struct compare_value *earlier,
                                        const struct compare_value *later) {
        if (earlier->count == 0)
                return DIFFERENCE_NEW;
        if (later->count == 0)
                return DIFFERENCE_GONE;
        return earlier->size_bytes == later->size_bytes && earlier->count == later->count
                       ? DIFFERENCE_SAME
                       : DIFFERENCE_CHANGED;
}

int difference_make(const struct comparison *comparison, struct differences *out) {
        const struct aggregate *places = &comparison->places;

        *out = (struct differences){ .places = places, .count = places->count };
        out->items = calloc(out->count + 1, sizeof(*out->items));
        if (!out->items)
                return message_errno(ENOMEM, "report", "cannot compare");
        for (size_t i = 0; i < out->count; i++) {
                const struct compare_value *values = compare_values(comparison, i);
                struct difference *item = &out->items[i];

                *item = (struct difference){ places->entries[i], values[0],
                                             status_of(&values[0], &values[1]) };
                item->entry.size_bytes = values[1].size_bytes;
                item->entry.count = values[1].count;
                out->counts[item->status]++;
        }
        qsort_r(out->items, out->count, sizeof(*out->items), compare, (void *)places);
        return 0;
}

void difference_deinit(struct differences *differences) {
        free(differences->items);
        *differences = (struct differences){ 0 };
}
