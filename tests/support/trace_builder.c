/*
 * See trace_builder.h. CRC-32C here is computed bit by bit, the slow and obvious way.
 */
#include "trace_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

static void *need(void *memory) {
        if (!memory)
                abort();
        return memory;
}

static uint32_t crc32c(const void *data, size_t length) {
        const uint8_t *bytes = data;
        uint32_t crc = ~0u;

        for (size_t i = 0; i < length; i++) {
                crc ^= bytes[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        }
        return ~crc;
}

void tb_append(struct tb_bytes *bytes, const void *data, size_t length) {
        if (bytes->length + length > bytes->capacity) {
                bytes->capacity = (bytes->length + length) * 2 + 64;
                bytes->data = need(realloc(bytes->data, bytes->capacity));
        }
        if (length > 0)
                memcpy(bytes->data + bytes->length, data, length);
        bytes->length += length;
}

void tb_varint(struct tb_bytes *bytes, uint64_t value) {
        do {
                uint8_t byte = (uint8_t)(value & 0x7f) | (value > 0x7f ? 0x80 : 0);

                tb_append(bytes, &byte, 1);
                value >>= 7;
        } while (value);
}

void tb_svarint(struct tb_bytes *bytes, int64_t value) {
        tb_varint(bytes, value < 0 ? (uint64_t)(-(value + 1)) * 2 + 1 : (uint64_t)value * 2);
}

static void put_string(struct tb_bytes *bytes, const char *text, size_t length) {
        tb_varint(bytes, length);
        tb_append(bytes, text, length);
}

static void put_record(struct tb_bytes *bytes, uint32_t type, const void *body, size_t length) {
        struct mtr_record record = { type, (uint32_t)length };

        tb_append(bytes, &record, sizeof(record));
        tb_append(bytes, body, length);
}

struct tb *tb_new(uint32_t pid, enum mtr_compression compression) {
        struct tb *tb = need(calloc(1, sizeof(*tb)));
        struct mtr_file_header header = { .version = MTR_VERSION,
                                          .header_bytes = sizeof(header),
                                          .started_unix_ns = 1700000000123456789u,
                                          .pid = pid };

        memcpy(header.magic, MTR_MAGIC, sizeof(header.magic));
        header.checksum = crc32c(&header, sizeof(header) - 4);
        tb_append(&tb->file, &header, sizeof(header));
        tb->compression = compression;
        return tb;
}

void tb_started(struct tb *tb, uint64_t unix_ns) {
        struct mtr_file_header header;

        memcpy(&header, tb->file.data, sizeof(header));
        header.started_unix_ns = unix_ns;
        header.checksum = crc32c(&header, sizeof(header) - 4);
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

void tb_process(struct tb *tb, const char *exe, const char *argv) {
        struct mtr_process process = { .pid = 1234,
                                       .ppid = 1,
                                       .started_unix_ns = 1700000000123456789u,
                                       .page_bytes = 4096,
                                       .depth_limit = MTR_STACK_DEPTH_MAX,
                                       .flags = tb->process_flags };
        struct tb_bytes body = { 0 };
        size_t length = strlen(argv);
        char *nul = need(strdup(argv));

        for (size_t i = 0; i < length; i++)
                if (nul[i] == '\1')
                        nul[i] = '\0';
        tb_append(&body, &process, sizeof(process));
        put_string(&body, exe, strlen(exe));
        put_string(&body, "/", 1);
        put_string(&body, nul, length ? length + 1 : 0);
        put_string(&body, "test", 4);
        put_record(&tb->records, MTR_PROCESS, body.data, body.length);
        free(body.data);
        free(nul);
}

uint32_t tb_module(struct tb *tb, uint64_t start, uint64_t end, uint64_t bias, const uint8_t *build_id,
                   size_t build_id_bytes, const char *path) {
        tb_varint(&tb->module_bodies, start);
        tb_varint(&tb->module_bodies, end - start);
        tb_svarint(&tb->module_bodies, (int64_t)(bias - start));
        tb_varint(&tb->module_bodies, 0);
        put_string(&tb->module_bodies, (const char *)build_id, build_id_bytes);
        put_string(&tb->module_bodies, path, strlen(path));
        tb->modules_new++;
        return tb->modules++;
}

uint32_t tb_thread(struct tb *tb, uint32_t tid, const char *name) {
        tb_varint(&tb->thread_bodies, tid);
        tb_varint(&tb->thread_bodies, tb->time_ns);
        put_string(&tb->thread_bodies, name, strlen(name));
        tb->threads_new++;
        return tb->threads++;
}

uint32_t tb_frame(struct tb *tb, uint32_t module, uint64_t offset, bool exact) {
        uint64_t value = offset * 2 + exact;

        tb_varint(&tb->frame_modules, (uint32_t)(module + 1));
        tb_svarint(&tb->frame_offsets, (int64_t)(value - tb->previous_offset));
        tb->previous_offset = value;
        tb->frames_new++;
        return tb->frames++;
}

uint32_t tb_stack(struct tb *tb, uint32_t parent, uint32_t frame) {
        uint32_t id = ++tb->stacks;

        tb_varint(&tb->stack_parents, id - parent);
        tb_varint(&tb->stack_frames, frame);
        tb->stacks_new++;
        return id;
}

uint32_t tb_site(struct tb *tb, uint32_t stack, uint64_t size_bytes, enum mtr_site_kind kind) {
        uint8_t byte = (uint8_t)kind;

        tb_svarint(&tb->site_stacks, (int64_t)stack - (int64_t)tb->previous_stack);
        tb->previous_stack = stack;
        tb_varint(&tb->site_sizes, size_bytes);
        tb_append(&tb->site_kinds, &byte, 1);
        if (tb->sites == tb->site_capacity) {
                tb->site_capacity = tb->site_capacity * 2 + 64;
                tb->site_books = need(realloc(tb->site_books, tb->site_capacity * sizeof(*tb->site_books)));
        }
        tb->site_books[tb->sites] = (struct tb_site){ .size_bytes = size_bytes };
        tb->sites_new++;
        return tb->sites++;
}

void tb_at(struct tb *tb, uint64_t time_ns) {
        tb->time_ns = time_ns;
}

void tb_switch(struct tb *tb, uint32_t thread) {
        tb_varint(&tb->events, ((uint64_t)thread << 1 | 0) << 2 | MTR_CONTROL);
}

void tb_event_raw(struct tb *tb, uint64_t value) {
        tb_varint(&tb->events, value);
}

static void before_event(struct tb *tb) {
        if (tb->header.event_count == 0) {
                tb->header.first_time_ns = tb->time_ns;
                tb->header.peak_time_ns = tb->time_ns;
                tb->units = tb->time_ns / MTR_TIME_UNIT_NS;
        }
        if (tb->time_ns / MTR_TIME_UNIT_NS > tb->units) {
                uint64_t step = tb->time_ns / MTR_TIME_UNIT_NS - tb->units;

                tb_varint(&tb->events, (step << 1 | 1) << 2 | MTR_CONTROL);
                tb->units += step;
        }
        tb->header.last_time_ns = tb->time_ns;
        tb->header.event_count++;
}

void tb_alloc(struct tb *tb, uint32_t site) {
        before_event(tb);
        tb_varint(&tb->events, (uint64_t)site << 2 | MTR_ALLOC);
        tb->site_books[site].live++;
        tb->live_bytes += tb->site_books[site].size_bytes;
        tb->live_blocks++;
        tb->end.allocations++;
        tb->end.allocated_bytes += tb->site_books[site].size_bytes;
        if (tb->live_bytes > tb->header.peak_bytes) {
                tb->header.peak_bytes = tb->live_bytes;
                tb->header.peak_event = tb->header.event_count;
                tb->header.peak_time_ns = tb->time_ns;
        }
        if (tb->live_bytes > tb->end.peak_bytes)
                tb->end.peak_bytes = tb->live_bytes;
}

void tb_release(struct tb *tb, uint32_t site, bool temporary) {
        before_event(tb);
        tb_varint(&tb->events, (uint64_t)site << 2 | (temporary ? MTR_FREE_TEMPORARY : MTR_FREE));
        tb->site_books[site].live--;
        tb->live_bytes -= tb->site_books[site].size_bytes;
        tb->live_blocks--;
        tb->end.frees++;
        tb->end.temporary += temporary;
}

void tb_owner(struct tb *tb, uint32_t thread) {
        tb_varint(&tb->owner_events, tb->header.event_count - tb->owner_previous);
        tb_varint(&tb->owner_threads, (uint32_t)(thread + 1));
        tb->owner_previous = tb->header.event_count;
        tb->owner_count++;
}

static uint64_t least_ms(uint64_t age_class) {
        return age_class < 8 ? age_class : (4 + age_class % 4) << (age_class / 4 - 1);
}

void tb_lives(struct tb *tb, uint32_t site, uint64_t distance, uint64_t age_class, uint64_t frees,
              uint64_t lived_ms) {
        tb_varint(&tb->life_sites, site - tb->life_previous);
        tb_varint(&tb->life_distances, distance);
        tb_varint(&tb->life_classes, age_class);
        tb_varint(&tb->life_frees, frees);
        tb_varint(&tb->life_beyond_ms, lived_ms - frees * least_ms(age_class));
        tb->life_previous = site;
        tb->life_count++;
}

void tb_rss(struct tb *tb, uint64_t kib) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, 1);
        tb_varint(&body, tb->time_ns / MTR_TIME_UNIT_NS);
        tb_varint(&body, kib);
        put_record(&tb->tail, MTR_RSS, body.data, body.length);
        free(body.data);
}

void tb_loss(struct tb *tb, uint64_t lost, enum mtr_loss_reason reason) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, tb->time_ns);
        tb_varint(&body, lost);
        tb_varint(&body, reason);
        put_record(&tb->tail, MTR_LOSS, body.data, body.length);
        tb->end.lost += lost;
        free(body.data);
}

static void put_moment(struct tb *tb, struct tb_bytes *body, const char *name) {
        tb_varint(body, tb->header.event_count);
        tb_varint(body, tb->time_ns);
        put_string(body, name, strlen(name));
}

void tb_mark(struct tb *tb, enum mtr_record_type type, const char *name) {
        struct tb_bytes body = { 0 };

        put_moment(tb, &body, name);
        put_record(&tb->tail, type, body.data, body.length);
        free(body.data);
}

void tb_scope(struct tb *tb, enum mtr_record_type type, const char *name, uint32_t thread) {
        struct tb_bytes body = { 0 };

        put_moment(tb, &body, name);
        tb_varint(&body, thread);
        put_record(&tb->tail, type, body.data, body.length);
        free(body.data);
}

void tb_unseen(struct tb *tb, const char *words) {
        struct tb_bytes body = { 0 };

        tb_varint(&body, strlen(words));
        tb_append(&body, words, strlen(words));
        put_record(&tb->tail, MTR_UNSEEN, body.data, body.length);
        free(body.data);
}

void tb_record(struct tb *tb, uint32_t type, const void *body, size_t length) {
        put_record(&tb->records, type, body, length);
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
        put_record(payload, type, body.data, body.length);
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
                put_record(payload, MTR_NUMBERING, body.data, body.length);
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
                put_record(payload, MTR_EVENTS, tb->events.data, tb->events.length);
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
                        tb->frame = need(ZSTD_createCCtx());
                if (ZSTD_isError(ZSTD_CCtx_reset(tb->frame, ZSTD_reset_session_and_parameters)) ||
                    ZSTD_isError(ZSTD_CCtx_setParameter(tb->frame, ZSTD_c_windowLog, tb->window_log)))
                        abort();
        }
        stored->capacity = ZSTD_compressBound(payload->length) + ZSTD_CStreamOutSize();
        stored->data = need(malloc(stored->capacity));
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
                stored.data = need(malloc(stored.capacity));
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
        tb->header.payload_checksum = crc32c(stored.data, stored.length);
        tb->header.header_checksum = crc32c(&tb->header, sizeof(tb->header) - 4);
        tb_append(&tb->file, &tb->header, sizeof(tb->header));
        tb_append(&tb->file, stored.data, stored.length);
        free(payload.data);
        free(stored.data);
        next_block(tb);
}

void tb_end(struct tb *tb, enum mtr_end_how how, int32_t code) {
        tb->end.time_ns = tb->time_ns;
        tb->end.how = how;
        tb->end.code = code;
        tb->end.live_bytes = tb->live_bytes;
        tb->end.live_blocks = tb->live_blocks;
        put_record(&tb->tail, MTR_END, &tb->end, sizeof(tb->end));
        tb->header.flags |= MTR_BLOCK_END;
        tb_block(tb);
}

void tb_write(const struct tb *tb, const char *path) {
        FILE *file = need(fopen(path, "wb"));

        if (fwrite(tb->file.data, 1, tb->file.length, file) != tb->file.length || fclose(file) != 0)
                abort();
}

int tb_memfd(const void *data, size_t length) {
        int fd = memfd_create("trace", MFD_CLOEXEC);

        if (fd < 0 || write(fd, data, length) != (ssize_t)length)
                abort();
        return fd;
}
