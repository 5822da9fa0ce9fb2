/*
 * See domains.h. One thread.
 */
#include "reader/domains.h"

#include "base/message.h"
#include "reader/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char wrong_end[] = "a domain is cut short";
static const char wrong_number[] = "a domain has a number that none can have";

struct trace_domain *domains_reach(struct trace *trace, uint32_t number) {
        /* All at once: they are few, and a trace without any has none of this. */
        if (!trace->domains)
                trace->domains = calloc(DOMAINS_MOST, sizeof(*trace->domains));
        if (!trace->domains)
                return NULL;
        trace->domains[number].known = true;
        return &trace->domains[number];
}

static bool take_number(struct cursor *cursor, uint64_t *number) {
        return cursor_varint_max(cursor, MTR_DOMAIN_MAX, number) && *number > 0;
}

static const char *take_name(struct trace *trace, struct cursor *cursor) {
        struct trace_domain *domain;
        char *name = NULL;
        const char *wrong;
        uint64_t number;
        size_t length;

        if (!take_number(cursor, &number))
                return wrong_number;
        wrong = record_string(trace, cursor, MTR_MARK_NAME_MAX, &name, &length);
        if (!wrong && (length == 0 || strlen(name) != length))
                wrong = "a domain was given no name, or one with a NUL";
        domain = wrong ? NULL : domains_reach(trace, (uint32_t)number);
        if (!wrong && !domain)
                wrong = records_no_memory;
        if (wrong) {
                free(name);
                return wrong;
        }
        free(domain->name);
        domain->name = name;
        return NULL;
}

const char *record_domains(struct trace *trace, struct cursor *cursor) {
        const char *wrong = NULL;
        uint64_t count;

        if (!cursor_varint(cursor, &count) || count > cursor_left(cursor) / 3)
                return wrong_end;
        for (; !wrong && count > 0; count--)
                wrong = take_name(trace, cursor);
        return wrong;
}

static bool take_end(struct cursor *cursor, struct trace_domain_end *end) {
        return cursor_varint(cursor, &end->allocations) && cursor_varint(cursor, &end->frees) &&
               cursor_varint(cursor, &end->temporary) && cursor_varint(cursor, &end->allocated_bytes) &&
               cursor_varint(cursor, &end->peak_bytes) && cursor_varint(cursor, &end->live_bytes) &&
               cursor_varint(cursor, &end->live_blocks) && cursor_varint(cursor, &end->foreign_frees) &&
               cursor_varint(cursor, &end->doubles);
}

/* Each end, into the trace or, without one, nowhere. */
static const char *each_end(struct trace *trace, struct cursor cursor, uint64_t count) {
        uint64_t number, before = 0;

        for (; count > 0; count--) {
                struct trace_domain_end end;
                struct trace_domain *domain;

                if (!take_number(&cursor, &number))
                        return wrong_number;
                if (number <= before)
                        return "the ends of domains are out of order";
                if (!take_end(&cursor, &end))
                        return wrong_end;
                before = number;
                if (!trace)
                        continue;
                domain = domains_reach(trace, (uint32_t)number);
                if (!domain)
                        return records_no_memory;
                domain->has_end = true;
                domain->end = end;
        }
        return NULL;
}

const char *record_domain_ends(struct trace *trace, struct cursor *cursor) {
        const char *wrong;
        uint64_t count;

        if (!cursor_varint(cursor, &count) || count > cursor_left(cursor) / 10)
                return wrong_end;
        wrong = each_end(NULL, *cursor, count);
        if (wrong)
                return wrong;
        for (uint32_t i = 0; trace->domains && i < DOMAINS_MOST; i++)
                trace->domains[i].has_end = false; /* the last record counts */
        return each_end(trace, *cursor, count);
}

static int no_memory(const struct trace *trace) {
        return message_errno(ENOMEM, trace->reader->name, "cannot tell its domains apart");
}

/* Whether all that are known are taken, and whether that is the heap and no other. */
static void compare(const struct trace *trace, const bool *taken, bool *all, bool *heap_alone) {
        *all = *heap_alone = taken[0];
        for (uint32_t i = 1; trace->domains && i < DOMAINS_MOST; i++) {
                *all &= taken[i] || !trace->domains[i].known;
                *heap_alone &= !(taken[i] && trace->domains[i].known);
        }
}

int domains_take(struct trace *trace, const bool *taken) {
        static const bool heap[DOMAINS_MOST] = { true };
        size_t count = trace_site_count(trace);
        uint8_t *left_out = NULL;
        bool all, heap_alone;

        if (!taken)
                taken = heap;
        compare(trace, taken, &all, &heap_alone);
        if (!all) {
                left_out = calloc(count + 1, sizeof(*left_out));
                if (!left_out)
                        return no_memory(trace);
                for (uint32_t i = 0; i < count; i++)
                        left_out[i] = !taken[domains_of_kind(trace_site(trace, i)->kind)];
        }
        free(trace->left_out);
        trace->left_out = left_out;
        trace->beyond_heap = !heap_alone;
        trace->peak.known = false;
        for (uint32_t i = 0; trace->domains && i < DOMAINS_MOST; i++)
                trace->domains[i].taken = trace->domains[i].known && taken[i];
        return 0;
}

bool domains_have_ends(const struct trace *trace) {
        for (uint32_t i = 1; trace->domains && i < DOMAINS_MOST; i++)
                if (trace->domains[i].taken && !trace->domains[i].has_end)
                        return false;
        return trace->facts.has_end;
}

/* What the trace has no name for is called by its number; no two are called as malloc's heap is. */
static char *name_of(const struct trace_domain *domain, uint32_t number) {
        char *name;

        if (number == 0)
                return strdup(DOMAINS_HEAP);
        if (domain->name)
                return strdup(DOMAINS_REPORTED_HEAP);
        return asprintf(&name, "domain %u", number) < 0 ? NULL : name;
}

int domains_settle(struct trace *trace) {
        size_t count = trace_site_count(trace);

        for (uint32_t i = 0; i < count; i++) {
                uint32_t number = domains_of_kind(trace_site(trace, i)->kind);

                if (number > 0 && !domains_reach(trace, number))
                        return no_memory(trace);
        }
        if (!trace->domains)
                return 0;
        trace->domains[0].known = true;
        for (uint32_t i = 0; i < DOMAINS_MOST; i++) {
                struct trace_domain *domain = &trace->domains[i];
                char *name;

                if (!domain->known || (domain->name && strcmp(domain->name, DOMAINS_HEAP) != 0))
                        continue;
                name = name_of(domain, i);
                free(domain->name);
                domain->name = name;
                if (!domain->name)
                        return no_memory(trace);
        }
        return domains_take(trace, NULL);
}

void domains_free(struct trace *trace) {
        for (uint32_t i = 0; trace->domains && i < DOMAINS_MOST; i++)
                free(trace->domains[i].name);
        free(trace->domains);
        free(trace->left_out);
}
