/* A seccomp filter run outside the kernel: the same verdicts, and none for what the kernel would not take. */
#include <criterion/criterion.h>
#include <linux/audit.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/filter.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DATA(field) offsetof(struct seccomp_data, field)
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)

static bool allows(struct sock_filter *code, size_t length, const struct seccomp_data *data) {
        return filter_allows(filter_verdict(&(struct sock_fprog){ (unsigned short)length, code }, data));
}

static const struct seccomp_data call = { .nr = 39,
                                          .arch = AUDIT_ARCH_X86_64,
                                          .args = { UINT64_C(0x1122334455667788), 7, 0, 0, 0, 0xffffffff } };

/* After `code`, A is `expected`. */
static void expect_a(struct sock_filter *code, size_t length, uint32_t expected) {
        struct sock_filter program[32];
        size_t used = 0;

        for (; used < length; used++)
                program[used] = code[used];
        program[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, expected, 0, 1);
        program[used++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
        program[used++] = (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS);
        cr_expect(allows(program, used, &call), "A is %x", expected);
        program[length].k = ~expected;
        cr_expect_not(allows(program, used, &call));
}
#define EXPECT_A(expected, ...)                                                                              \
        expect_a((struct sock_filter[]){ __VA_ARGS__ }, COUNT(((struct sock_filter[]){ __VA_ARGS__ })),      \
                 expected)

Test(filter, loads_words_of_the_call) {
        EXPECT_A(39, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(nr)));
        EXPECT_A(AUDIT_ARCH_X86_64, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(arch)));
        EXPECT_A(0x55667788, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0])));
        EXPECT_A(0x11223344, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0]) + 4));
        EXPECT_A(0xffffffff, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[5])));
        EXPECT_A(0, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[5]) + 4));
        EXPECT_A(64, BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0));
        EXPECT_A(64, BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0));
}

Test(filter, counts) {
        EXPECT_A(12, BPF_STMT(BPF_LD | BPF_IMM, 5), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 7));
        EXPECT_A(0xfffffffe, BPF_STMT(BPF_LD | BPF_IMM, 5), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 7));
        EXPECT_A(35, BPF_STMT(BPF_LD | BPF_IMM, 5), BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 7));
        EXPECT_A(3, BPF_STMT(BPF_LD | BPF_IMM, 23), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 7));
        EXPECT_A(4, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 6));
        EXPECT_A(14, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 6));
        EXPECT_A(10, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 6));
        EXPECT_A(48, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2));
        EXPECT_A(3, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2));
        EXPECT_A(0xfffffff4, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ALU | BPF_NEG, 0));
        EXPECT_A(19, BPF_STMT(BPF_LDX | BPF_IMM, 7), BPF_STMT(BPF_LD | BPF_IMM, 12),
                 BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0));
}

Test(filter, remembers) {
        EXPECT_A(12, BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_IMM, 0),
                 BPF_STMT(BPF_LD | BPF_MEM, 15));
        EXPECT_A(13, BPF_STMT(BPF_LDX | BPF_IMM, 13), BPF_STMT(BPF_STX, 1), BPF_STMT(BPF_LD | BPF_MEM, 1));
        EXPECT_A(14, BPF_STMT(BPF_LD | BPF_IMM, 14), BPF_STMT(BPF_MISC | BPF_TAX, 0),
                 BPF_STMT(BPF_LD | BPF_IMM, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0));
}

Test(filter, jumps) {
        static const struct {
                uint16_t operation;
                uint32_t less, same, more; /* whether it jumps where A is below, at and above 10 */
        } jumps[] = {
                { BPF_JEQ, 0, 1, 0 }, { BPF_JGT, 0, 0, 1 }, { BPF_JGE, 0, 1, 1 }, { BPF_JSET, 1, 1, 1 }
        };

        for (size_t i = 0; i < COUNT(jumps); i++)
                for (uint32_t a = 9; a <= 11; a++) {
                        struct sock_filter code[] = {
                                BPF_STMT(BPF_LD | BPF_IMM, a),
                                BPF_JUMP((uint16_t)(BPF_JMP | jumps[i].operation | BPF_K), 10, 1, 0),
                                RETURN(SECCOMP_RET_TRAP),
                                RETURN(SECCOMP_RET_ALLOW),
                        };
                        uint32_t expected = a < 10 ? jumps[i].less : a == 10 ? jumps[i].same : jumps[i].more;

                        cr_expect_eq(allows(code, COUNT(code), &call), expected, "operation %x of %u",
                                     jumps[i].operation, a);
                }
        EXPECT_A(1, BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_JMP | BPF_JA, 1),
                 BPF_STMT(BPF_LD | BPF_IMM, 2), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0));
}

Test(filter, only_allow_allows) {
        static const uint32_t others[] = { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
                                           SECCOMP_RET_TRAP,         SECCOMP_RET_ERRNO,
                                           SECCOMP_RET_USER_NOTIF,   SECCOMP_RET_TRACE,
                                           SECCOMP_RET_LOG };

        for (size_t i = 0; i < COUNT(others); i++) {
                struct sock_filter code[] = { RETURN(others[i]) };

                cr_expect_not(allows(code, 1, &call), "%x", others[i]);
        }
        struct sock_filter by_a[] = { BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW),
                                      BPF_STMT(BPF_RET | BPF_A, 0) };
        cr_expect(allows(by_a, COUNT(by_a), &call));
}

Test(filter, what_the_kernel_would_refuse_allows_nothing) {
        static struct sock_filter wrong[][3] = {
                { { 0xffff, 0, 0, 0 }, RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ~0u), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_LD | BPF_MEM, 16), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_ST, 16), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_JMP | BPF_JA, ~0u), RETURN(SECCOMP_RET_ALLOW) },
                { BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_LD | BPF_IMM, 1),
                  BPF_STMT(BPF_LD | BPF_IMM, 1) },
        };

        for (size_t i = 0; i < COUNT(wrong); i++)
                cr_expect_not(allows(wrong[i], 3, &call), "%zu", i);
        cr_expect_not(allows(NULL, 0, &call));
}
