/*
 * judge/histories.c beside a list of all that happened, gone through repetition by repetition.
 */
#include "base/message.h"
#include "judge/histories.h"
#include "load.h"

#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 6u
#define PLACES 5u /* the last has no site */
#define EVENTS 4000u
#define REPETITIONS 300u

static const uint32_t place_of[SITES] = { 0, 1, GROUPS_NONE, 0, 2, 3 };

/* What each place holds after so many events, and when. */
struct story {
        struct tb *tb;
        uint64_t held[EVENTS + 1][PLACES];
        uint64_t units[EVENTS + 1];
        size_t count;
        size_t marks[EVENTS], mark_count;   /* after so many events */
        size_t scopes[EVENTS], scope_count; /* begins and ends by turns */
        uint64_t random;
};

static uint64_t next_random(struct story *story) {
        story->random ^= story->random << 13, story->random ^= story->random >> 7,
                story->random ^= story->random << 17;
        return story->random;
}

static void act(struct story *story) {
        struct tb *tb = story->tb;
        /* the last site's block is the only one of its place, and stays */
        uint32_t site = story->count == 0 ? SITES - 1 : (uint32_t)(next_random(story) % (SITES - 1));
        bool release = next_random(story) % 2 && tb->site_books[site].live > 0;
        uint64_t *held = story->held[++story->count];

        if (next_random(story) % 8 == 0)
                tb_at(tb, tb->time_ns + next_random(story) % (20 * MS));
        memcpy(held, story->held[story->count - 1], sizeof(story->held[0]));
        story->units[story->count] = tb->time_ns / MS;
        if (place_of[site] != GROUPS_NONE)
                held[place_of[site]] += (uint64_t)(release ? -1 : 1) * tb->site_books[site].size_bytes;
        if (release)
                tb_release(tb, site, false);
        else
                tb_alloc(tb, site);
}

static struct story *tell(uint64_t seed) {
        struct story *story = calloc(1, sizeof(*story));
        struct tb *tb = story->tb = tb_new(1, MTR_STORED);
        bool open = false;

        story->random = seed;
        for (uint32_t i = 0; i < SITES; i++)
                tb_site(tb, 0, 1u << (3 * i), MTR_KIND_MALLOC);
        while (story->count < EVENTS) {
                act(story);
                if (next_random(story) % 40 == 0) {
                        tb_mark(tb, MTR_MARK, "request");
                        story->marks[story->mark_count++] = story->count;
                }
                if (next_random(story) % 30 == 0) {
                        tb_scope(tb, open ? MTR_SCOPE_END : MTR_SCOPE_BEGIN, "frame", 0);
                        story->scopes[story->scope_count++] = story->count;
                        open = !open;
                }
                if (next_random(story) % 500 == 0)
                        tb_block(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        return story;
}

/* After `from` events to after `to`. */
static uint64_t least_of(const struct story *story, uint32_t place, size_t from, size_t to) {
        uint64_t least = story->held[from][place];

        for (size_t i = from; i <= to; i++)
                least = story->held[i][place] < least ? story->held[i][place] : least;
        return least;
}

/* So many events are not later than that. */
static size_t events_until(const struct story *story, uint64_t units) {
        size_t count = story->count;

        while (count > 0 && story->units[count] > units)
                count--;
        return count;
}

static void span_of(const struct story *story, const char *text, const struct repetitions *repetitions,
                    size_t k, size_t *from, size_t *to) {
        if (strncmp(text, "mark", 4) == 0) {
                *from = story->marks[k];
                *to = story->marks[k + 1];
        } else if (strncmp(text, "scope", 5) == 0) {
                *from = story->scopes[2 * k];
                *to = story->scopes[2 * k + 1];
        } else {
                *from = k ? events_until(story, repetitions->ends[k - 1].units) : 0;
                *to = events_until(story, repetitions->ends[k].units);
        }
}

static void compare(const struct story *story, struct trace *trace, const char *text, size_t wanted) {
        struct repetitions_wish wish;
        struct repetitions repetitions;
        struct histories histories;
        uint64_t least[REPETITIONS];

        cr_assert_eq(repetitions_parse("--repeat", text, &wish), 0);
        cr_assert_eq(repetitions_find(trace, &wish, &repetitions), 0);
        cr_assert_eq(repetitions.count, wanted, "%s: %zu, not %zu", text, repetitions.count, wanted);
        cr_assert_leq(wanted, REPETITIONS);
        cr_assert_eq(histories_make(trace, &repetitions, place_of, PLACES, &histories), 0);
        cr_assert_eq(histories.count, wanted);
        cr_assert_eq(histories.unsure_count, 0);
        for (uint32_t place = 0; place < PLACES; place++) {
                bool changed = histories_least(&histories, place, least), wanted_changed = false;

                for (size_t k = 0; k < wanted; k++) {
                        size_t from, to;

                        span_of(story, text, &repetitions, k, &from, &to);
                        cr_assert_eq(least[k], least_of(story, place, from, to),
                                     "%s, place %u, repetition %zu", text, place, k);
                        wanted_changed |= least[k] != least[0];
                }
                cr_assert_eq(changed, wanted_changed);
        }
        cr_assert_not(histories_least(&histories, PLACES, least));
        cr_assert_eq(least[wanted - 1], 0);
        histories_deinit(&histories);
        repetitions_deinit(&repetitions);
}

TestSuite(histories, .init = message_silence);

Test(histories, have_the_least_of_each_repetition) {
        for (uint64_t seed = 88172645463325252u; seed < 88172645463325252u + 5; seed++) {
                struct story *story = tell(seed);
                struct trace *trace = load_whole(story->tb);

                compare(story, trace, "mark:request", story->mark_count - 1);
                compare(story, trace, "scope:frame", story->scope_count / 2);
                compare(story, trace, "time:100", 100);
                compare(story, trace, "time:2", 2);
                trace_free(trace);
                tb_free(story->tb);
                free(story);
        }
}

Test(histories, keep_nothing_of_what_always_returns_to_the_same) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct repetitions_wish wish = { .kind = REPETITIONS_MARK, .name = "a" };
        struct repetitions repetitions;
        struct histories histories;
        const uint32_t place = 0;
        struct trace *trace;
        uint64_t least[9];

        tb_alloc(tb, site);
        for (int i = 0; i < 10; i++) {
                tb_mark(tb, MTR_MARK, "a");
                tb_alloc(tb, site);
                tb_release(tb, site, false);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        cr_assert_eq(repetitions_find(trace, &wish, &repetitions), 0);
        cr_assert_eq(histories_make(trace, &repetitions, &place, 1, &histories), 0);
        cr_assert_eq(histories.change_count, 1);
        cr_assert_not(histories_least(&histories, 0, least));
        for (size_t k = 0; k < 9; k++)
                cr_assert_eq(least[k], 8);
        histories_deinit(&histories);
        repetitions_deinit(&repetitions);
        trace_free(trace);
        tb_free(tb);
}

/* Eight blocks, each with a mark, a scope and an event; one of them is lost. */
static void lose(const char *text, size_t lost, size_t first_unsure, size_t unsure) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct repetitions_wish wish;
        struct repetitions repetitions;
        struct histories histories;
        const uint32_t place = 0;
        struct trace *trace;

        tb_block(tb); /* what it defines is not lost */
        for (uint64_t i = 0; i < 8; i++) {
                tb_at(tb, 10 * i * MS);
                if (i == 5)
                        tb_checkpoint(tb);
                tb_mark(tb, MTR_MARK, "a");
                tb_scope(tb, MTR_SCOPE_BEGIN, "s", 0);
                tb_alloc(tb, site);
                tb_scope(tb, MTR_SCOPE_END, "s", 0);
                if (i < 7)
                        tb_block(tb);
        }
        tb_at(tb, 79 * MS);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        tb->file.data[trace->reader->blocks[lost + 1].offset_bytes] ^= 1;
        trace_free(trace);
        trace = load(tb);
        cr_assert_eq(repetitions_parse("--repeat", text, &wish), 0);
        cr_assert_eq(repetitions_find(trace, &wish, &repetitions), 0);
        cr_assert_eq(histories_make(trace, &repetitions, &place, 1, &histories), 0);
        for (size_t k = 0; k < histories.count; k++)
                cr_assert_eq(histories.unsure[k], k >= first_unsure && k < first_unsure + unsure, "%s: %zu",
                             text, k);
        cr_assert_eq(histories.unsure_count, unsure);
        histories_deinit(&histories);
        repetitions_deinit(&repetitions);
        trace_free(trace);
        tb_free(tb);
}

Test(histories, tell_which_repetitions_a_loss_concerns) {
        /* of the marks 0 1 2 4 5 6 7, that of block 3 is lost; the state is known from block 5 on */
        lose("mark:a", 3, 2, 2);
        /* the scopes 0 1 2 4 5 6 7 lie in one block each, so the lost one is only in between */
        lose("scope:s", 3, 3, 1);
        lose("time:8", 3, 3, 3);
        /* also before the first mark that is left */
        lose("mark:a", 0, 0, 4);
}

Test(histories, have_peaks_of_groups) {
        struct story *story = tell(7);
        struct trace *trace = load_whole(story->tb);
        uint64_t peaks[PLACES] = { 1, 1, 1, 1, 1 };
        bool unsure = true;

        cr_assert_eq(histories_peaks(trace, place_of, PLACES, peaks, &unsure), 0);
        cr_assert_not(unsure);
        for (uint32_t place = 0; place < PLACES; place++) {
                uint64_t peak = 0;

                for (size_t i = 0; i <= story->count; i++)
                        peak = story->held[i][place] > peak ? story->held[i][place] : peak;
                cr_assert_eq(peaks[place], peak, "place %u", place);
        }
        cr_assert_eq(peaks[3], 1u << 15);
        cr_assert_eq(peaks[4], 0);
        story->tb->file.data[trace->reader->blocks[1].offset_bytes] ^= 1;
        trace_free(trace);
        trace = load(story->tb);
        cr_assert_eq(histories_peaks(trace, place_of, PLACES, peaks, &unsure), 0);
        cr_assert(unsure);
        trace_free(trace);
        tb_free(story->tb);
        free(story);
}
