/*
 * Reading .eh_frame: see cfi.h. Every read is checked against the end of its entry, and an entry against
 * the memory it is in, since a program may have been linked by anything.
 */
#include "tracer/cfi.h"

#include <string.h>

#include "tracer/cfi_entry.h"

enum { REG_RBP = 6, REG_RSP = 7, REG_RA = CFI_REGISTER_RA };

enum saved_how { SAVED_SAME = 0, SAVED_AT_CFA, SAVED_EXPRESSION, SAVED_UNDEFINED, SAVED_OTHER };

/* Kept small: this runs on the program's stack, which may be a 2 KiB signal stack. Expressions are told by
 * where they begin in the image. */
struct saved {
        int32_t where; /* SAVED_AT_CFA: the offset; SAVED_EXPRESSION: its place */
        uint16_t expr_bytes;
        uint8_t how; /* enum saved_how */
};

/* One row of the table that the instructions describe: the columns that matter here. */
struct row {
        int32_t cfa_offset; /* or, with CFA_EXPRESSION for a register, the expression's place */
        uint16_t cfa_expr_bytes;
        uint16_t cfa_register;
        struct saved rbp;
        struct saved ra;
};

#define CFA_EXPRESSION (UINT16_MAX - 1)

#define ROWS_REMEMBERED 2 /* compilers nest at most two */

#define CFI_NOTHING cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0)

/* One half of register and offset is new; where an expression was, there is no other half. */
static void keep_cfa(struct row *row, uint16_t reg, int32_t offset) {
        row->cfa_register = row->cfa_register == CFA_EXPRESSION ? UINT16_MAX : reg;
        row->cfa_offset = offset;
}

static void row_save(struct row *row, uint64_t reg, struct saved saved) {
        if (reg == REG_RBP)
                row->rbp = saved;
        else if (reg == REG_RA)
                row->ra = saved;
}

static struct saved saved_at_cfa(int64_t offset) {
        bool fits = offset == (int32_t)offset;

        return (struct saved){ .how = fits ? SAVED_AT_CFA : SAVED_OTHER, .where = (int32_t)offset };
}

/* A wild factor gives a wild offset, and not an overflow. */
static int64_t scaled(uint64_t factor, int64_t data_align) {
        return (int64_t)(factor * (uint64_t)data_align);
}

/* A register that does not fit is none that this unwinder knows, and so stays. */
static uint16_t cfa_register(uint64_t reg) {
        return reg < CFA_EXPRESSION ? (uint16_t)reg : UINT16_MAX;
}

struct machine {
        const struct cie *cie;
        uintptr_t base;                       /* the image's start */
        struct saved initial_rbp, initial_ra; /* after the CIE's instructions: what `restore` restores */
        struct row row;
        struct row remembered[ROWS_REMEMBERED];
        uint32_t remembered_count;
        uintptr_t location;
        uintptr_t pc;
};

/* An expression's place and length; one that is too long or too far away is none that is known. */
static struct saved expression(const struct machine *machine, struct cursor block) {
        uint64_t bytes = (uint64_t)(block.end - block.at), place = (uintptr_t)block.at - machine->base;

        if (bytes > UINT16_MAX || place > INT32_MAX)
                return (struct saved){ .how = SAVED_OTHER };
        return (struct saved){ .where = (int32_t)place,
                               .expr_bytes = (uint16_t)bytes,
                               .how = SAVED_EXPRESSION };
}

static void restore_initial(struct machine *machine, uint64_t reg) {
        if (reg == REG_RBP)
                machine->row.rbp = machine->initial_rbp;
        else if (reg == REG_RA)
                machine->row.ra = machine->initial_ra;
}

/* The extended opcodes. False for one that is unknown. */
static bool run_extended(struct machine *machine, struct cursor *in, uint8_t opcode) {
        struct row *row = &machine->row;
        int64_t data_align = machine->cie->data_align;
        struct saved saved;
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
                return true;
        case 0x0d: /* def_cfa_register */
                keep_cfa(row, cfa_register(read_uleb(in)), row->cfa_offset);
                return true;
        case 0x0e: /* def_cfa_offset */
                keep_cfa(row, row->cfa_register, (int32_t)read_uleb(in));
                return true;
        case 0x0f: /* def_cfa_expression */
                saved = expression(machine, read_block(in));
                row->cfa_register = saved.how == SAVED_EXPRESSION ? CFA_EXPRESSION : UINT16_MAX;
                row->cfa_offset = saved.where;
                row->cfa_expr_bytes = saved.expr_bytes;
                return true;
        case 0x10: /* expression */
                reg = read_uleb(in);
                row_save(row, reg, expression(machine, read_block(in)));
                return true;
        case 0x11: /* offset_extended_sf */
                reg = read_uleb(in);
                row_save(row, reg, saved_at_cfa(scaled((uint64_t)read_sleb(in), data_align)));
                return true;
        case 0x12: /* def_cfa_sf */
                row->cfa_register = cfa_register(read_uleb(in));
                row->cfa_offset = (int32_t)scaled((uint64_t)read_sleb(in), data_align);
                return true;
        case 0x13: /* def_cfa_offset_sf */
                keep_cfa(row, row->cfa_register, (int32_t)scaled((uint64_t)read_sleb(in), data_align));
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
static bool run(struct machine *machine, struct cursor *in) {
        while (in->at < in->end && machine->location <= machine->pc) {
                uint8_t opcode = (uint8_t)read_fixed(in, 1);
                uint8_t operand = opcode & 0x3f;

                switch (opcode >> 6) {
                case 1: /* advance_loc */
                        machine->location += operand * machine->cie->code_align;
                        break;
                case 2: /* offset */
                        row_save(&machine->row, operand,
                                 saved_at_cfa(scaled(read_uleb(in), machine->cie->data_align)));
                        break;
                case 3: /* restore */
                        restore_initial(machine, operand);
                        break;
                default:
                        if (!run_extended(machine, in, opcode))
                                return false;
                }
                if (in->bad)
                        return false;
        }
        return true;
}

/* DW_OP_breg6 (rbp) with an offset and then `rest` more bytes: the offset, or false. */
static inline bool expr_is_breg_rbp(const uint8_t *expr, uint32_t bytes, uint32_t rest, int64_t *offset) {
        struct cursor in = { expr, expr + bytes, false };

        if (read_fixed(&in, 1) != 0x76)
                return false;
        *offset = read_sleb(&in);
        return !in.bad && (uint32_t)(in.end - in.at) == rest;
}

static __attribute__((noinline)) cfi_rule rule_of_row(const struct row *row, uintptr_t base_address,
                                                      uintptr_t pc) {
        /* What linkers write for a PLT: rsp + 8 + ((rip & 15) >= N) * 8, a constant for one pc. */
        static const uint8_t plt_before[] = { 0x77, 8, 0x80, 0, 0x3f, 0x1a };
        static const uint8_t plt_after[] = { 0x2a, 0x33, 0x24, 0x22 };
        enum cfi_base base;
        enum cfi_rbp rbp = CFI_RBP_SAME;
        int64_t k = row->cfa_offset, rbp_offset = 0;

        if (row->ra.how == SAVED_UNDEFINED)
                return cfi_rule_make(CFI_OUTERMOST, CFI_RBP_UNKNOWN, 0, 0);
        if (row->ra.how != SAVED_AT_CFA || row->ra.where != -8)
                return CFI_NOTHING;

        if (row->cfa_register == CFA_EXPRESSION) {
                const uint8_t *expr = (const uint8_t *)base_address + row->cfa_offset;
                uint32_t length = row->cfa_expr_bytes;

                if (expr_is_breg_rbp(expr, length, 1, &k) && expr[length - 1] == 0x06 /* deref */) {
                        base = CFI_RBP_DEREF;
                } else if (length == sizeof(plt_before) + 1 + sizeof(plt_after) &&
                           memcmp(expr, plt_before, sizeof(plt_before)) == 0 &&
                           memcmp(expr + sizeof(plt_before) + 1, plt_after, sizeof(plt_after)) == 0) {
                        base = CFI_RSP;
                        k = (pc & 15) >= (uint64_t)(expr[sizeof(plt_before)] - 0x30) ? 16 : 8;
                } else {
                        return CFI_NOTHING;
                }
        } else if (row->cfa_register == REG_RSP) {
                base = CFI_RSP;
        } else if (row->cfa_register == REG_RBP) {
                base = CFI_RBP;
        } else {
                return CFI_NOTHING;
        }

        if (row->rbp.how == SAVED_AT_CFA) {
                rbp = CFI_RBP_AT_CFA;
                rbp_offset = row->rbp.where;
        } else if (row->rbp.how == SAVED_EXPRESSION &&
                   expr_is_breg_rbp((const uint8_t *)base_address + row->rbp.where, row->rbp.expr_bytes, 0,
                                    &rbp_offset)) {
                rbp = CFI_RBP_AT_RBP;
        } else if (row->rbp.how != SAVED_SAME) {
                rbp = CFI_RBP_UNKNOWN;
        }
        if (rbp_offset % 8 != 0 || rbp_offset / 8 != (int16_t)(rbp_offset / 8) || k != (int32_t)k)
                return CFI_NOTHING;
        return cfi_rule_make(base, rbp, (int32_t)k, (int32_t)rbp_offset);
}

/* What an instruction's entry says of it. */
struct described {
        struct cie cie;
        struct cursor instructions;
        uintptr_t begin;
};

/* Not inline, nor the next and rule_of_row: none needs the others' stack. */
static __attribute__((noinline)) bool find_description(const struct cfi_image *image, uintptr_t eh_frame_hdr,
                                                       uintptr_t pc, struct described *described) {
        uintptr_t fde = cfi_entry_find(image, eh_frame_hdr, pc), cie_pointer_at, range;
        struct cursor *in = &described->instructions;
        uint64_t cie_distance;

        if (!fde)
                return false;
        *in = cfi_entry_body(image, fde);
        cie_pointer_at = (uintptr_t)in->at;
        cie_distance = read_fixed(in, 4);
        if (in->bad || cie_distance == 0)
                return false;
        described->cie.instructions = cfi_entry_body(image, cie_pointer_at - cie_distance);
        if (!cfi_cie_read(&described->cie))
                return false;
        described->begin = read_encoded(in, described->cie.pointer_encoding);
        range = read_encoded(in, described->cie.pointer_encoding & 0x0f);
        if (in->bad || pc - described->begin >= range)
                return false;
        if (described->cie.augmented)
                (void)read_block(in);
        return true;
}

static __attribute__((noinline)) bool row_at(struct described *described, uintptr_t base, uintptr_t pc,
                                             struct row *row) {
        struct machine machine = { .cie = &described->cie, .base = base, .pc = pc };

        machine.row.ra.how = SAVED_OTHER;
        if (!run(&machine, &described->cie.instructions))
                return false;
        machine.initial_rbp = machine.row.rbp;
        machine.initial_ra = machine.row.ra;
        machine.location = described->begin;
        if (described->instructions.bad || !run(&machine, &described->instructions))
                return false;
        *row = machine.row;
        return true;
}

cfi_rule cfi_find(const struct cfi_image *image, const void *eh_frame_hdr, uintptr_t pc) {
        struct described described;
        struct row row;

        if (!find_description(image, (uintptr_t)eh_frame_hdr, pc, &described))
                return CFI_NOTHING;
        if (described.cie.signal_frame)
                return cfi_rule_make(CFI_SIGNAL, CFI_RBP_UNKNOWN, 0, 0);
        if (!row_at(&described, image->start, pc, &row))
                return CFI_NOTHING;
        return rule_of_row(&row, image->start, pc);
}
