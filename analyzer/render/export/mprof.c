/*
 * See mprof.h. What mprof calls memory is the resident set. Its lines are words with spaces between them. One
 * thread.
 */
#include "render/export/mprof.h"

#include "base/message.h"
#include "base/text.h"
#include "reader/samples.h"
#include "replay/moment.h"
#include "replay/spans.h"
#include "select/family.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_MAX 256u  /* what is deeper stands in the last */
#define STEADY_UNITS 20u /* samples are closer, but where a value stays */

/* The resident set at an instant: the last sample up to it, or the first there is. */
struct instant {
        uint64_t time_ns, bytes;
};

struct function {
        const char *name;
        struct instant begin, end;
        uint32_t thread;
        unsigned level; /* its row in mprof's flames */
};

struct asking {
        struct instant **instants; /* by time */
        size_t count, next;        /* whose sample was not met yet */
        bool met;                  /* any sample */
        uint64_t bytes;            /* of the last one */
};

struct lines {
        FILE *stream;
        uint64_t started_unix_ns;
        size_t child; /* SIZE_MAX: none, the program itself */
        struct samples_sample last;
};

static double seconds(uint64_t started_unix_ns, uint64_t time_ns) {
        return (double)started_unix_ns / 1e9 + (double)time_ns / 1e9;
}

static double mebibytes(uint64_t bytes) {
        return (double)bytes / 0x1p20;
}

static void put_line(const struct lines *lines, uint64_t units, uint64_t bytes) {
        if (lines->child == SIZE_MAX)
                fputs("MEM", lines->stream);
        else
                fprintf(lines->stream, "CHLD %zu", lines->child);
        fprintf(lines->stream, " %.6f %.4f\n", mebibytes(bytes),
                seconds(lines->started_unix_ns, units * MTR_TIME_UNIT_NS));
}

/* A trace leaves samples out while they are the same, and mprof joins them by straight lines. */
static int put_sample(void *context, const struct samples_sample *sample) {
        struct lines *lines = context;

        if (lines->last.bytes != 0 && lines->last.bytes != sample->bytes &&
            sample->units > lines->last.units + STEADY_UNITS)
                put_line(lines, sample->units - 1, lines->last.bytes);
        put_line(lines, sample->units, sample->bytes);
        lines->last = *sample;
        return 0;
}

/* As one word, of letters that mprof can decode. False: no memory. */
static bool put_word(const char *text, FILE *stream) {
        char *escaped = text_escape(text, strlen(text));

        for (const char *letter = escaped; letter && *letter; letter++)
                fputc(*letter == ' ' ? '_' : *letter, stream);
        free(escaped);
        return escaped;
}

static int by_time(const void *left, const void *right) {
        const struct instant *const *one = left, *const *other = right;

        return ((*one)->time_ns > (*other)->time_ns) - ((*one)->time_ns < (*other)->time_ns);
}

static int answer(void *context, const struct samples_sample *sample) {
        struct asking *asking = context;

        for (; asking->next < asking->count &&
               asking->instants[asking->next]->time_ns < sample->units * MTR_TIME_UNIT_NS;
             asking->next++)
                asking->instants[asking->next]->bytes = asking->met ? asking->bytes : sample->bytes;
        asking->met = true;
        asking->bytes = sample->bytes;
        return 0;
}

static int find_bytes(struct trace *trace, struct function *functions, size_t count) {
        struct asking asking = { calloc(2 * count + 1, sizeof(struct instant *)), .count = 2 * count };
        int error;

        if (!asking.instants)
                return message_errno(ENOMEM, trace->reader->name, "cannot export");
        for (size_t i = 0; i < count; i++) {
                asking.instants[2 * i] = &functions[i].begin;
                asking.instants[2 * i + 1] = &functions[i].end;
        }
        qsort(asking.instants, asking.count, sizeof(*asking.instants), by_time);
        error = samples_tell(trace, answer, &asking);
        for (; asking.next < asking.count; asking.next++)
                asking.instants[asking.next]->bytes = asking.bytes;
        free(asking.instants);
        return error;
}

static int by_begin(const void *left, const void *right) {
        const struct function *one = left, *other = right;

        if (one->begin.time_ns != other->begin.time_ns)
                return one->begin.time_ns < other->begin.time_ns ? -1 : 1;
        return (one->end.time_ns < other->end.time_ns) - (one->end.time_ns > other->end.time_ns);
}

/* The lowest level that is free above those of its thread that it stands in; those of other threads may stand
 * between. */
static void find_levels(struct function *functions, size_t count) {
        const struct function *on[LEVELS_MAX] = { 0 };

        qsort(functions, count, sizeof(*functions), by_begin);
        for (size_t i = 0; i < count; i++) {
                struct function *function = &functions[i];
                unsigned lowest = 0, level;

                for (level = 0; level < LEVELS_MAX; level++)
                        if (on[level] && on[level]->end.time_ns <= function->begin.time_ns)
                                on[level] = NULL;
                        else if (on[level] && on[level]->thread == function->thread)
                                lowest = level + 1;
                for (level = lowest; level < LEVELS_MAX && on[level]; level++)
                        ;
                function->level = level < LEVELS_MAX ? level : LEVELS_MAX - 1;
                on[function->level] = function;
        }
}

static int put_functions(struct trace *trace, FILE *stream) {
        struct span *spans = calloc(trace->scope_count + 1, sizeof(*spans));
        struct function *functions = calloc(trace->scope_count + 1, sizeof(*functions));
        uint64_t started_unix_ns = trace->reader->header.started_unix_ns;
        size_t count = 0;
        int error = spans && functions ? spans_pair(trace, spans, &count) : -ENOMEM;

        for (size_t i = 0; i < count; i++)
                functions[i] = (struct function){
                        spans[i].name,
                        { spans[i].begin_ns, 0 },
                        { spans[i].has_end ? spans[i].end_ns : moment_last_ns(trace), 0 },
                        trace->scopes[spans[i].has_begin ? spans[i].begin : spans[i].end].thread,
                        0,
                };
        if (count > 0)
                find_levels(functions, count);
        error = error == 0 ? find_bytes(trace, functions, count)
                           : message_errno(ENOMEM, trace->reader->name, "cannot export");
        for (size_t i = 0; error == 0 && i < count; i++) {
                const struct function *function = &functions[i];

                fputs("FUNC ", stream);
                if (!put_word(function->name, stream))
                        error = message_errno(ENOMEM, trace->reader->name, "cannot export");
                fprintf(stream, " %.6f %.4f %.6f %.4f %u\n", mebibytes(function->begin.bytes),
                        seconds(started_unix_ns, function->begin.time_ns), mebibytes(function->end.bytes),
                        seconds(started_unix_ns, function->end.time_ns), function->level);
        }
        free(spans);
        free(functions);
        return error;
}

static int put_samples(struct trace *trace, size_t child, FILE *stream) {
        struct lines lines = { .stream = stream,
                               .started_unix_ns = trace->reader->header.started_unix_ns,
                               .child = child };

        return samples_tell(trace, put_sample, &lines);
}

static int put_child(const char *path, size_t number, FILE *stream) {
        struct trace *trace;
        int error = state_open_trace(path, &trace);

        if (error < 0)
                return error;
        error = state_failed(path, put_samples(trace, number, stream));
        trace_free(trace);
        return error;
}

static int put_children(const struct export_wish *wish, FILE *stream) {
        struct family family = { 0 };
        int error = family_find(wish->operand, wish->state->trace, &family);

        for (size_t i = 0; error == 0 && i < family.count; i++)
                error = put_child(family.paths[i], i, stream);
        family_deinit(&family);
        return error;
}

static int write_mprof(const struct export_wish *wish, FILE *stream) {
        struct trace *trace = wish->state->trace;
        int error;

        if (trace->facts.peak_rss_bytes == 0) {
                message("%s: has no samples of the resident set, which is what mprof shows", wish->operand);
                return -EINVAL;
        }
        fputs("CMDLINE ", stream);
        text_put(stream, wish->state->summary.command);
        fputc('\n', stream);
        error = put_functions(trace, stream);
        if (error == 0)
                error = put_samples(trace, SIZE_MAX, stream);
        error = state_failed(wish->operand, error);
        return error == 0 ? put_children(wish, stream) : error;
}

const struct export_format export_mprof = {
        .about = "mprof plot",
        .write = write_mprof,
        .history = true,
        .resident = true,
};
