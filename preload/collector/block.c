/*
 * From a trace's columns to bytes in its file: see block.h. Runs in the collector's one thread.
 */
#include "collector/block.h"

#include <memtrace/crc32c.h>

#include "collector/domains.h"
#include "collector/events.h"
#include "collector/marks.h"
#include "collector/payload.h"
#include "collector/rss.h"
#include "collector/sys.h"

#define BLOCK_RAW_BYTES ((size_t)1 << 20)
#define MARK_BYTES 1024u /* more than the last word takes */

int block_file_begin(struct trace *trace) {
        uint64_t age_ns = sys_clock_ns(CLOCK_MONOTONIC) - trace->zero_ns;
        struct mtr_file_header header = {
                .version = MTR_VERSION,
                .header_bytes = sizeof(header),
                .started_unix_ns = sys_clock_ns(CLOCK_REALTIME) - age_ns,
                .pid = trace->process->pid,
        };
        long error;

        memcpy(header.magic, MTR_MAGIC, sizeof(header.magic));
        header.checksum = mtr_crc32c(&header, offsetof(struct mtr_file_header, checksum));
        trace->output.started_unix_ns = header.started_unix_ns;
        error = sys_write_all(trace->output.fd, &header, sizeof(header));
        if (error < 0)
                return (int)error;
        trace->output.reached.length = sizeof(header);
        trace->output.marks[0] = trace->output.marks[1] = trace->output.reached;
        return 0;
}

bool block_is_full(const struct trace *trace) {
        const struct events *events = &trace->events;

        return events->bytes.used + events->owner_event_column.used + events->owner_thread_column.used +
                               stacks_raw_bytes(&trace->stacks) + trace->sites.stack_column.used +
                               trace->sites.size_column.used + trace->sites.kind_column.used +
                               marks_bytes(trace) >=
                       BLOCK_RAW_BYTES ||
               lives_rows(&trace->lives) >= LIVES_ROWS_MAX;
}

/* The first error is the one that the user is told. */
static bool failed(struct output *output, long error) {
        if (output->error == 0)
                output->error = (int)-error;
        return false;
}

/* Append `stored`, whose first bytes are the header's. On failure the file ends where it ended before. */
static bool append(struct trace *trace, struct mtr_block_header *header) {
        struct output *output = &trace->output;
        struct buffer *stored = &trace->compressor->stored;
        long error = 0;

        if (output->torn)
                error = sys_ftruncate(output->fd, output->reached.length);
        if (error < 0)
                return failed(output, error);
        output->torn = false;
        header->stored_bytes = (uint32_t)(stored->used - sizeof(*header));
        header->payload_checksum =
                mtr_crc32c((uint8_t *)stored->bytes.data + sizeof(*header), header->stored_bytes);
        header->header_checksum = mtr_crc32c(header, offsetof(struct mtr_block_header, header_checksum));
        memcpy(stored->bytes.data, header, sizeof(*header));
        error = sys_write_all(output->fd, stored->bytes.data, stored->used);
        if (error < 0) {
                output->torn = sys_ftruncate(output->fd, output->reached.length) < 0;
                return failed(output, error);
        }
        output->reached.length += stored->used;
        output->reached.sequence++;
        return true;
}

static void columns_begin(struct trace *trace) {
        sites_block_begin(&trace->sites);
        stacks_block_begin(&trace->stacks);
        trace->threads.fresh_count = 0;
        events_block_end(trace);
        lives_block_begin(&trace->lives);
        marks_block_begin(trace);
        domains_block_begin(&trace->domains);
        trace->output.checkpoint.used = 0;
        rss_block_begin(&trace->rss);
        trace->content_since_ns = 0;
}

/* The time of the last event, in the unit it stands at in the stream: records that brought none (a thread's
 * beginning, a foreign free) may have come after it. */
static uint64_t last_time_ns(const struct trace *trace) {
        const struct events *events = &trace->events;
        uint64_t unit_ns = events->event_unit * MTR_TIME_UNIT_NS;
        uint64_t time_ns = trace_ns(trace, trace->stream_time);

        if (time_ns < unit_ns)
                time_ns = unit_ns;
        if (time_ns >= unit_ns + MTR_TIME_UNIT_NS)
                time_ns = unit_ns + MTR_TIME_UNIT_NS - 1;
        return time_ns < events->first_time_ns ? events->first_time_ns : time_ns;
}

static struct mtr_block_header header_of(const struct trace *trace) {
        const struct events *events = &trace->events;
        uint64_t now_ns = trace_ns(trace, trace->timebase->now_session);
        struct mtr_block_header header = {
                .magic = MTR_BLOCK_MAGIC,
                .header_bytes = sizeof(header),
                .sequence = trace->output.reached.sequence,
                .first_time_ns = events->block_begun ? events->first_time_ns : now_ns,
                .last_time_ns = events->block_begun ? last_time_ns(trace) : now_ns,
                .event_count = events->block_events,
                .events_before = trace->output.reached.events,
                .live_bytes_begin = events->block_live_bytes,
                .live_blocks_begin = events->block_live_blocks,
                .peak_bytes = events->block_peak_bytes,
                .peak_event = events->block_peak_event,
                .peak_time_ns = events->block_peak_event ? events->block_peak_time_ns : 0,
        };

        if (header.peak_event == 0)
                header.peak_time_ns = header.first_time_ns;
        return header;
}

/* Compresses the composed payload and appends it as a block. */
static bool store(struct trace *trace, struct mtr_block_header *header) {
        struct compressor *compressor = trace->compressor;
        struct output *output = &trace->output;
        bool continues;

        if (output->reached.sequence > 1)
                compressor_frame_begin(compressor, &output->frame);
        if (!compressor_run(compressor, &output->frame, sizeof(*header), &header->compression, &continues))
                return failed(output, -ENOMEM);
        header->flags |= continues ? MTR_BLOCK_CONTINUES : 0;
        header->raw_bytes = (uint32_t)compressor->payload.used;
        return append(trace, header);
}

/* A block was written: the file tells what there is. */
static void reach(struct trace *trace, const struct mtr_end *end) {
        struct output_mark *reached = &trace->output.reached, *marks = trace->output.marks;

        reached->events += trace->events.block_events;
        reached->live_bytes = trace->events.live_bytes;
        reached->live_blocks = trace->events.live_blocks;
        memcpy(reached->told, trace->losses.seen, sizeof(reached->told));
        if (trace->lives.told)
                trace->output.lives_length = reached->length;
        if (reached->length - marks[1].length >= MARK_BYTES) {
                marks[0] = marks[1];
                marks[1] = *reached;
        }
        if (end) {
                trace->output.ended = true;
                trace->domains.told = true;
                trace->output.end = *end;
        }
}

static bool write_block(struct trace *trace, const struct mtr_end *end) {
        struct mtr_block_header header;

        events_peak_settle(&trace->events);
        header = header_of(trace);
        if (trace->output.fd < 0 || trace->output.error != 0)
                return false;
        if (!payload_compose(trace, end, &header.flags))
                return failed(&trace->output, -ENOMEM);
        return store(trace, &header);
}

static void write_or_lose(struct trace *trace, const struct mtr_end *end) {
        if (write_block(trace, end))
                reach(trace, end);
        else
                trace->losses.seen[MTR_LOSS_WRITE] += trace->events.block_events;
        columns_begin(trace);
}

void block_write(struct trace *trace, const struct mtr_end *end) {
        write_or_lose(trace, end);
        if (payload_checkpoint_due(trace, false))
                payload_checkpoint(trace);
}

void block_snapshot(struct trace *trace) {
        if (!payload_checkpoint_due(trace, true))
                return;
        if (trace->events.block_events != 0)
                write_or_lose(trace, NULL);
        payload_checkpoint(trace);
}

/* The last blocks make room, and are lost; returns their events. */
static uint64_t cut(struct trace *trace) {
        struct output *output = &trace->output;
        uint64_t events = output->reached.events - output->marks[0].events;

        trace->losses.seen[MTR_LOSS_WRITE] += events;
        output->reached = output->marks[0];
        output->torn = true;
        return events;
}

static bool write_last(struct trace *trace, const struct mtr_end *end) {
        struct mtr_block_header header = header_of(trace);

        /* The block that was not written may have been the frame's next part. */
        trace->output.frame.blocks = MTR_FRAME_BLOCKS_MAX;
        /* As the file has it: what was lost is told by MTR_LOSS, and what there was by MTR_END. */
        header.event_count = 0;
        header.last_time_ns = header.first_time_ns;
        header.live_bytes_begin = trace->output.reached.live_bytes;
        header.live_blocks_begin = trace->output.reached.live_blocks;
        header.peak_bytes = header.live_bytes_begin;
        header.peak_event = 0;
        header.peak_time_ns = header.first_time_ns;
        return payload_compose_last(trace, end, &header.flags) && store(trace, &header);
}

void block_write_last(struct trace *trace, const struct mtr_end *end) {
        struct mtr_end last = *end;
        int error = trace->output.error;

        if (trace->output.fd < 0 || write_last(trace, end) ||
            (error != ENOSPC && error != EDQUOT && error != EFBIG))
                return;
        last.lost += cut(trace);
        (void)write_last(trace, &last);
}
