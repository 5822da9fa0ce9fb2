/*
 * See mark_names.h; moment.c finds the marks by these names. One thread.
 */
#include "replay/mark_names.h"

#include "base/array.h"
#include "base/intern.h"
#include "base/message.h"
#include "base/options.h"
#include "replay/moment.h"

#include <stdio.h>
#include <string.h>

/* How often each name occurs. */
struct tallies {
        struct intern names;
        size_t *counts; /* by name */
        size_t capacity;
};

/* NULL: no memory. */
static size_t *count_of(struct tallies *tallies, const char *name) {
        size_t known = tallies->names.count;
        uint32_t number;

        if (intern_text(&tallies->names, name, &number) < 0 ||
            array_reserve(&tallies->counts, &tallies->capacity, tallies->names.count,
                          sizeof(*tallies->counts)) < 0)
                return NULL;
        if (number == known)
                tallies->counts[number] = 0;
        return &tallies->counts[number];
}

/* Whether NAME alone would mean another moment: "12s", "peak", or "a#2" where there are two of "a". */
static int is_taken(struct tallies *all, const char *name) {
        const char *hash = strrchr(name, '#');
        unsigned long long number;
        struct moment moment;
        char *base;
        size_t *count;

        if (!moment_understand(name, &moment) || moment.kind != MOMENT_MARK)
                return 1;
        if (!hash || options_number(hash + 1, 1, SIZE_MAX, &number) < 0)
                return 0;
        base = strndup(name, (size_t)(hash - name));
        count = base ? count_of(all, base) : NULL;
        free(base);
        return count ? number <= *count : -ENOMEM;
}

static char *name_of(struct tallies *all, struct tallies *before, const char *name) {
        size_t *count = count_of(before, name);
        int taken = is_taken(all, name);
        char *made;

        if (!count || taken < 0)
                return NULL;
        if (++*count == 1 && !taken)
                return strdup(name);
        return asprintf(&made, "%s#%zu", name, *count) < 0 ? NULL : made;
}

char **mark_names_new(const struct trace *trace) {
        struct tallies all = { 0 }, before = { 0 };
        char **names = calloc(trace->mark_count + 1, sizeof(*names));
        bool failed = !names;

        for (size_t i = 0; !failed && i < trace->mark_count; i++) {
                size_t *count = count_of(&all, trace->marks[i].name);

                failed = !count;
                if (count)
                        ++*count;
        }
        for (size_t i = 0; !failed && i < trace->mark_count; i++) {
                names[i] = name_of(&all, &before, trace->marks[i].name);
                failed = !names[i];
        }
        intern_deinit(&all.names);
        intern_deinit(&before.names);
        free(all.counts);
        free(before.counts);
        if (!failed)
                return names;
        mark_names_free(trace, names);
        message("%s: no memory for its marks", trace->reader->name);
        return NULL;
}

void mark_names_free(const struct trace *trace, char **names) {
        for (size_t i = 0; names && i < trace->mark_count; i++)
                free(names[i]);
        free(names);
}
