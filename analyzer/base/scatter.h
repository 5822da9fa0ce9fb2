/*
 * Where a key begins to look for its place in a hash table: decided by a number of this process, so that
 * nobody who writes a trace can choose keys that all meet.
 *
 * Must not: decide anything that is printed or written; that is the same in every run.
 */
#ifndef ANALYZER_BASE_SCATTER_H
#define ANALYZER_BASE_SCATTER_H

#include <stdint.h>

/* Odd; 0 until it is first needed. One thread. */
extern uint64_t scatter_secret;

void scatter_begin(void);

/* A table of a power of two takes its lowest bits. */
static inline uint64_t scatter(uint64_t key) {
        uint64_t hash;

        if (__builtin_expect(!scatter_secret, 0))
                scatter_begin();
        hash = key * scatter_secret;
        hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
        return hash ^ hash >> 32;
}

#endif
