/*
 * What happens in a trace (see trace_builder.h): time, allocations and frees with their books, owners, lives,
 * and what is told between them. Defines nothing and closes no block.
 */
#include "trace_builder.h"
#include "trace_builder_bytes.h"

#include <stdlib.h>
#include <string.h>

void tb_at(struct tb *tb, uint64_t time_ns) {
        tb->time_ns = time_ns;
}

void tb_switch(struct tb *tb, uint32_t thread) {
        tb_varint(&tb->events, ((uint64_t)thread << 1 | 0) << 2 | MTR_CONTROL);
}

void tb_event_raw(struct tb *tb, uint64_t value) {
        tb_varint(&tb->events, value);
}

static void before_event(struct tb *tb) {
        if (tb->header.event_count == 0) {
                tb->header.first_time_ns = tb->time_ns;
                tb->header.peak_time_ns = tb->time_ns;
                tb->units = tb->time_ns / MTR_TIME_UNIT_NS;
        }
        if (tb->time_ns / MTR_TIME_UNIT_NS > tb->units) {
                uint64_t step = tb->time_ns / MTR_TIME_UNIT_NS - tb->units;

                tb_varint(&tb->events, (step << 1 | 1) << 2 | MTR_CONTROL);
                tb->units += step;
        }
        tb->header.last_time_ns = tb->time_ns;
        tb->header.event_count++;
}

/*
 * Something of the heap that nothing about the domain may show. Without a domain it is only defined, so that
 * numbers are the same in both.
 */
static void make_noise(struct tb *tb) {
        uint32_t domain = tb->domain;

        if (!tb->noise)
                return;
        tb->domain = 0;
        if (tb->noise_site == 0)
                tb->noise_site = tb_site(tb, tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, 0xadd, false)), 7777,
                                         MTR_KIND_CALLOC) +
                                 1;
        tb->domain = domain;
        tb->noise = false;
        if (domain > 0)
                tb_alloc(tb, tb->noise_site - 1);
        tb->noise = true;
}

static void alloc_in_domain(struct tb *tb, const struct tb_site *site) {
        struct tb_domain *domain = &tb->domains[site->domain];

        domain->allocations++;
        tb->end.unknown_stacks += tb->noise && site->no_stack;
        domain->allocated_bytes += site->size_bytes;
        domain->live_bytes += site->size_bytes;
        domain->live_blocks++;
        if (domain->live_bytes > domain->peak_bytes)
                domain->peak_bytes = domain->live_bytes;
        make_noise(tb);
}

static void release_in_domain(struct tb *tb, const struct tb_site *site, bool temporary) {
        struct tb_domain *domain = &tb->domains[site->domain];

        domain->frees++;
        domain->temporary += temporary;
        domain->live_bytes -= site->size_bytes;
        domain->live_blocks--;
        make_noise(tb);
}

void tb_alloc(struct tb *tb, uint32_t site) {
        before_event(tb);
        tb_varint(&tb->events, (uint64_t)site << 2 | MTR_ALLOC);
        tb->site_books[site].live++;
        if (tb->site_books[site].domain > 0) {
                alloc_in_domain(tb, &tb->site_books[site]);
                return;
        }
        tb->live_bytes += tb->site_books[site].size_bytes;
        tb->live_blocks++;
        tb->end.allocations++;
        tb->end.unknown_stacks += tb->noise && tb->site_books[site].no_stack;
        tb->end.allocated_bytes += tb->site_books[site].size_bytes;
        if (tb->live_bytes > tb->header.peak_bytes) {
                tb->header.peak_bytes = tb->live_bytes;
                tb->header.peak_event = tb->header.event_count;
                tb->header.peak_time_ns = tb->time_ns;
        }
        if (tb->live_bytes > tb->end.peak_bytes)
                tb->end.peak_bytes = tb->live_bytes;
        make_noise(tb);
}

void tb_release(struct tb *tb, uint32_t site, bool temporary) {
        before_event(tb);
        tb_varint(&tb->events, (uint64_t)site << 2 | (temporary ? MTR_FREE_TEMPORARY : MTR_FREE));
        tb->site_books[site].live--;
        if (tb->site_books[site].domain > 0) {
                release_in_domain(tb, &tb->site_books[site], temporary);
                return;
        }
        tb->live_bytes -= tb->site_books[site].size_bytes;
        tb->live_blocks--;
        tb->end.frees++;
        tb->end.temporary += temporary;
        make_noise(tb);
}

void tb_owner(struct tb *tb, uint32_t thread) {
        tb_varint(&tb->owner_events, tb->header.event_count - tb->owner_previous);
        tb_varint(&tb->owner_threads, (uint32_t)(thread + 1));
        tb->owner_previous = tb->header.event_count;
        tb->owner_count++;
}

static uint64_t least_ms(uint64_t age_class) {
        return age_class < 8 ? age_class : (4 + age_class % 4) << (age_class / 4 - 1);
}

void tb_lives(struct tb *tb, uint32_t site, uint64_t distance, uint64_t age_class, uint64_t frees,
              uint64_t lived_ms) {
        tb_varint(&tb->life_sites, site - tb->life_previous);
        tb_varint(&tb->life_distances, distance);
        tb_varint(&tb->life_classes, age_class);
        tb_varint(&tb->life_frees, frees);
        tb_varint(&tb->life_beyond_ms, lived_ms - frees * least_ms(age_class));
        tb->life_previous = site;
        tb->life_count++;
}

void tb_rss(struct tb *tb, uint64_t kib) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, 1);
        tb_varint(&body, tb->time_ns / MTR_TIME_UNIT_NS);
        tb_varint(&body, kib);
        tb_put_record(&tb->tail, MTR_RSS, body.data, body.length);
        free(body.data);
}

void tb_loss(struct tb *tb, uint64_t lost, enum mtr_loss_reason reason) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, tb->time_ns);
        tb_varint(&body, lost);
        tb_varint(&body, reason);
        tb_put_record(&tb->tail, MTR_LOSS, body.data, body.length);
        tb->end.lost += lost;
        free(body.data);
}

static void put_moment(struct tb *tb, struct tb_bytes *body, const char *name) {
        tb_varint(body, tb->header.event_count);
        tb_varint(body, tb->time_ns);
        tb_put_string(body, name, strlen(name));
}

void tb_mark(struct tb *tb, enum mtr_record_type type, const char *name) {
        struct tb_bytes body = { 0 };

        put_moment(tb, &body, name);
        tb_put_record(&tb->tail, type, body.data, body.length);
        free(body.data);
}

void tb_scope(struct tb *tb, enum mtr_record_type type, const char *name, uint32_t thread) {
        struct tb_bytes body = { 0 };

        put_moment(tb, &body, name);
        tb_varint(&body, thread);
        tb_put_record(&tb->tail, type, body.data, body.length);
        free(body.data);
}

void tb_unseen(struct tb *tb, const char *words) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, strlen(words));
        tb_append(&body, words, strlen(words));
        tb_put_record(&tb->tail, MTR_UNSEEN, body.data, body.length);
        free(body.data);
}

void tb_record(struct tb *tb, uint32_t type, const void *body, size_t length) {
        tb_put_record(&tb->records, type, body, length);
}
