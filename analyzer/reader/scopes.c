/*
 * The parts of a run that a program named: where they begin and end. One thread.
 */
#include "reader/records.h"

#include "base/array.h"

#include <stdlib.h>

static const char *take_thread(const struct trace *trace, struct cursor *cursor, uint32_t *thread) {
        uint64_t number;

        if (!cursor_varint_max(cursor, TRACE_NO_NUMBER - 1, &number))
                return "a scope has no thread";
        /* what a lost block defined cannot be held against a later one; the first needs no definition */
        if (number > 0 && trace->reader->damage_count == 0 && number >= trace->tables[TRACE_THREADS].count)
                return "a scope's thread is not defined";
        *thread = (uint32_t)number;
        return NULL;
}

static const char *take(struct trace *trace, struct cursor *cursor, bool ends) {
        const struct trace_mark *last = trace->scope_count ? &trace->scopes[trace->scope_count - 1].at : NULL;
        struct trace_scope scope = { .ends = ends };
        const char *wrong = record_moment(trace, cursor, last, sizeof(scope), &scope.at);

        if (!wrong)
                wrong = take_thread(trace, cursor, &scope.thread);
        if (!wrong &&
            array_reserve(&trace->scopes, &trace->scope_capacity, trace->scope_count + 1, sizeof(scope)) < 0)
                wrong = records_no_memory;
        if (wrong) {
                free(scope.at.name);
                return wrong;
        }
        trace->scopes[trace->scope_count++] = scope;
        return NULL;
}

const char *record_scope_begin(struct trace *trace, struct cursor *cursor) {
        return take(trace, cursor, false);
}

const char *record_scope_end(struct trace *trace, struct cursor *cursor) {
        return take(trace, cursor, true);
}

void scopes_keep(struct trace *trace, size_t count) {
        while (trace->scope_count > count)
                free(trace->scopes[--trace->scope_count].at.name);
}
