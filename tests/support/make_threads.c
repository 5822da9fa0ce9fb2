/* See make_threads.h. */
#include "make_threads.h"

#include <stdlib.h>

#define MS 1000000u

/*
 * Three threads (app, worker, and one without a name). app allocates five of 1000 B and frees one of them
 * itself; the worker frees two of them and holds nothing but six of its ten 24 B: app freed three of those.
 * What they lived stands in two records; that of app's own free, 70 s later, in the second.
 */
void make_threads(struct tb *tb, const uint32_t stacks[3]) {
        uint32_t thousands, twentyfours, page;

        tb_thread(tb, 1235, "worker");
        tb_thread(tb, 1236, "");
        thousands = tb_site(tb, stacks[0], 1000, MTR_KIND_MALLOC);
        twentyfours = tb_site(tb, stacks[2], 24, MTR_KIND_MALLOC);
        page = tb_site(tb, stacks[1], 4096, MTR_KIND_CALLOC);
        for (int i = 0; i < 5; i++)
                tb_alloc(tb, thousands);
        tb_switch(tb, 1);
        for (int i = 0; i < 10; i++)
                tb_alloc(tb, twentyfours);
        tb_at(tb, 10 * MS);
        tb_switch(tb, 0);
        for (int i = 0; i < 3; i++) {
                tb_owner(tb, 1);
                tb_release(tb, twentyfours, false);
        }
        tb_switch(tb, 1);
        tb_alloc(tb, page);
        tb_release(tb, page, true);
        tb_lives(tb, 1, MTR_DISTANCE_OTHER, 9, 3, 30);
        tb_lives(tb, 2, 0, 0, 1, 0);
        tb_block(tb);
        tb_switch(tb, 2);
        tb_alloc(tb, page);
        tb_alloc(tb, page);
        tb_alloc(tb, twentyfours);
        tb_at(tb, 15 * MS);
        tb_release(tb, page, false); /* its first */
        tb_switch(tb, 1);
        tb_release(tb, twentyfours, false); /* its last */
        for (int i = 0; i < 2; i++) {
                tb_owner(tb, 0);
                tb_release(tb, thousands, false);
        }
        tb_block(tb);
        tb_at(tb, 70000ull * MS);
        tb_release(tb, thousands, false); /* app's third */
        tb_lives(tb, 0, 2, 60, 1, 70000);
        tb_lives(tb, 0, MTR_DISTANCE_OTHER, 11, 2, 30);
        tb_lives(tb, 1, 1, 11, 1, 15);
        tb_lives(tb, 2, 2, 5, 1, 5);
}

#define WALK_SITES 12u
#define WALK_THREADS 4u

/* Of the frees at a site in one block: temporaries, the thread's own others, other threads'. */
struct walk_site {
        uint64_t live[WALK_THREADS], temporary, own, other;
};

/* Their lives; ages have nothing to do with when they were freed, which nobody can tell from the events. */
static void walk_lives(struct tb *tb, struct walk_site *sites) {
        for (uint32_t i = 0; i < WALK_SITES; i++) {
                if (sites[i].temporary)
                        tb_lives(tb, i, 0, 0, sites[i].temporary, 0);
                if (sites[i].own)
                        tb_lives(tb, i, 3 + i, 8 + i % 4, sites[i].own, sites[i].own * (8 + 2 * (i % 4)));
                if (sites[i].other)
                        tb_lives(tb, i, MTR_DISTANCE_OTHER, i % 4, sites[i].other, sites[i].other * (i % 4));
                sites[i].temporary = sites[i].own = sites[i].other = 0;
        }
}

/* A random walk of several threads over sites of several stacks, each block freed by any of them. */
void make_threads_walk(struct tb *tb, const uint32_t stacks[3]) {
        struct walk_site sites[WALK_SITES] = { 0 };
        uint32_t thread = 0;

        for (uint32_t i = 1; i < WALK_THREADS; i++)
                tb_thread(tb, 1234 + i, i % 2 ? "worker" : "");
        for (uint32_t i = 0; i < WALK_SITES; i++)
                tb_site(tb, stacks[i % 3], 10 + i * i, MTR_KIND_MALLOC);
        srandom(4711);
        for (int i = 0; i < 3000; i++) {
                uint32_t site = (uint32_t)random() % WALK_SITES, owner = (uint32_t)random() % WALK_THREADS;
                struct walk_site *at = &sites[site];

                if (i % 500 == 0) {
                        if (i % 1000 == 500)
                                walk_lives(tb, sites);
                        if (i > 0)
                                tb_block(tb);
                        if (i > 0 && i % 1000 == 0)
                                tb_checkpoint(tb);
                        thread = 0;
                }
                tb_at(tb, (uint64_t)i * MS / 10);
                if (random() % 3 == 0)
                        tb_switch(tb, thread = (uint32_t)random() % WALK_THREADS);
                if (at->live[owner] == 0 || random() % 5 == 0) {
                        tb_alloc(tb, site);
                        at->live[thread]++;
                        continue;
                }
                at->live[owner]--;
                if (owner != thread) {
                        tb_owner(tb, owner);
                        tb_release(tb, site, false);
                        at->other++;
                } else if (random() % 2) {
                        tb_release(tb, site, true);
                        at->temporary++;
                } else {
                        tb_release(tb, site, false);
                        at->own++;
                }
        }
        walk_lives(tb, sites);
}
