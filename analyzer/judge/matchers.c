/*
 * See matchers.h. One thread.
 */
#include "judge/matchers.h"

#include "aggregate/filter.h"
#include "base/array.h"
#include "judge/frame_names.h"
#include "judge/wildcard.h"
#include "symbols/object.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 4u /* of a frame: names of its function, its file, its module, and its mangled name */

static void forget(struct matchers *matchers) {
        for (size_t i = 0; i < MATCHERS_ROLES; i++) {
                struct matchers_names *names = &matchers->names[i];

                for (size_t k = 0; k < names->count; k++)
                        free(names->matched[k].numbers);
                free(names->matched);
                intern_deinit(&names->texts);
                *names = (struct matchers_names){ 0 };
        }
        for (size_t i = 0; i < matchers->frame_count; i++)
                free(matchers->frames[i].numbers);
        free(matchers->frames);
        map_deinit(&matchers->by_frame);
        matchers->frames = NULL;
        matchers->frame_count = matchers->frames_capacity = 0;
}

void matchers_deinit(struct matchers *matchers) {
        forget(matchers);
        for (size_t i = 0; i < matchers->count; i++) {
                free(matchers->items[i].texts[0]);
                free(matchers->items[i].texts[1]);
                free(matchers->items[i].texts[2]);
        }
        free(matchers->items);
        intern_deinit(&matchers->keys);
        *matchers = (struct matchers){ 0 };
}

/* What the symbol table has is mangled, versioned, and what the compiler made of a function; ours is not. */
static char *plain_function(const char *pattern) {
        static const char *const parts[] = { ".constprop.", ".part.", ".isra.", ".cold", ".lto_priv." };
        size_t length = strcspn(pattern, "@");
        char *shortened, *plain;

        for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
                const char *found = strstr(pattern, parts[i]);

                if (found && found > pattern && (size_t)(found - pattern) < length)
                        length = (size_t)(found - pattern);
        }
        shortened = strndup(pattern, length > 0 ? length : strlen(pattern));
        if (!shortened || !wildcard_is_literal(shortened))
                return shortened;
        plain = object_demangle(shortened, true);
        free(shortened);
        return plain;
}

/* libstdc++.so.6.0.30 is mapped by others under the name of the file, and here by that of what was asked for,
 * libstdc++.so.6. */
static char *plain_object(const char *pattern) {
        const char *version = strstr(pattern, ".so.");
        size_t kept, cut;
        char *plain = strdup(pattern);

        if (!version || !plain)
                return plain;
        kept = (size_t)(version - pattern) + strlen(".so.");
        kept += strspn(pattern + kept, "0123456789");
        if (pattern[kept] != '.' || !isdigit((unsigned char)pattern[kept + 1]))
                return plain;
        cut = strspn(pattern + kept, ".0123456789");
        memmove(plain + kept, plain + kept + cut, strlen(plain + kept + cut) + 1);
        return plain;
}

/* The name of a function inside its namespaces, without parameters. NULL: no memory. */
static char *own_name(const char *function) {
        char *plain = strndup(function, filter_plain_length(function));
        char *own = plain ? strdup(plain + frame_names_own(plain)) : NULL;

        free(plain);
        return own;
}

int matchers_add(struct matchers *matchers, enum matcher_of of, const char *pattern, uint32_t line,
                 uint32_t *number) {
        struct matcher matcher = { .of = of, .line = line };
        bool demangled;
        char *key;
        int error;

        if (asprintf(&key, "%d %u %s", (int)of, line, pattern) < 0)
                return -ENOMEM;
        error = intern_text(&matchers->keys, key, number);
        free(key);
        if (error < 0 || *number < matchers->count)
                return error;
        forget(matchers);
        if (array_reserve(&matchers->items, &matchers->capacity, matchers->count + 1,
                          sizeof(*matchers->items)) < 0)
                return -ENOMEM;
        matcher.texts[0] = strdup(pattern);
        matcher.texts[1] = of == MATCHER_FUNCTION                      ? plain_function(pattern)
                           : of == MATCHER_OBJECT || of == MATCHER_ANY ? plain_object(pattern)
                                                                       : strdup(pattern);
        for (size_t i = 0; i < 2; i++)
                matcher.literal[i] = matcher.texts[i] && wildcard_is_literal(matcher.texts[i]);
        demangled = of == MATCHER_FUNCTION && *pattern == '_' && matcher.texts[1] &&
                    strchr(matcher.texts[1], '(');
        if (demangled)
                matcher.texts[2] = own_name(matcher.texts[1]);
        matchers->items[matchers->count++] = matcher;
        return matcher.texts[0] && matcher.texts[1] && (!demangled || matcher.texts[2]) ? 0 : -ENOMEM;
}

static bool matches(const struct matcher *matcher, const struct frame_names *names) {
        size_t patterns = strcmp(matcher->texts[0], matcher->texts[1]) == 0 ? 1 : 2;

        if (matcher->texts[2] && strcmp(matcher->texts[2], names->texts[0]) == 0)
                return true;
        for (size_t p = 0; p < patterns; p++) {
                const char *pattern = matcher->texts[p];

                if (matcher->of == MATCHER_ANY) {
                        for (size_t i = 0; i < names->sanitizer_count; i++)
                                if (wildcard_finds(pattern, names->texts[i]))
                                        return true;
                        continue;
                }
                for (size_t i = 0; i < names->count; i++)
                        if (matcher->literal[p] ? strcmp(pattern, names->texts[i]) == 0
                                                : wildcard_covers(pattern, names->texts[i]))
                                return true;
        }
        return false;
}

static bool is_of_role(enum matcher_of of, enum matchers_role role) {
        static const enum matcher_of own[] = { [MATCHERS_FUNCTION] = MATCHER_FUNCTION,
                                               [MATCHERS_INLINED] = MATCHER_FUNCTION,
                                               [MATCHERS_LINKAGE] = MATCHER_FUNCTION,
                                               [MATCHERS_FILE] = MATCHER_SOURCE,
                                               [MATCHERS_MODULE] = MATCHER_OBJECT };

        /* the sanitizers have names as people read them */
        return of == own[role] || (of == MATCHER_ANY && role != MATCHERS_LINKAGE);
}

static int match_names(struct matchers *matchers, enum matchers_role role, const struct frame_names *names,
                       struct matched *matched) {
        size_t capacity = 0;

        for (uint32_t i = 0; i < matchers->count; i++) {
                if (!is_of_role(matchers->items[i].of, role) || !matches(&matchers->items[i], names))
                        continue;
                if (array_reserve(&matched->numbers, &capacity, matched->count + 1,
                                  sizeof(*matched->numbers)) < 0)
                        return -ENOMEM;
                matched->numbers[matched->count++] = i;
        }
        return 0;
}

/* Which match a name, in the role it has. */
static int ask_name(struct matchers *matchers, enum matchers_role role, const char *text,
                    struct matched *matched) {
        struct matchers_names *known = &matchers->names[role];
        struct frame_names names = { .count = 0 };
        uint32_t number;
        int error;

        if (intern_text(&known->texts, text, &number) < 0 ||
            array_reserve(&known->matched, &known->capacity, known->count + 1, sizeof(*known->matched)) < 0)
                return -ENOMEM;
        if (number == known->count) {
                known->matched[known->count++] = (struct matched){ 0 };
                error = role == MATCHERS_FILE ? frame_names_file(text, &names)
                        : role == MATCHERS_MODULE
                                ? frame_names_module(text, &names)
                                : frame_names_function(text, role == MATCHERS_INLINED, &names);
                if (error == 0)
                        error = match_names(matchers, role, &names, &known->matched[number]);
                frame_names_deinit(&names);
                if (error < 0)
                        return error;
        }
        *matched = known->matched[number];
        return 0;
}

static int ask_file(struct matchers *matchers, const struct symbol_frame *frame, struct matched *matched) {
        char *text = NULL;
        int error;

        *matched = (struct matched){ 0 };
        if (!frame->has_line)
                return 0;
        if (!frame->directory)
                return ask_name(matchers, MATCHERS_FILE, frame->file, matched);
        if (asprintf(&text, "%s\n%s", frame->file, frame->directory) < 0)
                return -ENOMEM;
        error = ask_name(matchers, MATCHERS_FILE, text, matched);
        free(text);
        return error;
}

static int ascending(const void *left, const void *right) {
        uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

        return (a > b) - (a < b);
}

/* Ascending, and each once: a pattern may match two names of a frame. */
static void sort_once(struct matched *matched) {
        size_t kept = 0;

        if (matched->count < 2)
                return;
        qsort(matched->numbers, matched->count, sizeof(*matched->numbers), ascending);
        for (size_t i = 1; i < matched->count; i++)
                if (matched->numbers[i] != matched->numbers[kept])
                        matched->numbers[++kept] = matched->numbers[i];
        matched->count = kept + 1;
}

static int ask_frame(struct matchers *matchers, const struct symbol_frame *frame, struct matched *matched) {
        struct matched parts[PARTS] = { 0 };
        size_t total = 1;

        if (ask_name(matchers, frame->inlined ? MATCHERS_INLINED : MATCHERS_FUNCTION,
                     frame->function ? frame->function : "", &parts[0]) < 0 ||
            ask_file(matchers, frame, &parts[1]) < 0 ||
            ask_name(matchers, MATCHERS_MODULE, frame->module ? frame->module : "", &parts[2]) < 0 ||
            (frame->linkage && ask_name(matchers, MATCHERS_LINKAGE, frame->linkage, &parts[3]) < 0))
                return -ENOMEM;
        for (size_t i = 0; i < PARTS; i++)
                total += parts[i].count;
        *matched = (struct matched){ malloc(total * sizeof(*matched->numbers)), 0 };
        if (!matched->numbers)
                return -ENOMEM;
        for (size_t i = 0; i < PARTS; i++)
                for (size_t k = 0; k < parts[i].count; k++) {
                        uint32_t line = matchers->items[parts[i].numbers[k]].line;

                        if (line == 0 || line == frame->line)
                                matched->numbers[matched->count++] = parts[i].numbers[k];
                }
        sort_once(matched);
        return 0;
}

bool matched_has(const struct matched *matched, uint32_t number) {
        return matched->count > 0 &&
               bsearch(&number, matched->numbers, matched->count, sizeof(number), ascending);
}

int matchers_frame(struct matchers *matchers, const struct symbol_frame *frame, struct matched *matched) {
        uint32_t *known =
                map_value(&matchers->by_frame, (uint64_t)(uintptr_t)frame, (uint32_t)matchers->frame_count);

        if (!known || array_reserve(&matchers->frames, &matchers->frames_capacity, matchers->frame_count + 1,
                                    sizeof(*matchers->frames)) < 0)
                return -ENOMEM;
        if (*known == matchers->frame_count) {
                if (ask_frame(matchers, frame, &matchers->frames[*known]) < 0)
                        return -ENOMEM;
                matchers->frame_count++;
        }
        *matched = matchers->frames[*known];
        return 0;
}
