/*
 * Strings kept once: the same text gets the same number, numbers count on from 0. What a
 * report groups by becomes a comparison of numbers, and the texts live until the table goes.
 *
 * Must not: know what the strings mean.
 */
#ifndef ANALYZER_BASE_INTERN_H
#define ANALYZER_BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern {
        char **texts;
        uint64_t *hashes;
        size_t count, texts_capacity, hashes_capacity;
        uint32_t *slots; /* number + 1, 0: empty; a power of two, at most half full */
        size_t slot_count;
};

void intern_deinit(struct intern *intern);

/* A number that the text alone decides, the same in every run and version. */
uint64_t intern_hash(const char *text);

/* The number of `text`, new or known. 0 or -ENOMEM. */
int intern_text(struct intern *intern, const char *text, uint32_t *number);

/* The table's own copy of `text`, which lives as long as the table; NULL stays NULL. 0 or -ENOMEM. */
int intern_own(struct intern *intern, const char *text, const char **own);

static inline const char *intern_get(const struct intern *intern, uint32_t number) {
        return intern->texts[number];
}

#endif
