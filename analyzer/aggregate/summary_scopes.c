/*
 * See summary_scopes.h.
 */
#include "aggregate/summary_scopes.h"

#include "replay/spans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The thread that a fork child begins with, which was its parent's. */
#define FIRST_THREAD 0u

void summary_scopes_note(struct summary_scopes *scopes, const char *name) {
        for (size_t i = 0; i < scopes->name_count; i++)
                if (strcmp(scopes->names[i], name) == 0)
                        return;
        if (scopes->name_count == SUMMARY_SCOPE_NAMES)
                scopes->more_names = true;
        else
                scopes->names[scopes->name_count++] = name;
}

/* A fork child may end what its parent began. */
static bool may_be_the_parents(const struct trace *trace, const struct span *span) {
        return (trace->facts.process.flags & MTR_PROCESS_FORKED) &&
               trace->scopes[span->end].thread == FIRST_THREAD;
}

static bool exited(const struct trace *trace) {
        return trace->facts.has_end && trace->facts.end.how == MTR_END_EXITED;
}

/* Where something is missing, so may the other halves be. */
static bool is_whole(const struct trace *trace) {
        const struct trace_facts *facts = &trace->facts;

        return trace->reader->damage_count == 0 && facts->lost_events == 0 &&
               (!facts->has_end || facts->end.lost == 0);
}

int summary_scopes_count(const struct trace *trace, struct summary_scopes *scopes) {
        struct span *spans;
        size_t count;
        int error;

        *scopes = (struct summary_scopes){ 0 };
        if (trace->scope_count == 0 || !is_whole(trace))
                return 0;
        spans = calloc(trace->scope_count, sizeof(*spans));
        if (!spans)
                return -ENOMEM;
        error = spans_pair(trace, spans, &count);
        for (size_t i = 0; i < count; i++) {
                bool end = !spans[i].has_begin && !may_be_the_parents(trace, &spans[i]);
                bool begin = !spans[i].has_end && exited(trace);

                scopes->ends += end;
                scopes->begins += begin;
                if (end || begin)
                        summary_scopes_note(scopes, spans[i].name);
        }
        free(spans);
        return error;
}
