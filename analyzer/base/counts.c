/*
 * See counts.h. One thread.
 */
#include "base/counts.h"

#include "base/array.h"

void counts_deinit(struct counts *counts) {
        intern_deinit(&counts->texts);
        free(counts->items);
        *counts = (struct counts){ 0 };
}

size_t *counts_of(struct counts *counts, const char *text) {
        size_t known = counts->texts.count;
        uint32_t number;

        if (intern_text(&counts->texts, text, &number) < 0 ||
            array_reserve(&counts->items, &counts->capacity, counts->texts.count, sizeof(*counts->items)) < 0)
                return NULL;
        if (number == known)
                counts->items[number] = 0;
        return &counts->items[number];
}
