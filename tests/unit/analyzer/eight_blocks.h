/*
 * A trace of eight blocks in frames of 1, 4, 1 and 2, and what a reader must find in it. Shared by the
 * tests of frames.
 */
#ifndef TESTS_EIGHT_BLOCKS_H
#define TESTS_EIGHT_BLOCKS_H

#include "replay/replay.h"
#include "trace_builder.h"

#define EIGHT 8

/* By block: where its frame begins, and how many blocks go when this one does. */
extern const size_t eight_first[EIGHT], eight_takes[EIGHT];

/* Definitions in each block: site i is of size 10 + i, and has three allocations. */
struct tb *eight_blocks(bool frames);

/* The first `length` bytes of any trace. */
struct reader *eight_open(const struct tb *tb, size_t length, uint64_t raw_bytes);
struct trace *eight_load(const struct tb *tb, size_t length);

/* Makes the checksums of the block at `offset` right again, with other lengths where asked. */
void eight_reseal(struct tb *tb, size_t offset, int more_stored, int more_raw);

/* So many allocations in all, and nothing wrong. */
void eight_replays(struct trace *trace, uint64_t allocations);

/* Blocks from `first` on, `count` of them, are gone; all others are whole, and their sites their own. */
void eight_lost(struct trace *trace, size_t first, size_t count);

#endif
