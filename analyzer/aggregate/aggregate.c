/*
 * See aggregate.h. Sites are first added up by stack, or by size, so that each stack is looked
 * at once however many sites it has. One thread.
 */
#include "aggregate/aggregate.h"

#include "aggregate/key.h"
#include "base/array.h"
#include "base/message.h"
#include "base/progress.h"
#include "base/saturate.h"
#include "reader/domains.h"
#include "replay/by_thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SITES_A_STEP 64u /* of progress: without a filter a site is next to nothing */
#define SIZES 65u        /* none, and one for each bit */

const char *const aggregate_cost_names[] = { "live", "leaked", "total", "count", "temporary", NULL };
const char *const aggregate_by_names[] = { "line", "function", "file",   "module", "traceback",
                                           "size", "thread",   "domain", NULL };
const char *const aggregate_sort_names[] = { "size", "count", "average", "place", NULL };

struct sum {
        uint64_t size_bytes, blocks, calls, high_bytes;
};

struct making {
        const struct replay *replay;
        struct charge *charge;
        struct aggregate *out;
        struct keys keys;
        struct sum *stacks; /* by stack */
        uint8_t *verdicts;  /* by stack: enum verdict */
        uint64_t *largest;  /* by entry: the stack that names its function and module */
        uint32_t *charged;  /* by entry: the last stack that was, + 1 */
        uint32_t *sites;    /* by stack: one of its sites + 1, where wish.also wants them */
        uint32_t *next;     /* by site: another of its stack + 1 */
        size_t largest_capacity, charged_capacity;
        struct charge_frames frames;
};

enum verdict { VERDICT_OPEN, VERDICT_TAKEN, VERDICT_LEFT };

static void add_sum(struct sum *sum, struct sum more) {
        sum->size_bytes = saturate_add(sum->size_bytes, more.size_bytes);
        sum->blocks = saturate_add(sum->blocks, more.blocks);
        sum->calls = saturate_add(sum->calls, more.calls);
        if (more.high_bytes > sum->high_bytes)
                sum->high_bytes = more.high_bytes;
}

static void add_to_entry(struct aggregate_entry *entry, const struct sum *sum) {
        entry->size_bytes = saturate_add(entry->size_bytes, sum->size_bytes);
        entry->count = saturate_add(entry->count, sum->blocks);
        entry->calls = saturate_add(entry->calls, sum->calls);
        if (sum->high_bytes > entry->high_bytes)
                entry->high_bytes = sum->high_bytes;
}

static bool has_paths(const struct aggregate_wish *wish) {
        return wish->paths || wish->by == AGGREGATE_TRACEBACK;
}

static int no_memory(void) {
        return message_errno(ENOMEM, "report", "cannot add up");
}

static uint64_t blocks_of(const struct replay_site *site, enum aggregate_cost cost) {
        if (cost == AGGREGATE_LIVE || cost == AGGREGATE_LEAKED)
                return site->live_blocks;
        return cost == AGGREGATE_TEMPORARY ? site->temporary : site->allocations;
}

static int reserve(struct making *making, size_t count) {
        struct aggregate *out = making->out;
        size_t before = out->count;

        if (count <= before)
                return 0;
        if (array_reserve(&out->entries, &out->capacity, count, sizeof(*out->entries)) < 0 ||
            array_reserve(&making->largest, &making->largest_capacity, count, sizeof(*making->largest)) < 0 ||
            array_reserve(&making->charged, &making->charged_capacity, count, sizeof(*making->charged)) < 0)
                return -ENOMEM;
        memset(out->entries + before, 0, (count - before) * sizeof(*out->entries));
        memset(making->largest + before, 0, (count - before) * sizeof(*making->largest));
        memset(making->charged + before, 0, (count - before) * sizeof(*making->charged));
        out->count = count;
        return 0;
}

/* The sites of a stack, to whoever wants to know them. */
static int add_also(struct making *making, uint32_t number, uint32_t stack) {
        const struct aggregate_also *also = making->out->wish.also;
        int error = 0;

        for (uint32_t at = also ? making->sites[stack] : 0; error == 0 && at > 0; at = making->next[at - 1])
                error = also->add(also->context, number, at - 1);
        return error;
}

/* Adds a stack's sum to entry `number`; its frame gives the names where it is the largest there. */
static int add_entry(struct making *making, uint32_t number, uint32_t stack,
                     const struct symbol_frame *frame) {
        const struct sum *sum = &making->stacks[stack];
        struct aggregate_entry *entry, named;
        bool first;

        if (reserve(making, (size_t)number + 1) < 0)
                return -ENOMEM;
        entry = &making->out->entries[number];
        if (making->charged[number] == stack + 1)
                return 0; /* a recursive frame */
        first = making->charged[number] == 0;
        making->charged[number] = stack + 1;
        if (first || sum->size_bytes > making->largest[number]) {
                named = keys_entry(making->keys.by, frame);
                named.size_bytes = entry->size_bytes;
                named.count = entry->count;
                named.calls = entry->calls;
                named.high_bytes = entry->high_bytes;
                named.node = number;
                *entry = named;
                making->largest[number] = sum->size_bytes;
        }
        add_to_entry(entry, sum);
        return add_also(making, number, stack);
}

/* The frames that are charged, into making->frames. */
static int charged_frames(struct making *making, uint32_t stack, bool whole) {
        struct charge_frames *frames = &making->frames;

        if (whole || making->out->wish.cumulative || has_paths(&making->out->wish))
                return charge_frames(making->charge, stack, whole, frames);
        if (array_reserve(&frames->frames, &frames->capacity, 1, sizeof(*frames->frames)) < 0)
                return no_memory();
        frames->count = 1;
        return charge_stack(making->charge, stack, frames->frames);
}

/* Whether the filter lets the stack through. 1, 0 or a negative errno. */
static int is_taken(struct making *making, uint32_t stack) {
        struct filter *filter = making->out->wish.filter;
        uint8_t *verdict = &making->verdicts[stack];

        if (*verdict == VERDICT_OPEN) {
                int error = charged_frames(making, stack, filter->all_frames);
                size_t count = filter->all_frames ? making->frames.count : 1;

                if (error < 0)
                        return error;
                *verdict = filter_takes(filter, filter_match(filter, making->frames.frames, count))
                                   ? VERDICT_TAKEN
                                   : VERDICT_LEFT;
        }
        return *verdict == VERDICT_TAKEN;
}

static int add_stack(struct making *making, uint32_t stack) {
        const struct charge_frames *frames = &making->frames;
        uint32_t number;
        int error = charged_frames(making, stack, false);

        if (error < 0)
                return error;
        if (has_paths(&making->out->wish)) {
                if (keys_path(&making->keys, frames, &number) < 0 ||
                    add_entry(making, number, stack, frames->frames[0]) < 0)
                        return no_memory();
                return 0;
        }
        for (size_t i = 0; i < frames->count; i++)
                if (keys_place(&making->keys, frames->frames[i], &number) < 0 ||
                    add_entry(making, number, stack, frames->frames[i]) < 0)
                        return no_memory();
        return 0;
}

static int add_size(struct making *making, uint32_t site, struct sum sum) {
        uint64_t size_bytes = making->replay->sites[site].size_bytes;
        const struct aggregate_also *also = making->out->wish.also;
        unsigned bits = size_bytes ? 64 - (unsigned)__builtin_clzll(size_bytes) : 0;
        struct aggregate_entry *entry;

        if (reserve(making, SIZES) < 0)
                return no_memory();
        entry = &making->out->entries[bits];
        entry->node = bits;
        entry->least_bytes = bits ? UINT64_C(1) << (bits - 1) : 0;
        entry->end_bytes = bits < 64 ? UINT64_C(1) << bits : UINT64_MAX;
        add_to_entry(entry, &sum);
        return also && also->add(also->context, bits, site) < 0 ? no_memory() : 0;
}

static bool is_shown(const struct making *making, const struct sum *sum) {
        return sum->blocks > 0 || (making->out->wish.calls && sum->calls > 0);
}

static int add_thread(struct making *making, uint32_t number, struct sum sum) {
        const struct trace *trace = making->replay->trace;
        size_t thread_count = trace->tables[TRACE_THREADS].count;
        const struct trace_thread *thread = trace_thread(trace, number);
        /* one that a lost block defined is as good as unknown */
        size_t index = thread && thread->name ? number : thread_count;

        if (reserve(making, index + 1) < 0)
                return no_memory();
        making->out->entries[index].thread = index < thread_count ? thread : NULL;
        add_to_entry(&making->out->entries[index], &sum);
        return 0;
}

static int add_domain(struct making *making, uint32_t site, struct sum sum) {
        const struct trace *trace = making->replay->trace;
        const struct aggregate_also *also = making->out->wish.also;
        uint32_t number = domains_of_kind(trace_site(trace, site)->kind);
        const struct trace_domain *domain = domains_get(trace, number);
        struct aggregate_entry *entry;

        if (reserve(making, (size_t)number + 1) < 0)
                return no_memory();
        entry = &making->out->entries[number];
        entry->node = number;
        entry->domain = domain ? domain->name : DOMAINS_HEAP;
        add_to_entry(entry, &sum);
        return also && also->add(also->context, number, site) < 0 ? no_memory() : 0;
}

/* What all threads did at a site, or one of them did. */
static int add_counts(struct making *making, uint32_t number, const struct replay_site *site,
                      uint32_t thread) {
        uint32_t stack = trace_site(making->replay->trace, number)->stack;
        struct aggregate *out = making->out;
        struct sum sum = { .blocks = blocks_of(site, out->wish.cost), .calls = site->allocations };
        int taken = 1;

        if (!is_shown(making, &sum))
                return 0;
        if (making->replay->high_bytes)
                sum.high_bytes = making->replay->high_bytes[number];
        if (out->wish.filter && out->wish.filter->count > 0)
                taken = is_taken(making, stack);
        if (taken <= 0)
                return taken;
        sum.size_bytes = saturate_times(sum.blocks, site->size_bytes);
        out->size_bytes = saturate_add(out->size_bytes, sum.size_bytes);
        out->blocks = saturate_add(out->blocks, sum.blocks);
        if (out->wish.by == AGGREGATE_SIZE)
                return add_size(making, number, sum);
        if (out->wish.by == AGGREGATE_THREAD)
                return add_thread(making, thread, sum);
        if (out->wish.by == AGGREGATE_DOMAIN)
                return add_domain(making, number, sum);
        add_sum(&making->stacks[stack], sum);
        if (out->wish.also) {
                making->next[number] = making->sites[stack];
                making->sites[stack] = number + 1;
        }
        return 0;
}

static int add_sites(struct making *making) {
        const struct replay *replay = making->replay;
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < replay->site_count; i++) {
                if (i % SITES_A_STEP == 0)
                        progress_at(i);
                error = add_counts(making, i, &replay->sites[i], 0);
        }
        return error;
}

static int add_pairs(struct making *making) {
        const struct by_thread *by_thread = making->replay->by_thread;
        int error = 0;

        for (size_t i = 0; error == 0 && i < by_thread->count; i++) {
                const struct by_thread_pair *pair = &by_thread->pairs[i];

                error = add_counts(making, pair->site, &pair->counts, pair->thread);
        }
        return error;
}

/* Numbers are dense, but a node of a path need not end one. */
static void drop_empty(struct aggregate *aggregate) {
        size_t kept = 0;

        for (size_t i = 0; i < aggregate->count; i++)
                if (aggregate->entries[i].count > 0 ||
                    (aggregate->wish.calls && aggregate->entries[i].calls > 0))
                        aggregate->entries[kept++] = aggregate->entries[i];
        aggregate->count = kept;
}

static int make(struct making *making, size_t stack_count) {
        size_t site_count = making->replay->site_count;
        int error = 0;

        making->stacks = calloc(stack_count, sizeof(*making->stacks));
        making->verdicts = calloc(stack_count, sizeof(*making->verdicts));
        making->sites = calloc(stack_count, sizeof(*making->sites));
        making->next = calloc(making->replay->site_count + 1, sizeof(*making->next));
        if (!making->stacks || !making->verdicts || !making->sites || !making->next)
                return no_memory();
        progress_begin("naming", site_count + stack_count);
        error = making->out->wish.by == AGGREGATE_THREAD ? add_pairs(making) : add_sites(making);
        for (uint32_t i = 0; error == 0 && i < stack_count; i++) {
                if (!is_shown(making, &making->stacks[i]))
                        continue;
                progress_at(site_count + i);
                error = add_stack(making, i);
        }
        progress_end();
        return error;
}

int aggregate_make(const struct replay *replay, struct charge *charge, const struct aggregate_wish *wish,
                   struct aggregate *out) {
        struct making making = { .replay = replay, .charge = charge, .out = out, .keys.by = wish->by };
        int error;

        *out = (struct aggregate){ .wish = *wish };
        error = make(&making, replay->trace->tables[TRACE_STACKS].count + 1);
        if (has_paths(wish)) {
                out->nodes = making.keys.nodes;
                making.keys.nodes = NULL;
        }
        keys_deinit(&making.keys);
        free(making.stacks);
        free(making.verdicts);
        free(making.largest);
        free(making.charged);
        free(making.sites);
        free(making.next);
        free(making.frames.frames);
        if (error < 0) {
                aggregate_deinit(out);
                return error;
        }
        drop_empty(out);
        if (out->count > 0)
                qsort_r(out->entries, out->count, sizeof(*out->entries), aggregate_order, out);
        return 0;
}

void aggregate_deinit(struct aggregate *aggregate) {
        free(aggregate->entries);
        free(aggregate->nodes);
        *aggregate = (struct aggregate){ 0 };
}

char *aggregate_place(const struct aggregate *aggregate, const struct aggregate_entry *entry) {
        const char *module = entry->module && *entry->module ? entry->module : "<unknown>";
        char *place;
        int made;

        switch (aggregate->wish.by) {
        case AGGREGATE_FUNCTION:
                made = asprintf(&place, "%s:%s", entry->file,
                                entry->function ? entry->function : "<unknown>");
                break;
        case AGGREGATE_FILE:
                made = asprintf(&place, "%s:0", entry->file); /* as tracemalloc writes a file */
                break;
        case AGGREGATE_MODULE:
                made = asprintf(&place, "%s", module);
                break;
        case AGGREGATE_SIZE:
                made = asprintf(&place, "%" PRIu64, entry->least_bytes);
                break;
        case AGGREGATE_THREAD:
                made = asprintf(&place, "%s:%" PRIu64, filter_thread_name(entry->thread),
                                entry->thread ? entry->thread->tid : 0);
                break;
        case AGGREGATE_DOMAIN:
                made = asprintf(&place, "%s", entry->domain);
                break;
        default:
                made = entry->has_line || strcmp(entry->file, "<unknown>") == 0
                               ? asprintf(&place, "%s:%u", entry->file, entry->line)
                               : asprintf(&place, "%s", entry->file);
        }
        return made < 0 ? NULL : place;
}
