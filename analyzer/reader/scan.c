/*
 * Finds the blocks of a trace: walks from header to header, and where one does not hold looks
 * for the next that does. Every whole block that stands before or after damage is found.
 *
 * Bounded work: a crafted file may claim a payload at every step, so the bytes checksummed in
 * all are limited to a few times the file's.
 */
#include "reader/reader.h"

#include "base/array.h"
#include "base/message.h"

#include <memtrace/crc32c.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES sizeof(struct mtr_block_header)
#define SEARCH_WINDOW_BYTES (64u << 10)
#define SEARCH_FIRST_BYTES 1024u /* mostly the next header is near, and a crafted file has many */

struct scan {
        struct reader *reader;
        uint64_t at_bytes; /* where the next header should stand */
        uint64_t checksum_left_bytes;
        uint64_t frame_raw_bytes; /* of the frame that the last block is of */
        bool loss;                /* something was lost since the last whole block */
};

static bool header_is_sound(const struct mtr_block_header *header) {
        return header->magic == MTR_BLOCK_MAGIC && header->header_bytes == HEADER_BYTES &&
               header->header_checksum ==
                       mtr_crc32c(header, offsetof(struct mtr_block_header, header_checksum)) &&
               header->stored_bytes <= MTR_BLOCK_PAYLOAD_MAX && header->raw_bytes <= MTR_BLOCK_PAYLOAD_MAX &&
               (header->compression == MTR_ZSTD ||
                (header->compression == MTR_STORED && header->stored_bytes == header->raw_bytes));
}

/* The next sound header at or after `from_bytes`; file_bytes when there is none. */
static int find_header(struct reader *reader, uint64_t from_bytes, uint64_t *found_bytes) {
        static const uint32_t magic = MTR_BLOCK_MAGIC;
        uint8_t *window = malloc(SEARCH_WINDOW_BYTES);
        size_t window_bytes = SEARCH_FIRST_BYTES;
        int error = window ? 0 : -ENOMEM;

        *found_bytes = reader->file_bytes;
        while (error == 0 && from_bytes + HEADER_BYTES <= reader->file_bytes) {
                uint64_t left_bytes = reader->file_bytes - from_bytes;
                size_t length = left_bytes < window_bytes ? (size_t)left_bytes : window_bytes;
                const uint8_t *at = window, *end = window + length;

                error = reader_read_at(reader, window, length, from_bytes);
                while (error == 0 && (size_t)(end - at) >= HEADER_BYTES) {
                        struct mtr_block_header header;

                        at = memmem(at, (size_t)(end - at) - HEADER_BYTES + sizeof(magic), &magic,
                                    sizeof(magic));
                        if (!at)
                                break;
                        memcpy(&header, at, HEADER_BYTES);
                        if (header_is_sound(&header)) {
                                *found_bytes = from_bytes + (uint64_t)(at - window);
                                free(window);
                                return 0;
                        }
                        at++;
                }
                /* windows overlap by a header less one byte, so none is cut by their edge */
                from_bytes += length - HEADER_BYTES + 1;
                window_bytes = SEARCH_WINDOW_BYTES;
        }
        free(window);
        return error;
}

/*
 * Finds the frame of the last block, which is whole by itself: its own, or one that it goes on with,
 * which then must be there and within the caps.
 */
static void place_in_frame(struct scan *scan) {
        struct reader *reader = scan->reader;
        size_t index = reader->block_count - 1;
        struct reader_block *block = &reader->blocks[index], *before = index > 0 ? block - 1 : NULL;
        const struct mtr_block_header *header = &block->header;
        const char *wrong = NULL;

        if (!(header->flags & MTR_BLOCK_CONTINUES)) {
                scan->frame_raw_bytes = header->raw_bytes;
                return;
        }
        if (header->compression != MTR_ZSTD) {
                wrong = "it goes on with a frame and is not compressed";
        } else if (header->sequence == 0) {
                wrong = "it goes on with a frame and is the first block";
        } else if (!before || !before->whole || before->header.sequence + 1 != header->sequence) {
                reader_lose(reader, index);
                return;
        } else if (before->header.compression != MTR_ZSTD) {
                wrong = "it goes on with a block that is not compressed";
        } else if (index - before->frame_first >= MTR_FRAME_BLOCKS_MAX) {
                wrong = "its frame has more blocks than a frame may have";
        } else if (scan->frame_raw_bytes + header->raw_bytes > MTR_FRAME_RAW_MAX) {
                wrong = "its frame is larger than a frame may be";
        }
        if (wrong) {
                reader_spoil(reader, index, wrong);
                return;
        }
        block->frame_first = before->frame_first;
        scan->frame_raw_bytes += header->raw_bytes;
}

static int add_block(struct scan *scan, const struct mtr_block_header *header, bool whole) {
        struct reader *reader = scan->reader;
        const struct reader_block *last =
                reader->block_count ? &reader->blocks[reader->block_count - 1] : NULL;
        uint32_t expected = last ? last->header.sequence + 1 : 0;
        size_t index = reader->block_count;
        int error = array_reserve(&reader->blocks, &reader->block_capacity, reader->block_count + 1,
                                  sizeof(*reader->blocks));

        if (error < 0)
                return message_errno(ENOMEM, reader->name, "cannot list its blocks");
        /* a gap is noted once: where damage was met on the way, that note covers it */
        if (header->sequence != expected && !scan->loss) {
                reader_note_damage(reader, &(struct reader_damage){ .reason = READER_DAMAGE_MISSING,
                                                                    .offset_bytes = scan->at_bytes,
                                                                    .sequence = header->sequence });
                scan->loss = true;
        }
        reader->blocks[index] = (struct reader_block){
                .offset_bytes = scan->at_bytes + HEADER_BYTES,
                .header = *header,
                .frame_first = index,
                .whole = whole,
                .after_loss = scan->loss,
        };
        reader->block_count++;
        if (whole)
                place_in_frame(scan);
        scan->loss = !reader->blocks[index].whole;
        return 0;
}

static int note_and_skip(struct scan *scan, enum reader_damage_reason reason, uint32_t sequence,
                         uint64_t to_bytes) {
        reader_note_damage(scan->reader, &(struct reader_damage){ .reason = reason,
                                                                  .offset_bytes = scan->at_bytes,
                                                                  .length_bytes = to_bytes - scan->at_bytes,
                                                                  .sequence = sequence });
        scan->at_bytes = to_bytes;
        scan->loss = true;
        return 0;
}

/* No header here: on to the next one, or to the end. */
static int resync(struct scan *scan) {
        struct reader *reader = scan->reader;
        uint64_t next_bytes;
        bool cut;
        int error = find_header(reader, scan->at_bytes + 1, &next_bytes);

        if (error < 0)
                return message_errno(-error, reader->name, "cannot look for the next block");
        cut = next_bytes == reader->file_bytes && reader->file_bytes - scan->at_bytes < HEADER_BYTES;
        /* the block being written just now is no damage */
        if (cut && reader->running) {
                scan->at_bytes = next_bytes;
                return 0;
        }
        return note_and_skip(scan, cut ? READER_DAMAGE_CUT : READER_DAMAGE_HEADER, 0, next_bytes);
}

/* A sound header that older ones contradict belongs to no place here (a copied piece of file). */
static bool is_in_order(const struct scan *scan, const struct mtr_block_header *header) {
        const struct reader *reader = scan->reader;

        return reader->block_count == 0 ||
               header->sequence > reader->blocks[reader->block_count - 1].header.sequence;
}

static int take_block(struct scan *scan, const struct mtr_block_header *header) {
        struct reader *reader = scan->reader;
        uint64_t payload_bytes = scan->at_bytes + HEADER_BYTES;
        uint64_t end_bytes = payload_bytes + header->stored_bytes;
        struct reader_block block = { .offset_bytes = payload_bytes, .header = *header };
        uint64_t next_bytes;
        int error;

        if (end_bytes > reader->file_bytes || header->stored_bytes > scan->checksum_left_bytes) {
                /* cut, or a header that lies: only what stands after it can tell */
                error = find_header(reader, payload_bytes, &next_bytes);
                if (error < 0)
                        return message_errno(-error, reader->name, "cannot look for the next block");
                if (next_bytes == reader->file_bytes && reader->running) {
                        scan->at_bytes = next_bytes;
                        return 0;
                }
                return note_and_skip(scan, READER_DAMAGE_CUT, header->sequence, next_bytes);
        }
        error = reader_read_stored(reader, &block);
        if (error < 0)
                return message_errno(-error, reader->name, "cannot read a block");
        scan->checksum_left_bytes -= header->stored_bytes;
        if (header->payload_checksum == mtr_crc32c(reader->stored, header->stored_bytes)) {
                error = add_block(scan, header, true);
                scan->at_bytes = end_bytes;
                return error;
        }
        /* its length may be what is wrong: whatever is sound inside or behind it goes on */
        error = find_header(reader, payload_bytes, &next_bytes);
        if (error < 0)
                return message_errno(-error, reader->name, "cannot look for the next block");
        error = add_block(scan, header, false);
        return error < 0 ? error : note_and_skip(scan, READER_DAMAGE_PAYLOAD, header->sequence, next_bytes);
}

int reader_scan(struct reader *reader) {
        struct scan scan = {
                .reader = reader,
                .at_bytes = reader->header.header_bytes,
                .checksum_left_bytes = 4 * reader->file_bytes + (64u << 20),
        };
        int error = 0;

        while (error == 0 && scan.at_bytes < reader->file_bytes) {
                struct mtr_block_header header;

                if (reader->file_bytes - scan.at_bytes >= HEADER_BYTES) {
                        error = reader_read_at(reader, &header, HEADER_BYTES, scan.at_bytes);
                        if (error < 0)
                                return message_errno(-error, reader->name, "cannot read a block's header");
                        if (header_is_sound(&header) && is_in_order(&scan, &header)) {
                                error = take_block(&scan, &header);
                                continue;
                        }
                }
                error = resync(&scan);
        }
        return error;
}
