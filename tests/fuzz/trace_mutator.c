/*
 * Mutates traces as traces: unpacks the blocks, changes the payload or the header of one, or their order, and
 * packs them again. Bytes changed in a compressed payload are only ever zstd's damage, and what stands behind
 * zstd would never be reached. For libFuzzer alone. Checksums are the target's own business.
 */
#include <memtrace/format.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define BLOCKS_MAX 64u
#define RAW_MAX (256u << 10)
#define GROWTH 256u /* a payload may become so much longer */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

struct block {
        struct mtr_block_header header;
        uint8_t *raw; /* what it unpacks to; as it stands in the file where it does not */
        size_t length;
        bool opaque;
};

struct parts {
        struct block blocks[BLOCKS_MAX];
        uint32_t count;
        size_t at; /* what the file is read or written up to */
};

static void unpack(ZSTD_DCtx *unpacker, struct block *block, const uint8_t *stored) {
        ZSTD_inBuffer in = { stored, block->header.stored_bytes, 0 };
        ZSTD_outBuffer out = { NULL, 0, 0 };
        size_t left = 1;

        out.size = block->header.compression == MTR_ZSTD ? block->header.raw_bytes : 0;
        block->opaque = out.size == 0 || out.size > RAW_MAX;
        if (block->opaque)
                out.size = in.size;
        block->raw = malloc(out.size + GROWTH + 1);
        out.dst = block->raw;
        if (!block->raw)
                abort();
        if (!(block->header.flags & MTR_BLOCK_CONTINUES))
                ZSTD_DCtx_reset(unpacker, ZSTD_reset_session_only);
        while (!block->opaque && left != 0 && !ZSTD_isError(left) && in.pos < in.size && out.pos < out.size)
                left = ZSTD_decompressStream(unpacker, &out, &in);
        block->length = out.pos;
        if (block->opaque || ZSTD_isError(left)) {
                memcpy(block->raw, stored, block->header.stored_bytes < out.size ? in.size : out.size);
                block->length = block->header.stored_bytes < out.size ? in.size : out.size;
                block->opaque = true;
        }
}

static void take_apart(const uint8_t *data, size_t size, struct parts *parts) {
        ZSTD_DCtx *unpacker = ZSTD_createDCtx();

        parts->at = sizeof(struct mtr_file_header);
        while (parts->count < BLOCKS_MAX && size - parts->at >= sizeof(struct mtr_block_header)) {
                struct block *block = &parts->blocks[parts->count];

                memcpy(&block->header, data + parts->at, sizeof(block->header));
                if (block->header.stored_bytes > size - parts->at - sizeof(block->header))
                        break;
                unpack(unpacker, block, data + parts->at + sizeof(block->header));
                parts->at += sizeof(block->header) + block->header.stored_bytes;
                parts->count++;
        }
        ZSTD_freeDCtx(unpacker);
}

/* False when there is no room for it. */
static bool pack(ZSTD_CCtx *packer, struct block *block, uint8_t *to, size_t room) {
        ZSTD_inBuffer in = { block->raw, block->length, 0 };
        ZSTD_outBuffer out = { to, room, 0 };

        if (block->opaque || block->header.compression != MTR_ZSTD) {
                if (block->length > room)
                        return false;
                memcpy(to, block->raw, block->length);
                out.pos = block->length;
        } else {
                if (!(block->header.flags & MTR_BLOCK_CONTINUES))
                        ZSTD_CCtx_reset(packer, ZSTD_reset_session_only);
                if (ZSTD_compressStream2(packer, &out, &in, ZSTD_e_flush) != 0)
                        return false;
        }
        if (!block->opaque)
                block->header.raw_bytes = (uint32_t)block->length;
        block->header.stored_bytes = (uint32_t)out.pos;
        return true;
}

static size_t put_together(uint8_t *data, size_t max_size, struct parts *parts) {
        ZSTD_CCtx *packer = ZSTD_createCCtx();
        size_t at = sizeof(struct mtr_file_header);

        for (uint32_t i = 0; i < parts->count; i++) {
                struct block *block = &parts->blocks[i];
                size_t payload = at + sizeof(block->header);

                if (payload > max_size || !pack(packer, block, data + payload, max_size - payload))
                        break;
                memcpy(data + at, &block->header, sizeof(block->header));
                at = payload + block->header.stored_bytes;
        }
        ZSTD_freeCCtx(packer);
        return at;
}

/* One record of the payload changed, and its length made right. */
static void change_record(struct block *block, uint32_t which) {
        struct mtr_record record;
        size_t at = 0;

        for (;; which--) {
                if (block->length - at < sizeof(record))
                        return;
                memcpy(&record, block->raw + at, sizeof(record));
                if (record.length > block->length - at - sizeof(record))
                        return;
                if (which == 0)
                        break;
                at += sizeof(record) + record.length;
        }
        uint8_t *body = block->raw + at + sizeof(record), *tail = body + record.length;
        size_t tail_length = block->length - (size_t)(tail - block->raw);
        uint8_t *changed = malloc(record.length + GROWTH);
        size_t length;

        if (!changed)
                abort();
        memcpy(changed, body, record.length);
        length = LLVMFuzzerMutate(changed, record.length, record.length + GROWTH);
        memmove(body + length, tail, tail_length);
        memcpy(body, changed, length);
        free(changed);
        block->length = (size_t)(body - block->raw) + length + tail_length;
        record.length = (uint32_t)length;
        memcpy(block->raw + at, &record, sizeof(record));
}

static void change_order(struct parts *parts, uint32_t one, uint32_t other) {
        struct block block = parts->blocks[one];

        parts->blocks[one] = parts->blocks[other];
        parts->blocks[other] = block;
}

static void remove_block(struct parts *parts, uint32_t which) {
        free(parts->blocks[which].raw);
        parts->count--;
        memmove(&parts->blocks[which], &parts->blocks[which + 1],
                (parts->count - which) * sizeof(*parts->blocks));
}

static void change(struct parts *parts, unsigned seed) {
        uint32_t which = seed / 16 % parts->count, other = seed / 4096 % parts->count;
        struct block *block = &parts->blocks[which];

        switch (seed % 16) {
        case 0:
        case 1:
                block->length = LLVMFuzzerMutate(block->raw, block->length, block->length + GROWTH);
                break;
        case 2: /* sequence to compression, and numbers behind the checksum of the payload */
                (void)LLVMFuzzerMutate((uint8_t *)&block->header.sequence, 12, 12);
                break;
        case 3:
                (void)LLVMFuzzerMutate((uint8_t *)&block->header.first_time_ns, 72, 72);
                break;
        case 4:
                block->header.compression = !block->header.compression;
                break;
        case 5:
                block->header.flags ^= MTR_BLOCK_CONTINUES;
                break;
        case 6:
                change_order(parts, which, other);
                break;
        case 7:
                remove_block(parts, which);
                break;
        default:
                change_record(block, seed / 4096 % 16);
                break;
        }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
        static struct parts parts;

        parts.count = 0;
        if (seed % 8 != 0 && size > sizeof(struct mtr_file_header))
                take_apart(data, size, &parts);
        if (parts.count == 0)
                return LLVMFuzzerMutate(data, size, max_size);
        change(&parts, seed / 8);
        size = put_together(data, max_size, &parts);
        while (parts.count > 0)
                free(parts.blocks[--parts.count].raw);
        return size;
}
