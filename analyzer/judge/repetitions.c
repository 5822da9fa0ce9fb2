/*
 * See repetitions.h; repetitions_moments.c finds where the program set marks and scopes. One thread.
 */
#include "judge/repetitions.h"

#include "base/message.h"
#include "base/options.h"
#include "judge/repetitions_moments.h"
#include "replay/moment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *after(const char *text, const char *prefix) {
        size_t length = strlen(prefix);

        return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

int repetitions_parse(const char *origin, const char *text, struct repetitions_wish *wish) {
        const char *mark = after(text, "mark:"), *scope = after(text, "scope:"), *time = after(text, "time:");
        unsigned long long slices = 0;

        *wish = (struct repetitions_wish){
                .kind = mark    ? REPETITIONS_MARK
                        : scope ? REPETITIONS_SCOPE
                                : REPETITIONS_TIME,
                .name = mark ? mark : scope,
        };
        if (time && options_number(time, REPETITIONS_LEAST, REPETITIONS_MAX, &slices) == 0)
                wish->slices = (size_t)slices;
        if (wish->slices > 0 || (wish->name && *wish->name))
                return 0;
        message("%s %s: possible are mark:NAME, scope:NAME and time:N, with N from %u to %u", origin, text,
                REPETITIONS_LEAST, REPETITIONS_MAX);
        return -EINVAL;
}

static int no_memory(const struct trace *trace) {
        return message_errno(ENOMEM, trace->reader->name, "cannot find its repetitions");
}

/* With room for that many ends. */
static int init(struct repetitions *repetitions, const struct trace *trace, size_t ends) {
        repetitions->ends = calloc(ends, sizeof(*repetitions->ends));
        return repetitions->ends ? 0 : no_memory(trace);
}

static uint64_t units_of(const struct trace *trace) {
        return moment_last_ns(trace) / MTR_TIME_UNIT_NS;
}

static int cut_time(const struct trace *trace, size_t slices, struct repetitions *out) {
        uint64_t units = units_of(trace);
        int error;

        if (units < slices) {
                message("%s: lasts %" PRIu64 " ms, too short to be cut into %zu repetitions",
                        trace->reader->name, units, slices);
                return -EINVAL;
        }
        *out = (struct repetitions){ .end_count = slices, .step = 1, .count = slices, .joined = 1 };
        error = init(out, trace, slices);
        /* no overflow: units have 44 bits */
        for (size_t k = 0; error == 0 && k < slices; k++)
                out->ends[k] = groups_end_units(units * (k + 1) / slices);
        if (error == 0 && asprintf(&out->unit, "1/%zu of the run", slices) < 0) {
                out->unit = NULL;
                error = no_memory(trace);
        }
        return error;
}

/* `found` are begins and ends by turns, or each both. */
static int take_moments(const struct trace *trace, const struct repetitions_moments *found, const char *name,
                        struct repetitions *out) {
        size_t all = found->paired ? found->count / 2 : found->count - 1, skipped;
        const char *plain = found->what;
        int error;

        *out = (struct repetitions){ .first = 1, .step = found->paired ? 2 : 1 };
        out->joined = (all + REPETITIONS_MAX - 1) / REPETITIONS_MAX;
        out->count = all / out->joined;
        out->end_count = found->paired ? 2 * out->count : out->count + 1;
        skipped = all - out->count * out->joined;
        error = init(out, trace, out->end_count);
        for (size_t k = 0; error == 0 && k < out->end_count; k++) {
                size_t number = skipped + k * out->joined;

                if (found->paired)
                        number = k % 2 ? 2 * (skipped + (k / 2 + 1) * out->joined) - 1
                                       : 2 * (skipped + k / 2 * out->joined);
                out->ends[k] = groups_end_at(found->items[number]);
        }
        if (error == 0 &&
            (out->joined == 1 ? asprintf(&out->unit, "%s %s", plain, name)
                              : asprintf(&out->unit, "%zu %s %s", out->joined, found->several, name)) < 0) {
                out->unit = NULL;
                error = no_memory(trace);
        }
        return error;
}

static int refuse(const struct trace *trace, const struct repetitions_wish *wish,
                  const struct repetitions_moments *found) {
        const char *kind = wish->kind == REPETITIONS_MARK ? "mark" : "scope";
        char *names = NULL;

        if (found->count == 1) {
                message("%s: %s:%s occurs once, and a repetition goes from one to the next",
                        trace->reader->name, found->what, wish->name);
        } else if (repetitions_moments_list(trace, wish->kind, &names) < 0) {
                return no_memory(trace);
        } else {
                message("%s: there is no %s:%s to repeat; it has %s", trace->reader->name, kind, wish->name,
                        names);
                free(names);
        }
        return -EINVAL;
}

static int find(const struct trace *trace, const struct repetitions_wish *wish, struct repetitions *out) {
        struct repetitions_moments found;
        int error;

        if (wish->kind == REPETITIONS_TIME)
                return cut_time(trace, wish->slices, out);
        if (repetitions_moments_find(trace, wish->kind, wish->name, &found) < 0)
                return no_memory(trace);
        error = found.count > 1 ? take_moments(trace, &found, wish->name, out) : refuse(trace, wish, &found);
        free(found.items);
        return error;
}

/* What is repeated where nobody says. 0 or -ENOMEM. */
static int settle(const struct trace *trace, const struct repetitions_wish *wish,
                  struct repetitions_wish *own) {
        int error = 0;

        *own = *wish;
        for (enum repetitions_kind kind = REPETITIONS_MARK;
             error == 0 && own->kind == REPETITIONS_FOUND && kind <= REPETITIONS_SCOPE; kind++) {
                error = repetitions_moments_often(trace, kind, REPETITIONS_OFTEN, &own->name);
                if (own->name)
                        own->kind = kind;
        }
        if (error == 0 && own->kind == REPETITIONS_FOUND)
                *own = (struct repetitions_wish){ .kind = REPETITIONS_TIME, .slices = REPETITIONS_SLICES };
        return error;
}

bool repetitions_too_short(const struct trace *trace, const struct repetitions_wish *wish) {
        struct repetitions_wish own;

        return settle(trace, wish, &own) == 0 && own.kind == REPETITIONS_TIME && units_of(trace) < own.slices;
}

int repetitions_find(const struct trace *trace, const struct repetitions_wish *wish,
                     struct repetitions *repetitions) {
        struct repetitions_wish own;
        int error;

        *repetitions = (struct repetitions){ 0 };
        if (settle(trace, wish, &own) < 0)
                return no_memory(trace);
        error = find(trace, &own, repetitions);
        if (error < 0)
                repetitions_deinit(repetitions);
        return error;
}

void repetitions_deinit(struct repetitions *repetitions) {
        free(repetitions->ends);
        free(repetitions->unit);
        *repetitions = (struct repetitions){ 0 };
}
