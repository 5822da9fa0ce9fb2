/*
 * CRC-32C (Castagnoli, reflected polynomial 0x82f63b78, as in RFC 3720 appendix B.4): the
 * checksum of the trace file. Header-only because collector and analyzer meet only here.
 * Plain computation; any thread, signal-safe.
 */
#ifndef MEMTRACE_CRC32C_H
#define MEMTRACE_CRC32C_H

#include <stddef.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>
#endif

/* From here on asking the CPU what it can do (a trap in a virtual machine) is less than what it saves. */
#define MTR_CRC32C_ASK_BYTES 4096u

#if defined(__x86_64__)
/* By the CPU's own instruction: many times as fast, which tells on payloads that hardly compress. */
__attribute__((target("sse4.2"))) static inline uint32_t mtr_crc32c_sse42(const uint8_t *bytes,
                                                                          size_t length_bytes) {
        uint64_t crc = 0xffffffffu;

        for (; length_bytes >= 8; length_bytes -= 8, bytes += 8) {
                uint64_t word;

                __builtin_memcpy(&word, bytes, sizeof(word));
                crc = _mm_crc32_u64(crc, word);
        }
        for (; length_bytes > 0; length_bytes--)
                crc = _mm_crc32_u8((uint32_t)crc, *bytes++);
        return ~(uint32_t)crc;
}
#endif

/* Otherwise one nibble at a time: a 64-byte table suffices. */
static inline uint32_t mtr_crc32c(const void *data, size_t length_bytes) {
        static const uint32_t nibble[16] = {
                0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
        };
        const uint8_t *bytes = data;
        uint32_t crc = ~0u;

#if defined(__x86_64__)
        unsigned eax, ebx, ecx = 0, edx;

        if (length_bytes >= MTR_CRC32C_ASK_BYTES && __get_cpuid(1, &eax, &ebx, &ecx, &edx) &&
            (ecx & bit_SSE4_2))
                return mtr_crc32c_sse42(bytes, length_bytes);
#endif
        for (size_t i = 0; i < length_bytes; i++) {
                crc ^= bytes[i];
                crc = (crc >> 4) ^ nibble[crc & 15];
                crc = (crc >> 4) ^ nibble[crc & 15];
        }
        return ~crc;
}

#endif
