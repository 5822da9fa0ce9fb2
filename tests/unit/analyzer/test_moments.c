/*
 * replay/moment.c and range.c: that the state at a moment, and what happened between two, is what a replay
 * event by event from the beginning comes to, whichever way it is reached.
 */
#include "base/message.h"
#include "load.h"
#include "replay/range.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 12
#define BLOCKS 8
#define BLOCK_EVENTS 40
#define EVENTS (BLOCKS * BLOCK_EVENTS)

/* A walk, and what each of its events leaves behind; [0] is before the first. */
struct walk {
        struct tb *tb;
        struct trace *trace;
        uint64_t live[EVENTS + 1][SITES], allocations[EVENTS + 1][SITES], temporary[EVENTS + 1][SITES];
        uint64_t time_ns[EVENTS + 1];
        struct replay_instant instants[EVENTS + 1];
        size_t marks[EVENTS], mark_count; /* after how many events */
        uint64_t mark_ns[EVENTS];
};

static void note(struct walk *walk, size_t event, size_t block, uint64_t in_block) {
        for (int i = 0; i < SITES; i++) {
                walk->live[event][i] = walk->tb->site_books[i].live;
                walk->allocations[event][i] = event > 0 ? walk->allocations[event - 1][i] : 0;
                walk->temporary[event][i] = event > 0 ? walk->temporary[event - 1][i] : 0;
        }
        walk->time_ns[event] = walk->tb->time_ns;
        walk->instants[event] = (struct replay_instant){ block, in_block };
}

/* Some steps stay within a millisecond, some leave many out; a mark beside every seventh event. */
static void walk_along(struct walk *walk, unsigned seed) {
        struct tb *tb = walk->tb = tb_new(1, MTR_ZSTD);
        size_t event = 0;

        walk->mark_count = 0;
        tb->numbering = true;
        tb->frame_blocks = seed % 3 * 2;
        for (uint32_t i = 0; i < SITES; i++)
                tb_site(tb, tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, i, false)), 1 + i * 37, MTR_KIND_MALLOC);
        srandom(seed);
        for (size_t block = 0; block < BLOCKS; block++) {
                if (block > 0)
                        tb_block(tb);
                if (block > 0 && random() % 3 == 0)
                        tb_checkpoint(tb);
                if (block > 0)
                        walk->instants[event] = (struct replay_instant){ block, 0 };
                else
                        note(walk, 0, 0, 0);
                for (uint64_t i = 1; i <= BLOCK_EVENTS; i++) {
                        uint32_t site = (uint32_t)(random() % SITES);

                        tb_at(tb, tb->time_ns + (uint64_t)random() % (random() % 8 ? MS / 2 : 5 * MS));
                        bool release = tb->site_books[site].live > 0 && random() % 2;
                        bool temporary = release && random() % 2;

                        if (release)
                                tb_release(tb, site, temporary);
                        else
                                tb_alloc(tb, site);
                        note(walk, ++event, block, i);
                        walk->allocations[event][site] += !release;
                        walk->temporary[event][site] += temporary;
                        if (random() % 7 == 0) {
                                tb_at(tb, tb->time_ns + (uint64_t)random() % (2 * MS));
                                tb_mark(tb, random() % 2 ? MTR_MARK : MTR_SNAPSHOT, "here");
                                walk->mark_ns[walk->mark_count] = tb->time_ns;
                                walk->marks[walk->mark_count++] = event;
                        }
                }
        }
        tb_end(tb, MTR_END_EXITED, 0);
        walk->trace = load_whole(tb);
}

static void walk_done(struct walk *walk) {
        trace_free(walk->trace);
        tb_free(walk->tb);
}

static void is_after(const struct walk *walk, const struct replay *replay, size_t event, const char *where) {
        uint64_t bytes = 0;

        for (int i = 0; i < SITES; i++) {
                cr_assert_eq(replay->sites[i].live_blocks, walk->live[event][i], "%s, event %zu, site %d",
                             where, event, i);
                bytes += walk->live[event][i] * replay->sites[i].size_bytes;
        }
        cr_assert_eq(replay->totals.live_bytes, bytes, "%s, event %zu", where, event);
        cr_assert_eq(replay->mismatches + replay->bad_events, 0, "%s: %s", where, replay->first_mismatch);
}

/* The state at WHEN, from the nearest checkpoint and from the beginning. */
static void has_state(const struct walk *walk, const char *when, size_t event, uint64_t wanted_ns) {
        for (int from = REPLAY_FROM_BEGINNING; from <= REPLAY_FROM_CHECKPOINT; from++) {
                struct moment moment;
                struct replay replay;
                uint64_t time_ns;

                cr_assert_eq(moment_read(when, &moment), 0, "%s", when);
                cr_assert_eq(moment_replay(walk->trace, moment, (enum replay_from)from, &replay, &time_ns), 0,
                             "%s", when);
                is_after(walk, &replay, event, when);
                cr_assert_eq(time_ns, wanted_ns, "%s", when);
                replay_deinit(&replay);
        }
}

static size_t events_until(const struct walk *walk, uint64_t ms) {
        size_t event = 0;

        while (event < EVENTS && walk->time_ns[event + 1] / MS <= ms)
                event++;
        return event;
}

TestSuite(moments, .init = message_silence);

Test(moments, after_every_event_from_the_nearest_checkpoint) {
        static struct walk walk;

        for (unsigned seed = 0; seed < 6; seed++) {
                walk_along(&walk, seed);
                for (size_t event = 0; event <= EVENTS; event++) {
                        for (int from = REPLAY_FROM_BEGINNING; from <= REPLAY_FROM_CHECKPOINT; from++) {
                                struct replay replay;

                                cr_assert_eq(replay_init(&replay, walk.trace), 0);
                                cr_assert_eq(replay_to(&replay, walk.instants[event], (enum replay_from)from),
                                             0);
                                is_after(&walk, &replay, event, "an instant");
                                replay_deinit(&replay);
                        }
                }
                walk_done(&walk);
        }
}

Test(moments, at_every_time) {
        static struct walk walk;

        for (unsigned seed = 0; seed < 6; seed++) {
                uint64_t last_ns;

                walk_along(&walk, seed);
                last_ns = moment_last_ns(walk.trace);
                for (uint64_t ms = 0; ms <= last_ns / MS; ms++) {
                        char when[40];

                        snprintf(when, sizeof(when), "%llums", (unsigned long long)ms);
                        has_state(&walk, when, events_until(&walk, ms), ms * MS);
                        snprintf(when, sizeof(when), "%llu.%03llu7s", (unsigned long long)ms / 1000,
                                 (unsigned long long)ms % 1000);
                        if (ms < last_ns / MS)
                                has_state(&walk, when, events_until(&walk, ms), ms * MS + MS / 10 * 7);
                }
                has_state(&walk, "start", 0, 0);
                has_state(&walk, "end", EVENTS, last_ns);
                has_state(&walk, "0%", events_until(&walk, 0), 0);
                has_state(&walk, "100%", events_until(&walk, last_ns / MS), last_ns);
                has_state(&walk, "12.5%", events_until(&walk, last_ns / 8 / MS), last_ns / 8);
                walk_done(&walk);
        }
}

Test(moments, at_every_mark) {
        static struct walk walk;

        for (unsigned seed = 0; seed < 6; seed++) {
                walk_along(&walk, seed);
                cr_assert_gt(walk.mark_count, 10);
                has_state(&walk, "here", walk.marks[0], walk.mark_ns[0]);
                for (size_t i = 0; i < walk.mark_count; i++) {
                        char when[40];

                        snprintf(when, sizeof(when), "here#%zu", i + 1);
                        has_state(&walk, when, walk.marks[i], walk.mark_ns[i]);
                }
                walk_done(&walk);
        }
}

static uint64_t more(uint64_t before, uint64_t after) {
        return after > before ? after - before : 0;
}

/* From after one event to after another, both named in words. */
static void has_between(const struct walk *walk, const char *from, size_t first, const char *to,
                        size_t last) {
        for (int way = REPLAY_FROM_BEGINNING; way <= REPLAY_FROM_CHECKPOINT; way++) {
                struct moment begin, end;
                struct range range;

                cr_assert_eq(moment_read(from, &begin), 0);
                cr_assert_eq(moment_read(to, &end), 0);
                if (first > last) {
                        cr_assert_lt(
                                range_replay(walk->trace, &begin, &end, (enum replay_from)way, NULL, &range),
                                0, "%s to %s", from, to);
                        continue;
                }
                cr_assert_eq(range_replay(walk->trace, &begin, &end, (enum replay_from)way, NULL, &range), 0,
                             "%s to %s", from, to);
                for (int i = 0; i < SITES; i++) {
                        uint64_t before = walk->live[first][i], after = walk->live[last][i];

                        cr_assert_eq(range.more.sites[i].live_blocks, more(before, after),
                                     "%s to %s, site %d", from, to, i);
                        cr_assert_eq(range.less.sites[i].live_blocks, more(after, before),
                                     "%s to %s, site %d", from, to, i);
                        if (way == REPLAY_FROM_CHECKPOINT)
                                continue;
                        cr_assert_eq(range.more.sites[i].allocations,
                                     walk->allocations[last][i] - walk->allocations[first][i]);
                        cr_assert_eq(range.more.sites[i].temporary,
                                     walk->temporary[last][i] - walk->temporary[first][i]);
                }
                range_deinit(&range);
        }
}

Test(moments, between_every_two_marks, .timeout = 60) {
        static struct walk walk;

        for (unsigned seed = 0; seed < 3; seed++) {
                walk_along(&walk, seed);
                for (size_t i = 0; i < walk.mark_count; i++) {
                        char from[40], to[40];

                        snprintf(from, sizeof(from), "here#%zu", i + 1);
                        has_between(&walk, "start", 0, from, walk.marks[i]);
                        has_between(&walk, from, walk.marks[i], "end", EVENTS);
                        for (size_t k = 0; k < walk.mark_count; k++) {
                                snprintf(to, sizeof(to), "here#%zu", k + 1);
                                has_between(&walk, from, walk.marks[i], to, walk.marks[k]);
                        }
                }
                has_between(&walk, "start", 0, "end", EVENTS);
                has_between(&walk, "end", EVENTS, "100%", EVENTS);
                walk_done(&walk);
        }
}
