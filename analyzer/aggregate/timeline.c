/*
 * See timeline.h. One thread.
 */
#include "aggregate/timeline.h"

#include "base/array.h"
#include "base/cursor.h"
#include "base/message.h"
#include "base/progress.h"
#include "base/saturate.h"
#include "reader/domains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In place of a stack's node. */
#define LEFT_OUT UINT32_MAX      /* the filter does not take it */
#define UNKNOWN (UINT32_MAX - 1) /* not looked at */

#define SITES_A_STEP 64u /* of progress */
#define VARINT_MAX 10u

static int no_memory(const struct timeline *timeline) {
        return message_errno(ENOMEM, timeline->trace->reader->name, "cannot add up its slices");
}

static void free_row(struct timeline_row *row) {
        free(row->changes.data);
        *row = (struct timeline_row){ 0 };
}

void timeline_deinit(struct timeline *timeline) {
        for (size_t i = 0; i < timeline->row_count; i++)
                free_row(&timeline->rows[i]);
        for (size_t i = 0; i < TIMELINE_SIZES; i++)
                free_row(&timeline->sizes[i]);
        keys_deinit(&timeline->keys);
        free(timeline->rows);
        map_deinit(&timeline->by_key);
        free(timeline->node_of_stack);
        free(timeline->block_bytes);
        free(timeline->frames.frames);
        *timeline = (struct timeline){ 0 };
}

static int is_taken(struct timeline *timeline, uint32_t stack) {
        struct filter *filter = timeline->filter;
        int error;

        if (!filter)
                return 1;
        error = charge_frames(timeline->charge, stack, filter->all_frames, &timeline->frames);
        if (error < 0)
                return error;
        return filter_takes(filter, filter_match(filter, timeline->frames.frames,
                                                 filter->all_frames ? timeline->frames.count : 1));
}

/* The node that the stack's path ends with, or LEFT_OUT. */
static int find_node(struct timeline *timeline, uint32_t stack, uint32_t *node) {
        int error, taken = is_taken(timeline, stack);

        *node = LEFT_OUT;
        if (taken <= 0)
                return taken;
        error = charge_frames(timeline->charge, stack, false, &timeline->frames);
        if (error == 0 && keys_path(&timeline->keys, &timeline->frames, node) < 0)
                error = no_memory(timeline);
        return error;
}

/* The same of a site, whose stacks are all known. */
static uint32_t node_of(const struct timeline *timeline, uint32_t site) {
        return timeline->node_of_stack[trace_site(timeline->trace, site)->stack];
}

static int reach_node(struct timeline *timeline, uint32_t node) {
        size_t count = timeline->block_bytes_count;

        if (node < count)
                return 0;
        if (array_reserve(&timeline->block_bytes, &timeline->block_bytes_capacity, (size_t)node + 1,
                          sizeof(*timeline->block_bytes)) < 0)
                return no_memory(timeline);
        memset(timeline->block_bytes + count, 0, (node + 1 - count) * sizeof(*timeline->block_bytes));
        timeline->block_bytes_count = (size_t)node + 1;
        return 0;
}

/* Where each site's stack leads, and which nodes have blocks of one size alone. */
static int find_nodes(struct timeline *timeline) {
        const struct trace *trace = timeline->trace;
        size_t site_count = trace_site_count(trace), stack_count = trace->tables[TRACE_STACKS].count + 1;
        int error = 0;

        for (size_t i = 0; i < stack_count; i++)
                timeline->node_of_stack[i] = UNKNOWN;
        progress_begin("naming", site_count);
        for (uint32_t i = 0; error == 0 && i < site_count; i++) {
                const struct trace_site *site = trace_site(trace, i);
                uint32_t *node = &timeline->node_of_stack[site->stack];
                uint64_t *block_bytes;

                if (i % SITES_A_STEP == 0)
                        progress_at(i);
                if (!domains_take_site(trace, i))
                        continue;
                if (*node == UNKNOWN)
                        error = find_node(timeline, site->stack, node);
                if (error < 0 || *node == LEFT_OUT || (error = reach_node(timeline, *node)) < 0)
                        continue;
                block_bytes = &timeline->block_bytes[*node];
                *block_bytes = *block_bytes == 0 || *block_bytes == site->size_bytes + 1
                                       ? site->size_bytes + 1
                                       : TIMELINE_SEVERAL;
        }
        progress_end();
        return error;
}

int timeline_init(struct timeline *timeline, const struct trace *trace, struct charge *charge,
                  struct filter *filter, const bool *threads) {
        *timeline = (struct timeline){
                .trace = trace,
                .charge = charge,
                .filter = filter && filter->count > filter->counts[FILTER_THREAD] ? filter : NULL,
                .threads = threads,
                .keys.by = AGGREGATE_FRAME,
        };
        for (size_t i = 0; i < TIMELINE_SIZES; i++)
                timeline->sizes[i] =
                        (struct timeline_row){ .thread = BY_THREAD_UNKNOWN, .block_bytes = TIMELINE_SEVERAL };
        timeline->node_of_stack =
                calloc(trace->tables[TRACE_STACKS].count + 1, sizeof(*timeline->node_of_stack));
        return timeline->node_of_stack ? find_nodes(timeline) : no_memory(timeline);
}

/* The row of a path and thread, new or known. */
static int row_of(struct timeline *timeline, uint32_t node, uint32_t thread, struct timeline_row **row) {
        uint32_t *known = map_value(&timeline->by_key, (uint64_t)node << 32 | thread, UINT32_MAX);

        if (!known || array_reserve(&timeline->rows, &timeline->row_capacity, timeline->row_count + 1,
                                    sizeof(*timeline->rows)) < 0)
                return no_memory(timeline);
        if (*known == UINT32_MAX) {
                uint64_t block_bytes =
                        node == TIMELINE_SMALL ? TIMELINE_SEVERAL : timeline->block_bytes[node];

                *known = (uint32_t)timeline->row_count++;
                timeline->rows[*known] = (struct timeline_row){
                        .node = node,
                        .thread = thread,
                        .block_bytes = block_bytes == TIMELINE_SEVERAL ? block_bytes : block_bytes - 1,
                };
        }
        *row = &timeline->rows[*known];
        return 0;
}

/* The rows that a site's blocks count in; NULL in *row: the filters leave them out. */
static int rows_of(struct timeline *timeline, uint32_t site, uint32_t thread, struct timeline_row **row,
                   struct timeline_row **size) {
        const struct trace *trace = timeline->trace;
        uint64_t block_bytes = trace_site(trace, site)->size_bytes;
        size_t thread_count = trace->tables[TRACE_THREADS].count;
        uint32_t node = node_of(timeline, site);

        *row = NULL;
        *size = &timeline->sizes[block_bytes ? 64 - __builtin_clzll(block_bytes) : 0];
        if (node == LEFT_OUT ||
            (timeline->threads && !timeline->threads[thread < thread_count ? thread : thread_count]))
                return 0;
        return row_of(timeline, node, thread, row);
}

static int put_varint(struct timeline_bytes *bytes, uint64_t value) {
        if (array_reserve(&bytes->data, &bytes->capacity, bytes->length + VARINT_MAX, 1) < 0)
                return -ENOMEM;
        for (; value >= 0x80; value >>= 7)
                bytes->data[bytes->length++] = (uint8_t)(value | 0x80);
        bytes->data[bytes->length++] = (uint8_t)value;
        return 0;
}

static int put_svarint(struct timeline_bytes *bytes, int64_t value) {
        return put_varint(bytes, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

int timeline_row_close(struct timeline_row *row) {
        struct timeline_bytes *changes = &row->changes;

        if (row->open_blocks == 0 && row->open_bytes == 0)
                return 0;
        if (put_varint(changes, row->open_stop - row->last_stop) < 0 ||
            put_svarint(changes, row->open_blocks) < 0 ||
            (row->block_bytes == TIMELINE_SEVERAL && put_svarint(changes, row->open_bytes) < 0))
                return -ENOMEM;
        row->change_count++;
        row->last_stop = row->open_stop;
        row->live_bytes += (uint64_t)row->open_bytes;
        if (row->live_bytes > row->high_bytes)
                row->high_bytes = row->live_bytes;
        row->open_blocks = row->open_bytes = 0;
        return 0;
}

int timeline_row_change(struct timeline_row *row, size_t stop, int64_t blocks, int64_t bytes) {
        int error = row->open_stop == stop ? 0 : timeline_row_close(row);

        row->open_stop = stop;
        row->open_blocks += blocks;
        row->open_bytes = (int64_t)((uint64_t)row->open_bytes + (uint64_t)bytes);
        return error;
}

int timeline_take(void *context, size_t stop, uint32_t site, uint32_t thread, int64_t blocks) {
        struct timeline *timeline = context;
        int64_t bytes = (int64_t)((uint64_t)blocks * trace_site(timeline->trace, site)->size_bytes);
        struct timeline_row *row, *size;
        int error = rows_of(timeline, site, thread, &row, &size);

        if (error < 0 || !row)
                return error;
        if (timeline_row_change(row, stop, blocks, bytes) < 0 ||
            timeline_row_change(size, stop, blocks, bytes) < 0)
                return no_memory(timeline);
        return 0;
}

static void add_total(struct timeline_row *row, const struct replay_site *counts) {
        row->allocations = saturate_add(row->allocations, counts->allocations);
        row->temporary = saturate_add(row->temporary, counts->temporary);
        row->allocated_bytes =
                saturate_add(row->allocated_bytes, saturate_times(counts->allocations, counts->size_bytes));
        row->temporary_bytes =
                saturate_add(row->temporary_bytes, saturate_times(counts->temporary, counts->size_bytes));
}

int timeline_total(struct timeline *timeline, uint32_t site, uint32_t thread,
                   const struct replay_site *counts) {
        struct timeline_row *row, *size;
        int error = 0;

        if (counts->allocations == 0 && counts->live_blocks == 0)
                return 0;
        error = rows_of(timeline, site, thread, &row, &size);
        if (error < 0 || !row)
                return error;
        add_total(row, counts);
        add_total(size, counts);
        return 0;
}

int timeline_end(struct timeline *timeline) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < timeline->row_count; i++)
                error = timeline_row_close(&timeline->rows[i]);
        for (size_t i = 0; error == 0 && i < TIMELINE_SIZES; i++)
                error = timeline_row_close(&timeline->sizes[i]);
        return error < 0 ? no_memory(timeline) : 0;
}
