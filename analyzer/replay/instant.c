/*
 * Where in the events an instant is, from the blocks' headers as far as they tell. One thread.
 */
#include "replay/replay.h"

#include "reader/domains.h"
#include "reader/records.h"
#include "replay/events.h"

struct replay_instant replay_end(const struct trace *trace) {
        return (struct replay_instant){ trace->reader->block_count, 0 };
}

static void peak_of_headers(const struct reader *reader, struct replay_peak *peak) {
        *peak = (struct replay_peak){ 0 };
        for (size_t i = 0; i < reader->block_count; i++) {
                const struct mtr_block_header *header = &reader->blocks[i].header;

                if (!reader->blocks[i].whole || header->event_count == 0 ||
                    header->peak_event > header->event_count ||
                    (peak->found && header->peak_bytes <= peak->bytes))
                        continue;
                *peak = (struct replay_peak){
                        true, { i, header->peak_event }, header->peak_bytes, header->peak_time_ns, 0,
                };
        }
}

/* Blocks that turn out to be spoilt leave a different peak. */
static bool is_known(const struct trace *trace) {
        return trace->peak.known && trace->peak.damage_count == trace->reader->damage_count;
}

static int find_peak(struct trace *trace) {
        struct replay replay;
        int error = replay_init(&replay, trace);

        if (error != 0)
                return error;
        error = replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING);
        trace->peak = (struct trace_peak){
                .known = error == 0,
                .found = replay.totals.allocations + replay.totals.frees > 0,
                .damage_count = trace->reader->damage_count,
                .block = replay.totals.peak_at.block,
                .event = replay.totals.peak_at.event,
                .bytes = replay.totals.peak_bytes,
                .time_ns = replay.totals.peak_time_ns,
                .unknown_stacks = replay.totals.unknown_stacks,
        };
        replay_deinit(&replay);
        return error;
}

int replay_peak(struct trace *trace, struct replay_peak *peak) {
        const struct trace_peak *known = &trace->peak;
        int error;

        if (domains_are_heap(trace)) {
                peak_of_headers(trace->reader, peak);
                return 0;
        }
        error = is_known(trace) ? 0 : find_peak(trace);
        *peak = (struct replay_peak){
                known->found,   { known->block, known->event }, known->bytes,
                known->time_ns, known->unknown_stacks,
        };
        return error;
}

/* The last readable block with an event that is not later than that; false where there is none. */
static bool block_at(const struct trace *trace, uint64_t units, size_t *block) {
        const struct reader *reader = trace->reader;
        bool found = false;

        for (size_t i = 0; i < reader->block_count; i++) {
                const struct mtr_block_header *header = &reader->blocks[i].header;

                if (!reader->blocks[i].whole || header->event_count == 0 ||
                    header->first_time_ns / MTR_TIME_UNIT_NS > units)
                        continue;
                found = true;
                *block = i;
        }
        return found;
}

/* How many of the block's events are not later than that. */
static int count_events(struct trace *trace, size_t block, uint64_t units, uint64_t *events) {
        struct events_run run = {
                .thread_count = UINT64_MAX, /* no site and any thread: the events are only counted */
                .event_limit = UINT64_MAX,
                .unit_limit = units,
                .time_units = trace->reader->blocks[block].header.first_time_ns / MTR_TIME_UNIT_NS,
        };
        struct cursor payload, body;
        const uint8_t *data;
        size_t length_bytes;
        uint32_t type;
        int error = reader_payload(trace->reader, block, &data, &length_bytes);

        if (error != 0)
                return error;
        payload = cursor_over(data, length_bytes);
        while (records_next(&payload, &type, &body)) {
                const char *wrong = type == MTR_EVENTS ? events_run(&run, &body) : NULL;

                if (wrong) {
                        reader_spoil(trace->reader, block, wrong);
                        return READER_E_BLOCK;
                }
        }
        *events = run.events;
        return 0;
}

int replay_at(struct trace *trace, uint64_t time_ns, struct replay_instant *instant) {
        uint64_t units = time_ns / MTR_TIME_UNIT_NS;

        *instant = (struct replay_instant){ 0, 0 };
        while (block_at(trace, units, &instant->block)) {
                const struct mtr_block_header *header = &trace->reader->blocks[instant->block].header;
                int error;

                instant->event = header->event_count;
                if (header->last_time_ns / MTR_TIME_UNIT_NS <= units)
                        return 0;
                error = count_events(trace, instant->block, units, &instant->event);
                if (error != READER_E_BLOCK)
                        return error;
                *instant = (struct replay_instant){ 0, 0 }; /* the block is spoilt: the one before it, then */
        }
        return 0;
}
