/*
 * See trace_builder.h. The trace as a file: its header, and blocks put together of what the other parts
 * (trace_builder_definitions.c, trace_builder_events.c) have collected.
 */
#include "trace_builder.h"
#include "trace_builder_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

struct tb *tb_new(uint32_t pid, enum mtr_compression compression) {
        struct tb *tb = tb_need(calloc(1, sizeof(*tb)));
        struct mtr_file_header header = { .version = MTR_VERSION,
                                          .header_bytes = sizeof(header),
                                          .started_unix_ns = 1700000000123456789u,
                                          .pid = pid };

        memcpy(header.magic, MTR_MAGIC, sizeof(header.magic));
        header.checksum = tb_crc32c(&header, sizeof(header) - 4);
        tb_append(&tb->file, &header, sizeof(header));
        tb->compression = compression;
        return tb;
}

void tb_started(struct tb *tb, uint64_t unix_ns) {
        struct mtr_file_header header;

        memcpy(&header, tb->file.data, sizeof(header));
        header.started_unix_ns = unix_ns;
        header.checksum = tb_crc32c(&header, sizeof(header) - 4);
        memcpy(tb->file.data, &header, sizeof(header));
}

static struct tb_bytes *parts(struct tb *tb, size_t index) {
        struct tb_bytes *all[] = { &tb->records,          &tb->module_bodies,
                                   &tb->thread_bodies,    &tb->frame_modules,
                                   &tb->frame_offsets,    &tb->stack_parents,
                                   &tb->stack_frames,     &tb->site_stacks,
                                   &tb->site_sizes,       &tb->site_kinds,
                                   &tb->events,           &tb->tail,
                                   &tb->checkpoint_sites, &tb->checkpoint_lives,
                                   &tb->owner_events,     &tb->owner_threads,
                                   &tb->life_sites,       &tb->life_distances,
                                   &tb->life_classes,     &tb->life_frees,
                                   &tb->life_beyond_ms,   NULL };

        return all[index];
}

void tb_free(struct tb *tb) {
        for (size_t i = 0; parts(tb, i); i++)
                free(parts(tb, i)->data);
        ZSTD_freeCCtx(tb->frame);
        free(tb->file.data);
        free(tb->site_books);
        free(tb);
}

void tb_checkpoint(struct tb *tb) {
        uint64_t previous = 0;

        tb->checkpoint = true;
        for (uint32_t i = 0; i < tb->sites; i++) {
                if (tb->site_books[i].live == 0)
                        continue;
                tb_varint(&tb->checkpoint_sites, i - previous);
                tb_varint(&tb->checkpoint_lives, tb->site_books[i].live);
                tb->checkpoint_count++;
                previous = i;
        }
}

static void put_table(struct tb_bytes *payload, uint32_t type, uint64_t count,
                      const struct tb_bytes *const *columns) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, count);
        for (; *columns; columns++)
                tb_append(&body, (*columns)->data, (*columns)->length);
        tb_put_record(payload, type, body.data, body.length);
        free(body.data);
}

#define COLUMNS(...)                                                                                         \
        (const struct tb_bytes *const[]) {                                                                   \
                __VA_ARGS__, NULL                                                                            \
        }

static void put_payload(struct tb *tb, struct tb_bytes *payload) {
        if (tb->numbering) {
                struct tb_bytes body = { 0 };

                tb_varint(&body, tb->modules - tb->modules_new);
                tb_varint(&body, tb->frames - tb->frames_new);
                tb_varint(&body, tb->stacks - tb->stacks_new);
                tb_varint(&body, tb->threads - tb->threads_new);
                tb_varint(&body, tb->sites - tb->sites_new);
                tb_put_record(payload, MTR_NUMBERING, body.data, body.length);
                free(body.data);
        }
        tb_append(payload, tb->records.data, tb->records.length);
        if (tb->modules_new)
                put_table(payload, MTR_MODULES, tb->modules_new, COLUMNS(&tb->module_bodies));
        if (tb->frames_new)
                put_table(payload, MTR_FRAMES, tb->frames_new,
                          COLUMNS(&tb->frame_modules, &tb->frame_offsets));
        if (tb->stacks_new)
                put_table(payload, MTR_STACKS, tb->stacks_new,
                          COLUMNS(&tb->stack_parents, &tb->stack_frames));
        if (tb->threads_new)
                put_table(payload, MTR_THREADS, tb->threads_new, COLUMNS(&tb->thread_bodies));
        if (tb->sites_new)
                put_table(payload, MTR_SITES, tb->sites_new,
                          COLUMNS(&tb->site_stacks, &tb->site_sizes, &tb->site_kinds));
        if (tb->checkpoint) {
                put_table(payload, MTR_CHECKPOINT, tb->checkpoint_count,
                          COLUMNS(&tb->checkpoint_sites, &tb->checkpoint_lives));
                tb->header.flags |= MTR_BLOCK_CHECKPOINT;
        }
        if (tb->events.length)
                tb_put_record(payload, MTR_EVENTS, tb->events.data, tb->events.length);
        tb_append(payload, tb->tail.data, tb->tail.length);
        if (tb->owner_count)
                put_table(payload, MTR_OWNERS, tb->owner_count,
                          COLUMNS(&tb->owner_events, &tb->owner_threads));
        if (tb->life_count)
                put_table(payload, MTR_LIVES, tb->life_count,
                          COLUMNS(&tb->life_sites, &tb->life_distances, &tb->life_classes, &tb->life_frees,
                                  &tb->life_beyond_ms));
}

static void next_block(struct tb *tb) {
        struct mtr_block_header next = {
                .sequence = tb->header.sequence + 1,
                .events_before = tb->header.events_before + tb->header.event_count,
                .live_bytes_begin = tb->live_bytes,
                .live_blocks_begin = tb->live_blocks,
                .first_time_ns = tb->time_ns,
                .last_time_ns = tb->time_ns,
                .peak_bytes = tb->live_bytes,
                .peak_time_ns = tb->time_ns,
        };

        for (size_t i = 0; parts(tb, i); i++)
                parts(tb, i)->length = 0;
        tb->modules_new = tb->threads_new = tb->frames_new = tb->stacks_new = tb->sites_new = 0;
        tb->previous_offset = tb->previous_stack = 0;
        tb->checkpoint = false;
        tb->checkpoint_count = 0;
        tb->owner_count = tb->owner_previous = tb->life_count = tb->life_previous = 0;
        tb->header = next;
}

/* The payload as one part of a frame; the first part begins it. */
static void put_part(struct tb *tb, const struct tb_bytes *payload, struct tb_bytes *stored) {
        ZSTD_inBuffer in = { payload->data, payload->length, 0 };
        ZSTD_outBuffer out = { 0 };

        if (tb->frame_left > 0) {
                tb->header.flags |= MTR_BLOCK_CONTINUES;
                tb->frame_left--;
        } else {
                tb->frame_left = tb->frame_blocks - 1;
                if (!tb->frame)
                        tb->frame = tb_need(ZSTD_createCCtx());
                if (ZSTD_isError(ZSTD_CCtx_reset(tb->frame, ZSTD_reset_session_and_parameters)) ||
                    ZSTD_isError(ZSTD_CCtx_setParameter(tb->frame, ZSTD_c_windowLog, tb->window_log)))
                        abort();
        }
        stored->capacity = ZSTD_compressBound(payload->length) + ZSTD_CStreamOutSize();
        stored->data = tb_need(malloc(stored->capacity));
        out = (ZSTD_outBuffer){ stored->data, stored->capacity, 0 };
        if (ZSTD_compressStream2(tb->frame, &out, &in, tb->frame_ends ? ZSTD_e_end : ZSTD_e_flush) != 0)
                abort();
        stored->length = out.pos;
}

void tb_block(struct tb *tb) {
        struct tb_bytes payload = { 0 }, stored = { 0 };

        put_payload(tb, &payload);
        if (tb->compression == MTR_ZSTD && (tb->frame_left > 0 || tb->frame_blocks > 0)) {
                put_part(tb, &payload, &stored);
        } else if (tb->compression == MTR_ZSTD) {
                stored.capacity = ZSTD_compressBound(payload.length);
                stored.data = tb_need(malloc(stored.capacity));
                stored.length = ZSTD_compress(stored.data, stored.capacity,
                                              payload.data ? payload.data : stored.data, payload.length, 3);
                if (ZSTD_isError(stored.length))
                        abort();
        } else {
                tb_append(&stored, payload.data, payload.length);
        }
        tb->header.magic = MTR_BLOCK_MAGIC;
        tb->header.header_bytes = sizeof(tb->header);
        tb->header.compression = tb->compression;
        tb->header.stored_bytes = (uint32_t)stored.length;
        tb->header.raw_bytes = (uint32_t)payload.length;
        tb->header.payload_checksum = tb_crc32c(stored.data, stored.length);
        tb->header.header_checksum = tb_crc32c(&tb->header, sizeof(tb->header) - 4);
        tb_append(&tb->file, &tb->header, sizeof(tb->header));
        tb_append(&tb->file, stored.data, stored.length);
        free(payload.data);
        free(stored.data);
        next_block(tb);
}

static void put_domain_ends(struct tb *tb) {
        struct tb_bytes rows = { 0 }, body = { 0 };
        uint64_t count = 0;

        for (uint32_t i = 1; i < TB_DOMAINS; i++) {
                const struct tb_domain *domain = &tb->domains[i];

                if (domain->allocations + domain->foreign_frees == 0)
                        continue;
                tb_varint(&rows, i);
                tb_varint(&rows, domain->allocations);
                tb_varint(&rows, domain->frees);
                tb_varint(&rows, domain->temporary);
                tb_varint(&rows, domain->allocated_bytes);
                tb_varint(&rows, domain->peak_bytes);
                tb_varint(&rows, domain->live_bytes);
                tb_varint(&rows, domain->live_blocks);
                tb_varint(&rows, domain->foreign_frees);
                tb_varint(&rows, domain->doubles);
                count++;
        }
        tb_varint(&body, count);
        tb_append(&body, rows.data, rows.length);
        if (count > 0)
                tb_put_record(&tb->tail, MTR_DOMAIN_ENDS, body.data, body.length);
        free(rows.data);
        free(body.data);
}

void tb_end(struct tb *tb, enum mtr_end_how how, int32_t code) {
        tb->end.time_ns = tb->time_ns;
        tb->end.how = how;
        tb->end.code = code;
        tb->end.live_bytes = tb->live_bytes;
        tb->end.live_blocks = tb->live_blocks;
        tb_put_record(&tb->tail, MTR_END, &tb->end, sizeof(tb->end));
        put_domain_ends(tb);
        tb->header.flags |= MTR_BLOCK_END;
        tb_block(tb);
}

void tb_write(const struct tb *tb, const char *path) {
        FILE *file = tb_need(fopen(path, "wb"));

        if (fwrite(tb->file.data, 1, tb->file.length, file) != tb->file.length || fclose(file) != 0)
                abort();
}

int tb_memfd(const void *data, size_t length) {
        int fd = memfd_create("trace", MFD_CLOEXEC);

        if (fd < 0 || write(fd, data, length) != (ssize_t)length)
                abort();
        return fd;
}
