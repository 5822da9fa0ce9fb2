/*
 * Hands out payloads, and takes back what turns out not to be one. One thread.
 *
 * The decompressor stays where the last payload left it, so that a frame's blocks in file order
 * cost each of them once. A block further back, or one of another frame, is reached from its
 * frame's first; all that is decompressed on the way counts against the budget, which a report's
 * few seeks of MTR_FRAME_RAW_MAX do not touch.
 */
#include "reader/reader.h"

#include "base/array.h"
#include "base/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* No longer whole; what comes next comes after a loss. False where that was known. */
static bool unmake(struct reader *reader, size_t index) {
        if (!reader->blocks[index].whole)
                return false;
        reader->blocks[index].whole = false;
        if (index + 1 < reader->block_count)
                reader->blocks[index + 1].after_loss = true;
        return true;
}

static struct reader_damage damage_of(const struct reader_block *block, enum reader_damage_reason reason) {
        return (struct reader_damage){
                .reason = reason,
                .offset_bytes = block->offset_bytes,
                .length_bytes = block->header.stored_bytes,
                .sequence = block->header.sequence,
        };
}

void reader_spoil(struct reader *reader, size_t index, const char *detail) {
        struct reader_damage damage = damage_of(&reader->blocks[index], READER_DAMAGE_CONTENT);

        if (!unmake(reader, index))
                return;
        snprintf(damage.detail, sizeof(damage.detail), "%s", detail);
        reader_note_damage(reader, &damage);
}

void reader_lose(struct reader *reader, size_t index) {
        struct reader_damage damage = damage_of(&reader->blocks[index], READER_DAMAGE_FRAME);
        struct reader_damage *last =
                reader->damage_listed > 0 ? &reader->damages[reader->damage_listed - 1] : NULL;

        if (!unmake(reader, index))
                return;
        /* one note for all that go on with the same block */
        if (last && last->reason == READER_DAMAGE_FRAME &&
            last->sequence + last->more_blocks + 1 == damage.sequence) {
                last->length_bytes = damage.offset_bytes + damage.length_bytes - last->offset_bytes;
                last->more_blocks++;
                return;
        }
        reader_note_damage(reader, &damage);
}

/* A payload that cannot be had, and with it those that go on with its frame. */
static int lose_rest_of_frame(struct reader *reader, size_t index, const char *detail) {
        reader_spoil(reader, index, detail);
        for (size_t i = index + 1;
             i < reader->block_count && reader->blocks[i].frame_first == reader->blocks[index].frame_first;
             i++)
                reader_lose(reader, i);
        return READER_E_BLOCK;
}

int reader_read_stored(struct reader *reader, const struct reader_block *block) {
        /* one more, here and below: a payload of no bytes is still a place in memory */
        int error =
                array_reserve(&reader->stored, &reader->stored_capacity, block->header.stored_bytes + 1, 1);

        return error < 0 ? error
                         : reader_read_at(reader, reader->stored, block->header.stored_bytes,
                                          block->offset_bytes);
}

static int take_stored(struct reader *reader, const struct reader_block *block) {
        int error;

        if (block->header.raw_bytes > reader->limits.raw_bytes - reader->raw_spent_bytes)
                return READER_E_BUDGET;
        reader->raw_spent_bytes += block->header.raw_bytes;
        error = reader_read_stored(reader, block);
        return error < 0 ? message_errno(-error, reader->name, "cannot read a block") : 0;
}

/* The decompressor, where a frame begins. */
static bool begin_frame(struct reader *reader) {
        if (!reader->decompressor) {
                reader->decompressor = ZSTD_createDCtx();
                if (!reader->decompressor ||
                    ZSTD_isError(ZSTD_DCtx_setParameter(reader->decompressor, ZSTD_d_windowLogMax,
                                                        MTR_FRAME_WINDOW_LOG_MAX)))
                        return false;
        }
        reader->frame_ended = false;
        return !ZSTD_isError(ZSTD_DCtx_reset(reader->decompressor, ZSTD_reset_session_only));
}

static int no_memory(const struct reader *reader) {
        return message_errno(ENOMEM, reader->name, "cannot unpack a block");
}

/* All of the stored payload into all of the raw one. */
static int run_decompressor(struct reader *reader, size_t index) {
        const struct reader_block *block = &reader->blocks[index];
        ZSTD_inBuffer in = { reader->stored, block->header.stored_bytes, 0 };
        /* room for one more byte than there should be: only so it is seen that none is */
        ZSTD_outBuffer out = { reader->raw, (size_t)block->header.raw_bytes + 1, 0 };

        if (reader->frame_ended)
                return lose_rest_of_frame(reader, index, "it goes on with a frame that has ended");
        while (!reader->frame_ended && in.pos < in.size && out.pos < out.size) {
                size_t left = ZSTD_decompressStream(reader->decompressor, &out, &in);

                /* it takes its window when it sees how large that is */
                if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
                        return no_memory(reader);
                if (ZSTD_isError(left))
                        return lose_rest_of_frame(reader, index, "it does not unpack");
                reader->frame_ended = left == 0;
        }
        return in.pos == in.size && out.pos == block->header.raw_bytes
                       ? 0
                       : lose_rest_of_frame(reader, index, "it does not unpack to its length");
}

/* One more block of a frame, the next for the decompressor or the first. */
static int unpack_one(struct reader *reader, size_t index) {
        const struct reader_block *block = &reader->blocks[index];
        int error = take_stored(reader, block);

        if (error != 0)
                return error;
        reader->unpacked_end = 0;
        error = array_reserve(&reader->raw, &reader->raw_capacity, (size_t)block->header.raw_bytes + 1, 1);
        if (error < 0 || (index == block->frame_first && !begin_frame(reader)))
                return no_memory(reader);
        error = run_decompressor(reader, index);
        if (error == 0)
                reader->unpacked_end = index + 1;
        return error;
}

/* Leaves the payload of `index` in reader->raw. */
static int unpack(struct reader *reader, size_t index) {
        size_t next = reader->blocks[index].frame_first;

        if (reader->unpacked_end > next && reader->unpacked_end <= index + 1)
                next = reader->unpacked_end;
        for (; next <= index; next++) {
                int error = unpack_one(reader, next);

                if (error != 0)
                        return error;
        }
        return 0;
}

int reader_payload(struct reader *reader, size_t index, const uint8_t **data, size_t *length_bytes) {
        const struct reader_block *block = &reader->blocks[index];
        bool stored = block->header.compression == MTR_STORED;
        int error;

        if (!block->whole)
                return READER_E_BLOCK;
        error = stored ? take_stored(reader, block) : unpack(reader, index);
        if (error != 0)
                return error;
        *data = stored ? reader->stored : reader->raw;
        *length_bytes = block->header.raw_bytes;
        return 0;
}
