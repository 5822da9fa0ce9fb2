/*
 * Backtraces of one process as the trace names them: stacks, frames and modules, each numbered
 * densely in order of first use, read from the process's stack table and module list.
 *
 * Runs in the collector's one thread. The process may scribble on what is read here: every id,
 * chunk and offset is checked, and no walk is longer than MTR_STACK_DEPTH_MAX.
 */
#ifndef MEMTRACE_COLLECTOR_STACKS_H
#define MEMTRACE_COLLECTOR_STACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/chunks.h"
#include "collector/encode.h"
#include "session/process.h"

#define STACK_FAILED UINT32_MAX

struct stacks {
        const struct chunks *chunks;
        struct process *process;
        const char *exe; /* the path of the module whose own path is "" */
        const char *cwd; /* what relative paths are relative to */

        struct array numbers; /* uint32_t by node id: its stack, 0 for none yet */
        uint32_t count;
        struct array frames; /* hash: frame word -> frame */
        uint32_t frame_count;
        struct array modules; /* uint32_t by index in the process: its number + 1, 0 for none yet */
        uint32_t module_count;
        uint32_t last_module; /* index in the process of the last one matched */

        /* MTR_MODULES, MTR_FRAMES and MTR_STACKS of the block in the making. */
        struct buffer module_rows;
        struct buffer frame_module_column, frame_offset_column;
        struct buffer stack_parent_column, stack_frame_column;
        uint32_t modules_defined, frames_defined, stacks_defined;
        uint64_t previous_offset;
};

/* `chunks`, `exe` and `cwd` stay the caller's. False: no memory. */
bool stacks_init(struct stacks *stacks, const struct chunks *chunks, struct process *process, const char *exe,
                 const char *cwd);
void stacks_deinit(struct stacks *stacks);

/* The stack of a node id, defined when new; 0, the empty one, for an id that is not a node.
 * STACK_FAILED: no memory. */
uint32_t stacks_number(struct stacks *stacks, uint32_t node);

/* True for ids of nodes that can be read. */
bool stacks_node_known(const struct stacks *stacks, uint32_t node);

/* After the block was written: the next one's rows begin. */
void stacks_block_begin(struct stacks *stacks);

/* Bytes defined since then. */
size_t stacks_raw_bytes(const struct stacks *stacks);

/* The number + 1 of the module a frame lies in, defined when new, and its start; 0 for none.
 * UINT32_MAX: no memory. */
uint32_t stacks_module(struct stacks *stacks, uint64_t frame, uint64_t *start);

#endif
