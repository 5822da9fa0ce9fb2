/*
 * From one moment of massif's to the next: first what goes is released, then what comes is allocated, so that
 * never more is held than at one of them. See from_massif_parts.h.
 */
#include "import/from_massif_parts.h"

#include "base/array.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int allocate(struct from_massif *massif, uint32_t site) {
        return writer_allocate(massif->writer, site) < 0
                       ? input_wrong(massif->input, "more bytes are held than can be counted")
                       : 0;
}

/* What is held was allocated here. */
static void release(struct from_massif *massif, uint32_t site) {
        (void)writer_release(massif->writer, site, false);
}

static uint64_t sum(const struct from_massif_places *places) {
        uint64_t bytes = 0;

        for (size_t i = 0; i < places->count; i++)
                if (__builtin_add_overflow(bytes, places->items[i].bytes, &bytes))
                        return UINT64_MAX;
        return bytes;
}

static int by_site(const void *left, const void *right) {
        const struct from_massif_held *one = left, *other = right;

        return one->site < other->site ? -1 : one->site > other->site;
}

static int larger_first(const void *left, const void *right) {
        const struct from_massif_held *one = left, *other = right;

        return one->bytes != other->bytes ? (one->bytes < other->bytes ? 1 : -1) : by_site(left, right);
}

/* What both moments hold stays; both are sorted by site. */
static void match(struct from_massif_places *held, struct from_massif_places *found) {
        for (size_t i = 0, k = 0; i < held->count && k < found->count;) {
                int order = by_site(&held->items[i], &found->items[k]);

                if (order == 0)
                        held->items[i].stays = found->items[k].stays = true;
                i += order <= 0;
                k += order >= 0;
        }
}

static void sort(struct from_massif_places *places, int (*order)(const void *, const void *)) {
        if (places->count > 1)
                qsort(places->items, places->count, sizeof(*places->items), order);
}

/* A moment without a tree has the places of the one before, the largest first, as far as they go into it. */
static int keep_places(struct from_massif *massif) {
        struct from_massif_places *held = &massif->held, *found = &massif->found;
        uint64_t left = massif->heap_bytes;

        if (array_reserve(&found->items, &found->capacity, held->count + 1, sizeof(*found->items)) < 0)
                return input_no_memory(massif->input);
        sort(held, larger_first);
        found->count = 0;
        for (size_t i = 0; i < held->count; i++) {
                if (held->items[i].bytes > left)
                        continue;
                left -= held->items[i].bytes;
                found->items[found->count++] = held->items[i];
        }
        return 0;
}

/* What has no place is as much as `bytes`: the latest of it goes first. */
static void shrink_rest(struct from_massif *massif, uint64_t bytes) {
        struct from_massif_places *rest = &massif->rest;

        for (uint64_t now = sum(rest); now > bytes;) {
                now -= rest->items[--rest->count].bytes;
                release(massif, rest->items[rest->count].site);
        }
}

static int grow_rest(struct from_massif *massif, uint64_t bytes) {
        struct from_massif_places *rest = &massif->rest;
        struct from_massif_held held = { .bytes = bytes - sum(rest) };
        int error;

        if (held.bytes == 0)
                return 0;
        error = sites_number(&massif->sites, massif->input, massif->writer, 0, held.bytes, &held.site);
        if (error < 0)
                return error;
        if (array_reserve(&rest->items, &rest->capacity, rest->count + 1, sizeof(held)) < 0)
                return input_no_memory(massif->input);
        rest->items[rest->count++] = held;
        return allocate(massif, held.site);
}

static int change(struct from_massif *massif) {
        struct from_massif_places *held = &massif->held, *found = &massif->found, before = *held;
        uint64_t rest_bytes = massif->heap_bytes - sum(found);
        int error = 0;

        for (size_t i = 0; i < found->count; i++)
                found->items[i].stays = false;
        sort(held, by_site);
        sort(found, by_site);
        match(held, found);
        shrink_rest(massif, rest_bytes);
        for (size_t i = 0; i < held->count; i++)
                if (!held->items[i].stays)
                        release(massif, held->items[i].site);
        for (size_t i = 0; error == 0 && i < found->count; i++)
                if (!found->items[i].stays)
                        error = allocate(massif, found->items[i].site);
        if (error == 0)
                error = grow_rest(massif, rest_bytes);
        *held = *found;
        *found = before;
        for (size_t i = 0; i < held->count; i++)
                held->items[i].stays = false;
        return error;
}

int from_massif_moment(struct from_massif *massif) {
        char name[40];
        int error = 0;

        if (!massif->has_tree)
                error = keep_places(massif);
        else if (sum(&massif->found) != massif->heap_bytes)
                error = input_wrong(massif->input,
                                    "the places before come to %" PRIu64 " bytes, not %" PRIu64,
                                    sum(&massif->found), massif->heap_bytes);
        if (error == 0)
                error = change(massif);
        if (error == 0 && massif->has_tree) {
                snprintf(name, sizeof(name), "snapshot-%" PRIu64, massif->number);
                writer_snapshot(massif->writer, name);
        }
        return error;
}

void from_massif_moment_deinit(struct from_massif *massif) {
        free(massif->held.items);
        free(massif->rest.items);
}
