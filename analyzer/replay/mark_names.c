/*
 * See mark_names.h; moment.c finds the marks by these names. One thread.
 */
#include "replay/mark_names.h"

#include "base/counts.h"
#include "base/message.h"
#include "base/options.h"
#include "replay/moment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether NAME alone would mean another moment: "12s", "peak", or "a#2" where there are two of "a". */
static int is_taken(struct counts *all, const char *name) {
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
        count = base ? counts_of(all, base) : NULL;
        free(base);
        return count ? number <= *count : -ENOMEM;
}

static char *name_of(struct counts *all, struct counts *before, const char *name) {
        size_t *count = counts_of(before, name);
        int taken = is_taken(all, name);
        char *made;

        if (!count || taken < 0)
                return NULL;
        if (++*count == 1 && !taken)
                return strdup(name);
        return asprintf(&made, "%s#%zu", name, *count) < 0 ? NULL : made;
}

char **mark_names_new(const struct trace *trace) {
        struct counts all = { 0 }, before = { 0 };
        char **names = calloc(trace->mark_count + 1, sizeof(*names));
        bool failed = !names;

        for (size_t i = 0; !failed && i < trace->mark_count; i++) {
                size_t *count = counts_of(&all, trace->marks[i].name);

                failed = !count;
                if (count)
                        ++*count;
        }
        for (size_t i = 0; !failed && i < trace->mark_count; i++) {
                names[i] = name_of(&all, &before, trace->marks[i].name);
                failed = !names[i];
        }
        counts_deinit(&all);
        counts_deinit(&before);
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
