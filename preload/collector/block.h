/*
 * Blocks of a trace file: composes what has gathered since the last one, compresses it and
 * appends it with one write.
 *
 * Runs in the collector's one thread. Must not: write a part of a block and go on behind it.
 */
#ifndef MEMTRACE_COLLECTOR_BLOCK_H
#define MEMTRACE_COLLECTOR_BLOCK_H

#include "collector/trace.h"

/* The first bytes of a fresh file. 0 or -errno. */
int block_file_begin(struct trace *trace);

/* Write what there is as one block, with MTR_END where `end` is given. */
void block_write(struct trace *trace, const struct mtr_end *end);

/* A snapshot follows: where that saves more reading than it costs, it gets a block that begins with a
 * checkpoint.
 */
void block_snapshot(struct trace *trace);

/* After a failed write: append a last block that says so, as far as that is possible now. */
void block_write_last(struct trace *trace, const struct mtr_end *end);

/* The block in the making is as large as blocks get. */
bool block_is_full(const struct trace *trace);

#endif
