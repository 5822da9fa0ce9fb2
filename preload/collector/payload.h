/*
 * The records of one block, composed from a trace's columns into its compressor's payload.
 *
 * Runs in the collector's one thread. Must not: write to the file, or change what is composed.
 */
#ifndef MEMTRACE_COLLECTOR_PAYLOAD_H
#define MEMTRACE_COLLECTOR_PAYLOAD_H

#include "collector/trace.h"

/* All there is, with MTR_END where `end` is given. *flags: enum mtr_block_flags. False: no memory. */
bool payload_compose(struct trace *trace, const struct mtr_end *end, uint32_t *flags);

/* Losses and the end alone. */
bool payload_compose_last(struct trace *trace, const struct mtr_end *end, uint32_t *flags);

/* Whether a block that begins now should have a checkpoint. `snapshot`: its first record would be one that
 * the program asked for. */
bool payload_checkpoint_due(const struct trace *trace, bool snapshot);

/* At a block's begin: encode the state before it. */
void payload_checkpoint(struct trace *trace);

#endif
