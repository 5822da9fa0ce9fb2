/*
 * See make_story.h.
 */
#include "make_story.h"

#define MS 1000000u
#define ROUND_MS 250u
#define END_MS 12000u

struct story {
        struct tb *tb;
        uint32_t worker;
        uint32_t table, cache, record, burst; /* sites */
        unsigned cached;
};

static void sample(struct story *story) {
        const struct tb *tb = story->tb;
        uint64_t live_bytes = tb->domain > 0 ? tb->domains[tb->domain].live_bytes : tb->live_bytes;

        tb_rss(story->tb, 2048 + live_bytes * 5 / 4 / 1024);
}

static void load(struct story *story) {
        struct tb *tb = story->tb;

        tb_scope(tb, MTR_SCOPE_BEGIN, "load", 0);
        for (unsigned ms = 0; ms < 1500; ms += 5) {
                tb_at(tb, (uint64_t)ms * MS);
                tb_alloc(tb, story->table);
                if (ms % 50 == 0)
                        sample(story);
        }
        tb_scope(tb, MTR_SCOPE_END, "load", 0);
        tb_mark(tb, MTR_MARK, "loaded");
        tb_block(tb);
}

/* Records come and go, some stay in the cache. */
static void run_round(struct story *story, unsigned from_ms) {
        struct tb *tb = story->tb;

        tb_scope(tb, MTR_SCOPE_BEGIN, "round", story->worker);
        for (unsigned i = 0; i < 100; i++) {
                tb_at(tb, (uint64_t)(from_ms + i) * MS + 7);
                tb_alloc(tb, story->record);
        }
        sample(story);
        tb_alloc(tb, story->cache);
        story->cached++;
        for (unsigned i = 0; i < 100; i++) {
                tb_at(tb, (uint64_t)(from_ms + 100 + i) * MS);
                tb_release(tb, story->record, false);
        }
        tb_at(tb, (uint64_t)(from_ms + 220) * MS);
        sample(story);
        tb_scope(tb, MTR_SCOPE_END, "round", story->worker);
}

/* Thousands of blocks within one millisecond: no sampling would see them. */
static void run_burst(struct story *story) {
        struct tb *tb = story->tb;

        tb_mark(tb, MTR_SNAPSHOT, "before the burst");
        for (unsigned i = 0; i < 2000; i++)
                tb_alloc(tb, story->burst);
        for (unsigned i = 0; i < 2000; i++)
                tb_release(tb, story->burst, i % 2 == 0);
        tb_mark(tb, MTR_MARK, "after the burst");
}

void make_story(struct tb *tb, const uint32_t stacks[3]) {
        struct story story = {
                .tb = tb,
                .worker = tb_thread(tb, 1235, "worker"),
                .table = tb_site(tb, stacks[0], 4096, MTR_KIND_MALLOC),
                .cache = tb_site(tb, stacks[1], 24000, MTR_KIND_CALLOC),
                .record = tb_site(tb, stacks[2], 9000, MTR_KIND_MALLOC),
                .burst = tb_site(tb, stacks[2], 700, MTR_KIND_REALLOC),
        };

        tb_scope(tb, MTR_SCOPE_END, "before tracing", 0);
        load(&story);
        tb_switch(tb, story.worker);
        for (unsigned ms = 1750; ms + ROUND_MS < END_MS - 1000; ms += ROUND_MS) {
                run_round(&story, ms);
                if (ms == 7000)
                        run_burst(&story);
                if (ms % 2000 == 0) {
                        tb_block(tb);
                        tb_checkpoint(tb);
                        tb_switch(tb, story.worker);
                }
        }
        tb_scope(tb, MTR_SCOPE_BEGIN, "shut <down> & \"out\"", 0);
        for (; story.cached > 10; story.cached--) {
                tb_at(tb, tb->time_ns + 20 * MS);
                tb_release(tb, story.cache, false);
        }
        tb_mark(tb, MTR_MARK, "\u202eevil\33[31m");
        tb_at(tb, (uint64_t)END_MS * MS);
}
