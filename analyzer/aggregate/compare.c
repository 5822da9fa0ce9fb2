/*
 * See compare.h. One thread.
 */
#include "aggregate/compare.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"

#include <string.h>

/* A state while it is added. */
struct adding {
        struct comparison *comparison;
        struct aggregate_entry *fresh; /* its entries, their nodes the comparison's */
        uint64_t *keys;                /* by entry: what the place is of */
        uint32_t *partners;            /* by entry: the place of the comparison */
        uint8_t *open;                 /* by place: the state has none yet */
        struct charge_frames frames;
};

void compare_init(struct comparison *comparison, const struct aggregate_wish *wish, size_t state_count) {
        *comparison = (struct comparison){
                .places.wish = *wish,
                .state_count = state_count,
                .keys.by = wish->by,
                .match.by = wish->by,
        };
}

void compare_deinit(struct comparison *comparison) {
        comparison->places.nodes = NULL; /* the keys' own */
        aggregate_deinit(&comparison->places);
        free(comparison->values);
        keys_deinit(&comparison->keys);
        map_deinit(&comparison->by_key);
        match_deinit(&comparison->match);
        *comparison = (struct comparison){ 0 };
}

/* The same traceback among the comparison's nodes. */
static int take_path(struct adding *adding, const struct aggregate *from, struct aggregate_entry *entry) {
        struct keys *keys = &adding->comparison->keys;
        struct charge_frames *frames = &adding->frames;

        if (array_reserve(&frames->frames, &frames->capacity, from->nodes[entry->node].depth,
                          sizeof(*frames->frames)) < 0)
                return -ENOMEM;
        frames->count = 0;
        for (uint32_t node = entry->node; node != AGGREGATE_NO_NODE; node = from->nodes[node].parent)
                frames->frames[frames->count++] = from->nodes[node].frame;
        if (keys_path(keys, frames, &entry->node) < 0)
                return -ENOMEM;
        adding->comparison->places.nodes = keys->nodes;
        return 0;
}

static int take_entry(struct adding *adding, const struct aggregate *from, size_t index) {
        struct comparison *comparison = adding->comparison;
        struct aggregate_entry *entry = &adding->fresh[index];
        uint64_t *key = &adding->keys[index];
        uint32_t name;

        *entry = from->entries[index];
        switch (from->wish.by) {
        case AGGREGATE_SIZE:
                *key = entry->least_bytes;
                return 0; /* nothing to match but itself */
        case AGGREGATE_THREAD:
                *key = (uint64_t)(uintptr_t)entry->thread; /* by name is for another trace */
                return 0;
        case AGGREGATE_DOMAIN:
                if (intern_text(&comparison->keys.texts, entry->domain, &name) < 0)
                        return -ENOMEM;
                *key = name;
                return 0;
        case AGGREGATE_TRACEBACK:
                if (take_path(adding, from, entry) < 0)
                        return -ENOMEM;
                *key = entry->node;
                break;
        default:
                if (keys_key(&comparison->keys, entry, key) < 0)
                        return -ENOMEM;
        }
        return match_see(&comparison->match, &comparison->places, entry);
}

static int set_place(struct adding *adding, size_t index) {
        struct comparison *comparison = adding->comparison;
        struct aggregate *places = &comparison->places;
        const struct aggregate_entry *entry = &adding->fresh[index];
        uint32_t place = adding->partners[index], *known;
        struct compare_value *value;

        if (place == MATCH_NONE)
                place = (uint32_t)places->count;
        known = map_value(&comparison->by_key, adding->keys[index], place);
        if (!known ||
            array_reserve(&places->entries, &places->capacity, places->count + 1, sizeof(*places->entries)) <
                    0 ||
            array_reserve(&comparison->values, &comparison->values_capacity,
                          (places->count + 1) * comparison->state_count, sizeof(*comparison->values)) < 0)
                return -ENOMEM;
        if (*known == MATCH_NONE)
                *known = place;
        place = *known; /* an entry before it may have been of the same name */
        if (place == places->count) {
                memset(comparison->values + places->count * comparison->state_count, 0,
                       comparison->state_count * sizeof(*comparison->values));
                places->count++;
        }
        places->entries[place] = *entry;
        value = &comparison->values[place * comparison->state_count + comparison->added];
        value->size_bytes = saturate_add(value->size_bytes, entry->size_bytes);
        value->count = saturate_add(value->count, entry->count);
        return 0;
}

static int add(struct adding *adding, const struct aggregate *from, const struct match_run *run) {
        struct comparison *comparison = adding->comparison;
        const struct aggregate *places = &comparison->places;
        bool matches = comparison->whose && comparison->whose != run->whose &&
                       from->wish.by != AGGREGATE_SIZE && from->wish.by != AGGREGATE_DOMAIN;

        if (!adding->fresh || !adding->keys || !adding->partners || !adding->open ||
            match_begin(&comparison->match, run) < 0)
                return -ENOMEM;
        memset(adding->open, 1, places->count);
        for (size_t i = 0; i < from->count; i++) {
                const uint32_t *known;

                if (take_entry(adding, from, i) < 0 ||
                    !(known = map_value(&comparison->by_key, adding->keys[i], MATCH_NONE)))
                        return -ENOMEM;
                adding->partners[i] = *known;
                if (*known != MATCH_NONE)
                        adding->open[*known] = 0;
        }
        if (matches && match_rest(&comparison->match, places, adding->open, adding->fresh, from->count,
                                  adding->partners) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < from->count; i++)
                if (set_place(adding, i) < 0)
                        return -ENOMEM;
        comparison->whose = run->whose;
        comparison->added++;
        return 0;
}

int compare_add(struct comparison *comparison, const struct aggregate *from, const struct match_run *run) {
        size_t room = from->count + 1;
        struct adding adding = {
                .comparison = comparison,
                .fresh = calloc(room, sizeof(*adding.fresh)),
                .keys = calloc(room, sizeof(*adding.keys)),
                .partners = calloc(room, sizeof(*adding.partners)),
                .open = calloc(comparison->places.count + 1, 1),
        };
        int error = add(&adding, from, run);

        free(adding.fresh);
        free(adding.keys);
        free(adding.partners);
        free(adding.open);
        free(adding.frames.frames);
        return error < 0 ? message_errno(ENOMEM, "report", "cannot compare") : 0;
}
