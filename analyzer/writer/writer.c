/*
 * Definitions, events and the books: see writer.h.
 */
#include "writer/writer_parts.h"

#include "base/array.h"
#include "base/saturate.h"

#include <memtrace/crc32c.h>

#include <errno.h>
#include <string.h>

struct writer *writer_new(FILE *stream, uint32_t pid) {
        struct mtr_file_header header = { .version = MTR_VERSION,
                                          .header_bytes = sizeof(header),
                                          .pid = pid };
        struct writer *writer = calloc(1, sizeof(*writer));

        if (!writer || !(writer->context = ZSTD_createCCtx())) {
                free(writer);
                return NULL;
        }
        writer->stream = stream;
        memcpy(header.magic, MTR_MAGIC, sizeof(header.magic));
        header.checksum = mtr_crc32c(&header, offsetof(struct mtr_file_header, checksum));
        fwrite(&header, sizeof(header), 1, stream);
        return writer;
}

void writer_free(struct writer *writer) {
        if (!writer)
                return;
        writer_block_deinit(writer);
        ZSTD_freeCCtx(writer->context);
        free(writer->sites);
        free(writer);
}

static size_t cut(size_t length, size_t most) {
        return length < most ? length : most;
}

void writer_process(struct writer *writer, const struct writer_process *process) {
        const struct mtr_process fixed = { .page_bytes = process->page_bytes,
                                           .depth_limit = MTR_STACK_DEPTH_MAX,
                                           .flags = MTR_PROCESS_IMPORTED };

        writer->columns[COLUMN_PROCESS].length = 0;
        bytes_put(&writer->columns[COLUMN_PROCESS], &fixed, sizeof(fixed));
        bytes_string(&writer->columns[COLUMN_PROCESS], process->exe,
                     cut(strlen(process->exe), MTR_STRING_MAX));
        bytes_string(&writer->columns[COLUMN_PROCESS], "", 0);
        bytes_string(&writer->columns[COLUMN_PROCESS], process->argv, cut(process->argv_bytes, MTR_ARGV_MAX));
        bytes_string(&writer->columns[COLUMN_PROCESS], process->tool,
                     cut(strlen(process->tool), MTR_STRING_MAX));
}

void writer_unseen(struct writer *writer, const char *words) {
        writer->columns[COLUMN_UNSEEN].length = 0;
        bytes_string(&writer->columns[COLUMN_UNSEEN], words, cut(strlen(words), MTR_STRING_MAX));
}

static uint32_t defined(struct writer *writer, enum trace_kind kind) {
        struct writer_count *count = &writer->counts[kind];

        writer_block_due(writer);
        count->fresh++;
        return count->all++;
}

uint32_t writer_module(struct writer *writer, uint64_t start, uint64_t end, uint64_t bias, const char *path) {
        uint32_t number = defined(writer, TRACE_MODULES);

        bytes_varint(&writer->columns[COLUMN_MODULES], start);
        bytes_varint(&writer->columns[COLUMN_MODULES], end - start);
        bytes_svarint(&writer->columns[COLUMN_MODULES], (int64_t)(bias - start));
        bytes_varint(&writer->columns[COLUMN_MODULES], 0);
        bytes_varint(&writer->columns[COLUMN_MODULES], 0);
        bytes_string(&writer->columns[COLUMN_MODULES], path, cut(strlen(path), MTR_STRING_MAX));
        return number;
}

uint32_t writer_frame(struct writer *writer, uint32_t module, uint64_t offset) {
        uint32_t number = defined(writer, TRACE_FRAMES);
        uint64_t value = offset << 1;

        bytes_varint(&writer->columns[COLUMN_FRAME_MODULES],
                     module == TRACE_NO_MODULE ? 0 : (uint64_t)module + 1);
        bytes_svarint(&writer->columns[COLUMN_FRAME_OFFSETS], (int64_t)(value - writer->previous_offset));
        writer->previous_offset = value;
        return number;
}

/* A text's number + 1. */
static void put_text(struct writer *writer, const char *text) {
        uint32_t number = 0;

        size_t before = writer->texts.count;

        if (text && intern_text(&writer->texts, text, &number) < 0)
                writer->failed = true;
        if (writer->texts.count > before)
                writer->text_bytes += strlen(text);
        bytes_varint(&writer->columns[COLUMN_NAMES], text ? (uint64_t)number + 1 : 0);
}

void writer_name_frame(struct writer *writer, const struct trace_name *names, size_t count) {
        uint64_t frame = writer->counts[TRACE_FRAMES].all - 1;

        bytes_varint(&writer->columns[COLUMN_NAMES], frame - writer->previous_named);
        bytes_varint(&writer->columns[COLUMN_NAMES], count);
        for (size_t i = 0; i < count; i++) {
                put_text(writer, names[i].file);
                put_text(writer, names[i].directory);
                put_text(writer, names[i].function);
                bytes_varint(&writer->columns[COLUMN_NAMES],
                             names[i].has_line ? (uint64_t)names[i].line + 1 : 0);
        }
        writer->previous_named = frame;
        writer->named_count++;
}

uint32_t writer_stack(struct writer *writer, uint32_t parent, uint32_t frame) {
        uint32_t number = defined(writer, TRACE_STACKS) + 1;

        bytes_varint(&writer->columns[COLUMN_STACK_PARENTS], number - parent);
        bytes_varint(&writer->columns[COLUMN_STACK_FRAMES], frame);
        return number;
}

uint32_t writer_thread(struct writer *writer, uint64_t tid, const char *name) {
        uint32_t number = defined(writer, TRACE_THREADS);

        bytes_varint(&writer->columns[COLUMN_THREADS], tid);
        bytes_varint(&writer->columns[COLUMN_THREADS], writer->now_ms * MTR_TIME_UNIT_NS);
        bytes_string(&writer->columns[COLUMN_THREADS], name, cut(strlen(name), MTR_STRING_MAX));
        return number;
}

uint32_t writer_site(struct writer *writer, uint32_t stack, uint64_t size_bytes, enum mtr_site_kind kind) {
        uint32_t number = defined(writer, TRACE_SITES);
        uint8_t byte = (uint8_t)kind;

        if (array_reserve(&writer->sites, &writer->site_capacity, (size_t)number + 1,
                          sizeof(*writer->sites)) < 0) {
                writer->failed = true;
                return number;
        }
        writer->sites[number] = (struct writer_site){ .size_bytes = size_bytes };
        bytes_svarint(&writer->columns[COLUMN_SITE_STACKS], (int64_t)stack - (int64_t)writer->previous_stack);
        writer->previous_stack = stack;
        bytes_varint(&writer->columns[COLUMN_SITE_SIZES], size_bytes);
        bytes_put(&writer->columns[COLUMN_SITE_KINDS], &byte, 1);
        return number;
}

void writer_at(struct writer *writer, uint64_t time_ms) {
        if (time_ms > writer->now_ms)
                writer->now_ms = time_ms;
}

static uint64_t now_ns(const struct writer *writer) {
        return writer->now_ms * MTR_TIME_UNIT_NS;
}

static void put_event(struct writer *writer, uint64_t argument, enum mtr_event event) {
        bytes_varint(&writer->columns[COLUMN_EVENTS], argument << 2 | event);
}

static void before_event(struct writer *writer) {
        struct mtr_block_header *header = &writer->header;

        writer_block_due(writer);
        if (header->event_count++ == 0) {
                header->first_time_ns = header->peak_time_ns = now_ns(writer);
                writer->block_ms = writer->now_ms;
        } else if (writer->now_ms > writer->block_ms) {
                put_event(writer, (writer->now_ms - writer->block_ms) << 1 | 1, MTR_CONTROL);
                writer->block_ms = writer->now_ms;
        }
        header->last_time_ns = now_ns(writer);
}

int writer_allocate(struct writer *writer, uint32_t number) {
        struct mtr_block_header *header = &writer->header;
        struct mtr_end *totals = &writer->totals;
        struct writer_site *site;
        uint64_t live_bytes;

        if (writer->failed)
                return 0;
        site = &writer->sites[number];
        if (__builtin_add_overflow(writer->live_bytes, site->size_bytes, &live_bytes))
                return -EOVERFLOW;
        before_event(writer);
        writer->live_bytes = live_bytes;
        put_event(writer, number, MTR_ALLOC);
        site->live_blocks++;
        writer->live_blocks++;
        totals->allocations++;
        totals->allocated_bytes = saturate_add(totals->allocated_bytes, site->size_bytes);
        if (writer->live_bytes > totals->peak_bytes)
                totals->peak_bytes = writer->live_bytes;
        if (writer->live_bytes > header->peak_bytes) {
                header->peak_bytes = writer->live_bytes;
                header->peak_event = header->event_count;
                header->peak_time_ns = now_ns(writer);
        }
        return 0;
}

int writer_release(struct writer *writer, uint32_t number, bool temporary) {
        struct writer_site *site;

        if (writer->failed)
                return 0;
        site = &writer->sites[number];
        if (site->live_blocks == 0)
                return -ENOENT;
        before_event(writer);
        put_event(writer, number, temporary ? MTR_FREE_TEMPORARY : MTR_FREE);
        site->live_blocks--;
        writer->live_blocks--;
        writer->live_bytes -= site->size_bytes;
        writer->totals.frees++;
        writer->totals.temporary += temporary;
        return 0;
}

void writer_rss(struct writer *writer, uint64_t kib) {
        bytes_varint(&writer->columns[COLUMN_RSS], writer->now_ms - writer->rss_ms);
        bytes_varint(&writer->columns[COLUMN_RSS], kib);
        writer->rss_ms = writer->now_ms;
        writer->rss_count++;
}

void writer_snapshot(struct writer *writer, const char *name) {
        struct bytes body = { 0 };
        struct mtr_record record = { .type = MTR_SNAPSHOT };

        bytes_varint(&body, writer->header.event_count);
        bytes_varint(&body, now_ns(writer));
        bytes_string(&body, name, strlen(name));
        record.length = (uint32_t)body.length;
        bytes_put(&writer->columns[COLUMN_MOMENTS], &record, sizeof(record));
        bytes_add(&writer->columns[COLUMN_MOMENTS], &body);
        bytes_deinit(&body);
}

const struct mtr_end *writer_totals(const struct writer *writer) {
        return &writer->totals;
}

int writer_finish(struct writer *writer, const struct writer_ending *ending) {
        struct mtr_end end = writer->totals;

        if (ending) {
                end.how = ending->how;
                end.code = ending->code;
                end.foreign_frees = ending->foreign_frees;
        }
        end.time_ns = now_ns(writer);
        end.live_bytes = writer->live_bytes;
        end.live_blocks = writer->live_blocks;
        writer_block_write(writer, ending ? &end : NULL);
        return writer->failed ? -ENOMEM : 0;
}
