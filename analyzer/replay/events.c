/*
 * A few nanoseconds an event: the state is in locals, short varints are decoded in line, and a
 * site's numbers share half a cache line. Branches tell allocations from frees, because real
 * programs repeat themselves and are predicted: arithmetic instead was a third slower on a python
 * run and a tenth faster on random events. Who asks for more gets a loop of his own, made of the same lines.
 */
#include "replay/events.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

static const char wrong_end[] = "the events are cut short";
static const char wrong_control[] = "the events' time or thread makes no sense";

static inline __attribute__((always_inline)) const char *loop(struct events_run *run, struct cursor *cursor,
                                                              bool with_left_out, bool with_highs,
                                                              bool with_curve, bool with_groups,
                                                              bool with_listener) {
        struct replay_site *sites = run->sites;
        uint64_t site_count = run->site_count, events = run->events, event_limit = run->event_limit;
        uint64_t live_bytes = run->live_bytes, peak_bytes = run->peak_bytes;
        uint64_t allocations = 0, frees = 0, temporary = 0;
        struct curve_now *now = with_curve ? &run->curve->now : NULL;
        int64_t offset_bytes = with_curve ? run->curve->offset_bytes : 0;
        struct groups *groups = run->groups;
        struct replay_listener *listener = run->listener;
        const char *wrong = NULL;

        while (cursor->at != cursor->end && events < event_limit) {
                uint64_t value = *cursor->at;
                struct replay_site *site;

                if (likely(value < 0x80)) {
                        cursor->at++;
                } else if (cursor_left(cursor) > 1 && cursor->at[1] < 0x80) {
                        value = (value & 0x7f) | (uint64_t)cursor->at[1] << 7;
                        cursor->at += 2;
                } else if (!cursor_varint(cursor, &value)) {
                        wrong = wrong_end;
                        break;
                }
                if (unlikely((value & 3) == MTR_CONTROL)) {
                        uint64_t argument = value >> 3;

                        if (!(value & 4)) {
                                /* which thread matters to reports by thread; here only that there is one */
                                if (unlikely(argument >= run->thread_count && argument != 0)) {
                                        wrong = wrong_control;
                                        break;
                                }
                        } else if (unlikely(__builtin_add_overflow(run->time_units, argument,
                                                                   &run->time_units) ||
                                            run->time_units > UINT64_MAX / MTR_TIME_UNIT_NS)) {
                                wrong = wrong_control;
                                break;
                        }
                        if (with_curve)
                                curve_pass(run->curve, run->time_units, (int64_t)live_bytes + offset_bytes,
                                           events);
                        if (with_listener)
                                listener->time(listener, run->time_units);
                        if (unlikely(run->time_units > run->unit_limit))
                                break;
                        continue;
                }
                events++;
                run->last_event_units = run->time_units;
                if (unlikely(value >> 2 >= site_count)) {
                        run->bad_events++;
                        continue;
                }
                if (with_left_out && run->left_out[value >> 2]) {
                        if (with_curve)
                                run->curve->left_out++;
                        continue;
                }
                site = &sites[value >> 2];
                if ((value & 3) == MTR_ALLOC) {
                        site->live_blocks++;
                        site->allocations++;
                        allocations++;
                        live_bytes += site->size_bytes;
                        if (with_highs && live_bytes > run->high_bytes[value >> 2])
                                run->high_bytes[value >> 2] = live_bytes;
                        if (with_curve && (int64_t)live_bytes + offset_bytes > now->high_bytes)
                                *now = (struct curve_now){ now->low_bytes, (int64_t)live_bytes + offset_bytes,
                                                           events, run->time_units, run->curve->block };
                        if (with_groups)
                                groups_add(groups, groups->of_site[value >> 2], site->size_bytes);
                        if (with_listener)
                                listener->event(listener, (uint32_t)(value >> 2), MTR_ALLOC);
                        if (live_bytes > peak_bytes) {
                                peak_bytes = live_bytes;
                                run->peak_event = events;
                                run->peak_units = run->time_units;
                        }
                        continue;
                }
                if (unlikely(site->live_blocks == 0)) {
                        run->bad_events++;
                        continue;
                }
                site->live_blocks--;
                frees++;
                live_bytes -= site->size_bytes;
                if (with_curve && (int64_t)live_bytes + offset_bytes < now->low_bytes)
                        now->low_bytes = (int64_t)live_bytes + offset_bytes;
                if (with_groups)
                        groups_subtract(groups, groups->of_site[value >> 2], site->size_bytes);
                if (with_listener)
                        listener->event(listener, (uint32_t)(value >> 2), (enum mtr_event)(value & 3));
                site->temporary += (value & 3) == MTR_FREE_TEMPORARY;
                temporary += (value & 3) == MTR_FREE_TEMPORARY;
        }
        run->events = events;
        run->allocations += allocations;
        run->temporary += temporary;
        run->live_blocks += allocations - frees;
        run->live_bytes = live_bytes;
        run->peak_bytes = peak_bytes;
        return wrong;
}

static inline __attribute__((always_inline)) const char *run_for(struct events_run *run,
                                                                 struct cursor *cursor, bool with_left_out) {
        if (run->curve)
                return loop(run, cursor, with_left_out, false, true, false, false);
        if (run->groups)
                return loop(run, cursor, with_left_out, false, false, true, false);
        if (run->listener)
                return loop(run, cursor, with_left_out, false, false, false, true);
        return run->high_bytes ? loop(run, cursor, with_left_out, true, false, false, false)
                               : loop(run, cursor, with_left_out, false, false, false, false);
}

const char *events_run(struct events_run *run, struct cursor *cursor) {
        return run->left_out ? run_for(run, cursor, true) : run_for(run, cursor, false);
}

uint64_t events_units_at(const struct replay *replay, struct replay_instant at,
                         const struct events_run *run) {
        const struct reader *reader = replay->trace->reader;

        if (run)
                return run->time_units;
        if (at.block >= reader->block_count)
                return UINT64_MAX;
        return reader->blocks[at.block].header.first_time_ns / MTR_TIME_UNIT_NS;
}
