/*
 * Pairing and accounting of reported blocks: see domains.h. A domain's books are mapped at its first record.
 * Runs in the collector's one thread.
 */
#include "collector/domains.h"

#include "collector/forget.h"
#include "collector/pairing.h"
#include "collector/text.h"

#define NAME_ROOM (2 * VARINT_MAX_BYTES + MTR_MARK_NAME_MAX)
#define END_ROOM (10 * VARINT_MAX_BYTES)

_Static_assert(PROCESS_DOMAINS == MTR_DOMAIN_MAX && PROCESS_DOMAIN_NAME_MAX == MTR_MARK_NAME_MAX,
               "whatever the process can name, the file can");

/* As the process has it; a number where it has none. Copied first: the process may change it meanwhile. */
static struct text name_of(const struct trace *trace, const struct domain *domain, char *room) {
        const struct domain_name *name = &trace->process->domains[domain->number - 1];
        struct text text = text_in(room, MTR_MARK_NAME_MAX + 1);

        /* Acquire pairs with the tracer's release: the text is whole. */
        if (atomic_load_explicit(&name->ready, memory_order_acquire))
                text_bytes(&text, name->text, strnlen(name->text, PROCESS_DOMAIN_NAME_MAX));
        text.length = strnlen(room, text.length);
        if (text.length == 0) {
                text_string(&text, "domain ");
                text_number(&text, domain->number);
        }
        return text;
}

static void put_name(const struct trace *trace, const struct domain *domain, struct buffer *names) {
        char room[MTR_MARK_NAME_MAX + 1];
        struct text name = name_of(trace, domain, room);

        buffer_varint(names, domain->number);
        buffer_varint(names, name.length);
        buffer_put(names, room, name.length);
}

static struct domain *domain_new(struct trace *trace, uint32_t number) {
        struct domains *domains = &trace->domains;
        struct domain *domain = memory_map(sizeof(*domain));

        if (!domain)
                return NULL;
        if (!heap_init(&domain->heap) || !buffer_reserve(&domains->names, NAME_ROOM)) {
                heap_deinit(&domain->heap);
                memory_unmap(domain, sizeof(*domain));
                return NULL;
        }
        domain->number = number;
        domains->by_number[number - 1] = domain;
        domains->in_order[domains->count++] = domain;
        put_name(trace, domain, &domains->names);
        domains->fresh_count++;
        return domain;
}

/* The domain that a record names: by a number that it may have, NULL for any other. */
static struct domain *known(const struct trace *trace, const struct record *record) {
        uint32_t number = record_domain(record->first);

        return number - 1 < MTR_DOMAIN_MAX ? trace->domains.by_number[number - 1] : NULL;
}

static void report(struct trace *trace, struct domain *domain, const struct cursor *cursor,
                   const struct record *record) {
        uint64_t address = record_address(record->first);
        struct heap *heap = &domain->heap;

        trace->domains.told = false;
        if (record_op(record->first) == RECORD_REPORT_ALLOC)
                pairing_alloc(trace, heap, cursor, record,
                              sites_find(&trace->sites, &trace->stacks, record->node, record->size,
                                         MTR_KIND_DOMAIN + domain->number - 1));
        else if (!pairing_free(trace, heap, cursor, address))
                pairing_free_unknown(trace, heap, address, record->time, record->ring, false);
}

void domains_report(struct trace *trace, const struct cursor *cursor, const struct record *record) {
        uint32_t number = record_domain(record->first);
        struct domain *domain = known(trace, record);

        if (number - 1 >= MTR_DOMAIN_MAX)
                return; /* damage */
        if (!domain)
                domain = domain_new(trace, number);
        if (domain && heap_reserve(&domain->heap, cursor->index)) {
                report(trace, domain, cursor, record);
        } else {
                trace->starved = true;
                trace->starved_events++;
        }
}

void domains_clear(struct trace *trace, const struct cursor *cursor, const struct record *record) {
        struct domain *domain = known(trace, record);

        if (!domain)
                return;
        if (trace->events.block_begun)
                events_time(trace, record->time);
        forget_heap(trace, &domain->heap, cursor->thread == THREAD_NONE ? 0 : cursor->thread);
}

void domains_account(struct trace *trace, struct heap *heap, enum mtr_event event, uint32_t site) {
        struct domain *domain = (struct domain *)heap; /* its first member */
        uint64_t bytes = sites_reported_bytes(&trace->sites, site);

        trace->domains.staged[event]++;
        trace->domains.told = false;
        if (event == MTR_ALLOC) {
                trace->domains.live_blocks++;
                domain->allocations++;
                /* As readers add up: a program may report more than 64 bits can say. */
                if (__builtin_add_overflow(domain->allocated_bytes, bytes, &domain->allocated_bytes))
                        domain->allocated_bytes = UINT64_MAX;
                domain->live_bytes += bytes;
                if (domain->live_bytes > domain->peak_bytes)
                        domain->peak_bytes = domain->live_bytes;
        } else {
                trace->domains.live_blocks--;
                domain->frees++;
                domain->temporary += event == MTR_FREE_TEMPORARY;
                domain->live_bytes -= bytes;
        }
}

bool domains_ends(const struct trace *trace, struct buffer *payload) {
        const struct domains *domains = &trace->domains;

        if (!buffer_reserve(payload, VARINT_MAX_BYTES + domains->count * END_ROOM))
                return false;
        buffer_varint(payload, domains->count);
        for (uint32_t i = 0; i < MTR_DOMAIN_MAX; i++) {
                const struct domain *domain = domains->by_number[i];

                if (!domain)
                        continue;
                buffer_varint(payload, domain->number);
                buffer_varint(payload, domain->allocations);
                buffer_varint(payload, domain->frees);
                buffer_varint(payload, domain->temporary);
                buffer_varint(payload, domain->allocated_bytes);
                buffer_varint(payload, domain->peak_bytes);
                buffer_varint(payload, domain->live_bytes);
                buffer_varint(payload, domain->allocations - domain->frees);
                buffer_varint(payload, domain->heap.foreign_frees);
                buffer_varint(payload, domain->heap.implied_frees);
        }
        return true;
}

bool domains_names(const struct trace *trace, struct buffer *payload) {
        const struct domains *domains = &trace->domains;

        if (!buffer_reserve(payload, VARINT_MAX_BYTES + domains->count * NAME_ROOM))
                return false;
        buffer_varint(payload, domains->count);
        for (uint32_t i = 0; i < domains->count; i++)
                put_name(trace, domains->in_order[i], payload);
        return true;
}

void domains_block_begin(struct domains *domains) {
        domains->names.used = 0;
        domains->fresh_count = 0;
}

void domains_deinit(struct domains *domains) {
        for (uint32_t i = 0; i < domains->count; i++) {
                heap_deinit(&domains->in_order[i]->heap);
                memory_unmap(domains->in_order[i], sizeof(struct domain));
        }
        buffer_deinit(&domains->names);
}
