/*
 * See stacks.h. A trace's frame is looked at once, and becomes one of ours by its texts. One thread.
 */
#include "judge/stacks.h"

#include "base/array.h"
#include "base/message.h"

#include <errno.h>
#include <string.h>

void stacks_init(struct stacks *stacks) {
        *stacks = (struct stacks){ .keys.by = AGGREGATE_FRAME };
}

void stacks_deinit(struct stacks *stacks) {
        keys_deinit(&stacks->keys);
        map_deinit(&stacks->by_path);
        map_deinit(&stacks->by_text);
        map_deinit(&stacks->by_frame);
        for (size_t i = 0; i < stacks->frame_count; i++)
                free(stacks->frames[i]);
        free(stacks->frames);
        free(stacks->items);
        free(stacks->path.frames);
        free(stacks->own.frames);
        *stacks = (struct stacks){ 0 };
}

void stacks_begin(struct stacks *stacks) {
        map_deinit(&stacks->by_frame);
}

static int copy_frame(struct stacks *stacks, const struct symbol_frame *frame) {
        struct symbol_frame *copy = malloc(sizeof(*copy));

        if (!copy)
                return -ENOMEM;
        *copy = *frame;
        if (intern_own(&stacks->keys.texts, frame->file, &copy->file) < 0 ||
            intern_own(&stacks->keys.texts, frame->directory, &copy->directory) < 0 ||
            intern_own(&stacks->keys.texts, frame->function, &copy->function) < 0 ||
            intern_own(&stacks->keys.texts, frame->module, &copy->module) < 0 ||
            array_reserve(&stacks->frames, &stacks->frames_capacity, stacks->frame_count + 1,
                          sizeof(*stacks->frames)) < 0) {
                free(copy);
                return -ENOMEM;
        }
        stacks->frames[stacks->frame_count++] = copy;
        return 0;
}

/* Our frame for one of a trace. */
static int own_frame(struct stacks *stacks, const struct symbol_frame *frame,
                     const struct symbol_frame **own) {
        uint32_t *known = map_value(&stacks->by_frame, (uint64_t)(uintptr_t)frame, UINT32_MAX), *number;
        struct aggregate_entry entry = keys_entry(AGGREGATE_FRAME, frame);
        uint64_t key;

        if (!known)
                return -ENOMEM;
        if (*known == UINT32_MAX) {
                if (keys_key(&stacks->keys, &entry, &key) < 0 ||
                    !(number = map_value(&stacks->by_text, key, (uint32_t)stacks->frame_count)) ||
                    (*number == stacks->frame_count && copy_frame(stacks, frame) < 0))
                        return -ENOMEM;
                *known = *number;
        }
        *own = stacks->frames[*known];
        return 0;
}

static int number_path(struct stacks *stacks, uint32_t node, size_t charged, uint8_t kind, uint32_t *number) {
        uint32_t *known = map_value(&stacks->by_path, (uint64_t)node << 8 | kind, (uint32_t)stacks->count);
        struct stacks_stack stack = { node, node, kind, STACKS_NOT_ASKED };

        if (!known ||
            array_reserve(&stacks->items, &stacks->capacity, stacks->count + 1, sizeof(*stacks->items)) < 0)
                return -ENOMEM;
        *number = *known;
        if (*known < stacks->count)
                return 0;
        for (size_t i = 0; i < charged; i++)
                stack.charged = stacks->keys.nodes[stack.charged].parent;
        stacks->items[stacks->count++] = stack;
        return 0;
}

int stacks_domain(struct stacks *stacks, const char *name, uint8_t *kind) {
        size_t at = 0;

        while (at < stacks->domain_count && strcmp(stacks->domains[at], name) != 0)
                at++;
        if (at == stacks->domain_count && at < STACKS_DOMAINS_MAX) {
                if (intern_own(&stacks->keys.texts, name, &stacks->domains[at]) < 0)
                        return -ENOMEM;
                stacks->domain_count++;
        }
        *kind = (uint8_t)(MTR_KIND_DOMAIN + at);
        return 0;
}

const char *stacks_domain_name(const struct stacks *stacks, uint32_t number) {
        uint8_t kind = stacks->items[number].kind;

        return kind >= MTR_KIND_DOMAIN && (size_t)(kind - MTR_KIND_DOMAIN) < stacks->domain_count
                       ? stacks->domains[kind - MTR_KIND_DOMAIN]
                       : NULL;
}

int stacks_put(struct stacks *stacks, const struct charge_frames *frames, size_t charged, uint8_t kind,
               uint32_t *number) {
        struct charge_frames *own = &stacks->own;
        uint32_t node;

        if (array_reserve(&own->frames, &own->capacity, frames->count + 1, sizeof(*own->frames)) < 0)
                return -ENOMEM;
        own->count = frames->count;
        for (size_t i = 0; i < frames->count; i++)
                if (own_frame(stacks, frames->frames[i], &own->frames[i]) < 0)
                        return -ENOMEM;
        if (keys_path(&stacks->keys, own, &node) < 0)
                return -ENOMEM;
        return number_path(stacks, node, charged, kind, number);
}

int stacks_take(struct stacks *stacks, struct charge *charge, uint32_t stack, uint8_t kind,
                uint32_t *number) {
        struct charge_frames *path = &stacks->path;
        size_t charged;
        int error = charge_frames(charge, stack, false, path);

        if (error < 0)
                return error;
        charged = path->count;
        error = charge_frames(charge, stack, true, path);
        if (error < 0)
                return error;
        error = stacks_put(stacks, path, path->count - charged, kind, number);
        return error < 0 ? message_errno(ENOMEM, "check", "cannot keep its stacks") : 0;
}

int stacks_frames(const struct stacks *stacks, uint32_t number, struct charge_frames *out) {
        const struct aggregate_node *nodes = stacks->keys.nodes;
        uint32_t node = stacks->items[number].node;

        out->count = 0;
        if (array_reserve(&out->frames, &out->capacity, nodes[node].depth, sizeof(*out->frames)) < 0)
                return -ENOMEM;
        for (; node != AGGREGATE_NO_NODE; node = nodes[node].parent)
                out->frames[out->count++] = nodes[node].frame;
        return 0;
}

static int order_frames(const struct symbol_frame *left, const struct symbol_frame *right) {
        int order = aggregate_order_texts(left->file, right->file);

        if (order == 0)
                order = aggregate_order_numbers(left->line, right->line);
        if (order == 0)
                order = aggregate_order_texts(left->function, right->function);
        return order ? order : aggregate_order_texts(left->module, right->module);
}

int stacks_order(const struct stacks *stacks, uint32_t left, uint32_t right) {
        const struct aggregate_node *nodes = stacks->keys.nodes;
        uint32_t one = stacks->items[left].node, other = stacks->items[right].node;

        for (; one != other; one = nodes[one].parent, other = nodes[other].parent) {
                int order;

                if (one == AGGREGATE_NO_NODE || other == AGGREGATE_NO_NODE)
                        return one == AGGREGATE_NO_NODE ? -1 : 1;
                order = order_frames(nodes[one].frame, nodes[other].frame);
                if (order)
                        return order;
        }
        return aggregate_order_numbers(stacks->items[left].kind, stacks->items[right].kind);
}
