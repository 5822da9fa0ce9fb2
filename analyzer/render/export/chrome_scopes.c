/*
 * See chrome_scopes.h. One thread.
 */
#include "render/export/chrome_scopes.h"

#include "base/message.h"
#include "render/values.h"
#include "replay/moment.h"
#include "replay/spans.h"

#include <errno.h>
#include <stdlib.h>

struct slice {
        const char *name;
        uint64_t begin_ns, end_ns;
        uint32_t thread;
        bool has_begin, has_end;
};

struct slices {
        struct chrome_events *events;
        const struct trace *trace;
        struct slice *items; /* by thread and begin, what ends later first */
        size_t count;
        uint64_t *open_ns; /* the ends of those that the next may be in */
        size_t open_count;
};

static int compare(const void *left, const void *right) {
        const struct slice *one = left, *other = right;

        if (one->thread != other->thread)
                return one->thread < other->thread ? -1 : 1;
        if (one->begin_ns != other->begin_ns)
                return one->begin_ns < other->begin_ns ? -1 : 1;
        return (one->end_ns < other->end_ns) - (one->end_ns > other->end_ns);
}

static int make(struct slices *slices) {
        const struct trace *trace = slices->trace;
        struct span *spans = calloc(trace->scope_count + 1, sizeof(*spans));

        slices->items = calloc(trace->scope_count + 1, sizeof(*slices->items));
        slices->open_ns = calloc(trace->scope_count + 1, sizeof(*slices->open_ns));
        if (!spans || !slices->items || !slices->open_ns || spans_pair(trace, spans, &slices->count) < 0) {
                free(spans);
                return message_errno(ENOMEM, trace->reader->name, "cannot export");
        }
        for (size_t i = 0; i < slices->count; i++) {
                const struct span *span = &spans[i];
                uint64_t last_ns = moment_last_ns(trace);

                slices->items[i] = (struct slice){
                        .name = span->name,
                        .begin_ns = span->begin_ns,
                        .end_ns = span->has_end              ? span->end_ns
                                  : last_ns > span->begin_ns ? last_ns
                                                             : span->begin_ns,
                        .thread = trace->scopes[span->has_begin ? span->begin : span->end].thread,
                        .has_begin = span->has_begin,
                        .has_end = span->has_end,
                };
        }
        free(spans);
        qsort(slices->items, slices->count, sizeof(*slices->items), compare);
        return 0;
}

/* What is not known of a slice's ends; the run's stand in their place. */
static json_t *arguments(const struct slice *slice) {
        json_t *made = json_object();
        bool failed = !made;

        if (!slice->has_begin)
                failed |= json_object_set_new(made, "begin", json_string("not seen")) < 0;
        if (!slice->has_end)
                failed |= json_object_set_new(made, "end", json_string("not seen")) < 0;
        if (!failed)
                return made;
        json_decref(made);
        return NULL;
}

static int put(struct slices *slices, const struct slice *slice, const char *phase, const char *key,
               json_t *value) {
        const struct trace_thread *thread = trace_thread(slices->trace, slice->thread);
        bool ends = *phase == 'e';

        return chrome_events_put(slices->events,
                                 json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}", "name", values_text(slice->name),
                                           "cat", "scope", "ph", phase, "ts",
                                           chrome_events_time(ends ? slice->end_ns : slice->begin_ns), key,
                                           value, "args", ends ? json_object() : arguments(slice)),
                                 thread ? thread->tid : 0);
}

static int put_within(struct slices *slices, const struct slice *slice) {
        slices->open_ns[slices->open_count++] = slice->end_ns;
        return put(slices, slice, "X", "dur", chrome_events_time(slice->end_ns - slice->begin_ns));
}

static int put_across(struct slices *slices, const struct slice *slice) {
        json_int_t id = slice - slices->items + 1;
        int error = put(slices, slice, "b", "id", json_integer(id));

        return error == 0 ? put(slices, slice, "e", "id", json_integer(id)) : error;
}

static int put_thread(struct slices *slices, const struct slice *slice) {
        const struct trace_thread *thread = trace_thread(slices->trace, slice->thread);
        json_t *made = json_pack("{s:s, s:s, s:{s:o}}", "name", "thread_name", "ph", "M", "args", "name",
                                 values_text(thread ? thread->name : "<unknown>"));

        slices->open_count = 0;
        return chrome_events_put(slices->events, made, thread ? thread->tid : 0);
}

int chrome_scopes_put(struct chrome_events *events, const struct trace *trace) {
        struct slices slices = { .events = events, .trace = trace };
        int error = make(&slices);

        for (size_t i = 0; error == 0 && i < slices.count; i++) {
                const struct slice *slice = &slices.items[i];

                if (i == 0 || slice[-1].thread != slice->thread)
                        error = put_thread(&slices, slice);
                while (slices.open_count > 0 && slices.open_ns[slices.open_count - 1] <= slice->begin_ns)
                        slices.open_count--;
                if (error != 0)
                        break;
                if (slices.open_count > 0 && slices.open_ns[slices.open_count - 1] < slice->end_ns)
                        error = put_across(&slices, slice);
                else
                        error = put_within(&slices, slice);
        }
        free(slices.items);
        free(slices.open_ns);
        return error;
}
