/*
 * See annotation.h. One thread.
 */
#include "aggregate/annotation.h"

#include <stdlib.h>
#include <string.h>

/* As AGGREGATE_FUNCTION and AGGREGATE_FILE tell places apart, so that a place's lines stand together. */
static int compare_places(const struct aggregate_entry *left, const struct aggregate_entry *right,
                          bool by_function) {
        int order = strcmp(filter_file(left->frame), filter_file(right->frame));

        if (order || !by_function)
                return order;
        return strcmp(left->function ? left->function : "", right->function ? right->function : "");
}

static int compare_lines(const void *left_pointer, const void *right_pointer, void *by_function) {
        const struct aggregate_entry *left = left_pointer, *right = right_pointer;
        int order = compare_places(left, right, *(bool *)by_function);

        if (order)
                return order;
        if (left->line != right->line)
                return left->line < right->line ? -1 : 1;
        return strcmp(left->file, right->file); /* what has no line */
}

int annotation_make(const struct replay *replay, struct charge *charge, const struct aggregate_wish *wish,
                    struct annotation *out) {
        struct aggregate_wish called = *wish, lines;
        bool by_function = wish->by == AGGREGATE_FUNCTION;
        int error;

        called.calls = true;
        lines = called;
        lines.by = by_function ? AGGREGATE_FUNCTION_LINE : AGGREGATE_LINE;
        *out = (struct annotation){ 0 };
        error = aggregate_make(replay, charge, &called, &out->places);
        if (error == 0)
                error = aggregate_make(replay, charge, &lines, &out->lines);
        if (error < 0) {
                annotation_deinit(out);
                return error;
        }
        if (out->lines.count > 0)
                qsort_r(out->lines.entries, out->lines.count, sizeof(*out->lines.entries), compare_lines,
                        &by_function);
        return 0;
}

void annotation_deinit(struct annotation *annotation) {
        aggregate_deinit(&annotation->places);
        aggregate_deinit(&annotation->lines);
}

/* How many lines stand before the place, or, with `and_its_own`, before what follows it. */
static size_t count_before(const struct annotation *annotation, const struct aggregate_entry *place,
                           bool and_its_own) {
        bool by_function = annotation->places.wish.by == AGGREGATE_FUNCTION;
        size_t low = 0, high = annotation->lines.count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_places(&annotation->lines.entries[middle], place, by_function);

                if (order < 0 || (order == 0 && and_its_own))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct annotation_table annotation_table(const struct annotation *annotation, size_t number) {
        const struct aggregate_entry *place = &annotation->places.entries[number];
        size_t first = count_before(annotation, place, false);

        return (struct annotation_table){ place, annotation->lines.entries + first,
                                          count_before(annotation, place, true) - first,
                                          annotation->places.wish.by == AGGREGATE_FUNCTION };
}
