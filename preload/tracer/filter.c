/*
 * Classic BPF as seccomp takes it (kernel/seccomp.c, seccomp_check_filter): see filter.h.
 */
#include "tracer/filter.h"

#include <string.h>

struct machine {
        uint32_t a, x;
        uint32_t memory[BPF_MEMWORDS];
};

/* What an instruction that reads takes: `k` itself, a word of memory, of the data, or the data's size. */
static bool source(const struct machine *machine, const struct sock_filter *at,
                   const struct seccomp_data *data, uint32_t *value) {
        switch (BPF_MODE(at->code)) {
        case BPF_IMM:
                *value = at->k;
                return true;
        case BPF_MEM:
                if (at->k >= BPF_MEMWORDS)
                        return false;
                *value = machine->memory[at->k];
                return true;
        case BPF_ABS:
                if (at->k > sizeof(*data) - sizeof(*value) || at->k % sizeof(*value))
                        return false;
                memcpy(value, (const char *)data + at->k, sizeof(*value));
                return true;
        case BPF_LEN:
                *value = sizeof(*data);
                return true;
        default:
                return false;
        }
}

static bool arithmetic(struct machine *machine, uint16_t code, uint32_t operand) {
        switch (BPF_OP(code)) {
        case BPF_ADD:
                machine->a += operand;
                return true;
        case BPF_SUB:
                machine->a -= operand;
                return true;
        case BPF_MUL:
                machine->a *= operand;
                return true;
        case BPF_DIV:
                machine->a = operand ? machine->a / operand : 0;
                return operand != 0;
        case BPF_AND:
                machine->a &= operand;
                return true;
        case BPF_OR:
                machine->a |= operand;
                return true;
        case BPF_XOR:
                machine->a ^= operand;
                return true;
        case BPF_LSH:
                machine->a <<= operand & 31;
                return true;
        case BPF_RSH:
                machine->a >>= operand & 31;
                return true;
        case BPF_NEG:
                machine->a = -machine->a;
                return true;
        default:
                return false;
        }
}

/* How far behind the next instruction the one to go on with is; false for a jump that is none. */
static bool jump(const struct machine *machine, const struct sock_filter *at, uint32_t operand,
                 uint32_t *skip) {
        bool taken;

        switch (BPF_OP(at->code)) {
        case BPF_JA:
                *skip = at->k;
                return true;
        case BPF_JEQ:
                taken = machine->a == operand;
                break;
        case BPF_JGT:
                taken = machine->a > operand;
                break;
        case BPF_JGE:
                taken = machine->a >= operand;
                break;
        case BPF_JSET:
                taken = (machine->a & operand) != 0;
                break;
        default:
                return false;
        }
        *skip = taken ? at->jt : at->jf;
        return true;
}

/* Loads, stores and transfers; false for what is none. */
static bool move(struct machine *machine, const struct sock_filter *at, const struct seccomp_data *data) {
        switch (BPF_CLASS(at->code)) {
        case BPF_LD:
                return source(machine, at, data, &machine->a);
        case BPF_LDX:
                return source(machine, at, data, &machine->x);
        case BPF_ST:
        case BPF_STX:
                if (at->k >= BPF_MEMWORDS)
                        return false;
                machine->memory[at->k] = BPF_CLASS(at->code) == BPF_ST ? machine->a : machine->x;
                return true;
        default: /* BPF_MISC */
                if (BPF_MISCOP(at->code) == BPF_TAX)
                        machine->x = machine->a;
                else if (BPF_MISCOP(at->code) == BPF_TXA)
                        machine->a = machine->x;
                else
                        return false;
                return true;
        }
}

uint32_t filter_verdict(const struct sock_fprog *filter, const struct seccomp_data *data) {
        struct machine machine = { 0 };

        /* Jumps go forward only, so this ends. */
        for (uint64_t next = 0; next < filter->len;) {
                const struct sock_filter *at = &filter->filter[next++];
                uint32_t operand = BPF_SRC(at->code) == BPF_X ? machine.x : at->k, skip = 0;
                bool known;

                switch (BPF_CLASS(at->code)) {
                case BPF_RET:
                        return BPF_RVAL(at->code) == BPF_A ? machine.a : at->k;
                case BPF_ALU:
                        known = arithmetic(&machine, at->code, operand);
                        break;
                case BPF_JMP:
                        known = jump(&machine, at, operand, &skip);
                        break;
                default:
                        known = move(&machine, at, data);
                        break;
                }
                if (!known)
                        break;
                next += skip;
        }
        return SECCOMP_RET_KILL_PROCESS;
}
