/*
 * Numbers for stacks and frames: see stacks.h. Runs in the collector's one thread.
 */
#include "collector/stacks.h"

#include <memtrace/format.h>

#define FRAMES_FIRST 256u

struct frame_slot {
        uint64_t frame;
        uint32_t number_plus_one; /* 0: empty */
        uint32_t reserved;
};

bool stacks_init(struct stacks *stacks, const struct chunks *chunks, struct process *process, const char *exe,
                 const char *cwd) {
        *stacks = (struct stacks){ .chunks = chunks, .process = process, .exe = exe, .cwd = cwd };
        return array_reserve(&stacks->frames, FRAMES_FIRST * sizeof(struct frame_slot)) &&
               array_reserve(&stacks->numbers, sizeof(uint32_t)) &&
               array_reserve(&stacks->modules, PROCESS_MODULES * sizeof(uint32_t));
}

void stacks_deinit(struct stacks *stacks) {
        array_deinit(&stacks->numbers);
        array_deinit(&stacks->frames);
        array_deinit(&stacks->modules);
        buffer_deinit(&stacks->module_rows);
        buffer_deinit(&stacks->frame_module_column);
        buffer_deinit(&stacks->frame_offset_column);
        buffer_deinit(&stacks->stack_parent_column);
        buffer_deinit(&stacks->stack_frame_column);
        *stacks = (struct stacks){ 0 };
}

void stacks_block_begin(struct stacks *stacks) {
        stacks->module_rows.used = 0;
        stacks->frame_module_column.used = stacks->frame_offset_column.used = 0;
        stacks->stack_parent_column.used = stacks->stack_frame_column.used = 0;
        stacks->modules_defined = stacks->frames_defined = stacks->stacks_defined = 0;
        stacks->previous_offset = 0;
}

size_t stacks_raw_bytes(const struct stacks *stacks) {
        return stacks->module_rows.used + stacks->frame_module_column.used +
               stacks->frame_offset_column.used + stacks->stack_parent_column.used +
               stacks->stack_frame_column.used;
}

static const struct stack_node *node_at(const struct stacks *stacks, uint32_t node) {
        struct stack_table *table = &stacks->process->stacks;
        uint32_t chunk;

        if (node == 0 || node / STACK_NODES_PER_CHUNK >= STACK_NODE_CHUNKS)
                return NULL;
        /* Relaxed: the record that named the node was read with acquire. */
        chunk = atomic_load_explicit(&table->node_chunks[node / STACK_NODES_PER_CHUNK], memory_order_relaxed);
        if (!chunks_has(stacks->chunks, chunk))
                return NULL;
        return (const struct stack_node *)session_chunk(stacks->chunks->session, chunk) +
               node % STACK_NODES_PER_CHUNK;
}

bool stacks_node_known(const struct stacks *stacks, uint32_t node) {
        return node == 0 || node_at(stacks, node) != NULL;
}

static struct frame_slot *frame_slot_of(const struct array *frames, uint64_t frame) {
        size_t slots = frames->capacity_bytes / sizeof(struct frame_slot);
        size_t index = (size_t)(frame * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (slots - 1);
        struct frame_slot *slot;

        for (;; index = (index + 1) & (slots - 1)) {
                slot = (struct frame_slot *)frames->data + index;
                if (slot->number_plus_one == 0 || slot->frame == frame)
                        return slot;
        }
}

/* At most half full, so that frame_slot_of ends, and soon. */
static bool frames_make_room(struct stacks *stacks) {
        size_t slots = stacks->frames.capacity_bytes / sizeof(struct frame_slot);
        struct array grown = { 0 };

        if (((size_t)stacks->frame_count + 1) * 2 <= slots)
                return true;
        if (!array_reserve(&grown, slots * 2 * sizeof(struct frame_slot)))
                return false;
        for (size_t i = 0; i < slots; i++) {
                const struct frame_slot *slot = (const struct frame_slot *)stacks->frames.data + i;

                if (slot->number_plus_one != 0)
                        *frame_slot_of(&grown, slot->frame) = *slot;
        }
        array_deinit(&stacks->frames);
        stacks->frames = grown;
        return true;
}

static bool frame_define(struct stacks *stacks, uint64_t frame) {
        uint64_t start = 0;
        uint32_t module = stacks_module(stacks, frame, &start);
        uint64_t offset = ((frame & STACK_FRAME_ADDRESS_MASK) - start) * 2 + !!(frame & STACK_FRAME_EXACT);

        if (module == UINT32_MAX || !buffer_reserve(&stacks->frame_module_column, VARINT_MAX_BYTES) ||
            !buffer_reserve(&stacks->frame_offset_column, VARINT_MAX_BYTES))
                return false;
        buffer_varint(&stacks->frame_module_column, module);
        buffer_svarint(&stacks->frame_offset_column, (int64_t)(offset - stacks->previous_offset));
        stacks->previous_offset = offset;
        stacks->frames_defined++;
        return true;
}

static uint32_t frame_number(struct stacks *stacks, uint64_t frame) {
        struct frame_slot *slot = frame_slot_of(&stacks->frames, frame);

        if (slot->number_plus_one != 0)
                return slot->number_plus_one - 1;
        if (!frames_make_room(stacks) || !frame_define(stacks, frame))
                return STACK_FAILED;
        *frame_slot_of(&stacks->frames, frame) =
                (struct frame_slot){ .frame = frame, .number_plus_one = stacks->frame_count + 1 };
        return stacks->frame_count++;
}

static bool stack_define(struct stacks *stacks, uint32_t node, uint32_t parent, uint64_t frame) {
        uint32_t number = frame_number(stacks, frame);

        if (number == STACK_FAILED || !buffer_reserve(&stacks->stack_parent_column, VARINT_MAX_BYTES) ||
            !buffer_reserve(&stacks->stack_frame_column, VARINT_MAX_BYTES) ||
            !array_reserve(&stacks->numbers, ((size_t)node + 1) * sizeof(uint32_t)))
                return false;
        stacks->count++;
        buffer_varint(&stacks->stack_parent_column, stacks->count - parent);
        buffer_varint(&stacks->stack_frame_column, number);
        ((uint32_t *)stacks->numbers.data)[node] = stacks->count;
        stacks->stacks_defined++;
        return true;
}

static uint32_t number_known(const struct stacks *stacks, uint32_t node) {
        if (((size_t)node + 1) * sizeof(uint32_t) > stacks->numbers.capacity_bytes)
                return 0;
        return ((const uint32_t *)stacks->numbers.data)[node];
}

uint32_t stacks_number(struct stacks *stacks, uint32_t node) {
        struct {
                uint32_t node;
                uint64_t frame;
        } fresh[MTR_STACK_DEPTH_MAX];
        uint32_t depth = 0;
        uint32_t number = 0;

        /* Inwards out to the first stack that has a number. Frames are kept, since the process
         * could change them under our eyes. */
        while (node != 0 && (number = number_known(stacks, node)) == 0) {
                const struct stack_node *at = node_at(stacks, node);

                if (!at || depth == MTR_STACK_DEPTH_MAX)
                        return 0;
                fresh[depth].node = node;
                fresh[depth].frame = at->frame;
                depth++;
                node = at->parent;
        }
        while (depth-- > 0) {
                if (!stack_define(stacks, fresh[depth].node, number, fresh[depth].frame))
                        return STACK_FAILED;
                number = stacks->count;
        }
        return number;
}
