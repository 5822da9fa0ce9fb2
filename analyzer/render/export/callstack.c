/*
 * See callstack.h. Frames that answer for nothing are left out at the inner end alone, so addresses are found
 * from the outer one. One thread.
 */
#include "render/export/callstack.h"

#include "base/array.h"
#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t address_of(const struct trace *trace, uint32_t number) {
        const struct trace_frame *frame = trace_frame(trace, number);
        const struct trace_module *module = frame ? trace_module(trace, frame->module) : NULL;

        return !frame ? 0 : module ? module->start + frame->offset : frame->offset;
}

/* How many frames a node of the tree of stacks comes to, with the inlined ones; 0 or a negative errno. */
static int count_frames(const struct export_wish *wish, const struct trace_stack *node, size_t *count) {
        struct symbol_frames frames;
        int error = symbols_lookup(wish->state->symbols, node->frame, &frames);

        if (error == 0)
                *count = frames.count;
        return error;
}

/* The innermost `skipped` frames have no place in `addresses`. */
static int find_addresses(const struct export_wish *wish, uint32_t stack, size_t skipped,
                          struct callstack *out) {
        const struct trace *trace = wish->state->trace;
        const struct trace_stack *node;
        size_t at = 0, count = 0;

        for (; (node = trace_stack(trace, stack)) && at < skipped + out->frames.count; stack = node->parent) {
                int error = count_frames(wish, node, &count);

                if (error < 0)
                        return error;
                for (; count > 0 && at < skipped + out->frames.count; count--, at++)
                        if (at >= skipped)
                                out->addresses[at - skipped] = address_of(trace, node->frame);
        }
        return 0;
}

int callstack_of(const struct export_wish *wish, uint32_t stack, struct callstack *out) {
        const struct trace *trace = wish->state->trace;
        struct charge_frames *frames = &out->frames;
        size_t whole;
        int error = charge_frames(wish->charge, stack, true, frames);

        whole = frames->count;
        if (error == 0)
                error = charge_frames(wish->charge, stack, false, frames);
        if (error < 0)
                return error;
        if (array_reserve(&out->addresses, &out->capacity, frames->count, sizeof(*out->addresses)) < 0)
                return message_errno(ENOMEM, trace->reader->name, "cannot follow its stacks");
        for (size_t i = 0; i < frames->count; i++)
                out->addresses[i] = 0;
        return find_addresses(wish, stack, whole - frames->count, out);
}

void callstack_deinit(struct callstack *callstack) {
        free(callstack->frames.frames);
        free(callstack->addresses);
        *callstack = (struct callstack){ 0 };
}
