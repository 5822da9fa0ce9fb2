/*
 * See snapshot.h. Only what is used is written, numbered anew in the order it had, so that what is read back
 * adds up in the same order. A row a line, everything in ASCII. One thread.
 */
#include "render/snapshot.h"

#include "base/message.h"
#include "render/snapshot_values.h"
#include "render/values.h"
#include "replay/by_thread.h"
#include "state/snapshot.h"

#include <memtrace/crc32c.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DROPPED UINT32_MAX

struct saving {
        const struct state *state;
        FILE *stream;                                /* into memory */
        uint32_t *modules, *frames, *stacks, *sites; /* their new numbers, or DROPPED; stacks by id */
        size_t rows;                                 /* of the table that is being written */
};

static int no_memory(const struct saving *saving) {
        return message_errno(ENOMEM, saving->state->trace->reader->name, "cannot save");
}

/* Where a part of the trace is lost, a block may be freed that nobody allocated. */
static bool is_used(const struct replay_site *site) {
        return site->live_blocks > 0 || site->allocations > 0 || site->temporary > 0;
}

/* Everything that leads to it, each looked at once. */
static void use_stack(struct saving *saving, uint32_t id) {
        const struct trace *trace = saving->state->trace;
        const struct trace_stack *stack;

        for (; (stack = trace_stack(trace, id)) && saving->stacks[id] == DROPPED; id = stack->parent) {
                const struct trace_frame *frame = trace_frame(trace, stack->frame);

                saving->stacks[id] = 0;
                if (!frame)
                        continue;
                saving->frames[stack->frame] = 0;
                if (trace_module(trace, frame->module))
                        saving->modules[frame->module] = 0;
        }
}

static void number_used(uint32_t *numbers, size_t count, uint32_t first) {
        for (size_t i = 0; i < count; i++)
                if (numbers[i] != DROPPED)
                        numbers[i] = first++;
}

static uint32_t *new_numbers(size_t count) {
        uint32_t *numbers = malloc((count + 1) * sizeof(*numbers));

        if (numbers)
                memset(numbers, 0xff, (count + 1) * sizeof(*numbers));
        return numbers;
}

static int find_used(struct saving *saving) {
        const struct replay *replay = &saving->state->range.more;
        const struct trace_table *tables = saving->state->trace->tables;

        saving->modules = new_numbers(tables[TRACE_MODULES].count);
        saving->frames = new_numbers(tables[TRACE_FRAMES].count);
        saving->stacks = new_numbers(tables[TRACE_STACKS].count);
        saving->sites = new_numbers(tables[TRACE_SITES].count);
        if (!saving->modules || !saving->frames || !saving->stacks || !saving->sites)
                return no_memory(saving);
        for (uint32_t i = 0; i < replay->site_count; i++)
                if (is_used(&replay->sites[i])) {
                        saving->sites[i] = 0;
                        use_stack(saving, trace_site(saving->state->trace, i)->stack);
                }
        number_used(saving->modules, tables[TRACE_MODULES].count, 0);
        number_used(saving->frames, tables[TRACE_FRAMES].count, 0);
        number_used(saving->stacks, tables[TRACE_STACKS].count + 1, 1);
        saving->stacks[0] = 0;
        number_used(saving->sites, tables[TRACE_SITES].count, 0);
        return 0;
}

/* Takes the value over. */
static int put_value(const struct saving *saving, json_t *value) {
        const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
        bool failed = !value || json_dumpf(value, saving->stream, flags) < 0;

        json_decref(value);
        return failed ? no_memory(saving) : 0;
}

static int put_member(const struct saving *saving, const char *name, json_t *value) {
        fprintf(saving->stream, ",\n\"%s\":", name);
        return put_value(saving, value);
}

static void begin_table(struct saving *saving, const char *name) {
        fprintf(saving->stream, ",\n\"%s\":[", name);
        saving->rows = 0;
}

static void end_table(struct saving *saving) {
        fputc(']', saving->stream);
}

static void begin_row(struct saving *saving) {
        fputs(saving->rows++ > 0 ? ",\n" : "\n", saving->stream);
}

static int put_modules(struct saving *saving) {
        const struct trace *trace = saving->state->trace;
        int error = 0;

        begin_table(saving, "modules");
        for (uint32_t i = 0; error == 0 && i < trace->tables[TRACE_MODULES].count; i++) {
                const struct trace_module *module = trace_module(trace, i);

                if (saving->modules[i] == DROPPED)
                        continue;
                begin_row(saving);
                error = put_value(saving,
                                  json_pack("[o, o]", snapshot_exact_text(module->path ? module->path : ""),
                                            snapshot_hexadecimal(module->build_id, module->build_id_bytes)));
        }
        end_table(saving);
        return error;
}

static json_t *name(const struct symbol_frame *frame) {
        json_t *made = json_pack("[o, o, o]", snapshot_exact_text(frame->file),
                                 frame->has_line ? values_number(frame->line) : json_null(),
                                 snapshot_exact_text(frame->function));

        if (!frame->directory || json_array_append_new(made, snapshot_exact_text(frame->directory)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

static json_t *names(const struct symbol_frames *frames) {
        json_t *array = json_array();

        for (size_t i = 0; array && i < frames->count; i++)
                if (json_array_append_new(array, name(&frames->frames[i])) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        return array;
}

static int put_frame(const struct saving *saving, uint32_t number) {
        const struct trace *trace = saving->state->trace;
        const struct trace_frame *frame = trace_frame(trace, number);
        const struct trace_module *module = trace_module(trace, frame->module);
        struct symbol_frames found = { 0 };
        char address[32];
        int error = module ? symbols_lookup(saving->state->symbols, number, &found) : 0;

        if (error < 0)
                return error;
        /* the address in the module's file, which is the same in every run */
        snprintf(address, sizeof(address), "0x%" PRIx64,
                 module ? module->start + frame->offset - module->bias : frame->offset);
        return put_value(saving,
                         json_pack("[o, s, b, o]",
                                   module ? values_number(saving->modules[frame->module]) : json_null(),
                                   address, (int)frame->exact, names(&found)));
}

static int put_frames(struct saving *saving) {
        int error = 0;

        begin_table(saving, "frames");
        for (uint32_t i = 0; error == 0 && i < saving->state->trace->tables[TRACE_FRAMES].count; i++)
                if (saving->frames[i] != DROPPED) {
                        begin_row(saving);
                        error = put_frame(saving, i);
                }
        end_table(saving);
        return error;
}

static void put_stacks(struct saving *saving) {
        const struct trace *trace = saving->state->trace;

        begin_table(saving, "stacks");
        for (uint32_t i = 1; i <= trace->tables[TRACE_STACKS].count; i++) {
                const struct trace_stack *stack = trace_stack(trace, i);

                if (saving->stacks[i] == DROPPED)
                        continue;
                begin_row(saving);
                fprintf(saving->stream, "[%" PRIu32 ",", saving->stacks[stack->parent]);
                if (trace_frame(trace, stack->frame))
                        fprintf(saving->stream, "%" PRIu32 "]", saving->frames[stack->frame]);
                else
                        fputs("null]", saving->stream);
        }
        end_table(saving);
}

static void put_counts(const struct saving *saving, const struct replay_site *counts) {
        fprintf(saving->stream, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, values_capped(counts->live_blocks),
                values_capped(counts->allocations), values_capped(counts->temporary));
}

static void put_sites(struct saving *saving) {
        const struct replay *replay = &saving->state->range.more;

        begin_table(saving, "sites");
        for (uint32_t i = 0; i < replay->site_count; i++) {
                const struct trace_site *site = trace_site(saving->state->trace, i);

                if (saving->sites[i] == DROPPED)
                        continue;
                begin_row(saving);
                fprintf(saving->stream, "[%" PRIu32 ",%" PRIu64 ",%u", saving->stacks[site->stack],
                        site->size_bytes, site->kind);
                put_counts(saving, &replay->sites[i]);
                if (replay->high_bytes)
                        fprintf(saving->stream, ",%" PRIu64, values_capped(replay->high_bytes[i]));
                fputc(']', saving->stream);
        }
        end_table(saving);
}

/* All of them: whoever asks for one that holds nothing must not hear that there is none. */
static int put_threads(struct saving *saving) {
        const struct trace *trace = saving->state->trace;
        int error = 0;

        begin_table(saving, "threads");
        for (uint32_t i = 0; error == 0 && i < trace->tables[TRACE_THREADS].count; i++) {
                const struct trace_thread *thread = trace_thread(trace, i);

                begin_row(saving);
                error = put_value(saving, json_pack("[o, o, o]", values_number(thread->tid),
                                                    values_number(thread->start_time_ns),
                                                    snapshot_exact_text(thread->name ? thread->name : "")));
        }
        end_table(saving);
        return error;
}

static void put_pairs(struct saving *saving) {
        const struct by_thread *by_thread = saving->state->range.more.by_thread;

        begin_table(saving, "thread_sites");
        for (size_t i = 0; i < by_thread->count; i++) {
                const struct by_thread_pair *pair = &by_thread->pairs[i];

                if (!is_used(&pair->counts) || saving->sites[pair->site] == DROPPED)
                        continue;
                begin_row(saving);
                fprintf(saving->stream, "[%" PRIu32 ",", saving->sites[pair->site]);
                if (pair->thread == BY_THREAD_UNKNOWN)
                        fputs("null", saving->stream);
                else
                        fprintf(saving->stream, "%" PRIu32, pair->thread);
                put_counts(saving, &pair->counts);
                fputc(']', saving->stream);
        }
        end_table(saving);
}

static int put_facts(const struct saving *saving) {
        const struct summary *summary = &saving->state->summary;
        int error;

        fputs("{\"schema\":\"" SNAPSHOT_SCHEMA "\"", saving->stream);
        error = put_member(saving, "moment", snapshot_moment(saving->state));
        if (error == 0)
                error = put_member(saving, "process", snapshot_process(summary));
        if (error == 0)
                error = put_member(saving, "totals", snapshot_totals(summary));
        if (error == 0)
                error = put_member(saving, "has_end", json_boolean(summary->has_end));
        if (error == 0)
                error = put_member(saving, "unseen", snapshot_exact_text(summary->unseen));
        return error < 0 ? error : put_member(saving, "damage", values_number(summary->damage_count));
}

static int put_all(struct saving *saving) {
        int error = put_facts(saving);

        if (error == 0)
                error = put_modules(saving);
        if (error == 0)
                error = put_frames(saving);
        if (error < 0)
                return error;
        put_stacks(saving);
        put_sites(saving);
        if (!saving->state->range.more.by_thread || !saving->state->trace->facts.tells_owners)
                return 0;
        error = put_member(saving, "unsure_blocks",
                           values_number(saving->state->range.more.by_thread->unsure));
        if (error == 0)
                error = put_threads(saving);
        if (error == 0)
                put_pairs(saving);
        return error;
}

/* The text, and behind it its checksum, so that no byte of it changes unseen. */
static int finish(struct saving *saving, char **text, size_t *length_bytes, FILE *to) {
        /* the checksum is of what comes before its name */
        fputs(",\n", saving->stream);
        if (fclose(saving->stream) != 0)
                return no_memory(saving);
        fwrite(*text, 1, *length_bytes, to);
        fprintf(to, "\"" SNAPSHOT_CHECKSUM "\":%" PRIu32 "}\n", mtr_crc32c(*text, *length_bytes));
        return 0;
}

int render_snapshot(const struct state *state, FILE *stream) {
        struct saving saving = { .state = state };
        char *text = NULL;
        size_t length_bytes = 0;
        int error = find_used(&saving);

        if (error == 0 && !(saving.stream = open_memstream(&text, &length_bytes)))
                error = no_memory(&saving);
        if (error == 0)
                error = put_all(&saving);
        if (error == 0)
                error = finish(&saving, &text, &length_bytes, stream);
        else if (saving.stream)
                fclose(saving.stream);
        free(text);
        free(saving.modules);
        free(saving.frames);
        free(saving.stacks);
        free(saving.sites);
        return error;
}
