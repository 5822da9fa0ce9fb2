/*
 * See repetitions_moments.h. One thread.
 */
#include "judge/repetitions_moments.h"

#include "base/counts.h"
#include "base/map.h"
#include "base/memo.h"
#include "replay/spans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SHOWN 6u

static struct replay_instant instant_of(const struct trace_mark *mark) {
        return (struct replay_instant){ mark->block, mark->event };
}

/* One for each scope that has a begin and an end. */
static int pair(const struct trace *trace, struct span **spans, size_t *count) {
        size_t kept = 0;
        int error;

        *spans = calloc(trace->scope_count + 1, sizeof(**spans));
        if (!*spans)
                return -ENOMEM;
        error = spans_pair(trace, *spans, count);
        for (size_t i = 0; i < *count; i++)
                if ((*spans)[i].has_begin && (*spans)[i].has_end)
                        (*spans)[kept++] = (*spans)[i];
        *count = kept;
        return error;
}

/* Leaves those of the name, and of each thread the outermost. Both are in order of their begins. */
static int keep_outermost(const struct trace *trace, const char *name, struct span *spans, size_t *count) {
        struct map last = { 0 }; /* by thread: the one kept last, and one more */
        size_t kept = 0;
        int error = 0;

        for (size_t i = 0; i < *count; i++) {
                uint32_t *before;

                if (strcmp(spans[i].name, name) != 0)
                        continue;
                before = map_value(&last, trace->scopes[spans[i].begin].thread, 0);
                if (!before) {
                        error = -ENOMEM;
                        break;
                }
                if (*before > 0 && spans[i].begin < spans[*before - 1].end)
                        continue;
                spans[kept++] = spans[i];
                *before = (uint32_t)kept;
        }
        map_deinit(&last);
        *count = kept;
        return error;
}

static int order_by_end(const void *left, const void *right) {
        size_t one = ((const struct span *)left)->end, other = ((const struct span *)right)->end;

        return one < other ? -1 : one > other;
}

static void take_spans(const struct trace *trace, struct span *spans, size_t count,
                       struct repetitions_moments *found) {
        found->paired = true;
        found->what = "scope";
        found->several = "scopes";
        for (size_t i = 1; i < count; i++)
                found->paired &= spans[i].begin > spans[i - 1].end;
        if (!found->paired) {
                found->what = "end of scope";
                found->several = "ends of scope";
                qsort(spans, count, sizeof(*spans), order_by_end);
        }
        for (size_t i = 0; i < count; i++) {
                if (found->paired)
                        found->items[found->count++] = instant_of(&trace->scopes[spans[i].begin].at);
                found->items[found->count++] = instant_of(&trace->scopes[spans[i].end].at);
        }
}

static int find_scopes(const struct trace *trace, const char *name, struct repetitions_moments *found) {
        struct span *spans;
        size_t count;
        int error = pair(trace, &spans, &count);

        if (error == 0)
                error = keep_outermost(trace, name, spans, &count);
        if (error == 0)
                found->items = calloc(2 * count + 1, sizeof(*found->items));
        if (found->items)
                take_spans(trace, spans, count, found);
        else
                error = -ENOMEM;
        free(spans);
        return error;
}

int repetitions_moments_find(const struct trace *trace, enum repetitions_kind kind, const char *name,
                             struct repetitions_moments *found) {
        *found = (struct repetitions_moments){ .what = "mark", .several = "marks" };
        if (kind == REPETITIONS_SCOPE)
                return find_scopes(trace, name, found);
        found->items = calloc(trace->mark_count + 1, sizeof(*found->items));
        if (!found->items)
                return -ENOMEM;
        for (size_t i = 0; i < trace->mark_count; i++)
                if (strcmp(trace->marks[i].name, name) == 0)
                        found->items[found->count++] = instant_of(&trace->marks[i]);
        return 0;
}

/* One more of that name. */
static int count_one(struct counts *counts, const char *name) {
        size_t *count = counts_of(counts, name);

        if (!count)
                return -ENOMEM;
        ++*count;
        return 0;
}

/* How often each name occurs. */
static int count_all(const struct trace *trace, enum repetitions_kind kind, struct counts *counts) {
        struct span *spans;
        size_t count;
        int error = 0;

        for (size_t i = 0; kind == REPETITIONS_MARK && error == 0 && i < trace->mark_count; i++)
                error = count_one(counts, trace->marks[i].name);
        if (kind == REPETITIONS_MARK)
                return error;
        error = pair(trace, &spans, &count);
        for (size_t i = 0; error == 0 && i < count; i++)
                error = count_one(counts, spans[i].name);
        free(spans);
        return error;
}

/* The trace's own text of a name that it has. */
static const char *own_name(const struct trace *trace, enum repetitions_kind kind, const char *name) {
        for (size_t i = 0; kind == REPETITIONS_MARK && i < trace->mark_count; i++)
                if (strcmp(trace->marks[i].name, name) == 0)
                        return trace->marks[i].name;
        for (size_t i = 0; kind == REPETITIONS_SCOPE && i < trace->scope_count; i++)
                if (strcmp(trace->scopes[i].at.name, name) == 0)
                        return trace->scopes[i].at.name;
        return NULL;
}

int repetitions_moments_often(const struct trace *trace, enum repetitions_kind kind, size_t least,
                              const char **name) {
        struct counts counts = { 0 };
        size_t most = least - 1;
        int error = count_all(trace, kind, &counts);

        *name = NULL;
        for (uint32_t i = 0; error == 0 && i < counts.texts.count; i++) {
                if (counts.items[i] <= most)
                        continue;
                most = counts.items[i];
                *name = intern_get(&counts.texts, i);
        }
        if (*name)
                *name = own_name(trace, kind, *name);
        counts_deinit(&counts);
        return error;
}

int repetitions_moments_list(const struct trace *trace, enum repetitions_kind kind, char **text) {
        const char *what = kind == REPETITIONS_MARK ? "mark" : "scope";
        struct counts counts = { 0 };
        size_t length;
        FILE *stream;
        int error = count_all(trace, kind, &counts);

        stream = error == 0 ? memo_stream(text, &length) : NULL;
        if (stream) {
                for (uint32_t i = 0; i < counts.texts.count && i < NAMES_SHOWN; i++)
                        fprintf(stream, "%s%s:%s", i ? ", " : "", what, intern_get(&counts.texts, i));
                if (counts.texts.count == 0)
                        fprintf(stream, "no %ss", what);
                else if (counts.texts.count > NAMES_SHOWN)
                        fputs(", ...", stream);
                if (fclose(stream) != 0) {
                        free(*text);
                        stream = NULL;
                }
        }
        counts_deinit(&counts);
        return stream ? 0 : -ENOMEM;
}
