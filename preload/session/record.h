/*
 * What goes through a ring: records of one to four 64-bit words, or up to 39 where they bring a name. Every
 * word carries the lap it was written in (bit 63), so each word publishes itself and nobody has to clear the
 * ring; the first word of a record carries bit 62, so a reader finds the next record after a hole.
 *
 *   first    63 lap | 62 = 1 | 61..58 op | 57 timed | 56 sized | 55..52 kind | 51..48 0 | 47..0 address
 *            the same                                          | 55..48 domain          | 47..0 address
 * (REPORT) stack    63 lap | 62 = 0 | 61..32 stack id | 31..0 size_bytes, when it fits     (ops with a stack)
 *   size     63 lap | 62 = 0 | 61..0 size_bytes                                    (when `sized`)
 *   name     63 lap | 62 = 0 | 61..56 0 | 55..0 seven bytes, the first lowest      (NAME: as many as it has)
 *   time     63 lap | 62 = 0 | 61..0 session time                                  (when `timed`)
 *
 * in this order. Addresses have 48 bits: user space on x86-64 without LA57 hints, which no
 * allocator gives. An untimed record happened at or after the timed one before it.
 */
#ifndef MEMTRACE_SESSION_RECORD_H
#define MEMTRACE_SESSION_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum record_op {
        RECORD_VOID = 0,           /* nothing: reserved by a hook that was jumped out of */
        RECORD_ALLOC = 1,          /* address, kind (enum mtr_site_kind), stack, size */
        RECORD_FREE = 2,           /* address */
        RECORD_REALLOC_BEGIN = 3,  /* address of the old block: it is released here */
        RECORD_REALLOC_DONE = 4,   /* as ALLOC: the new block; ends the ring's innermost BEGIN */
        RECORD_REALLOC_FAILED = 5, /* address as in BEGIN: the old block lives on */
        RECORD_REALLOC_FREED = 6,  /* address as in BEGIN: realloc(p, 0) released it and returned NULL */
        RECORD_THREAD = 7,         /* address: tid of the thread that writes from here on (timed) */
        RECORD_NAME = 8,           /* address: bytes of the name; kind (enum record_name); timed, and `sized`,
                                    * so that who reads records of usual words passes it on */
        RECORD_ASK = 9, /* kind (enum record_ask), address: the object asked about; timed, and `sized`
                         * for the same reason: where the answer goes, see question.h */
        /* Of a domain, 1 to PROCESS_DOMAINS: */
        RECORD_REPORT_ALLOC = 10, /* as ALLOC */
        RECORD_REPORT_FREE = 11,  /* address */
        RECORD_REPORT_CLEAR = 12, /* all its blocks end here; timed, and `sized` (0) for the same reason */
};
#define RECORD_OPS_WITH_STACK (1u << RECORD_ALLOC | 1u << RECORD_REALLOC_DONE | 1u << RECORD_REPORT_ALLOC)

/* What the program says by a name. */
enum record_name {
        RECORD_NAME_MARK = 0,
        RECORD_NAME_SNAPSHOT = 1,
        RECORD_NAME_SCOPE_BEGIN = 2,
        RECORD_NAME_SCOPE_END = 3,
        RECORD_NAME_THREAD = 4, /* the thread's own, from here on */
};

/* What the program asks of the collector, as of this moment. */
enum record_ask {
        RECORD_ASK_MEMORY = 0,     /* -> bytes live, and their peak */
        RECORD_ASK_OVERHEAD = 1,   /* -> bytes that tracing takes */
        RECORD_ASK_STACK = 2,      /* -> the stack id by which the live block at the address was allocated */
        RECORD_ASK_RESET_PEAK = 3, /* no answer */
        RECORD_ASK_CLEAR = 4,      /* no answer: all live blocks are nobody's from here on */
};

#define RECORD_LAP (UINT64_C(1) << 63)
#define RECORD_FIRST (UINT64_C(1) << 62)
#define RECORD_TIMED (UINT64_C(1) << 57)
#define RECORD_SIZED (UINT64_C(1) << 56)
#define RECORD_ADDRESS_MASK ((UINT64_C(1) << 48) - 1)
#define RECORD_PAYLOAD_MASK ((UINT64_C(1) << 62) - 1)
#define RECORD_WORDS_MAX 4u /* but for a NAME */
#define RECORD_NAME_BYTES_MAX 255u
#define RECORD_NAME_WORD_BYTES 7u /* an eighth byte would hold the lap and the first word's bit */

static inline uint64_t record_first(enum record_op op, uint32_t kind, uintptr_t address) {
        return RECORD_FIRST | (uint64_t)op << 58 | (uint64_t)kind << 52 | (address & RECORD_ADDRESS_MASK);
}

static inline uint64_t record_report(enum record_op op, uint32_t domain, uintptr_t address) {
        return RECORD_FIRST | (uint64_t)op << 58 | (uint64_t)domain << 48 | (address & RECORD_ADDRESS_MASK);
}

static inline uint64_t record_stack(uint32_t stack_id, uint32_t size_low) {
        return (uint64_t)(stack_id & 0x3fffffffu) << 32 | size_low;
}

static inline enum record_op record_op(uint64_t first) {
        return (enum record_op)(first >> 58 & 15);
}

static inline uint32_t record_kind(uint64_t first) {
        return first >> 52 & 15;
}

static inline uint32_t record_domain(uint64_t first) {
        return first >> 48 & 255;
}

static inline uint64_t record_address(uint64_t first) {
        return first & RECORD_ADDRESS_MASK;
}

static inline bool record_has_stack(uint64_t first) {
        return RECORD_OPS_WITH_STACK >> record_op(first) & 1;
}

static inline uint32_t record_name_bytes(uint64_t first) {
        return first & RECORD_NAME_BYTES_MAX;
}

static inline uint32_t record_name_words(uint64_t first) {
        return (record_name_bytes(first) + RECORD_NAME_WORD_BYTES - 1) / RECORD_NAME_WORD_BYTES;
}

/* How many words the record that starts with `first` has. */
static inline uint32_t record_words(uint64_t first) {
        if (record_op(first) == RECORD_NAME)
                return 1u + record_name_words(first) + !!(first & RECORD_TIMED);
        return 1u + record_has_stack(first) + !!(first & RECORD_SIZED) + !!(first & RECORD_TIMED);
}

#endif
