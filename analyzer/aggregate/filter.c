/*
 * See filter.h. Globs are fnmatch's as Python's tracemalloc takes them: a star matches slashes
 * too, and a backslash is a letter. One thread.
 */
#include "aggregate/filter.h"

#include "base/array.h"
#include "base/message.h"
#include "base/options.h"
#include "base/path.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void filter_deinit(struct filter *filter) {
        for (size_t i = 0; i < filter->count; i++)
                free(filter->globs[i].glob);
        free(filter->globs);
        *filter = (struct filter){ 0 };
}

int filter_add(struct filter *filter, enum filter_kind kind, const char *given) {
        struct filter_glob glob = { .kind = kind, .given = given, .glob = strdup(given) };
        bool takes_line = kind == FILTER_INCLUDE || kind == FILTER_EXCLUDE;
        char *colon = glob.glob && takes_line ? strrchr(glob.glob, ':') : NULL;
        unsigned long long line;

        if (colon && options_number(colon + 1, 0, UINT32_MAX, &line) == 0) {
                *colon = '\0';
                glob.line = (uint32_t)line;
                glob.has_line = true;
        }
        if (!glob.glob ||
            array_reserve(&filter->globs, &filter->capacity, filter->count + 1, sizeof(*filter->globs)) < 0) {
                free(glob.glob);
                return message_errno(ENOMEM, given, "cannot keep it");
        }
        filter->globs[filter->count++] = glob;
        filter->counts[kind]++;
        return 0;
}

const char *filter_file(const struct symbol_frame *frame) {
        if (frame->has_line)
                return frame->file;
        return frame->module && *frame->module ? path_base(frame->module) : "<unknown>";
}

static bool matches(const char *glob, const char *text) {
        return fnmatch(glob, text, FNM_NOESCAPE) == 0;
}

bool filter_matches_path(const char *glob, const char *path) {
        return matches(glob, path) || (!strchr(glob, '/') && matches(glob, path_base(path)));
}

/* Up to the last parenthesis that closes and its partner. */
size_t filter_plain_length(const char *name) {
        const char *last = strrchr(name, ')');
        int open = 0;

        for (const char *at = last; at && at >= name; at--) {
                open += (*at == ')') - (*at == '(');
                if (open == 0 && at > name)
                        return (size_t)(at - name);
        }
        return strlen(name);
}

bool filter_matches_function(const char *glob, const char *name) {
        char *plain;
        bool found;

        if (!name)
                return matches(glob, "<unknown>");
        if (matches(glob, name))
                return true;
        plain = strndup(name, filter_plain_length(name));
        found = plain && matches(glob, plain);
        free(plain);
        return found;
}

static bool matches_frame(const struct filter_glob *glob, const struct symbol_frame *frame) {
        switch (glob->kind) {
        case FILTER_INCLUDE:
        case FILTER_EXCLUDE:
                return (!glob->has_line || (frame->has_line && frame->line == glob->line)) &&
                       filter_matches_path(glob->glob, filter_file(frame));
        case FILTER_FUNCTION:
                return filter_matches_function(glob->glob, frame->function);
        case FILTER_MODULE:
                return filter_matches_path(glob->glob,
                                           frame->module && *frame->module ? frame->module : "<unknown>");
        case FILTER_THREAD:
                return false;
        default:
                return (frame->function && filter_matches_function(glob->glob, frame->function)) ||
                       filter_matches_path(glob->glob, filter_file(frame));
        }
}

unsigned filter_match(struct filter *filter, const struct symbol_frame *const *frames, size_t count) {
        unsigned kinds = 0;

        for (size_t i = 0; i < filter->count; i++) {
                struct filter_glob *glob = &filter->globs[i];
                bool found = false;

                for (size_t k = 0; k < count && !found; k++)
                        found = matches_frame(glob, frames[k]);
                glob->matched |= found;
                kinds |= (unsigned)found << glob->kind;
        }
        return kinds;
}

bool filter_takes(const struct filter *filter, unsigned kinds) {
        static const enum filter_kind needed[] = { FILTER_INCLUDE, FILTER_FUNCTION, FILTER_MODULE };

        for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
                if (filter->counts[needed[i]] > 0 && !(kinds & 1u << needed[i]))
                        return false;
        return !(kinds & 1u << FILTER_EXCLUDE);
}

const char *filter_thread_name(const struct trace_thread *thread) {
        return thread && thread->name && *thread->name ? thread->name : "<unknown>";
}

static int match_thread(struct filter *filter, const struct trace_thread *thread, bool *taken) {
        const char *name = filter_thread_name(thread);
        char *place;

        if (asprintf(&place, "%s:%" PRIu64, name, thread ? thread->tid : 0) < 0)
                return message_errno(ENOMEM, name, "cannot look at it");
        for (size_t i = 0; i < filter->count; i++) {
                struct filter_glob *glob = &filter->globs[i];
                bool found = glob->kind == FILTER_THREAD &&
                             (matches(glob->glob, name) || matches(glob->glob, strrchr(place, ':') + 1) ||
                              matches(glob->glob, place));

                glob->matched |= found;
                *taken |= found;
        }
        free(place);
        return 0;
}

int filter_threads(struct filter *filter, const struct trace *trace, bool **taken) {
        size_t thread_count = trace->tables[TRACE_THREADS].count;
        int error = 0;

        *taken = NULL;
        if (filter->counts[FILTER_THREAD] == 0)
                return 0;
        *taken = calloc(thread_count + 1, sizeof(**taken));
        if (!*taken)
                return message_errno(ENOMEM, trace->reader->name, "cannot look at its threads");
        for (size_t i = 0; error == 0 && i <= thread_count; i++)
                error = match_thread(filter, trace_thread(trace, (uint32_t)i), &(*taken)[i]);
        if (error < 0) {
                free(*taken);
                *taken = NULL;
        }
        return error;
}
