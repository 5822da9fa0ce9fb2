/*
 * See spans.h. A begin is looked for from the last one back, past what is ended already: scopes are nested,
 * so it is near; how far is bounded all the same, because a trace may hold anything. One thread.
 */
#include "replay/spans.h"

#include <string.h>

#define LOOKS_MAX 4096u

static bool takes(const struct trace_scope *begin, const struct span *span, const struct trace_scope *end) {
        return span->has_begin && !span->has_end && begin->thread == end->thread &&
               strcmp(span->name, end->at.name) == 0;
}

size_t spans_pair(const struct trace *trace, struct span *spans) {
        size_t count = 0;

        for (size_t i = 0; i < trace->scope_count; i++) {
                const struct trace_scope *scope = &trace->scopes[i];
                size_t from = i < LOOKS_MAX ? 0 : i - LOOKS_MAX, k = i;

                spans[i] = (struct span){ .name = scope->at.name, .end_ns = UINT64_MAX };
                if (!scope->ends) {
                        spans[i].begin_ns = scope->at.time_ns;
                        spans[i].has_begin = true;
                        spans[i].begin = i;
                        continue;
                }
                while (k > from && !takes(&trace->scopes[k - 1], &spans[k - 1], scope))
                        k--;
                if (k > from)
                        spans[i].name = NULL; /* it is the other half of that one */
                else
                        k = i + 1;
                spans[k - 1].end_ns = scope->at.time_ns;
                spans[k - 1].has_end = true;
                spans[k - 1].end = i;
        }
        for (size_t i = 0; i < trace->scope_count; i++)
                if (spans[i].name)
                        spans[count++] = spans[i];
        return count;
}
