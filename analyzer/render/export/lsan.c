/*
 * See lsan.h. As LeakSanitizer, blocks are one leak where one function gave them to one stack of addresses,
 * and a stack begins with that function and ends with the outermost frame. One thread.
 */
#include "render/export/lsan.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "base/text.h"
#include "judge/heads.h"
#include "render/export/stacks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct leak {
        uint64_t bytes, blocks;
        uint32_t stack;
        uint8_t kind; /* enum mtr_site_kind, or HEADS_KIND_UNKNOWN */
};

struct lsan_writing {
        const struct export_wish *wish;
        FILE *stream;
        bool *taken; /* by stack */
        struct leak *leaks;
        size_t count, capacity;
        struct charge_frames frames;
};

/* A frame of the trace, all whose inlined ones are at its address. */
struct place {
        const struct trace_module *module; /* NULL: in none */
        uint64_t address;
};

static int no_memory(const struct lsan_writing *writing) {
        return message_errno(ENOMEM, writing->wish->operand, "cannot export");
}

static int take_stack(void *context, const struct export_stack *stack) {
        struct lsan_writing *writing = context;

        writing->taken[stack->id] = true;
        return 0;
}

static int by_place(const void *left_pointer, const void *right_pointer) {
        const struct leak *left = left_pointer, *right = right_pointer;

        if (left->stack != right->stack)
                return left->stack < right->stack ? -1 : 1;
        return left->kind - right->kind;
}

static int by_size(const void *left_pointer, const void *right_pointer) {
        const struct leak *left = left_pointer, *right = right_pointer;

        if (left->bytes != right->bytes)
                return left->bytes > right->bytes ? -1 : 1;
        return by_place(left, right);
}

static int collect(struct lsan_writing *writing) {
        const struct replay *replay = &writing->wish->state->range.more;

        for (uint32_t i = 0; i < replay->site_count; i++) {
                const struct trace_site *site = trace_site(replay->trace, i);
                uint64_t blocks = replay->sites[i].live_blocks;

                if (blocks == 0 || !writing->taken[site->stack])
                        continue;
                if (array_reserve(&writing->leaks, &writing->capacity, writing->count + 1,
                                  sizeof(*writing->leaks)) < 0)
                        return no_memory(writing);
                writing->leaks[writing->count++] = (struct leak){
                        .bytes = saturate_times(blocks, replay->sites[i].size_bytes),
                        .blocks = blocks,
                        .stack = site->stack,
                        .kind = site->kind < MTR_KIND_COUNT || site->kind >= MTR_KIND_DOMAIN
                                        ? site->kind
                                        : HEADS_KIND_UNKNOWN,
                };
        }
        return 0;
}

/* Sizes of one stack and function become one leak; then the largest come first. */
static void add_up(struct lsan_writing *writing) {
        size_t kept = 0;

        if (writing->count == 0)
                return;
        qsort(writing->leaks, writing->count, sizeof(*writing->leaks), by_place);
        for (size_t i = 1; i < writing->count; i++) {
                struct leak *last = &writing->leaks[kept], *next = &writing->leaks[i];

                if (by_place(last, next) == 0) {
                        last->bytes = saturate_add(last->bytes, next->bytes);
                        last->blocks = saturate_add(last->blocks, next->blocks);
                } else {
                        writing->leaks[++kept] = *next;
                }
        }
        writing->count = kept + 1;
        qsort(writing->leaks, writing->count, sizeof(*writing->leaks), by_size);
}

/* LeakSanitizer's addresses are those of calls, not of what they return to. */
static struct place place_of(const struct trace *trace, uint32_t number) {
        const struct trace_frame *frame = trace_frame(trace, number);
        struct place place = { .module = frame ? trace_module(trace, frame->module) : NULL };

        if (frame)
                place.address = (place.module ? place.module->start : 0) + frame->offset - !frame->exact;
        return place;
}

static void put_module(FILE *stream, const struct place *place) {
        const struct trace_module *module = place->module;

        if (!module || !module->path || !*module->path) {
                fputs(" (<unknown module>)", stream);
                return;
        }
        fputs(" (", stream);
        text_put(stream, module->path);
        fprintf(stream, "+0x%" PRIx64 ")", place->address - module->bias);
        if (module->build_id_bytes > 0)
                fputs(" (BuildId: ", stream);
        for (uint32_t i = 0; i < module->build_id_bytes; i++)
                fprintf(stream, "%02x", module->build_id[i]);
        fputs(module->build_id_bytes > 0 ? ")" : "", stream);
}

static void put_frame(FILE *stream, size_t number, const struct symbol_frame *frame,
                      const struct place *place) {
        fprintf(stream, "    #%zu 0x%012" PRIx64, number, place->address);
        if (frame->function) {
                fputs(" in ", stream);
                text_put(stream, frame->function);
        }
        if (frame->has_line) {
                fputc(' ', stream);
                text_put(stream, frame->file);
                fprintf(stream, ":%" PRIu32, frame->line);
        } else {
                put_module(stream, place);
        }
        fputc('\n', stream);
}

/* How many of the innermost frames are inside what gave the block, if it has frames of its own. */
static int operators(struct lsan_writing *writing, uint32_t stack, size_t *count) {
        int error = charge_frames(writing->wish->charge, stack, true, &writing->frames);

        *count = 0;
        while (error == 0 && *count < writing->frames.count &&
               heads_gives_block(writing->frames.frames[*count]))
                ++*count;
        return error;
}

static int put_stack(struct lsan_writing *writing, const struct leak *leak) {
        const struct state *state = writing->wish->state;
        const struct trace_stack *stack = trace_stack(state->trace, leak->stack);
        size_t number = 0, skipped;
        int error = operators(writing, leak->stack, &skipped);

        if (error == 0 && skipped > 0)
                skipped--;
        else if (error == 0)
                fprintf(writing->stream, "    #%zu 0x%012x in %s (<unknown module>)\n", number++, 0,
                        leak->kind == HEADS_KIND_UNKNOWN ? "malloc" : heads_name(leak->kind));
        for (unsigned depth = 0; error == 0 && stack && depth < MTR_STACK_DEPTH_MAX; depth++) {
                const struct place place = place_of(state->trace, stack->frame);
                struct symbol_frames frames;

                error = symbols_lookup(state->symbols, stack->frame, &frames);
                for (size_t i = 0; error == 0 && i < frames.count; i++)
                        if (skipped > 0)
                                skipped--;
                        else
                                put_frame(writing->stream, number++, &frames.frames[i], &place);
                stack = trace_stack(state->trace, stack->parent);
        }
        return error;
}

static int put_leaks(struct lsan_writing *writing) {
        uint64_t bytes = 0, blocks = 0;
        int error = 0;

        if (writing->count == 0)
                return 0; /* as LeakSanitizer, which has nothing to say then */
        fprintf(writing->stream,
                "\n=================================================================\n"
                "==%" PRIu32 "==ERROR: LeakSanitizer: detected memory leaks\n\n",
                writing->wish->state->summary.pid);
        for (size_t i = 0; error == 0 && i < writing->count; i++) {
                const struct leak *leak = &writing->leaks[i];

                bytes = saturate_add(bytes, leak->bytes);
                blocks = saturate_add(blocks, leak->blocks);
                fprintf(writing->stream,
                        "Direct leak of %" PRIu64 " byte(s) in %" PRIu64 " object(s) allocated from:\n",
                        leak->bytes, leak->blocks);
                error = put_stack(writing, leak);
                fputc('\n', writing->stream);
        }
        fprintf(writing->stream,
                "SUMMARY: LeakSanitizer: %" PRIu64 " byte(s) leaked in %" PRIu64 " allocation(s).\n", bytes,
                blocks);
        return error;
}

static int write_lsan(const struct export_wish *wish, FILE *stream) {
        struct lsan_writing writing = { .wish = wish, .stream = stream };
        int error = 0;

        writing.taken = calloc(wish->state->trace->tables[TRACE_STACKS].count + 1, sizeof(*writing.taken));
        if (!writing.taken)
                error = no_memory(&writing);
        if (error == 0)
                error = export_stacks(wish, take_stack, &writing);
        if (error == 0)
                error = collect(&writing);
        if (error == 0) {
                add_up(&writing);
                error = put_leaks(&writing);
        }
        free(writing.taken);
        free(writing.leaks);
        free(writing.frames.frames);
        return error;
}

const struct export_format export_lsan = {
        .about = "whatever reads LeakSanitizer's reports of leaks",
        .write = write_lsan,
};
