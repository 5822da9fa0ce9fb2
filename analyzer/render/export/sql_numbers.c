/*
 * See sql_numbers.h. Row 0 of frames and of stacks is what is not known. One thread.
 */
#include "render/export/sql_numbers.h"

#include "base/intern.h"
#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

static void mix(uint64_t *key, uint64_t more) {
        *key = (*key ^ more) * UINT64_C(0x9e3779b97f4a7c15);
        *key ^= *key >> 29;
}

static void mix_text(uint64_t *key, const char *text) {
        mix(key, text ? intern_hash(text) : 0);
}

static int number_frames(struct sql_numbers *numbers) {
        size_t count = numbers->state->trace->tables[TRACE_FRAMES].count;
        uint64_t next = 1;

        for (uint32_t i = 0; i < count; i++) {
                struct symbol_frames found;
                int error = symbols_lookup(numbers->state->symbols, i, &found);

                if (error < 0)
                        return error;
                numbers->frames[i] = next;
                next += found.count;
                for (size_t k = 0; k < found.count; k++) {
                        mix_text(&numbers->run, found.frames[k].file);
                        mix_text(&numbers->run, found.frames[k].function);
                        mix(&numbers->run, found.frames[k].line);
                }
        }
        return 0;
}

static int number_stacks(struct sql_numbers *numbers) {
        const struct trace *trace = numbers->state->trace;
        size_t count = trace->tables[TRACE_STACKS].count;

        numbers->stacks[0] = 0;
        numbers->stacks[1] = 1;
        for (uint32_t i = 1; i <= count; i++) {
                struct symbol_frames found;
                int error = symbols_lookup(numbers->state->symbols, trace_stack(trace, i)->frame, &found);

                if (error < 0)
                        return error;
                numbers->stacks[i + 1] = numbers->stacks[i] + found.count;
        }
        return 0;
}

/* All that a trace holds by its checksums; of a saved snapshot, which has one moment only, its counts. */
static void mix_content(struct sql_numbers *numbers) {
        const struct reader *reader = numbers->state->trace->reader;
        const struct replay *replay = &numbers->state->range.more;

        for (size_t i = 0; i < reader->block_count; i++)
                mix(&numbers->run, reader->blocks[i].header.header_checksum);
        for (uint32_t i = 0; numbers->state->when && i < replay->site_count; i++) {
                mix(&numbers->run, replay->sites[i].size_bytes);
                mix(&numbers->run, replay->sites[i].live_blocks);
                mix(&numbers->run, replay->sites[i].allocations);
                mix(&numbers->run, replay->sites[i].temporary);
        }
}

/* Who ran, when, for how long, what there was, and which frames answer. */
static int mix_run(struct sql_numbers *numbers) {
        const struct summary *summary = &numbers->state->summary;
        int error = 0;

        mix_text(&numbers->run, summary->program);
        mix_text(&numbers->run, summary->command);
        mix(&numbers->run, summary->pid);
        mix(&numbers->run, summary->started_unix_ns);
        mix(&numbers->run, summary->duration_ns);
        mix(&numbers->run, summary->allocations);
        mix_content(numbers);
        for (size_t i = 0; summary->beyond_heap && i < summary->domain_count; i++)
                if (summary->domains[i].taken)
                        mix_text(&numbers->run, summary->domains[i].name);
        for (uint32_t i = 0; error == 0 && i <= numbers->state->trace->tables[TRACE_STACKS].count; i++) {
                struct sql_place place;

                error = sql_numbers_answer(numbers, i, &place);
                if (error == 0)
                        mix(&numbers->run, place.stack);
        }
        numbers->run >>= 1; /* a bigint has a sign */
        return error;
}

int sql_numbers_init(struct sql_numbers *numbers, const struct state *state, struct charge *charge) {
        const struct trace_table *tables = state->trace->tables;
        int error;

        *numbers = (struct sql_numbers){ .state = state, .charge = charge };
        numbers->frames = calloc(tables[TRACE_FRAMES].count + 1, sizeof(*numbers->frames));
        numbers->stacks = calloc(tables[TRACE_STACKS].count + 2, sizeof(*numbers->stacks));
        if (!numbers->frames || !numbers->stacks)
                return message_errno(ENOMEM, state->trace->reader->name, "cannot export");
        error = number_frames(numbers);
        if (error == 0)
                error = number_stacks(numbers);
        return error == 0 ? mix_run(numbers) : error;
}

void sql_numbers_deinit(struct sql_numbers *numbers) {
        free(numbers->frames);
        free(numbers->stacks);
        *numbers = (struct sql_numbers){ 0 };
}

/* A frame that stood further in already would have answered there, so it is the first of its kind. */
int sql_numbers_answer(const struct sql_numbers *numbers, uint32_t id, struct sql_place *place) {
        const struct trace *trace = numbers->state->trace;
        const struct trace_stack *stack;
        const struct symbol_frame *answer;
        int error = charge_stack(numbers->charge, id, &answer);

        *place = (struct sql_place){ 0 };
        for (; error == 0 && (stack = trace_stack(trace, id)); id = stack->parent) {
                struct symbol_frames found;

                error = symbols_lookup(numbers->state->symbols, stack->frame, &found);
                for (size_t i = 0; error == 0 && i < found.count; i++)
                        if (&found.frames[i] == answer) {
                                *place = (struct sql_place){ sql_numbers_innermost(numbers, id) - i,
                                                             sql_numbers_frame(numbers, stack->frame) + i };
                                return 0;
                        }
        }
        return error;
}
