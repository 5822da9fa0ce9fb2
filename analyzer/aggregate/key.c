/*
 * See key.h. Paths are kept from the oldest frame on, so that what two of them share is
 * kept once. One thread.
 */
#include "aggregate/key.h"

#include "base/array.h"

void keys_deinit(struct keys *keys) {
        intern_deinit(&keys->texts);
        map_deinit(&keys->by_frame);
        map_deinit(&keys->by_name);
        map_deinit(&keys->by_module);
        map_deinit(&keys->by_place);
        map_deinit(&keys->by_node);
        free(keys->places);
        free(keys->nodes);
        *keys = (struct keys){ 0 };
}

struct aggregate_entry keys_entry(enum aggregate_by by, const struct symbol_frame *frame) {
        struct aggregate_entry entry = { .module = frame->module, .frame = frame };

        if (by == AGGREGATE_MODULE)
                return entry;
        if (by == AGGREGATE_FILE || by == AGGREGATE_FUNCTION) {
                entry.file = filter_file(frame);
                entry.function = by == AGGREGATE_FUNCTION ? frame->function : NULL;
                return entry;
        }
        entry.file = frame->file;
        entry.function = frame->function;
        entry.line = frame->line;
        entry.has_line = frame->has_line;
        return entry;
}

static int pair_texts(struct keys *keys, const char *left, const char *right, uint64_t *pair) {
        uint32_t first, second;

        if (intern_text(&keys->texts, left, &first) < 0 || intern_text(&keys->texts, right, &second) < 0)
                return -ENOMEM;
        *pair = (uint64_t)first << 32 | second;
        return 0;
}

int keys_key(struct keys *keys, const struct aggregate_entry *entry, uint64_t *key) {
        const char *name = keys->by == AGGREGATE_MODULE ? entry->module : entry->file;
        bool by_function = keys->by == AGGREGATE_FUNCTION || keys->by == AGGREGATE_FUNCTION_LINE ||
                           keys->by == AGGREGATE_FRAME;
        const char *function = by_function && entry->function ? entry->function : "";
        uint32_t *number;
        int error = pair_texts(keys, name ? name : "", function, key);

        if (error < 0 || keys->by == AGGREGATE_FUNCTION)
                return error;
        number = map_value(&keys->by_name, *key, (uint32_t)keys->by_name.count);
        if (number && keys->by == AGGREGATE_FRAME) {
                uint32_t module;

                if (intern_text(&keys->texts, entry->module ? entry->module : "", &module) < 0)
                        return -ENOMEM;
                number = map_value(&keys->by_module, (uint64_t)*number << 32 | module,
                                   (uint32_t)keys->by_module.count);
        }
        if (!number)
                return -ENOMEM;
        *key = (uint64_t)*number << 32 | entry->line;
        return 0;
}

static int new_place(struct keys *keys, const struct symbol_frame *frame, uint32_t *number) {
        struct aggregate_entry entry = keys_entry(keys->by, frame);
        uint32_t *known;
        uint64_t key;

        if (keys_key(keys, &entry, &key) < 0 ||
            !(known = map_value(&keys->by_place, key, (uint32_t)keys->place_count)) ||
            array_reserve(&keys->places, &keys->places_capacity, keys->place_count + 1,
                          sizeof(*keys->places)) < 0)
                return -ENOMEM;
        if (*known == keys->place_count)
                keys->places[keys->place_count++] = frame;
        *number = *known;
        return 0;
}

int keys_place(struct keys *keys, const struct symbol_frame *frame, uint32_t *number) {
        uint32_t *known = map_value(&keys->by_frame, (uint64_t)(uintptr_t)frame, UINT32_MAX);

        if (!known)
                return -ENOMEM;
        /* a frame's texts are looked at once */
        if (*known == UINT32_MAX && new_place(keys, frame, known) < 0)
                return -ENOMEM;
        *number = *known;
        return 0;
}

int keys_path(struct keys *keys, const struct charge_frames *frames, uint32_t *number) {
        uint32_t parent = AGGREGATE_NO_NODE;

        for (size_t i = frames->count; i-- > 0;) {
                uint32_t place, depth = (uint32_t)(frames->count - i), *node;

                if (keys_place(keys, frames->frames[i], &place) < 0 ||
                    array_reserve(&keys->nodes, &keys->nodes_capacity, keys->node_count + 1,
                                  sizeof(*keys->nodes)) < 0 ||
                    !(node = map_value(&keys->by_node, (uint64_t)parent << 32 | place,
                                       (uint32_t)keys->node_count)))
                        return -ENOMEM;
                if (*node == keys->node_count)
                        keys->nodes[keys->node_count++] =
                                (struct aggregate_node){ keys->places[place], parent, depth, true };
                keys->nodes[*node].inlined &= frames->frames[i]->inlined;
                parent = *node;
        }
        *number = parent;
        return 0;
}
