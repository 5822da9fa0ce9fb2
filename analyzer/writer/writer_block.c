/*
 * From columns to a block of the file: its records, compressed, behind their header. Each block is a zstd
 * frame by itself, so that any of them can be read without those before. See writer_parts.h.
 */
#include "writer/writer_parts.h"

#include "base/array.h"

#include <memtrace/crc32c.h>

#include <string.h>

#define BLOCK_BYTES ((size_t)1 << 20)
#define COMPRESSION_LEVEL 3

/* A checkpoint is worth an eighth of the events that it saves reading. */
#define CHECKPOINT_EVENT_BYTES_LEAST ((uint64_t)256 << 10)
#define CHECKPOINT_SITE_BYTES 4u
#define CHECKPOINT_SHARE 8u
#define CHECKPOINT_BYTES_MAX ((uint64_t)4 << 20)

void writer_block_deinit(struct writer *writer) {
        for (size_t i = 0; i < COLUMN_COUNT; i++)
                bytes_deinit(&writer->columns[i]);
        bytes_deinit(&writer->payload);
        bytes_deinit(&writer->stored);
        intern_deinit(&writer->texts);
}

/* Where a record begins; its length is told when it ends. */
static size_t record_begin(struct writer *writer, uint32_t type) {
        const struct mtr_record record = { .type = type };

        bytes_put(&writer->payload, &record, sizeof(record));
        return writer->payload.length;
}

static void record_end(struct writer *writer, size_t begin) {
        uint32_t length = (uint32_t)(writer->payload.length - begin);

        if (!writer->payload.no_memory)
                memcpy(writer->payload.data + begin - sizeof(length), &length, sizeof(length));
}

static void put_bytes(struct writer *writer, uint32_t type, enum writer_column column) {
        size_t begin;

        if (writer->columns[column].length == 0)
                return;
        begin = record_begin(writer, type);
        bytes_add(&writer->payload, &writer->columns[column]);
        record_end(writer, begin);
}

/* A count, and so many columns from the first on. */
static void put_table(struct writer *writer, uint32_t type, uint64_t count, enum writer_column first,
                      size_t columns) {
        size_t begin;

        if (count == 0)
                return;
        begin = record_begin(writer, type);
        bytes_varint(&writer->payload, count);
        for (size_t i = 0; i < columns; i++)
                bytes_add(&writer->payload, &writer->columns[first + i]);
        record_end(writer, begin);
}

static void put_numbering(struct writer *writer) {
        size_t begin = record_begin(writer, MTR_NUMBERING);

        for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
                bytes_varint(&writer->payload, writer->counts[i].all - writer->counts[i].fresh);
        record_end(writer, begin);
}

static void put_names(struct writer *writer) {
        size_t begin;

        if (writer->named_count == 0)
                return;
        begin = record_begin(writer, MTR_FRAME_NAMES);
        bytes_varint(&writer->payload, writer->texts.count);
        for (uint32_t i = 0; i < writer->texts.count; i++) {
                const char *text = intern_get(&writer->texts, i);

                bytes_string(&writer->payload, text, strlen(text));
        }
        bytes_varint(&writer->payload, writer->named_count);
        bytes_add(&writer->payload, &writer->columns[COLUMN_NAMES]);
        record_end(writer, begin);
}

static void compose(struct writer *writer, const struct mtr_end *end) {
        const struct writer_count *counts = writer->counts;
        size_t begin;

        writer->payload.length = 0;
        put_numbering(writer);
        put_bytes(writer, MTR_PROCESS, COLUMN_PROCESS);
        put_table(writer, MTR_MODULES, counts[TRACE_MODULES].fresh, COLUMN_MODULES, 1);
        put_table(writer, MTR_FRAMES, counts[TRACE_FRAMES].fresh, COLUMN_FRAME_MODULES, 2);
        put_table(writer, MTR_STACKS, counts[TRACE_STACKS].fresh, COLUMN_STACK_PARENTS, 2);
        put_table(writer, MTR_THREADS, counts[TRACE_THREADS].fresh, COLUMN_THREADS, 1);
        put_table(writer, MTR_SITES, counts[TRACE_SITES].fresh, COLUMN_SITE_STACKS, 3);
        put_table(writer, MTR_CHECKPOINT, writer->checkpoint_count, COLUMN_CHECKPOINT_SITES, 2);
        put_bytes(writer, MTR_EVENTS, COLUMN_EVENTS);
        put_table(writer, MTR_RSS, writer->rss_count, COLUMN_RSS, 1);
        if (end) {
                begin = record_begin(writer, MTR_END);
                bytes_put(&writer->payload, end, sizeof(*end));
                record_end(writer, begin);
        }
        bytes_add(&writer->payload, &writer->columns[COLUMN_MOMENTS]);
        put_bytes(writer, MTR_UNSEEN, COLUMN_UNSEEN);
        put_names(writer);
}

static bool compress(struct writer *writer) {
        size_t bound = ZSTD_compressBound(writer->payload.length), length;

        writer->failed |= writer->payload.no_memory;
        if (writer->failed || array_reserve(&writer->stored.data, &writer->stored.capacity, bound, 1) < 0)
                return false;
        length = ZSTD_compressCCtx(writer->context, writer->stored.data, bound, writer->payload.data,
                                   writer->payload.length, COMPRESSION_LEVEL);
        writer->stored.length = length;
        return !ZSTD_isError(length);
}

static void store(struct writer *writer, const struct mtr_end *end) {
        struct mtr_block_header *header = &writer->header;

        if (!compress(writer)) {
                writer->failed = true;
                return;
        }
        if (header->event_count == 0)
                header->first_time_ns = header->last_time_ns = header->peak_time_ns =
                        writer->now_ms * MTR_TIME_UNIT_NS;
        header->magic = MTR_BLOCK_MAGIC;
        header->header_bytes = sizeof(*header);
        header->flags = (writer->checkpoint_count > 0 ? MTR_BLOCK_CHECKPOINT : 0) | (end ? MTR_BLOCK_END : 0);
        header->compression = MTR_ZSTD;
        header->stored_bytes = (uint32_t)writer->stored.length;
        header->raw_bytes = (uint32_t)writer->payload.length;
        header->payload_checksum = mtr_crc32c(writer->stored.data, writer->stored.length);
        header->header_checksum = mtr_crc32c(header, offsetof(struct mtr_block_header, header_checksum));
        fwrite(header, sizeof(*header), 1, writer->stream);
        fwrite(writer->stored.data, 1, writer->stored.length, writer->stream);
}

/* The state at the block's begin, if it has cost enough to be worth it. */
static void put_checkpoint(struct writer *writer) {
        uint32_t sites = writer->counts[TRACE_SITES].all, previous = 0;
        uint64_t holding = sites < writer->live_blocks ? sites : writer->live_blocks;
        uint64_t bytes = holding * CHECKPOINT_SITE_BYTES;

        if (writer->event_bytes < CHECKPOINT_EVENT_BYTES_LEAST ||
            writer->event_bytes < bytes * CHECKPOINT_SHARE || bytes > CHECKPOINT_BYTES_MAX)
                return;
        for (uint32_t i = 0; i < sites; i++) {
                if (writer->sites[i].live_blocks == 0)
                        continue;
                bytes_varint(&writer->columns[COLUMN_CHECKPOINT_SITES], i - previous);
                bytes_varint(&writer->columns[COLUMN_CHECKPOINT_LIVE], writer->sites[i].live_blocks);
                writer->checkpoint_count++;
                previous = i;
        }
        writer->event_bytes = 0;
}

static void block_begin(struct writer *writer) {
        writer->event_bytes += writer->columns[COLUMN_EVENTS].length;
        writer->header = (struct mtr_block_header){
                .sequence = writer->header.sequence + 1,
                .events_before = writer->header.events_before + writer->header.event_count,
                .live_bytes_begin = writer->live_bytes,
                .live_blocks_begin = writer->live_blocks,
                .peak_bytes = writer->live_bytes,
        };
        for (size_t i = 0; i < COLUMN_COUNT; i++)
                writer->columns[i].length = 0;
        for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
                writer->counts[i].fresh = 0;
        intern_deinit(&writer->texts);
        writer->previous_offset = writer->previous_stack = writer->previous_named = 0;
        writer->named_count = writer->rss_count = writer->rss_ms = writer->checkpoint_count = 0;
        writer->text_bytes = 0;
        put_checkpoint(writer);
}

void writer_block_write(struct writer *writer, const struct mtr_end *end) {
        for (size_t i = 0; i < COLUMN_COUNT; i++)
                writer->failed |= writer->columns[i].no_memory;
        compose(writer, end);
        store(writer, end);
        block_begin(writer);
}

void writer_block_due(struct writer *writer) {
        size_t bytes = writer->text_bytes;

        for (size_t i = 0; i < COLUMN_COUNT; i++)
                bytes += writer->columns[i].length;
        if (bytes >= BLOCK_BYTES)
                writer_block_write(writer, NULL);
}
