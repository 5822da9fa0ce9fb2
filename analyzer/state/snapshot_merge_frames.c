/*
 * Which frames of several states are the same. A frame of a build that was met before is looked up no second
 * time, and no file is opened for it. One thread.
 */
#include "aggregate/match.h"
#include "aggregate/stable.h"
#include "base/array.h"
#include "state/snapshot_merge_parts.h"

#include <errno.h>
#include <string.h>

/* A frame as it is to be kept. */
struct frame {
        uint32_t module; /* the merged one */
        uint64_t address;
        bool exact;
        const struct symbol_frame *names;
        size_t count;
};

static int keep_text(struct snapshot_merge *merge, char *text, const char **kept) {
        int error = text ? intern_own(&merge->into.texts, text, kept) : -ENOMEM;

        free(text);
        return error;
}

/* The names that a place has in every build. Heap; NULL: no memory. */
static struct symbol_frame *stable_names(struct snapshot_merge *merge, const struct symbol_frames *found) {
        struct symbol_frame *names = calloc(found->count + 1, sizeof(*names));
        int error = names ? 0 : -ENOMEM;

        for (size_t i = 0; error == 0 && i < found->count; i++) {
                const struct symbol_frame *name = &found->frames[i];
                char *module = match_module_name(name->module ? name->module : "");

                names[i].line = name->line;
                names[i].has_line = name->has_line;
                if (!module)
                        error = -ENOMEM;
                if (error == 0 && name->function)
                        error = keep_text(merge, stable_function(name->function), &names[i].function);
                if (error == 0)
                        error = keep_text(merge,
                                          name->has_line
                                                  ? stable_source(name->file, name->directory, name->module)
                                                  : stable_without_line(module, names[i].function),
                                          &names[i].file);
                free(module);
        }
        if (error == 0)
                return names;
        free(names);
        return NULL;
}

/* What tells it from other frames, as a number. */
static int key_of(struct snapshot_merge *merge, const struct frame *frame, uint32_t *key) {
        uint32_t address;
        int error = snapshot_merge_value(merge, frame->address, &address);

        *key = SNAPSHOT_MERGE_FRAME;
        if (error == 0)
                error = snapshot_merge_chain(merge, key, frame->module);
        if (error == 0)
                error = snapshot_merge_chain(merge, key, address);
        if (error == 0)
                error = snapshot_merge_chain(merge, key, frame->exact);
        for (size_t i = 0; error == 0 && i < frame->count; i++) {
                const struct symbol_frame *name = &frame->names[i];
                const char *const texts[] = { name->file, name->function, name->directory };

                for (size_t k = 0; error == 0 && k < sizeof(texts) / sizeof(*texts); k++) {
                        uint32_t number = UINT32_MAX;

                        if (texts[k])
                                error = intern_text(&merge->into.texts, texts[k], &number);
                        if (error == 0)
                                error = snapshot_merge_chain(merge, key, number);
                }
                if (error == 0)
                        error = snapshot_merge_chain(merge, key, name->has_line);
                if (error == 0)
                        error = snapshot_merge_chain(merge, key, name->line);
        }
        return error;
}

static int add_frame(struct snapshot_merge *merge, const struct frame *frame) {
        struct snapshot *into = &merge->into;
        size_t *count = &into->trace->tables[TRACE_FRAMES].count;
        struct trace_frame *row = snapshot_add_row(into, TRACE_FRAMES, sizeof(*row));
        struct symbol_frame *names = calloc(frame->count + 1, sizeof(*names));
        int error = row && names ? array_reserve(&into->names, &into->names_capacity, *count + 1,
                                                 sizeof(*into->names))
                                 : -ENOMEM;

        for (size_t i = 0; error == 0 && i < frame->count; i++) {
                names[i] = frame->names[i];
                names[i].inlined = i + 1 < frame->count;
                if (intern_own(&into->texts, frame->names[i].file, &names[i].file) < 0 ||
                    intern_own(&into->texts, frame->names[i].function, &names[i].function) < 0 ||
                    intern_own(&into->texts, frame->names[i].directory, &names[i].directory) < 0)
                        error = -ENOMEM;
        }
        if (error < 0) {
                free(names);
                return error;
        }
        *row = (struct trace_frame){ frame->address, frame->module, frame->exact };
        into->names[*count] = (struct symbol_frames){ names, frame->count };
        ++*count;
        return 0;
}

static int number_frame(struct snapshot_merge *merge, const struct frame *frame, uint32_t *number) {
        uint32_t count = (uint32_t)merge->into.trace->tables[TRACE_FRAMES].count, key;
        int error = key_of(merge, frame, &key);
        const uint32_t *known = error == 0 ? map_value(&merge->frames, key, count) : NULL;

        if (!known)
                return -ENOMEM;
        *number = *known;
        return *known == count ? add_frame(merge, frame) : 0;
}

/* By its names, which are looked up now. */
static int name_frame(struct snapshot_merge *merge, const struct snapshot_merge_from *from, uint32_t number,
                      struct frame *frame, uint32_t *own) {
        struct symbol_frame *stable = NULL;
        struct symbol_frames found;
        int error = symbols_lookup(from->state->symbols, number, &found);

        if (error < 0)
                return error;
        frame->names = found.frames;
        frame->count = found.count;
        if (trace_module(merge->into.trace, frame->module)->several_builds) {
                stable = stable_names(merge, &found);
                if (!stable)
                        return snapshot_no_memory(&merge->into);
                frame->names = stable;
                frame->address = 0;
                frame->exact = false;
        }
        error = number_frame(merge, frame, own);
        free(stable);
        return error < 0 ? snapshot_no_memory(&merge->into) : 0;
}

static int merge_frame(struct snapshot_merge *merge, const struct snapshot_merge_from *from, uint32_t number,
                       uint32_t *own) {
        const struct trace_frame *frame = trace_frame(from->state->trace, number);
        const struct trace_module *module = trace_module(from->state->trace, frame->module);
        struct frame kept = { .module = TRACE_NO_MODULE };
        uint32_t address, *known;
        int error;

        if (!module)
                return number_frame(merge, &kept, own) < 0 ? snapshot_no_memory(&merge->into) : 0;
        kept.module = from->used.modules[frame->module];
        kept.address = module->start + frame->offset - module->bias;
        kept.exact = frame->exact;
        if (from->state->when) /* its names are known, and may be better or worse than what is found here */
                return name_frame(merge, from, number, &kept, own);
        if (snapshot_merge_value(merge, kept.address, &address) < 0 ||
            !(known = map_value(&merge->looked_up,
                                (uint64_t)from->builds[frame->module] << 32 | address << 1 | frame->exact,
                                TRACE_NO_NUMBER)))
                return snapshot_no_memory(&merge->into);
        if (*known != TRACE_NO_NUMBER) {
                *own = *known;
                return 0;
        }
        error = name_frame(merge, from, number, &kept, own);
        *known = *own;
        return error;
}

int snapshot_merge_frames(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        uint32_t *frames = from->used.frames;
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < from->state->trace->tables[TRACE_FRAMES].count; i++)
                if (frames[i] != USED_NOT)
                        error = merge_frame(merge, from, i, &frames[i]);
        return error;
}
