/*
 * Reading unwind tables: a position that cannot leave its entry, and the encodings found there
 * (LSB Core 5, section 10.5; DWARF 5, section 7.6). Only cfi_entry.h includes it.
 */
#ifndef MEMTRACE_TRACER_CFI_CURSOR_H
#define MEMTRACE_TRACER_CFI_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { /* pointer encodings */
       ENC_ABSPTR = 0x00,
       ENC_UDATA2 = 0x02,
       ENC_UDATA4 = 0x03,
       ENC_UDATA8 = 0x04,
       ENC_SDATA2 = 0x0a,
       ENC_SDATA4 = 0x0b,
       ENC_SDATA8 = 0x0c,
       ENC_PCREL = 0x10,
       ENC_DATAREL = 0x30,
       ENC_OMIT = 0xff,
};

/* A read position that stops at its end: past it, reads give 0 and `bad` is set. */
struct cursor {
        const uint8_t *at;
        const uint8_t *end;
        bool bad;
};

static inline uint64_t read_fixed(struct cursor *in, uint32_t bytes) {
        uint64_t value = 0;

        if ((uintptr_t)(in->end - in->at) < bytes) {
                in->bad = true;
                in->at = in->end;
                return 0;
        }
        memcpy(&value, in->at, bytes);
        in->at += bytes;
        return value;
}

static inline uint64_t read_uleb(struct cursor *in) {
        uint64_t value = 0;

        for (uint32_t shift = 0;; shift += 7) {
                uint64_t byte = read_fixed(in, 1);

                if (shift < 64)
                        value |= (byte & 0x7f) << shift;
                if (!(byte & 0x80))
                        return value;
        }
}

static inline int64_t read_sleb(struct cursor *in) {
        uint64_t value = 0;
        uint32_t shift = 0;
        uint64_t byte;

        do {
                byte = read_fixed(in, 1);
                if (shift < 64)
                        value |= (byte & 0x7f) << shift;
                shift += 7;
        } while (byte & 0x80);
        if (shift < 64 && (byte & 0x40))
                value |= ~UINT64_C(0) << shift;
        return (int64_t)value;
}

static inline uint64_t read_encoded(struct cursor *in, uint8_t encoding) {
        uint64_t base = (encoding & 0x70) == ENC_PCREL ? (uintptr_t)in->at : 0;

        if ((encoding & 0x70) != 0 && (encoding & 0x70) != ENC_PCREL)
                in->bad = true;
        switch (encoding & 0x0f) {
        case ENC_ABSPTR:
        case ENC_UDATA8:
        case ENC_SDATA8:
                return base + read_fixed(in, 8);
        case ENC_UDATA2:
                return base + read_fixed(in, 2);
        case ENC_UDATA4:
                return base + read_fixed(in, 4);
        case ENC_SDATA2:
                return base + (uint64_t)(int16_t)read_fixed(in, 2);
        case ENC_SDATA4:
                return base + (uint64_t)(int32_t)read_fixed(in, 4);
        default:
                in->bad = true;
                return 0;
        }
}

static inline struct cursor read_block(struct cursor *in) {
        uint64_t length = read_uleb(in);
        struct cursor block = { in->at, in->at, in->bad };

        if ((uint64_t)(in->end - in->at) < length) {
                in->bad = block.bad = true;
                return block;
        }
        block.end = in->at += length;
        return block;
}

#endif
