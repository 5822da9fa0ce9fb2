/*
 * Finding the entry (FDE) for an instruction in .eh_frame, and reading the one it shares with others (CIE).
 * Plain computation over mapped tables; any thread, signal-safe. Only cfi.c includes it.
 */
#ifndef MEMTRACE_TRACER_CFI_ENTRY_H
#define MEMTRACE_TRACER_CFI_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/cfi.h"
#include "tracer/cfi_cursor.h"

#define CFI_REGISTER_RA 16u /* the return address's column, psABI figure 3.36 */

struct cie {
        uint64_t code_align;
        int64_t data_align;
        uint8_t pointer_encoding;
        bool augmented; /* FDEs have augmentation data */
        bool signal_frame;
        struct cursor instructions;
};

/* The last entry of the sorted table at `hdr` that starts at or before pc; 0 when there is none. */
uintptr_t cfi_entry_find(const struct cfi_image *image, uintptr_t hdr, uintptr_t pc);

/* The body of the CIE or FDE at `entry`, after its length; bad where it does not fit the image. */
struct cursor cfi_entry_body(const struct cfi_image *image, uintptr_t entry);

/* Reads the CIE whose body is in `instructions`, which then are those alone. False where it is malformed, or
 * has an augmentation that cannot be passed over. */
bool cfi_cie_read(struct cie *cie);

#endif
