/*
 * Accounting and encoding of events: see events.h. Runs in the collector's one thread. This is
 * every event's last station, so it has no branch that an event's kind or site decides.
 */
#include "collector/events.h"

static void unit_thresholds(struct trace *trace) {
        trace->next_unit_time = timebase_session(
                trace->timebase, trace->zero_ns + (trace->events.time_unit + 1) * MTR_TIME_UNIT_NS);
}

void events_advance(struct trace *trace, uint64_t time) {
        uint64_t unit = trace_ns(trace, time) / MTR_TIME_UNIT_NS;

        if (unit > trace->events.time_unit) {
                uint64_t advance = unit - trace->events.time_unit;

                if (advance > EVENT_ARGUMENT_MAX >> 1)
                        advance = EVENT_ARGUMENT_MAX >> 1;
                events_control(trace, (uint32_t)advance << 1 | 1);
                trace->events.time_unit += advance;
        }
        unit_thresholds(trace);
}

void events_block_begin(struct trace *trace, uint64_t time) {
        struct events *events = &trace->events;
        uint64_t unit_ns = events->time_unit * MTR_TIME_UNIT_NS;
        uint64_t time_ns = trace_ns(trace, time);

        /* Rates of two turns differ in their last digits; the stream never goes back. */
        events->first_time_ns = time_ns > unit_ns ? time_ns : unit_ns;
        events->time_unit = events->first_time_ns / MTR_TIME_UNIT_NS;
        events->put_unit = events->time_unit;
        events->event_unit = events->time_unit;
        events->block_peak_time_ns = events->first_time_ns;
        events->block_begun = true;
        unit_thresholds(trace);
        trace->stream_thread = 0;
        if (time > trace->stream_time)
                trace->stream_time = time;
}

void events_block_end(struct trace *trace) {
        struct events *events = &trace->events;

        events->raw_since_checkpoint += events->bytes.used;
        events->bytes.used = 0;
        events->owner_event_column.used = events->owner_thread_column.used = 0;
        events->owner_count = 0;
        events->owner_event = 0;
        events->events_before += events->block_events;
        events->block_events = 0;
        events->block_begun = false;
        events->block_live_bytes = events->live_bytes;
        events->block_live_blocks = events->live_blocks;
        events->block_peak_bytes = events->live_bytes;
        events->block_peak_event = 0;
        events->held_peak_bytes = events->held_peak_event = 0;
}

void events_peak_reset(struct events *events) {
        if (events->block_peak_bytes > events->held_peak_bytes) {
                events->held_peak_bytes = events->block_peak_bytes;
                events->held_peak_event = events->block_peak_event;
                events->held_peak_time_ns = events->block_peak_time_ns;
        }
        events->block_peak_bytes = events->traced_peak_bytes = events->live_bytes;
}

void events_peak_settle(struct events *events) {
        if (events->held_peak_bytes < events->block_peak_bytes || events->held_peak_bytes == 0)
                return;
        events->block_peak_bytes = events->held_peak_bytes;
        events->block_peak_event = events->held_peak_event;
        events->block_peak_time_ns = events->held_peak_time_ns;
}

/* MTR_OWNERS of what is staged. */
static void put_owners(struct trace *trace) {
        struct events *events = &trace->events;
        struct buffer *event_column = &events->owner_event_column,
                      *thread_column = &events->owner_thread_column;

        for (uint32_t i = 0; i < trace->staged_owner_count; i++) {
                uint64_t event = events->block_events + trace->staged_owners[i].event;
                uint32_t thread = trace->staged_owners[i].thread & (EVENT_ARGUMENT_MAX >> 1);

                event_column->used +=
                        encode_varint28(buffer_end(event_column), (uint32_t)(event - events->owner_event));
                thread_column->used += encode_varint28(buffer_end(thread_column), thread + 1);
                events->owner_event = event;
        }
        events->owner_count += trace->staged_owner_count;
}

bool events_reserve(struct trace *trace) {
        struct events *events = &trace->events;

        if (lives_reserve(&trace->lives, STAGED_MAX) &&
            buffer_reserve(&events->bytes, (size_t)STAGED_MAX * VARINT_MAX_BYTES) &&
            buffer_reserve(&events->owner_event_column, (size_t)STAGED_MAX * VARINT28_ROOM) &&
            buffer_reserve(&events->owner_thread_column, (size_t)STAGED_MAX * VARINT28_ROOM))
                return true;
        trace->starved = true;
        return false;
}

/* What events_put changes at every event, out of memory's way. */
struct account {
        uint64_t counts; /* of enum mtr_event, 16 bits each */
        uint64_t live_bytes, allocated_bytes;
        uint64_t peak_bytes, peak_event, peak_unit;
};
_Static_assert(STAGED_MAX <= UINT16_MAX, "counts do not run over");

/* Events of a kind, but those of domains, of which it forgets. */
static uint64_t take_count(uint64_t counts, struct domains *domains, enum mtr_event event) {
        uint64_t count = ((counts >> 16 * event) & UINT16_MAX) - domains->staged[event];

        domains->staged[event] = 0;
        return count;
}

static void account_add(struct events *events, struct domains *domains, const struct account *now) {
        uint64_t allocations = take_count(now->counts, domains, MTR_ALLOC);
        uint64_t temporary = take_count(now->counts, domains, MTR_FREE_TEMPORARY);
        uint64_t frees = take_count(now->counts, domains, MTR_FREE) + temporary;

        events->allocations += allocations;
        events->frees += frees;
        events->temporary += temporary;
        events->live_blocks += allocations - frees;
        events->allocated_bytes += now->allocated_bytes;
        events->live_bytes = now->live_bytes;
        if (now->peak_unit == UINT64_MAX)
                return;
        events->block_peak_bytes = now->peak_bytes;
        events->block_peak_event = now->peak_event;
        events->block_peak_time_ns = now->peak_unit * MTR_TIME_UNIT_NS;
        if (events->block_peak_time_ns < events->first_time_ns)
                events->block_peak_time_ns = events->first_time_ns;
        if (now->peak_bytes > events->peak_bytes)
                events->peak_bytes = now->peak_bytes;
        if (now->peak_bytes > events->traced_peak_bytes)
                events->traced_peak_bytes = now->peak_bytes;
}

void events_put(struct trace *trace) {
        struct events *events = &trace->events;
        static const uint64_t count_in[] = { 1, UINT64_C(1) << 16, UINT64_C(1) << 32 };
        static const int64_t sign_of[] = { 1, -1, -1 };
        struct site *sites = trace->sites.sites.data;
        struct account now = {
                .live_bytes = events->live_bytes,
                .peak_bytes = events->block_peak_bytes,
                .peak_unit = UINT64_MAX,
        };
        uint64_t unit = events->put_unit, event_unit = events->event_unit;
        uint64_t peak_from =
                events->block_events + 1; /* with the index of an event, how many lead up to it */
        uint8_t *to;

        if (trace->staged_count == 0)
                return;
        put_owners(trace);
        to = buffer_end(&events->bytes);
        for (uint32_t i = 0; i < trace->staged_count; i++) {
                uint32_t value = trace->staged[i];
                enum mtr_event event = value & 3;

                if (__builtin_expect(event != MTR_CONTROL, 1)) {
                        struct site *site = &sites[value >> 2];
                        uint64_t bytes = site->heap_bytes, sign = (uint64_t)sign_of[event];

                        now.counts += count_in[event];
                        now.live_bytes += bytes * sign;
                        now.allocated_bytes += event == MTR_ALLOC ? bytes : 0;
                        site->live_blocks += sign;
                        event_unit = unit;
                        if (now.live_bytes > now.peak_bytes) {
                                now.peak_bytes = now.live_bytes;
                                now.peak_event = peak_from + i;
                                now.peak_unit = unit;
                        }
                } else {
                        unit += value & 4 ? value >> 3 : 0;
                        peak_from--;
                }
                if (__builtin_expect(value < UINT32_C(1) << 28, 1))
                        to += encode_varint28(to, value);
                else
                        to += encode_varint(to, value);
        }
        events->bytes.used = (size_t)(to - (uint8_t *)events->bytes.bytes.data);
        events->block_events += trace->staged_count - trace->staged_controls;
        account_add(events, &trace->domains, &now);
        events->put_unit = unit;
        events->event_unit = event_unit;
        trace->staged_count = trace->staged_controls = trace->staged_owner_count = 0;
}
