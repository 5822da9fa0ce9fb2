/*
 * Reading .eh_frame: see cfi.h. Every read is checked against the end of its entry, and an entry against
 * the memory it is in, since a program may have been linked by anything.
 */
#include "tracer/cfi.h"

#include <string.h>

#include "tracer/cfi_entry.h"

enum { REG_RBP = 6, REG_RSP = 7, REG_RA = CFI_REGISTER_RA };

enum saved_how { SAVED_SAME = 0, SAVED_AT_CFA, SAVED_EXPRESSION, SAVED_UNDEFINED, SAVED_OTHER };

/* Kept small: this runs on the program's stack, which may be a 2 KiB signal stack. */
struct saved {
        const uint8_t *expr; /* SAVED_EXPRESSION */
        uint16_t expr_bytes;
        uint8_t how;    /* enum saved_how */
        int32_t offset; /* SAVED_AT_CFA */
};

/* One row of the table that the instructions describe: the columns that matter here. */
struct row {
        const uint8_t *cfa_expr; /* instead of the two below, when set */
        uint16_t cfa_expr_bytes;
        uint16_t cfa_register;
        int32_t cfa_offset;
        struct saved rbp;
        struct saved ra;
};

#define ROWS_REMEMBERED 4 /* compilers nest at most two */

static void row_save(struct row *row, uint64_t reg, struct saved saved) {
        if (reg == REG_RBP)
                row->rbp = saved;
        else if (reg == REG_RA)
                row->ra = saved;
}

static struct saved saved_at_cfa(int64_t offset) {
        bool fits = offset == (int32_t)offset;

        return (struct saved){ .how = fits ? SAVED_AT_CFA : SAVED_OTHER, .offset = (int32_t)offset };
}

/* A wild factor gives a wild offset, and not an overflow. */
static int64_t scaled(uint64_t factor, int64_t data_align) {
        return (int64_t)(factor * (uint64_t)data_align);
}

/* A register that does not fit is none that this unwinder knows, and so stays. */
static uint16_t cfa_register(uint64_t reg) {
        return reg < UINT16_MAX ? (uint16_t)reg : UINT16_MAX;
}

static uint16_t expr_bytes(struct cursor block) {
        uint64_t bytes = (uint64_t)(block.end - block.at);

        return bytes < UINT16_MAX ? (uint16_t)bytes : UINT16_MAX;
}

struct machine {
        const struct cie *cie;
        struct row initial; /* after the CIE's instructions: what `restore` restores */
        struct row row;
        struct row remembered[ROWS_REMEMBERED];
        uint32_t remembered_count;
        uintptr_t location;
        uintptr_t pc;
};

static void restore_initial(struct machine *machine, uint64_t reg) {
        if (reg == REG_RBP)
                machine->row.rbp = machine->initial.rbp;
        else if (reg == REG_RA)
                machine->row.ra = machine->initial.ra;
}

/* The extended opcodes. False for one that is unknown. */
static bool run_extended(struct machine *machine, struct cursor *in, uint8_t opcode) {
        struct row *row = &machine->row;
        int64_t data_align = machine->cie->data_align;
        struct cursor block;
        uint64_t reg;

        switch (opcode) {
        case 0x00: /* nop */
                return true;
        case 0x01: /* set_loc */
                machine->location = read_encoded(in, machine->cie->pointer_encoding);
                return true;
        case 0x02: /* advance_loc1 */
                machine->location += read_fixed(in, 1) * machine->cie->code_align;
                return true;
        case 0x03: /* advance_loc2 */
                machine->location += read_fixed(in, 2) * machine->cie->code_align;
                return true;
        case 0x04: /* advance_loc4 */
                machine->location += read_fixed(in, 4) * machine->cie->code_align;
                return true;
        case 0x05: /* offset_extended */
                reg = read_uleb(in);
                row_save(row, reg, saved_at_cfa(scaled(read_uleb(in), data_align)));
                return true;
        case 0x06: /* restore_extended */
                restore_initial(machine, read_uleb(in));
                return true;
        case 0x07: /* undefined */
                row_save(row, read_uleb(in), (struct saved){ .how = SAVED_UNDEFINED });
                return true;
        case 0x08: /* same_value */
                row_save(row, read_uleb(in), (struct saved){ .how = SAVED_SAME });
                return true;
        case 0x09: /* register */
        case 0x14: /* val_offset */
        case 0x15: /* val_offset_sf */
                reg = read_uleb(in);
                (void)read_uleb(in);
                row_save(row, reg, (struct saved){ .how = SAVED_OTHER });
                return true;
        case 0x0a: /* remember_state */
                if (machine->remembered_count == ROWS_REMEMBERED)
                        return false;
                machine->remembered[machine->remembered_count++] = *row;
                return true;
        case 0x0b: /* restore_state */
                if (machine->remembered_count == 0)
                        return false;
                *row = machine->remembered[--machine->remembered_count];
                return true;
        case 0x0c: /* def_cfa */
                row->cfa_register = cfa_register(read_uleb(in));
                row->cfa_offset = (int32_t)read_uleb(in);
                row->cfa_expr = NULL;
                return true;
        case 0x0d: /* def_cfa_register */
                row->cfa_register = cfa_register(read_uleb(in));
                row->cfa_expr = NULL;
                return true;
        case 0x0e: /* def_cfa_offset */
                row->cfa_offset = (int32_t)read_uleb(in);
                return true;
        case 0x0f: /* def_cfa_expression */
                block = read_block(in);
                row->cfa_expr = block.at;
                row->cfa_expr_bytes = expr_bytes(block);
                return true;
        case 0x10: /* expression */
                reg = read_uleb(in);
                block = read_block(in);
                row_save(row, reg,
                         (struct saved){ .expr = block.at,
                                         .expr_bytes = expr_bytes(block),
                                         .how = SAVED_EXPRESSION });
                return true;
        case 0x11: /* offset_extended_sf */
                reg = read_uleb(in);
                row_save(row, reg, saved_at_cfa(scaled((uint64_t)read_sleb(in), data_align)));
                return true;
        case 0x12: /* def_cfa_sf */
                row->cfa_register = cfa_register(read_uleb(in));
                row->cfa_offset = (int32_t)scaled((uint64_t)read_sleb(in), data_align);
                row->cfa_expr = NULL;
                return true;
        case 0x13: /* def_cfa_offset_sf */
                row->cfa_offset = (int32_t)scaled((uint64_t)read_sleb(in), data_align);
                return true;
        case 0x16: /* val_expression */
                reg = read_uleb(in);
                (void)read_block(in);
                row_save(row, reg, (struct saved){ .how = SAVED_OTHER });
                return true;
        case 0x2e: /* GNU_args_size */
                (void)read_uleb(in);
                return true;
        case 0x2f: /* GNU_negative_offset_extended */
                reg = read_uleb(in);
                row_save(row, reg, saved_at_cfa(scaled(-read_uleb(in), data_align)));
                return true;
        default:
                return false;
        }
}

/* Runs instructions up to the row that holds pc. */
static bool run(struct machine *machine, struct cursor in) {
        while (in.at < in.end && machine->location <= machine->pc) {
                uint8_t opcode = (uint8_t)read_fixed(&in, 1);
                uint8_t operand = opcode & 0x3f;

                switch (opcode >> 6) {
                case 1: /* advance_loc */
                        machine->location += operand * machine->cie->code_align;
                        break;
                case 2: /* offset */
                        row_save(&machine->row, operand,
                                 saved_at_cfa(scaled(read_uleb(&in), machine->cie->data_align)));
                        break;
                case 3: /* restore */
                        restore_initial(machine, operand);
                        break;
                default:
                        if (!run_extended(machine, &in, opcode))
                                return false;
                }
                if (in.bad)
                        return false;
        }
        return true;
}

/* DW_OP_breg6 (rbp) with an offset and then `rest` more bytes: the offset, or false. */
static bool expr_is_breg_rbp(const uint8_t *expr, uint32_t bytes, uint32_t rest, int64_t *offset) {
        struct cursor in = { expr, expr + bytes, false };

        if (read_fixed(&in, 1) != 0x76)
                return false;
        *offset = read_sleb(&in);
        return !in.bad && (uint32_t)(in.end - in.at) == rest;
}

static cfi_rule rule_of_row(const struct row *row, uintptr_t pc) {
        /* What linkers write for a PLT: rsp + 8 + ((rip & 15) >= N) * 8, a constant for one pc. */
        static const uint8_t plt_before[] = { 0x77, 8, 0x80, 0, 0x3f, 0x1a };
        static const uint8_t plt_after[] = { 0x2a, 0x33, 0x24, 0x22 };
        enum cfi_base base;
        enum cfi_rbp rbp = CFI_RBP_SAME;
        int64_t k = row->cfa_offset, rbp_offset = 0;

        if (row->ra.how == SAVED_UNDEFINED)
                return cfi_rule_make(CFI_OUTERMOST, CFI_RBP_UNKNOWN, 0, 0);
        if (row->ra.how != SAVED_AT_CFA || row->ra.offset != -8)
                return cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);

        if (row->cfa_expr) {
                const uint8_t *expr = row->cfa_expr;
                uint32_t length = row->cfa_expr_bytes;

                if (expr_is_breg_rbp(expr, length, 1, &k) && expr[length - 1] == 0x06 /* deref */) {
                        base = CFI_RBP_DEREF;
                } else if (length == sizeof(plt_before) + 1 + sizeof(plt_after) &&
                           memcmp(expr, plt_before, sizeof(plt_before)) == 0 &&
                           memcmp(expr + sizeof(plt_before) + 1, plt_after, sizeof(plt_after)) == 0) {
                        base = CFI_RSP;
                        k = (pc & 15) >= (uint64_t)(expr[sizeof(plt_before)] - 0x30) ? 16 : 8;
                } else {
                        return cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);
                }
        } else if (row->cfa_register == REG_RSP) {
                base = CFI_RSP;
        } else if (row->cfa_register == REG_RBP) {
                base = CFI_RBP;
        } else {
                return cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);
        }

        if (row->rbp.how == SAVED_AT_CFA) {
                rbp = CFI_RBP_AT_CFA;
                rbp_offset = row->rbp.offset;
        } else if (row->rbp.how == SAVED_EXPRESSION &&
                   expr_is_breg_rbp(row->rbp.expr, row->rbp.expr_bytes, 0, &rbp_offset)) {
                rbp = CFI_RBP_AT_RBP;
        } else if (row->rbp.how != SAVED_SAME) {
                rbp = CFI_RBP_UNKNOWN;
        }
        if (rbp_offset % 8 != 0 || rbp_offset / 8 != (int16_t)(rbp_offset / 8) || k != (int32_t)k)
                return cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);
        return cfi_rule_make(base, rbp, (int32_t)k, (int32_t)rbp_offset);
}

cfi_rule cfi_find(const struct cfi_image *image, const void *eh_frame_hdr, uintptr_t pc) {
        const cfi_rule stop = cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);
        uintptr_t fde = cfi_entry_find(image, (uintptr_t)eh_frame_hdr, pc);
        struct machine machine = { .pc = pc };
        struct cursor in;
        struct cie cie;
        uintptr_t cie_pointer_at;
        uint64_t cie_distance;
        uintptr_t begin, range;

        if (!fde)
                return stop;
        in = cfi_entry_body(image, fde);
        cie_pointer_at = (uintptr_t)in.at;
        cie_distance = read_fixed(&in, 4);
        if (in.bad || cie_distance == 0 || !cfi_cie_read(image, cie_pointer_at - cie_distance, &cie))
                return stop;
        begin = read_encoded(&in, cie.pointer_encoding);
        range = read_encoded(&in, cie.pointer_encoding & 0x0f);
        if (in.bad || pc - begin >= range)
                return stop;
        if (cie.augmented)
                (void)read_block(&in);
        if (cie.signal_frame)
                return cfi_rule_make(CFI_SIGNAL, CFI_RBP_UNKNOWN, 0, 0);

        machine.cie = &cie;
        machine.row.ra.how = SAVED_OTHER;
        if (!run(&machine, cie.instructions))
                return stop;
        machine.initial = machine.row;
        machine.location = begin;
        if (in.bad || !run(&machine, in))
                return stop;
        return rule_of_row(&machine.row, pc);
}
