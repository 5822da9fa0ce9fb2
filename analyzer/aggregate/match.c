/*
 * See match.h. A place's key in a round is a number made of pairs of numbers, so that equal keys are equal
 * texts. One thread.
 */
#include "aggregate/match.h"

#include "aggregate/key.h"
#include "base/array.h"
#include "base/path.h"

#include <string.h>

#define DIRECTORIES 8 /* of a path that are held against each other at most */
#define NO_FILE -1    /* the round after that without any */

enum { BEFORE = 1, NOW = 2, PROGRAM = 4 }; /* flags of a text: a file of earlier states, of this; a program */

struct item {
        const struct aggregate_entry *entry;
        uint32_t key, index;
        bool fresh;
};

void match_deinit(struct match *match) {
        intern_deinit(&match->texts);
        map_deinit(&match->numbers);
        map_deinit(&match->frames);
        free(match->flags);
        free(match->builds);
        *match = (struct match){ 0 };
}

static int number_text(struct match *match, const char *text, uint32_t *number) {
        if (intern_text(&match->texts, text, number) < 0 ||
            array_reserve(&match->flags, &match->flags_capacity, match->texts.count, 1) < 0)
                return -ENOMEM;
        while (match->flags_count < match->texts.count)
                match->flags[match->flags_count++] = 0;
        return 0;
}

static int pair(struct match *match, uint32_t left, uint32_t right, uint32_t *number) {
        const uint32_t *known =
                map_value(&match->numbers, (uint64_t)left << 32 | right, (uint32_t)match->numbers.count);

        if (!known)
                return -ENOMEM;
        *number = *known;
        return 0;
}

char *match_module_name(const char *path) {
        const char *base = path_base(path), *version = strstr(base, ".so.");

        return version ? strndup(base, (size_t)(version - base) + 4 + strspn(version + 4, "0123456789"))
                       : strdup(base);
}

/* What a module is called; the program is "/". */
static int number_module(struct match *match, const char *path, uint32_t *number) {
        char *name;
        int error;

        if (!path || !*path)
                return number_text(match, "<unknown>", number);
        error = number_text(match, path, number);
        if (error < 0)
                return error;
        if (match->flags[*number] & PROGRAM)
                return number_text(match, "/", number);
        name = match_module_name(path);
        error = name ? number_text(match, name, number) : -ENOMEM;
        free(name);
        return error;
}

struct match_run match_run_of(const struct trace *trace) {
        return (struct match_run){
                .whose = trace,
                .programs = (const char *const *)&trace->facts.exe,
                .program_count = 1,
                .modules = trace->tables[TRACE_MODULES].items,
                .module_count = trace->tables[TRACE_MODULES].count,
        };
}

int match_begin(struct match *match, const struct match_run *run) {
        uint32_t number;

        for (size_t i = 0; i < match->flags_count; i++)
                if (match->flags[i] & NOW)
                        match->flags[i] = (uint8_t)((match->flags[i] & ~NOW) | BEFORE);
        for (size_t i = 0; i < match->builds_count; i++)
                if (match->builds[i].now)
                        match->builds[i] = (struct match_build){ .before = match->builds[i].now };
        map_deinit(&match->frames);
        for (size_t i = 0; i < run->program_count; i++) {
                const char *program = run->programs[i];

                if (!program || !*program)
                        continue;
                if (number_text(match, program, &number) < 0)
                        return -ENOMEM;
                match->flags[number] |= PROGRAM;
        }
        for (size_t i = 0; i < run->module_count; i++) {
                const struct trace_module *module = &run->modules[i];

                if (number_module(match, module->path, &number) < 0 ||
                    array_reserve(&match->builds, &match->builds_capacity, number + 1,
                                  sizeof(*match->builds)) < 0)
                        return -ENOMEM;
                while (match->builds_count <= number)
                        match->builds[match->builds_count++] = (struct match_build){ 0 };
                match->builds[number].now = module;
        }
        return 0;
}

static bool is_same_build(const struct match *match, uint32_t module) {
        const struct trace_module *before, *now;

        if (module >= match->builds_count)
                return false;
        before = match->builds[module].before;
        now = match->builds[module].now;
        return before && now && now->build_id_bytes > 0 && before->build_id_bytes == now->build_id_bytes &&
               memcmp(before->build_id, now->build_id, now->build_id_bytes) == 0;
}

/* The path of what a place is of; where there is no source that is the module's. */
static const char *path_of(const struct match *match, const struct aggregate_entry *place) {
        const char *path = match->by == AGGREGATE_MODULE ? place->module : place->file;

        return path ? path : "";
}

static bool is_module_name(const struct aggregate_entry *place) {
        return place->file && place->module && !place->has_line &&
               strcmp(place->file, path_base(place->module)) == 0;
}

static int see(struct match *match, const struct aggregate_entry *place) {
        uint32_t number;

        if (number_text(match, path_of(match, place), &number) < 0)
                return -ENOMEM;
        match->flags[number] |= NOW;
        return 0;
}

int match_see(struct match *match, const struct aggregate *places, const struct aggregate_entry *entry) {
        if (match->by != AGGREGATE_TRACEBACK)
                return see(match, entry);
        for (uint32_t node = entry->node; node != AGGREGATE_NO_NODE; node = places->nodes[node].parent) {
                const struct symbol_frame *frame = places->nodes[node].frame;
                uint32_t *met = map_value(&match->frames, (uint64_t)(uintptr_t)frame, 0);
                struct aggregate_entry place;

                if (!met)
                        return -ENOMEM;
                if (*met)
                        continue;
                *met = 1;
                place = keys_entry(match->by, frame);
                if (see(match, &place) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Whether the place may be another by name, in a round that looks at so much of its file. */
static bool is_loose(const struct match *match, const struct aggregate_entry *place, uint32_t module,
                     uint32_t path, int directories) {
        bool both = (match->flags[path] & (BEFORE | NOW)) == (BEFORE | NOW);

        if (is_same_build(match, module) || (both && !is_module_name(place)))
                return false;
        if (directories == NO_FILE || match->by == AGGREGATE_FUNCTION)
                return place->function;
        /* without a line, the offset in a function is a part of the file's name */
        return place->has_line || match->by == AGGREGATE_FILE || match->by == AGGREGATE_MODULE;
}

static int place_key(struct match *match, const struct aggregate_entry *place, int directories,
                     uint32_t *key) {
        const char *path = path_of(match, place);
        bool by_function = match->by != AGGREGATE_MODULE && match->by != AGGREGATE_FILE && place->function;
        uint32_t module, whole, function = MATCH_NONE, file = MATCH_NONE;

        if (match->by == AGGREGATE_THREAD)
                return number_text(match, filter_thread_name(place->thread), key);
        if (number_text(match, path, &whole) < 0 || number_module(match, place->module, &module) < 0 ||
            (by_function && number_text(match, place->function, &function) < 0))
                return -ENOMEM;
        if (!is_loose(match, place, module, whole, directories)) {
                if (pair(match, whole, function, key) < 0 || pair(match, *key, place->line, key) < 0)
                        return -ENOMEM;
                return pair(match, MATCH_NONE, *key, key); /* no number of a loose one */
        }
        if (match->by != AGGREGATE_MODULE && directories != NO_FILE &&
            number_text(match, is_module_name(place) ? "" : path_tail(path, (unsigned)directories), &file) <
                    0)
                return -ENOMEM;
        if (pair(match, module, function, &module) < 0 || pair(match, file, place->line, &file) < 0)
                return -ENOMEM;
        return pair(match, module, file, key);
}

static int entry_key(struct match *match, const struct aggregate *places, const struct aggregate_entry *entry,
                     int directories, uint32_t *key) {
        if (match->by != AGGREGATE_TRACEBACK)
                return place_key(match, entry, directories, key);
        *key = MATCH_NONE;
        for (uint32_t node = entry->node; node != AGGREGATE_NO_NODE; node = places->nodes[node].parent) {
                const struct symbol_frame *frame = places->nodes[node].frame;
                uint32_t *known = map_value(&match->frames, (uint64_t)(uintptr_t)frame, MATCH_NONE);
                struct aggregate_entry place;

                if (!known)
                        return -ENOMEM;
                place = keys_entry(match->by, frame);
                if ((*known == MATCH_NONE && place_key(match, &place, directories, known) < 0) ||
                    pair(match, *key, *known, key) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int compare_items(const void *left_pointer, const void *right_pointer, void *places) {
        const struct item *left = left_pointer, *right = right_pointer;

        if (left->key != right->key)
                return left->key < right->key ? -1 : 1;
        if (left->fresh != right->fresh)
                return left->fresh - right->fresh;
        return aggregate_order_places(places, left->entry, right->entry);
}

/* items[0] to items[count - 1] have one key, the earlier states' first. */
static void join(const struct item *items, size_t count, bool only_one, uint8_t *open, uint32_t *partners) {
        size_t earlier = 0;

        while (earlier < count && !items[earlier].fresh)
                earlier++;
        if (only_one && (earlier != 1 || count != 2))
                return;
        for (size_t i = 0; i < earlier && earlier + i < count; i++) {
                partners[items[earlier + i].index] = items[i].index;
                open[items[i].index] = 0;
        }
}

static int do_round(struct match *match, const struct aggregate *places, int directories, struct item *items,
                    size_t count, uint8_t *open, uint32_t *partners) {
        size_t first = 0, next;

        map_deinit(&match->frames);
        for (size_t i = 0; i < count; i++)
                if (entry_key(match, places, items[i].entry, directories, &items[i].key) < 0)
                        return -ENOMEM;
        qsort_r(items, count, sizeof(*items), compare_items, (void *)places);
        for (; first < count; first = next) {
                for (next = first + 1; next < count && items[next].key == items[first].key; next++)
                        ;
                join(items + first, next - first, directories == NO_FILE, open, partners);
        }
        return 0;
}

int match_rest(struct match *match, const struct aggregate *places, uint8_t *open,
               const struct aggregate_entry *fresh, size_t fresh_count, uint32_t *partners) {
        struct item *items = calloc(places->count + fresh_count + 1, sizeof(*items));
        int error = items ? 0 : -ENOMEM;

        for (int directories = DIRECTORIES; error == 0 && directories >= NO_FILE; directories--) {
                size_t earlier = 0, count;

                for (uint32_t i = 0; i < places->count; i++)
                        if (open[i])
                                items[earlier++] = (struct item){ &places->entries[i], 0, i, false };
                count = earlier;
                for (uint32_t i = 0; i < fresh_count; i++)
                        if (partners[i] == MATCH_NONE)
                                items[count++] = (struct item){ &fresh[i], 0, i, true };
                if (earlier == 0 || count == earlier)
                        break;
                error = do_round(match, places, directories, items, count, open, partners);
        }
        map_deinit(&match->frames);
        free(items);
        return error;
}
