/*
 * How a stack begins for other tools. Theirs begin with the function that gave the block; ours with its
 * caller, and with what libstdc++'s operator new is made of. And Valgrind's own functions call each other by
 * jumps, so that its aligned_alloc is memalign's.
 *
 * Must not: know patterns.
 */
#ifndef ANALYZER_JUDGE_HEADS_H
#define ANALYZER_JUDGE_HEADS_H

#include "symbols/symbols.h"

#include <memtrace/format.h>

#define HEADS_KIND_UNKNOWN MTR_KIND_COUNT
#define HEADS_MAX 16

/* One beginning: these frames, and then those of the stack but the innermost `skipped`. */
struct head {
        const struct symbol_frame *frames[2];
        size_t count, skipped;
};

/*
 * All beginnings of a stack of frames, the most recent first, that a function of that kind (enum
 * mtr_site_kind) was called from. Their frames live on. How many there are.
 */
size_t heads_of(const struct symbol_frame *const *frames, size_t count, uint8_t kind,
                struct head heads[HEADS_MAX]);

/* What the function is called, or what tells of a domain's blocks; of an unknown kind, a wildcard for them
 * all. */
const char *heads_name(uint8_t kind);

/* Whether the frame is one of C++'s operator new, or what tells of a domain's block, which is inline. */
bool heads_gives_block(const struct symbol_frame *frame);

#endif
