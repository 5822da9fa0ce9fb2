/* See choices.h. */
#include "choices.h"

#include "load.h"
#include "reader/domains.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MS 1000000u
#define BLOCK_EVENTS 400

const uint32_t choices_domains[CHOICES_KINDS] = { 0, 2, 5 };

static bool has(size_t number, uint32_t site) {
        return number == 0 || number >> site % CHOICES_KINDS & 1;
}

static struct tb *begin(bool all) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->numbering = true;
        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/nonexistent/app", "");
        if (all) {
                tb_domain(tb, choices_domains[1], "pool");
                tb_domain(tb, choices_domains[2], "jit");
        }
        for (uint32_t i = 0; i < CHOICES_THREADS; i++)
                tb_thread(tb, 100 + i, "worker");
        for (uint32_t i = 0; i < CHOICES_SITES; i++) {
                tb->domain = all ? choices_domains[i % CHOICES_KINDS] : 0;
                tb_site(tb, i < 3 ? 0 : tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, i, false)), 1 + i * 37,
                        MTR_KIND_MALLOC);
        }
        return tb;
}

struct book {
        uint64_t live[CHOICES_SITES][CHOICES_THREADS];
};

static uint32_t any_owner(const struct book *book, uint32_t site) {
        uint32_t first = (uint32_t)(random() % CHOICES_THREADS);

        for (uint32_t i = 0; i < CHOICES_THREADS; i++)
                if (book->live[site][(first + i) % CHOICES_THREADS] > 0)
                        return (first + i) % CHOICES_THREADS;
        return CHOICES_THREADS;
}

static void free_everywhere(struct choices *choices, uint32_t site, uint32_t thread, uint32_t owner,
                            bool temporary) {
        for (size_t k = 0; k < CHOICES_COUNT; k++) {
                if (!has(k, site))
                        continue;
                if (owner != thread)
                        tb_owner(choices->tbs[k], owner);
                tb_release(choices->tbs[k], site, temporary);
        }
}

static void one_event(struct choices *choices, struct book *book, uint32_t thread, int growth) {
        uint32_t site = (uint32_t)(random() % CHOICES_SITES), owner = any_owner(book, site);
        uint64_t time_ns = choices->tbs[0]->time_ns + (uint64_t)(random() % (MS / 5));
        bool temporary = random() % 2 && owner == thread;

        for (size_t k = 0; k < CHOICES_COUNT; k++)
                tb_at(choices->tbs[k], time_ns);
        if (owner < CHOICES_THREADS && random() % 100 >= growth) {
                free_everywhere(choices, site, thread, owner, temporary);
                book->live[site][owner]--;
                return;
        }
        for (size_t k = 0; k < CHOICES_COUNT; k++)
                if (has(k, site))
                        tb_alloc(choices->tbs[k], site);
        book->live[site][thread]++;
}

struct choices *choices_new(unsigned seed, bool cut) {
        struct choices *choices = calloc(1, sizeof(*choices));
        struct book book = { 0 };

        srandom(seed);
        for (size_t k = 0; k < CHOICES_COUNT; k++)
                choices->tbs[k] = begin(k == 0);
        for (int block = 0; block < (int)CHOICES_BLOCKS; block++) {
                uint32_t thread = (uint32_t)block % CHOICES_THREADS;

                for (size_t k = 0; k < CHOICES_COUNT; k++)
                        tb_switch(choices->tbs[k], thread);
                for (int i = 0; i < BLOCK_EVENTS; i++) {
                        one_event(choices, &book, thread, block < 4 ? 65 : 35);
                        for (size_t k = 0; k < CHOICES_COUNT && i % 150 == 90; k++)
                                tb_mark(choices->tbs[k], MTR_MARK, "phase");
                }
                for (size_t k = 0; k < CHOICES_COUNT; k++) {
                        for (uint32_t i = 0; i < CHOICES_SITES; i++)
                                if (has(k, i))
                                        tb_lives(choices->tbs[k], i, i % 2 ? 0 : MTR_DISTANCE_OTHER, 2, 5 + i,
                                                 10 + 2 * i);
                        if (block + 1 == (int)CHOICES_BLOCKS)
                                continue;
                        tb_block(choices->tbs[k]);
                        if (block % 3 == 1)
                                tb_checkpoint(choices->tbs[k]);
                }
        }
        for (size_t k = 0; k < CHOICES_COUNT; k++) {
                if (cut)
                        tb_block(choices->tbs[k]);
                else
                        tb_end(choices->tbs[k], MTR_END_EXITED, 0);
                choices->traces[k] = load_whole(choices->tbs[k]);
        }
        return choices;
}

void choices_free(struct choices *choices) {
        for (size_t k = 0; k < CHOICES_COUNT; k++) {
                trace_free(choices->traces[k]);
                tb_free(choices->tbs[k]);
        }
        free(choices);
}

void choices_take(struct trace *trace, size_t choice) {
        bool taken[DOMAINS_MOST] = { 0 };

        for (size_t i = 0; i < CHOICES_KINDS; i++)
                taken[choices_domains[i]] = choice >> i & 1;
        cr_assert_eq(domains_take(trace, taken), 0);
}
