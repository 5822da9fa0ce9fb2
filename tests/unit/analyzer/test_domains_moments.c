/*
 * That replay/ runs to every moment over what is taken of a trace and over nothing else (see choices.h), and
 * that what domains come to is what their events do.
 */
#include "base/message.h"
#include "choices.h"
#include "reader/domains.h"
#include "replay/by_domain.h"
#include "replay/by_thread.h"
#include "replay/moment.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MS 1000000u

TestSuite(domains_moments, .init = message_silence, .timeout = 120);

static void same_totals(const struct replay *one, const struct replay *other) {
        cr_assert_eq(one->totals.allocations, other->totals.allocations);
        cr_assert_eq(one->totals.frees, other->totals.frees);
        cr_assert_eq(one->totals.temporary, other->totals.temporary);
        cr_assert_eq(one->totals.allocated_bytes, other->totals.allocated_bytes);
        cr_assert_eq(one->totals.unknown_stacks, other->totals.unknown_stacks);
        cr_assert_eq(one->totals.live_bytes, other->totals.live_bytes);
        cr_assert_eq(one->totals.live_blocks, other->totals.live_blocks);
        cr_assert_eq(one->totals.peak_bytes, other->totals.peak_bytes);
        cr_assert_eq(one->totals.peak_time_ns, other->totals.peak_time_ns);
        cr_assert_eq(one->bad_events + other->bad_events, 0);
        cr_assert_eq(one->mismatches + other->mismatches, 0, "%s%s", one->first_mismatch,
                     other->first_mismatch);
}

static void same_pairs(const struct by_thread *one, const struct by_thread *other) {
        cr_assert_eq(one->count, other->count);
        for (size_t i = 0; i < one->count; i++) {
                cr_assert_eq(one->pairs[i].site, other->pairs[i].site);
                cr_assert_eq(one->pairs[i].thread, other->pairs[i].thread);
                cr_assert_arr_eq(&one->pairs[i].counts, &other->pairs[i].counts, sizeof(struct replay_site));
        }
        cr_assert_eq(one->misfits + other->misfits + one->unsure + other->unsure, 0);
}

static void same_replay(struct trace *mixed, struct trace *alone, const char *when, enum replay_from from) {
        struct replay one, other;
        struct moment moment;
        uint64_t one_ns, other_ns;

        cr_assert_eq(moment_read(when, &moment), 0);
        cr_assert_eq(moment_replay(mixed, moment, from, &one, &one_ns), 0);
        cr_assert_eq(moment_replay(alone, moment, from, &other, &other_ns), 0);
        cr_assert_eq(one_ns / MS, other_ns / MS, "%s", when);
        cr_assert_arr_eq(one.sites, other.sites, CHOICES_SITES * sizeof(*one.sites), "%s from %d", when,
                         (int)from);
        if (from == REPLAY_FROM_CHECKPOINT) {
                cr_assert_eq(one.totals.live_bytes, other.totals.live_bytes);
                cr_assert_eq(one.totals.live_blocks, other.totals.live_blocks);
        } else {
                same_totals(&one, &other);
        }
        if (one.high_bytes)
                cr_assert_arr_eq(one.high_bytes, other.high_bytes, CHOICES_SITES * sizeof(*one.high_bytes));
        if (one.by_thread)
                same_pairs(one.by_thread, other.by_thread);
        replay_deinit(&one);
        replay_deinit(&other);
}

Test(domains_moments, every_way_to_every_moment_is_of_what_is_taken) {
        static const char *const whens[] = { "start", "peak", "end", "50%", "33ms", "phase#2", "phase#9" };

        for (unsigned seed = 0; seed < 3; seed++) {
                struct choices *choices = choices_new(seed, seed == 2);

                for (size_t choice = 1; choice < CHOICES_COUNT; choice++) {
                        choices_take(choices->traces[0], choice);
                        for (size_t i = 0; i < sizeof(whens) / sizeof(*whens); i++)
                                for (int from = REPLAY_FROM_BEGINNING; from <= REPLAY_WITH_ALL; from++)
                                        same_replay(choices->traces[0], choices->traces[choice], whens[i],
                                                    (enum replay_from)from);
                }
                choices_free(choices);
        }
}

Test(domains_moments, the_heap_alone_is_taken_at_first) {
        struct choices *choices = choices_new(7, false);

        cr_assert(domains_are_heap(choices->traces[0]) && domains_taken(choices->traces[0], 0));
        cr_assert_not(domains_taken(choices->traces[0], choices_domains[1]));
        same_replay(choices->traces[0], choices->traces[1], "end", REPLAY_WITH_ALL);
        choices_take(choices->traces[0], 6);
        cr_assert_not(domains_are_heap(choices->traces[0]));
        cr_assert_eq(domains_take(choices->traces[0], NULL), 0);
        same_replay(choices->traces[0], choices->traces[1], "peak", REPLAY_WITH_ALL);
        choices_free(choices);
}

Test(domains_moments, nothing_may_be_taken) {
        struct choices *choices = choices_new(7, false);
        struct replay replay;
        uint64_t time_ns;

        for (size_t k = 0; k < 2; k++) {
                choices_take(choices->traces[k], 0);
                cr_assert_not(domains_are_heap(choices->traces[k]));
                cr_assert_eq(moment_replay(choices->traces[k], (struct moment){ .kind = MOMENT_PEAK },
                                           REPLAY_FROM_BEGINNING, &replay, &time_ns),
                             0);
                cr_assert_eq(replay.totals.allocations + replay.totals.frees + replay.totals.peak_bytes, 0);
                cr_assert_eq(time_ns, choices->tbs[k]->end.time_ns); /* the end is as good */
                replay_deinit(&replay);
        }
        choices_free(choices);
}

static void is_end(const struct trace_domain_end *end, const struct mtr_end *wanted) {
        cr_assert_eq(end->allocations, wanted->allocations);
        cr_assert_eq(end->frees, wanted->frees);
        cr_assert_eq(end->temporary, wanted->temporary);
        cr_assert_eq(end->allocated_bytes, wanted->allocated_bytes);
        cr_assert_eq(end->peak_bytes, wanted->peak_bytes);
        cr_assert_eq(end->live_bytes, wanted->live_bytes);
        cr_assert_eq(end->live_blocks, wanted->live_blocks);
}

Test(domains_moments, ends_are_what_the_events_come_to) {
        struct choices *choices = choices_new(5, false);
        struct trace_domain_end *counted = calloc(DOMAINS_MOST, sizeof(*counted));

        choices_take(choices->traces[0], 2);
        cr_assert_eq(by_domain_read(choices->traces[0], counted), 0);
        cr_assert(!domains_taken(choices->traces[0], 0) &&
                  domains_taken(choices->traces[0], choices_domains[1]));
        for (size_t i = 0; i < CHOICES_KINDS; i++) {
                struct mtr_end end = choices->tbs[1u << i]->end;

                end.live_bytes = choices->tbs[1u << i]->live_bytes;
                end.live_blocks = choices->tbs[1u << i]->live_blocks;
                is_end(&counted[choices_domains[i]], &end);
                if (i == 0)
                        continue;
                cr_assert(choices->traces[0]->domains[choices_domains[i]].has_end);
                is_end(&choices->traces[0]->domains[choices_domains[i]].end, &end);
        }
        cr_assert(domains_have_ends(choices->traces[0]));
        free(counted);
        choices_free(choices);
}

/* A domain has no header that says where it is after a lost block; a checkpoint does. */
Test(domains_moments, a_lost_block_is_made_good_by_a_checkpoint) {
        struct choices *choices = choices_new(3, false);
        struct replay replay, whole;

        choices_take(choices->traces[0], 4);
        cr_assert_eq(replay_init(&whole, choices->traces[4]), 0);
        cr_assert_eq(replay_to(&whole, replay_end(choices->traces[4]), REPLAY_FROM_BEGINNING), 0);
        reader_spoil(choices->traces[0]->reader, 3, "lost");
        cr_assert_eq(replay_init(&replay, choices->traces[0]), 0);
        cr_assert_eq(replay_to(&replay, replay_end(choices->traces[0]), REPLAY_FROM_BEGINNING), 0);
        for (uint32_t i = 0; i < CHOICES_SITES; i++)
                cr_assert_eq(replay.sites[i].live_blocks, whole.sites[i].live_blocks);
        cr_assert_eq(replay.totals.live_bytes, whole.totals.live_bytes);
        cr_assert_eq(replay.mismatches, 0, "%s", replay.first_mismatch);
        replay_deinit(&replay);
        replay_deinit(&whole);
        choices_free(choices);
}
