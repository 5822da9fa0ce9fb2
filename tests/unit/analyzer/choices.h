/*
 * One story in the heap and two domains, told in several traces: all of it in one, and each choice of it in
 * another that has it in its heap, and no more. Looked at by that choice, the first must be as the other is.
 */
#ifndef TESTS_UNIT_ANALYZER_CHOICES_H
#define TESTS_UNIT_ANALYZER_CHOICES_H

#include "reader/trace.h"
#include "trace_builder.h"

#define CHOICES_SITES 12u
#define CHOICES_THREADS 3u
#define CHOICES_BLOCKS 7u
#define CHOICES_KINDS 3u                    /* the heap and two domains, sites in turn */
#define CHOICES_COUNT (1u << CHOICES_KINDS) /* as bits by domain */

extern const uint32_t choices_domains[CHOICES_KINDS];

/* traces[0] has all of it, each where it belongs; traces[choice] has what the choice has, in its heap. */
struct choices {
        struct tb *tbs[CHOICES_COUNT];
        struct trace *traces[CHOICES_COUNT];
};

/* Marks, threads, checkpoints and lives in all of them; the last block has an end unless it is `cut`. */
struct choices *choices_new(unsigned seed, bool cut);
void choices_free(struct choices *choices);

/* The choice's domains, and no others, from then on. */
void choices_take(struct trace *trace, size_t choice);

#endif
