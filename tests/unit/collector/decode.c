/* A decoder of traces from the format's description alone: see stage.h. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <memtrace/crc32c.h>

#include "decode.h"
#include "stage.h"

static void read_modules(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader);

        seen->modules = more(seen->modules, seen->module_count, count, sizeof(*seen->modules));
        for (uint64_t i = 0; i < count; i++, seen->module_count++) {
                uint64_t length;

                seen->modules[seen->module_count].start = varint(reader);
                seen->modules[seen->module_count].end =
                        seen->modules[seen->module_count].start + varint(reader);
                seen->modules[seen->module_count].bias =
                        seen->modules[seen->module_count].start + (uint64_t)svarint(reader);
                seen->modules[seen->module_count].generation = varint(reader);
                length = varint(reader);
                cr_assert_leq(length, MTR_BUILD_ID_MAX);
                reader->at += length;
                length = varint(reader);
                cr_assert_leq(length, MTR_STRING_MAX);
                memcpy(seen->modules[seen->module_count].path, reader->at, length);
                reader->at += length;
        }
}

static void read_frames(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader), offset = 0;

        seen->frames = more(seen->frames, seen->frame_count, count, sizeof(*seen->frames));
        for (uint64_t i = 0; i < count; i++) {
                seen->frames[seen->frame_count + i].module = varint(reader);
                cr_assert_leq(seen->frames[seen->frame_count + i].module, seen->module_count);
        }
        for (uint64_t i = 0; i < count; i++)
                seen->frames[seen->frame_count + i].offset = offset += (uint64_t)svarint(reader);
        seen->frame_count += (uint32_t)count;
}

static void read_stacks(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader);

        seen->stacks = more(seen->stacks, seen->stack_count + 1, count, sizeof(*seen->stacks));
        for (uint64_t i = 1; i <= count; i++) {
                uint64_t back = varint(reader);

                cr_assert(back >= 1 && back <= seen->stack_count + i, "a parent is defined before");
                seen->stacks[seen->stack_count + i].parent = seen->stack_count + i - back;
        }
        for (uint64_t i = 1; i <= count; i++) {
                seen->stacks[seen->stack_count + i].frame = varint(reader);
                cr_assert_lt(seen->stacks[seen->stack_count + i].frame, seen->frame_count);
        }
        seen->stack_count += (uint32_t)count;
}

static void read_sites(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader), stack = 0;

        seen->sites = more(seen->sites, seen->site_count, count, sizeof(*seen->sites));
        seen->live = more(seen->live, seen->site_count, count, sizeof(*seen->live));
        for (uint64_t i = 0; i < count; i++) {
                stack += (uint64_t)svarint(reader);
                cr_assert_leq(stack, seen->stack_count);
                seen->sites[seen->site_count + i].stack = stack;
        }
        for (uint64_t i = 0; i < count; i++)
                seen->sites[seen->site_count + i].size = varint(reader);
        for (uint64_t i = 0; i < count; i++)
                seen->sites[seen->site_count + i].kind = *reader->at++;
        seen->site_count += (uint32_t)count;
}

static void read_threads(struct seen *seen, struct reader *reader) {
        for (uint64_t count = varint(reader); count > 0; count--, seen->thread_count++) {
                (void)varint(reader);
                (void)varint(reader);
                reader->at += varint(reader);
        }
}

static void read_checkpoint(struct seen *seen, struct reader *reader, struct seen_block *block) {
        uint64_t count = varint(reader), site = 0;
        uint64_t *sites = calloc(count + 1, sizeof(*sites));

        block->checkpoint = true;
        for (uint64_t i = 0; i < count; i++) {
                sites[i] = site += varint(reader);
                cr_assert_lt(site, seen->site_count);
        }
        for (uint64_t i = 0; i < count; i++) {
                uint64_t blocks = varint(reader);

                cr_assert_eq(blocks, seen->live[sites[i]], "site %lu", sites[i]);
                block->checkpoint_blocks += blocks;
        }
        cr_assert_eq(block->checkpoint_blocks, seen->live_blocks + decode_domains_blocks(seen));
        free(sites);
}

static void read_events(struct seen *seen, struct reader *reader, const struct mtr_block_header *header) {
        uint64_t event_unit = 0;
        uint64_t unit = header->first_time_ns / MTR_TIME_UNIT_NS, thread = 0, events = 0, peak_event = 0;
        uint64_t peak = seen->live_bytes, peak_unit = unit;

        seen->events = more(seen->events, seen->event_count, header->event_count, sizeof(*seen->events));
        while (reader->at < reader->end) {
                uint64_t value = varint(reader), argument = value >> 2;
                uint64_t size;
                uint32_t domain;

                if ((value & 3) == MTR_CONTROL) {
                        if (argument & 1)
                                unit += argument >> 1;
                        else
                                thread = argument >> 1;
                        cr_assert_lt(thread, seen->thread_count);
                        continue;
                }
                cr_assert_lt(argument, seen->site_count);
                cr_assert_lt(events, header->event_count);
                size = seen->sites[argument].size;
                domain = decode_domain_of(seen, argument);
                seen->events[seen->event_count++] = (struct seen_event){ value & 3, (uint32_t)thread, unit,
                                                                         size,      argument,         thread,
                                                                         domain };
                events++;
                event_unit = unit;
                seen->replays &= (value & 3) == MTR_ALLOC || seen->live[argument] != 0;
                seen->live[argument] += (value & 3) == MTR_ALLOC ? 1 : UINT64_MAX;
                if (domain != 0) {
                        decode_domain_event(seen, domain, value & 3, size);
                } else if ((value & 3) == MTR_ALLOC) {
                        seen->allocations++;
                        seen->allocated_bytes += size;
                        seen->live_blocks++;
                        seen->live_bytes += size;
                } else {
                        seen->frees++;
                        seen->temporary += (value & 3) == MTR_FREE_TEMPORARY;
                        seen->live_blocks--;
                        seen->live_bytes -= size;
                }
                if (seen->live_bytes > peak) {
                        peak = seen->live_bytes;
                        peak_event = events;
                        peak_unit = unit;
                }
        }
        cr_assert_eq(events, header->event_count);
        cr_assert_eq(peak, header->peak_bytes);
        cr_assert_eq(peak_event, header->peak_event);
        cr_assert_eq(peak_unit, header->peak_time_ns / MTR_TIME_UNIT_NS);
        if (events != 0)
                cr_assert_eq(event_unit, header->last_time_ns / MTR_TIME_UNIT_NS);
        if (peak > seen->peak_bytes)
                seen->peak_bytes = peak;
}

static void read_loss(struct seen *seen, struct reader *reader) {
        uint64_t events, reason;

        (void)varint(reader);
        events = varint(reader);
        reason = varint(reader);
        cr_assert(reason >= MTR_LOSS_OVERFLOW && reason <= MTR_LOSS_WRITE);
        seen->lost[reason] += events;
        seen->loss_count++;
}

/* These stand in the order in which they were set. */
static bool decodes_mark(uint32_t type) {
        return type == MTR_MARK || type == MTR_SNAPSHOT || type == MTR_SCOPE_BEGIN || type == MTR_SCOPE_END;
}

static void read_payload(struct seen *seen, const uint8_t *payload, size_t length, struct seen_block *block) {
        const uint8_t *at = payload;
        uint32_t previous = 0;

        while (at < payload + length) {
                struct mtr_record record;
                struct reader reader;

                memcpy(&record, at, sizeof(record));
                at += sizeof(record);
                cr_assert_leq(record.length, (size_t)(payload + length - at));
                if (record.type != MTR_NUMBERING && !decodes_mark(record.type)) {
                        cr_assert_geq(record.type, previous, "records stand in order");
                        previous = record.type;
                }
                reader = (struct reader){ at, at + record.length };
                at += record.length;
                switch (record.type) {
                case MTR_NUMBERING:
                        cr_assert_eq(reader.at, payload + sizeof(record), "it is the first");
                        cr_assert_eq(varint(&reader), seen->module_count);
                        cr_assert_eq(varint(&reader), seen->frame_count);
                        cr_assert_eq(varint(&reader), seen->stack_count);
                        cr_assert_eq(varint(&reader), seen->thread_count);
                        cr_assert_eq(varint(&reader), seen->site_count);
                        break;
                case MTR_PROCESS:
                        memcpy(&seen->process, reader.at, sizeof(seen->process));
                        seen->process_count++;
                        break;
                case MTR_MODULES:
                        read_modules(seen, &reader);
                        break;
                case MTR_FRAMES:
                        read_frames(seen, &reader);
                        break;
                case MTR_STACKS:
                        read_stacks(seen, &reader);
                        break;
                case MTR_THREADS:
                        read_threads(seen, &reader);
                        break;
                case MTR_SITES:
                        read_sites(seen, &reader);
                        break;
                case MTR_CHECKPOINT:
                        read_checkpoint(seen, &reader, block);
                        break;
                case MTR_EVENTS:
                        read_events(seen, &reader, &block->header);
                        break;
                case MTR_RSS:
                        seen->rss_count += (uint32_t)varint(&reader);
                        break;
                case MTR_LOSS:
                        read_loss(seen, &reader);
                        break;
                case MTR_END:
                        cr_assert_eq(record.length, sizeof(seen->end));
                        memcpy(&seen->end, reader.at, sizeof(seen->end));
                        seen->end_count++;
                        break;
                case MTR_OWNERS:
                        decode_owners(seen, &reader, &block->header);
                        break;
                case MTR_LIVES:
                        decode_lives(seen, &reader);
                        break;
                case MTR_MARK:
                case MTR_SNAPSHOT:
                case MTR_SCOPE_BEGIN:
                case MTR_SCOPE_END:
                        decode_mark(seen, &reader, &block->header, record.type);
                        break;
                case MTR_THREAD_NAMES:
                        decode_thread_names(seen, &reader);
                        break;
                case MTR_DOMAINS:
                        decode_domains(seen, &reader);
                        break;
                case MTR_DOMAIN_ENDS:
                        cr_assert(block->header.flags & MTR_BLOCK_END, "they stand with an end");
                        decode_domain_ends(seen, &reader);
                        break;
                default:
                        cr_assert_fail("record type %u", record.type);
                }
        }
}

/* Into raw_bytes + 1 bytes, so that more than there should be is noticed. */
static void unpack(struct seen *seen, const struct mtr_block_header *header, const uint8_t *stored,
                   uint8_t *payload) {
        ZSTD_inBuffer in = { stored, header->stored_bytes, 0 };
        ZSTD_outBuffer out = { payload, header->raw_bytes + 1, 0 };
        size_t left = 1;

        if (header->flags & MTR_BLOCK_CONTINUES) {
                cr_assert_eq(header->compression, MTR_ZSTD);
                cr_assert_gt(seen->frame_blocks, 0, "there is a frame to go on with");
                cr_assert_leq(++seen->frame_blocks, MTR_FRAME_BLOCKS_MAX);
                cr_assert_leq(seen->frame_bytes += header->raw_bytes, MTR_FRAME_RAW_MAX);
        } else {
                (void)ZSTD_DCtx_reset(seen->frame, ZSTD_reset_session_only);
                seen->frame_blocks = 1;
                seen->frame_bytes = header->raw_bytes;
        }
        if (header->compression == MTR_STORED) {
                memcpy(payload, stored, header->stored_bytes);
                seen->frame_blocks = 0;
                return;
        }
        while (left > 0 && in.pos < in.size && out.pos < out.size) {
                left = ZSTD_decompressStream(seen->frame, &out, &in);
                cr_assert_not(ZSTD_isError(left), "%s", ZSTD_getErrorName(left));
        }
        cr_assert_eq(in.pos, in.size, "a block holds nothing but its part of a frame");
        cr_assert_eq(out.pos, header->raw_bytes, "all of a block can be had from it, and no more");
        if (left == 0)
                seen->frame_blocks = 0;
}

static void read_block(struct seen *seen, const struct mtr_block_header *header, const uint8_t *stored) {
        uint8_t *payload = malloc(header->raw_bytes + 1);
        struct seen_block *block;

        cr_assert_eq(header->magic, MTR_BLOCK_MAGIC);
        cr_assert_eq(header->header_checksum,
                     mtr_crc32c(header, offsetof(struct mtr_block_header, header_checksum)));
        cr_assert_eq(header->payload_checksum, mtr_crc32c(stored, header->stored_bytes));
        cr_assert_eq(header->sequence, seen->block_count);
        cr_assert_eq(header->events_before, seen->event_count);
        cr_assert_eq(header->live_bytes_begin, seen->live_bytes);
        cr_assert_eq(header->live_blocks_begin, seen->live_blocks);
        cr_assert_leq(header->first_time_ns, header->last_time_ns);
        unpack(seen, header, stored, payload);
        seen->blocks = more(seen->blocks, seen->block_count, 1, sizeof(*seen->blocks));
        block = &seen->blocks[seen->block_count++];
        block->header = *header;
        read_payload(seen, payload, header->raw_bytes, block);
        cr_assert_eq(block->checkpoint, !!(header->flags & MTR_BLOCK_CHECKPOINT));
        decode_domains_named(seen);
        free(payload);
}

struct seen *seen_read(int fd) {
        struct seen *seen = calloc(1, sizeof(*seen));
        struct stat status;
        uint8_t *data;
        size_t at = sizeof(struct mtr_file_header);

        seen->replays = true;
        seen->frame = ZSTD_createDCtx();
        (void)ZSTD_DCtx_setParameter(seen->frame, ZSTD_d_windowLogMax, MTR_FRAME_WINDOW_LOG_MAX);
        cr_assert_eq(fstat(fd, &status), 0);
        data = malloc((size_t)status.st_size + 1);
        cr_assert_eq(pread(fd, data, (size_t)status.st_size, 0), status.st_size);
        memcpy(&seen->file, data, sizeof(seen->file));
        cr_assert_eq(memcmp(seen->file.magic, MTR_MAGIC, sizeof(seen->file.magic)), 0);
        cr_assert_eq(seen->file.checksum, mtr_crc32c(data, offsetof(struct mtr_file_header, checksum)));
        while (at < (size_t)status.st_size) {
                struct mtr_block_header header;

                memcpy(&header, data + at, sizeof(header));
                cr_assert_leq(at + sizeof(header) + header.stored_bytes, (size_t)status.st_size,
                              "a whole block");
                read_block(seen, &header, data + at + sizeof(header));
                at += sizeof(header) + header.stored_bytes;
        }
        free(data);
        return seen;
}

void seen_free(struct seen *seen) {
        (void)ZSTD_freeDCtx(seen->frame);
        free(seen->blocks);
        free(seen->events);
        free(seen->lives);
        free(seen->marks);
        free(seen->named);
        free(seen->sites);
        free(seen->stacks);
        free(seen->frames);
        free(seen->modules);
        free(seen->live);
        free(seen);
}
