/*
 * See spans.h. Begins that wait for their end are chained by thread and name, the last in front: what stands
 * between the halves, of other threads or within, costs nothing. One thread.
 */
#include "replay/spans.h"

#include "base/intern.h"
#include "base/map.h"

#include <errno.h>

/* By thread and name: the begin that the next end belongs to, and one more; its `end` is the one before it.
 */
struct waiting {
        struct intern names;
        struct map last;
};

static uint32_t *last_of(struct waiting *waiting, const struct trace_scope *scope) {
        uint32_t name;

        if (intern_text(&waiting->names, scope->at.name, &name) < 0)
                return NULL;
        return map_value(&waiting->last, (uint64_t)scope->thread << 32 | name, 0);
}

static void take(const struct trace_scope *scope, size_t number, struct span *spans, uint32_t *last) {
        struct span *span = &spans[number];

        *span = (struct span){ .name = scope->at.name, .end_ns = UINT64_MAX };
        if (!scope->ends) {
                span->begin_ns = scope->at.time_ns;
                span->has_begin = true;
                span->begin = number;
                span->end = *last;
                *last = (uint32_t)number + 1;
                return;
        }
        if (*last > 0) {
                span->name = NULL; /* it is the other half of that one */
                span = &spans[*last - 1];
                *last = (uint32_t)span->end;
        }
        span->end_ns = scope->at.time_ns;
        span->has_end = true;
        span->end = number;
}

int spans_pair(const struct trace *trace, struct span *spans, size_t *count) {
        struct waiting waiting = { 0 };
        int error = 0;

        *count = 0;
        for (size_t i = 0; i < trace->scope_count && error == 0; i++) {
                uint32_t *last = last_of(&waiting, &trace->scopes[i]);

                if (last)
                        take(&trace->scopes[i], i, spans, last);
                else
                        error = -ENOMEM;
        }
        for (size_t i = 0; i < trace->scope_count && error == 0; i++)
                if (spans[i].name)
                        spans[(*count)++] = spans[i];
        intern_deinit(&waiting.names);
        map_deinit(&waiting.last);
        return error;
}
