/*
 * Call frame information: from an instruction in a loaded ELF file to the rule that finds its
 * caller. Plain computation over mapped, read-only unwind tables; any thread, signal-safe, no
 * libc call. The format is the System V x86-64 psABI's .eh_frame (LSB Core 5, "Exception
 * Frames"; DWARF 5 section 6.4.2 for the instructions).
 */
#ifndef MEMTRACE_TRACER_CFI_H
#define MEMTRACE_TRACER_CFI_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

/* What of a module's memory can be read: its segments, or all of its range where it does not tell them. */
struct cfi_image {
        uintptr_t start, end;
        uintptr_t bias;
        const Elf64_Phdr *segments;
        uint32_t segment_count; /* 0: not known */
};

/* How the canonical frame address (the caller's rsp after the return) is found. */
enum cfi_base {
        CFI_STOP = 0,      /* no rule, or one this unwinder does not know: the stack ends here */
        CFI_RSP = 1,       /* CFA = rsp + k */
        CFI_RBP = 2,       /* CFA = rbp + k */
        CFI_RBP_DEREF = 3, /* CFA = *(rbp + k): a realigned stack */
        CFI_OUTERMOST = 4, /* nobody called this function */
        CFI_SIGNAL = 5,    /* a signal trampoline: a ucontext_t lies at rsp */
};

/* Where the caller's rbp is. */
enum cfi_rbp {
        CFI_RBP_SAME = 0,    /* still in rbp */
        CFI_RBP_AT_CFA = 1,  /* *(CFA + rbp_offset) */
        CFI_RBP_AT_RBP = 2,  /* *(rbp + rbp_offset) */
        CFI_RBP_UNKNOWN = 3, /* lost: nothing above may depend on it */
};

/*
 * A rule in one word, so that it is read and written at once:
 * bits 2..0 enum cfi_base | 4..3 enum cfi_rbp | 5 CFI_KNOWN | 6 CFI_SIMPLE | 7 0 | 23..8 rbp_offset / 8
 * (signed) | 31..24 generation of the module (see struct module; stuck at 255) | 63..32 k (signed). 0 is no
 * rule at all and never a result.
 */
typedef uint64_t cfi_rule;

#define CFI_KNOWN (UINT64_C(1) << 5) /* set in every result, so that none is 0 */
/* CFA from rsp or rbp; rbp the same or saved below the return address: what compilers write, and what can
 * be followed without a branch on the rule. */
#define CFI_SIMPLE (UINT64_C(1) << 6)

static inline cfi_rule cfi_rule_make(enum cfi_base base, enum cfi_rbp rbp, int32_t k, int32_t rbp_offset) {
        bool simple = (base == CFI_RSP || base == CFI_RBP) &&
                      (rbp == CFI_RBP_SAME || (rbp == CFI_RBP_AT_CFA && rbp_offset <= -16));

        return CFI_KNOWN | (simple ? CFI_SIMPLE : 0) | (uint64_t)base | (uint64_t)rbp << 3 |
               (uint64_t)(uint16_t)(rbp_offset / 8) << 8 | (uint64_t)(uint32_t)k << 32;
}

static inline enum cfi_base cfi_rule_base(cfi_rule rule) {
        return (enum cfi_base)(rule & 7);
}

static inline enum cfi_rbp cfi_rule_rbp(cfi_rule rule) {
        return (enum cfi_rbp)(rule >> 3 & 3);
}

static inline int64_t cfi_rule_k(cfi_rule rule) {
        return (int32_t)(rule >> 32);
}

static inline int64_t cfi_rule_rbp_offset(cfi_rule rule) {
        return (int64_t)(int16_t)(rule >> 8) * 8;
}

static inline uint32_t cfi_rule_generation(cfi_rule rule) {
        return rule >> 24 & 255;
}

static inline cfi_rule cfi_rule_with_generation(cfi_rule rule, uint32_t generation) {
        return rule | (uint64_t)(generation < 255 ? generation : 255) << 24;
}

/*
 * The rule for the instruction at `pc`, from the .eh_frame_hdr at `eh_frame_hdr` of the module
 * that holds it. Malformed or unsupported tables give CFI_STOP; nothing outside the image is read.
 */
cfi_rule cfi_find(const struct cfi_image *image, const void *eh_frame_hdr, uintptr_t pc);

#endif
