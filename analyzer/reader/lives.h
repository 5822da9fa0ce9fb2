/*
 * The rows of MTR_OWNERS and MTR_LIVES, one by one: whose blocks a block's frees ended, and how long what was
 * freed had lived. What is wrong with a record is said in a few words, as the decoders do.
 *
 * Must not: add anything up, or know what is defined.
 */
#ifndef ANALYZER_READER_LIVES_H
#define ANALYZER_READER_LIVES_H

#include "base/cursor.h"

#include <memtrace/format.h>

/* A walk over MTR_OWNERS that stands at a row. */
struct lives_owners {
        struct cursor events, threads;
        uint64_t left;   /* rows behind this one */
        uint64_t event;  /* of the block: so many stand before this free; LIVES_NO_EVENT: there is no row */
        uint64_t thread; /* the owner's number + 1; 0: nobody knows it */
};

#define LIVES_NO_EVENT UINT64_MAX

/* Goes to the first row, or to the next. NULL, or what is wrong; then there is no row either. */
const char *lives_owners_begin(struct lives_owners *owners, struct cursor body);
const char *lives_owners_next(struct lives_owners *owners);

/* Frees of one site, as MTR_LIVES adds them up. */
struct lives_row {
        uint64_t site;
        uint64_t distance;  /* enum mtr_distance, or the number itself */
        uint64_t age_class; /* at most MTR_AGE_CLASS_MAX */
        uint64_t frees;
        uint64_t lived_ms; /* all of them together */
};

/* A walk over MTR_LIVES. */
struct lives {
        struct cursor sites, distances, age_classes, frees, beyond_ms;
        uint64_t left; /* rows to come */
        struct lives_row row;
        bool begun;
};

/* Goes before the first row. NULL or what is wrong. */
const char *lives_begin(struct lives *lives, struct cursor body);

/* True with the next row in lives->row; false at the end, or with what is wrong in *wrong. */
bool lives_next(struct lives *lives, const char **wrong);

/* The shortest and the longest time of an age class, in milliseconds. */
uint64_t lives_least_ms(unsigned age_class);
uint64_t lives_most_ms(unsigned age_class);

#endif
