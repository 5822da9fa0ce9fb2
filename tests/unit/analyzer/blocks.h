/*
 * Traces of several blocks, each with definitions of its own, and where their blocks are.
 */
#ifndef TESTS_UNIT_ANALYZER_BLOCKS_H
#define TESTS_UNIT_ANALYZER_BLOCKS_H

#include "reader/reader.h"
#include "trace_builder.h"

/*
 * Puts `count` blocks, and the end: in block i a site of size 10 + i, with three allocations. frame_blocks:
 * what the builder's is for each block, or NULL.
 */
void blocks_put(struct tb *tb, uint32_t count, const uint32_t *frame_blocks);

/* Four of them, each compressed by itself. */
struct tb *blocks_four(enum mtr_compression compression, bool numbering);

/* Where the blocks begin, and the file's end behind them; how many they are. */
size_t blocks_offsets(const struct tb *tb, size_t *offsets);

size_t blocks_whole(const struct reader *reader);

#endif
