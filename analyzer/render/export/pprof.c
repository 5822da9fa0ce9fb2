/*
 * See pprof.h. Written as the stacks come, so memory is that of the different places.
 */
#include "render/export/pprof.h"

#include "base/array.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/saturate.h"
#include "profile.pb-c.h"
#include "render/export/pprof_tables.h"
#include "render/export/stacks.h"
#include "render/render.h"
#include "render/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

struct profile {
        const struct export_wish *wish;
        struct pprof_tables tables;
        uint64_t *locations; /* of one stack, innermost first */
        size_t count, capacity;
};

/* Names, order and units are those of Go's heap profiles. */
static const char *const types[][2] = { { "alloc_objects", "count" },
                                        { "alloc_space", "bytes" },
                                        { "inuse_objects", "count" },
                                        { "inuse_space", "bytes" } };

/* As the format has numbers. */
static int64_t capped(uint64_t value) {
        return (int64_t)values_capped(value);
}

static void add_location(struct profile *profile, uint32_t frame, const struct symbol_frames *frames,
                         size_t from) {
        if (array_reserve(&profile->locations, &profile->capacity, profile->count + 1,
                          sizeof(*profile->locations)) < 0)
                profile->tables.no_memory = true;
        else
                profile->locations[profile->count++] =
                        pprof_tables_location(&profile->tables, frame, frames, from);
}

/* Which of them it is; their count where it is none. */
static size_t find(const struct symbol_frames *frames, const struct symbol_frame *wanted) {
        size_t at = 0;

        while (at < frames->count && &frames->frames[at] != wanted)
                at++;
        return at;
}

/* Frames of the trace, from that with the stack's first on: those before are left out. */
static int locate(struct profile *profile, const struct export_stack *stack) {
        const struct state *state = profile->wish->state;
        uint32_t id = stack->id;
        int error = 0;

        profile->count = 0;
        for (unsigned depth = 0; error == 0 && depth < MTR_STACK_DEPTH_MAX; depth++) {
                const struct trace_stack *node = trace_stack(state->trace, id);
                uint32_t frame = node ? node->frame : TRACE_NO_NUMBER;
                struct symbol_frames frames;
                size_t from = 0;

                error = symbols_lookup(state->symbols, frame, &frames);
                if (error == 0 && profile->count == 0)
                        from = find(&frames, stack->frames[0]);
                if (error == 0 && from < frames.count)
                        add_location(profile, frame, &frames, from);
                if (!node || !node->parent)
                        break;
                id = node->parent;
        }
        return error;
}

/* 0, or a negative errno reported now. */
static int settle(const struct profile *profile) {
        return profile->tables.no_memory ? message_errno(ENOMEM, profile->wish->operand, "cannot export") : 0;
}

static int put_sample(void *context, const struct export_stack *stack) {
        struct profile *profile = context;
        int64_t values[] = { capped(stack->allocations), capped(stack->allocated_bytes),
                             capped(stack->live_blocks), capped(stack->live_bytes) };
        Pprof__Sample sample = PPROF__SAMPLE__INIT;
        Pprof__Profile piece = PPROF__PROFILE__INIT;
        int error = locate(profile, stack);

        if (error < 0)
                return error;
        sample.n_location_id = profile->count;
        sample.location_id = profile->locations;
        sample.n_value = LENGTH(values);
        sample.value = values;
        piece.n_sample = 1;
        piece.sample = &(Pprof__Sample *){ &sample };
        pprof_tables_put(&profile->tables, &piece);
        return settle(profile);
}

static void put_types(struct pprof_tables *tables) {
        Pprof__ValueType made[LENGTH(types)], period = PPROF__VALUE_TYPE__INIT;
        Pprof__ValueType *list[LENGTH(types)];
        Pprof__Profile piece = PPROF__PROFILE__INIT;

        for (size_t i = 0; i < LENGTH(types); i++) {
                pprof__value_type__init(&made[i]);
                made[i].type = pprof_tables_text(tables, types[i][0]);
                made[i].unit = pprof_tables_text(tables, types[i][1]);
                list[i] = &made[i];
        }
        period.type = pprof_tables_text(tables, "space");
        period.unit = pprof_tables_text(tables, "bytes");
        piece.n_sample_type = LENGTH(types);
        piece.sample_type = list;
        piece.default_sample_type = made[LENGTH(types) - 1].type;
        piece.period_type = &period;
        piece.period = 1; /* every byte is told */
        pprof_tables_put(tables, &piece);
}

static void put_times(struct profile *profile) {
        const struct state *state = profile->wish->state;
        Pprof__Profile piece = PPROF__PROFILE__INIT;

        piece.time_nanos = capped(saturate_add(state->summary.started_unix_ns, state->range.to_ns));
        piece.duration_nanos = capped(state->range.to_ns);
        pprof_tables_put(&profile->tables, &piece);
}

/* A line each: whose heap it is, when, and what makes the figures less than the truth. */
static int comment(const struct state *state, FILE *stream) {
        fprintf(stream, "memtrace " MEMTRACE_VERSION ": %s\n", state->summary.command);
        fputs("inuse at ", stream);
        if (render_moment(&state->moment, state->range.to_ns, stream) < 0)
                return -ENOMEM;
        fputs(", alloc up to then\n", stream);
        render_troubles(&state->summary, "", stream);
        return 0;
}

static int put_comments(struct profile *profile) {
        char *text = NULL, *rest, *line;
        size_t length;
        FILE *stream = memo_stream(&text, &length);
        int error = stream ? comment(profile->wish->state, stream) : 0;

        profile->tables.no_memory |= !stream || fclose(stream) != 0;
        rest = profile->tables.no_memory ? NULL : text;
        while (error == 0 && (line = strsep(&rest, "\n")) && rest) {
                Pprof__Profile piece = PPROF__PROFILE__INIT;

                piece.n_comment = 1;
                piece.comment = &(int64_t){ pprof_tables_text(&profile->tables, line) };
                pprof_tables_put(&profile->tables, &piece);
        }
        free(text);
        return error;
}

static int write_pprof(const struct export_wish *wish, FILE *stream) {
        struct profile profile = { .wish = wish };
        struct gzip *gzip = gzip_new(stream);
        int error;

        if (!gzip)
                return -ENOMEM;
        pprof_tables_init(&profile.tables, wish->state->trace, wish->state->symbols, gzip);
        put_types(&profile.tables);
        put_times(&profile);
        error = put_comments(&profile);
        if (error == 0)
                error = export_stacks(wish, put_sample, &profile);
        pprof_tables_put_mappings(&profile.tables);
        if (error == 0)
                error = settle(&profile);
        pprof_tables_deinit(&profile.tables);
        free(profile.locations);
        gzip_free(gzip);
        return error;
}

const struct export_format export_pprof = {
        .about = "go tool pprof",
        .write = write_pprof,
        .binary = true,
};
