/*
 * Where in the events an instant is, from the blocks' headers as far as they tell. One thread.
 */
#include "replay/replay.h"

#include "reader/records.h"
#include "replay/events.h"

struct replay_instant replay_end(const struct trace *trace) {
        return (struct replay_instant){ trace->reader->block_count, 0 };
}

bool replay_peak(const struct trace *trace, struct replay_instant *instant, uint64_t *peak_bytes,
                 uint64_t *time_ns) {
        const struct reader *reader = trace->reader;
        bool found = false;

        for (size_t i = 0; i < reader->block_count; i++) {
                const struct mtr_block_header *header = &reader->blocks[i].header;

                if (!reader->blocks[i].whole || header->event_count == 0 ||
                    header->peak_event > header->event_count || (found && header->peak_bytes <= *peak_bytes))
                        continue;
                found = true;
                *instant = (struct replay_instant){ i, header->peak_event };
                *peak_bytes = header->peak_bytes;
                *time_ns = header->peak_time_ns;
        }
        return found;
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
