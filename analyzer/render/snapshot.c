/*
 * See snapshot.h. Only what is used is written, numbered anew in the order it had, so that what is read back
 * adds up in the same order. A row a line, everything in ASCII. One thread.
 */
#include "render/snapshot.h"

#include "base/memo.h"
#include "base/message.h"
#include "base/whole.h"
#include "render/snapshot_values.h"
#include "render/values.h"
#include "replay/by_thread.h"
#include "state/snapshot.h"
#include "state/used.h"

#include <memtrace/crc32c.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct saving {
        const struct state *state;
        FILE *stream;     /* into memory */
        struct used used; /* its numbers are the rows' */
        size_t rows;      /* of the table that is being written */
};

static int no_memory(const struct saving *saving) {
        return message_errno(ENOMEM, saving->state->trace->reader->name, "cannot save");
}

/* Takes the value over. */
static int put_value(const struct saving *saving, json_t *value) {
        const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);

        return values_put(value, flags, saving->stream) < 0 ? no_memory(saving) : 0;
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

static json_t *module_row(const struct trace_module *module) {
        json_t *path = snapshot_exact_text(module->path ? module->path : "");
        json_t *build_id = snapshot_hexadecimal(module->build_id, module->build_id_bytes);

        return module->several_builds ? json_pack("[o, o, b]", path, build_id, 1)
                                      : json_pack("[o, o]", path, build_id);
}

static int put_modules(struct saving *saving) {
        const struct trace *trace = saving->state->trace;
        int error = 0;

        begin_table(saving, "modules");
        for (uint32_t i = 0; error == 0 && i < trace->tables[TRACE_MODULES].count; i++) {
                const struct trace_module *module = trace_module(trace, i);

                if (saving->used.modules[i] == USED_NOT)
                        continue;
                begin_row(saving);
                error = put_value(saving, module_row(module));
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
                                   module ? values_number(saving->used.modules[frame->module]) : json_null(),
                                   address, (int)frame->exact, names(&found)));
}

static int put_frames(struct saving *saving) {
        int error = 0;

        begin_table(saving, "frames");
        for (uint32_t i = 0; error == 0 && i < saving->state->trace->tables[TRACE_FRAMES].count; i++)
                if (saving->used.frames[i] != USED_NOT) {
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

                if (saving->used.stacks[i] == USED_NOT)
                        continue;
                begin_row(saving);
                fprintf(saving->stream, "[%" PRIu32 ",", saving->used.stacks[stack->parent]);
                if (trace_frame(trace, stack->frame))
                        fprintf(saving->stream, "%" PRIu32 "]", saving->used.frames[stack->frame]);
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

                if (saving->used.sites[i] == USED_NOT)
                        continue;
                begin_row(saving);
                fprintf(saving->stream, "[%" PRIu32 ",%" PRIu64 ",%u", saving->used.stacks[site->stack],
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

                if (!used_counts(&pair->counts) || saving->used.sites[pair->site] == USED_NOT)
                        continue;
                begin_row(saving);
                fprintf(saving->stream, "[%" PRIu32 ",", saving->used.sites[pair->site]);
                if (pair->thread == BY_THREAD_UNKNOWN)
                        fputs("null", saving->stream);
                else
                        fprintf(saving->stream, "%" PRIu32, pair->thread);
                put_counts(saving, &pair->counts);
                fputc(']', saving->stream);
        }
        end_table(saving);
}

/* Those that were merged. */
static int put_processes(struct saving *saving) {
        const struct summary *summary = &saving->state->summary;
        int error = 0;

        begin_table(saving, "processes");
        for (size_t i = 0; error == 0 && i < summary->process_count; i++) {
                begin_row(saving);
                error = put_value(saving, snapshot_merged(&summary->processes[i]));
        }
        end_table(saving);
        return error;
}

/* The heap and all others, of a program that reports some. */
static int put_domains(struct saving *saving) {
        const struct summary *summary = &saving->state->summary;
        const struct trace *trace = saving->state->trace;
        size_t next = 0;
        int error;

        begin_table(saving, "domains");
        begin_row(saving);
        error = put_value(saving, json_pack("{s:i, s:s, s:b}", "number", 0, "name", DOMAINS_HEAP, "selected",
                                            (int)summary->has_heap));
        for (uint32_t i = 1; error == 0 && i < DOMAINS_MOST && next < summary->domain_count; i++) {
                if (!domains_get(trace, i))
                        continue;
                begin_row(saving);
                error = put_value(saving, snapshot_domain_row(i, &summary->domains[next++]));
        }
        end_table(saving);
        return error;
}

static int put_facts(struct saving *saving) {
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
        if (error == 0)
                error = put_member(saving, "damage", values_number(summary->damage_count));
        if (error == 0 && summary->scopes.name_count > 0)
                error = put_member(saving, "scopes", snapshot_scopes(&summary->scopes));
        if (error == 0 && (summary->domain_count > 0 || summary->beyond_heap))
                error = put_domains(saving);
        return error == 0 && summary->process_count > 0 ? put_processes(saving) : error;
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
        int error = used_init(&saving.used, state);

        if (error == 0 && !(saving.stream = memo_stream(&text, &length_bytes)))
                error = no_memory(&saving);
        if (error == 0)
                error = put_all(&saving);
        if (error == 0)
                error = finish(&saving, &text, &length_bytes, stream);
        else if (saving.stream)
                fclose(saving.stream);
        free(text);
        used_deinit(&saving.used);
        return error;
}

int render_snapshot_as(const struct state *state, const char *path) {
        struct whole whole;
        int error = whole_begin_or_stdout(&whole, path);

        return error < 0 ? error : whole_end(&whole, render_snapshot(state, whole.stream));
}
