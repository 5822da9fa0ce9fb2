/*
 * See snapshot_merge.h. The result is a snapshot as if it had been read, so what makes a state of one does
 * the rest. One thread.
 */
#include "state/snapshot_merge.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "reader/domains.h"
#include "state/snapshot_merge_parts.h"

#include <errno.h>

struct snapshot_merge *snapshot_merge_new(const char *name) {
        struct snapshot_merge *merge = calloc(1, sizeof(*merge));

        if (!merge) {
                message_errno(ENOMEM, name, "cannot merge");
                return NULL;
        }
        merge->into = (struct snapshot){ .name = name, .row = SNAPSHOT_NO_ROW };
        if (snapshot_begin(&merge->into) == 0)
                return merge;
        snapshot_merge_free(merge);
        return NULL;
}

void snapshot_merge_free(struct snapshot_merge *merge) {
        struct map *const maps[] = { &merge->chains, &merge->values, &merge->kinds,     &merge->builds,
                                     &merge->paths,  &merge->named,  &merge->looked_up, &merge->frames,
                                     &merge->stacks, &merge->sites,  &merge->threads,   &merge->pairs };

        for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
                map_deinit(maps[i]);
        snapshot_deinit(&merge->into);
        trace_free(merge->into.trace);
        free(merge);
}

int snapshot_merge_chain(struct snapshot_merge *merge, uint32_t *key, uint32_t number) {
        const uint32_t *known = map_value(&merge->chains, (uint64_t)*key << 32 | number,
                                          (uint32_t)merge->chains.count + SNAPSHOT_MERGE_FRAME + 1);

        if (!known)
                return -ENOMEM;
        *key = *known;
        return 0;
}

int snapshot_merge_value(struct snapshot_merge *merge, uint64_t value, uint32_t *number) {
        const uint32_t *known = map_value(&merge->values, value, (uint32_t)merge->values.count);

        if (!known)
                return -ENOMEM;
        *number = *known;
        return 0;
}

int snapshot_merge_stacks(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        const struct trace *trace = from->state->trace;
        uint32_t *stacks = from->used.stacks;

        for (uint32_t i = 1; i <= trace->tables[TRACE_STACKS].count; i++) {
                const struct trace_stack *stack = trace_stack(trace, i);
                struct trace_stack own;
                struct trace_stack *row;
                const uint32_t *known;
                uint32_t fresh = (uint32_t)merge->into.trace->tables[TRACE_STACKS].count + 1;

                if (stacks[i] == USED_NOT)
                        continue;
                own.parent = stacks[stack->parent];
                own.frame =
                        trace_frame(trace, stack->frame) ? from->used.frames[stack->frame] : TRACE_NO_NUMBER;
                known = map_value(&merge->stacks, (uint64_t)own.parent << 32 | own.frame, fresh);
                if (!known)
                        return snapshot_no_memory(&merge->into);
                stacks[i] = *known;
                if (*known != fresh)
                        continue;
                row = snapshot_add_row(&merge->into, TRACE_STACKS, sizeof(*row));
                if (!row)
                        return snapshot_no_memory(&merge->into);
                *row = own;
                merge->into.trace->tables[TRACE_STACKS].count++;
        }
        return 0;
}

/* The number of a row for a site, new or known. */
static int number_site(struct snapshot_merge *merge, const struct trace_site *site, uint32_t *number) {
        struct snapshot *into = &merge->into;
        size_t *count = &into->trace->tables[TRACE_SITES].count;
        struct trace_site *row;
        const uint32_t *kind, *known;
        uint32_t size;

        if (snapshot_merge_value(merge, site->size_bytes, &size) < 0)
                return -ENOMEM;
        kind = map_value(&merge->kinds, (uint64_t)size << 8 | site->kind, (uint32_t)merge->kinds.count);
        known = kind ? map_value(&merge->sites, (uint64_t)site->stack << 32 | *kind, (uint32_t)*count) : NULL;
        if (!known)
                return -ENOMEM;
        *number = *known;
        if (*known < *count)
                return 0;
        row = snapshot_add_row(into, TRACE_SITES, sizeof(*row));
        if (!row ||
            array_reserve(&into->sites, &into->sites_capacity, *count + 1, sizeof(*into->sites)) < 0 ||
            array_reserve(&into->high_bytes, &into->high_capacity, *count + 1, sizeof(*into->high_bytes)) < 0)
                return -ENOMEM;
        *row = *site;
        into->sites[*count] = (struct replay_site){ .size_bytes = site->size_bytes };
        into->high_bytes[(*count)++] = 0;
        return 0;
}

int snapshot_merge_sites(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        const struct replay *replay = &from->state->range.more;
        struct snapshot *into = &merge->into;

        for (uint32_t i = 0; i < replay->site_count; i++) {
                const struct replay_site *counts = &replay->sites[i];
                struct trace_site site = *trace_site(from->state->trace, i);
                struct replay_site *own;
                uint32_t *number = &from->used.sites[i];

                if (*number == USED_NOT)
                        continue;
                site.stack = from->used.stacks[site.stack];
                if (site.kind >= MTR_KIND_DOMAIN)
                        site.kind =
                                (uint8_t)(MTR_KIND_DOMAIN - 1 + from->domains[domains_of_kind(site.kind)]);
                if (number_site(merge, &site, number) < 0)
                        return snapshot_no_memory(into);
                own = &into->sites[*number];
                own->live_blocks = saturate_add(own->live_blocks, counts->live_blocks);
                own->allocations = saturate_add(own->allocations, counts->allocations);
                own->temporary = saturate_add(own->temporary, counts->temporary);
                if (replay->high_bytes && replay->high_bytes[i] > into->high_bytes[*number])
                        into->high_bytes[*number] = replay->high_bytes[i];
        }
        merge->lacks_highs |= !replay->high_bytes;
        return 0;
}

static int add(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        int error = used_init(&from->used, from->state);

        if (error == 0)
                error = snapshot_merge_domains(merge, from);
        if (error == 0)
                error = snapshot_merge_modules(merge, from);
        if (error == 0)
                error = snapshot_merge_frames(merge, from);
        if (error == 0)
                error = snapshot_merge_stacks(merge, from);
        if (error == 0)
                error = snapshot_merge_sites(merge, from);
        if (error == 0)
                error = snapshot_merge_threads(merge, from);
        return error == 0 ? snapshot_merge_facts(merge, from->state) : error;
}

int snapshot_merge_add(struct snapshot_merge *merge, const struct state *state) {
        struct snapshot_merge_from from = { .state = state };
        int error = add(merge, &from);

        used_deinit(&from.used);
        free(from.builds);
        return error;
}

static int finish(struct snapshot_merge *merge, struct state *state) {
        struct snapshot *into = &merge->into;
        int error = snapshot_merge_settle_domains(merge);

        if (error == 0)
                error = snapshot_link(into);
        into->highs = !merge->lacks_highs;
        if (error == 0)
                error = snapshot_merge_settle_threads(merge);
        if (error == 0)
                error = snapshot_merge_settle_facts(merge);
        if (error == 0)
                error = snapshot_make(into, state);
        if (error < 0) {
                state_close(state);
                return error;
        }
        state->trace = into->trace;
        into->trace = NULL;
        return 0;
}

/* What was added before it was known that a module is of several builds has names that only one of them has.
 */
static int rename_all(const char *name, struct state *state) {
        struct state merged = *state;
        struct snapshot_merge *again = snapshot_merge_new(name);
        int error = again ? snapshot_merge_add(again, &merged) : -ENOMEM;

        *state = (struct state){ 0 };
        if (error == 0)
                error = finish(again, state);
        state_close(&merged);
        if (again)
                snapshot_merge_free(again);
        return error;
}

int snapshot_merge_finish(struct snapshot_merge *merge, struct state *state) {
        int error = finish(merge, state);

        return error == 0 && merge->names_changed ? rename_all(merge->into.name, state) : error;
}
