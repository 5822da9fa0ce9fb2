/* Rules read from real .eh_frame: every shape that compilers and linkers write, and those left alone. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>

#include "tracer/modules.h"

#define LABELS(X)                                                                                            \
        X(frames_plain)                                                                                      \
        X(frames_plain_in)                                                                                   \
        X(frames_pushed_rbp_in)                                                                              \
        X(frames_pushed_rbp_framed)                                                                          \
        X(frames_pushed_rbp_popped)                                                                          \
        X(frames_pushed_rbp_again)                                                                           \
        X(frames_realigned_in)                                                                               \
        X(frames_outermost_in)                                                                               \
        X(frames_other_register_in) X(frames_lost_rbp_in) X(frames_plt) X(frames_plt_pushed) X(frames_without)
#define DECLARE(label) extern const char label[];
LABELS(DECLARE)

static cfi_rule rule_at(const char *label) {
        struct dl_find_object found;
        struct cfi_image image;

        cr_assert_eq(_dl_find_object((void *)label, &found), 0);
        image = modules_image(&found);
        return cfi_find(&image, found.dlfo_eh_frame, (uintptr_t)label);
}

static void expect(const char *label, enum cfi_base base, int64_t k, enum cfi_rbp rbp, int64_t rbp_offset) {
        cfi_rule rule = rule_at(label);

        cr_expect_eq(cfi_rule_base(rule), base, "base %d", cfi_rule_base(rule));
        cr_expect_eq(cfi_rule_k(rule), k, "k %ld", cfi_rule_k(rule));
        cr_expect_eq(cfi_rule_rbp(rule), rbp, "rbp %d", cfi_rule_rbp(rule));
        cr_expect_eq(cfi_rule_rbp_offset(rule), rbp_offset, "offset %ld", cfi_rule_rbp_offset(rule));
        cr_expect_neq(rule, 0, "a result is never the absence of one");
}

Test(cfi, frames_that_count_from_rsp) {
        expect(frames_plain, CFI_RSP, 8, CFI_RBP_SAME, 0);
        expect(frames_plain_in, CFI_RSP, 48, CFI_RBP_SAME, 0);
        expect(frames_pushed_rbp_in, CFI_RSP, 16, CFI_RBP_AT_CFA, -16);
}

Test(cfi, frames_that_count_from_rbp_and_states_remembered) {
        expect(frames_pushed_rbp_framed, CFI_RBP, 16, CFI_RBP_AT_CFA, -16);
        expect(frames_pushed_rbp_popped, CFI_RSP, 8, CFI_RBP_SAME, 0);
        expect(frames_pushed_rbp_again, CFI_RBP, 16, CFI_RBP_AT_CFA, -16);
}

Test(cfi, a_realigned_stack) {
        expect(frames_realigned_in, CFI_RBP_DEREF, -8, CFI_RBP_AT_RBP, 0);
}

Test(cfi, the_outermost_frame) {
        expect(frames_outermost_in, CFI_OUTERMOST, 0, CFI_RBP_UNKNOWN, 0);
}

Test(cfi, a_plt_entry_before_and_after_its_push) {
        expect(frames_plt, CFI_RSP, 8, CFI_RBP_SAME, 0);
        expect(frames_plt_pushed, CFI_RSP, 16, CFI_RBP_SAME, 0);
}

Test(cfi, what_it_cannot_follow_ends_the_stack) {
        expect(frames_other_register_in, CFI_STOP, 0, CFI_RBP_UNKNOWN, 0);
        expect(frames_without, CFI_STOP, 0, CFI_RBP_UNKNOWN, 0);
}

Test(cfi, a_lost_rbp_is_known_to_be_lost) {
        expect(frames_lost_rbp_in, CFI_RSP, 8, CFI_RBP_UNKNOWN, 0);
}

Test(cfi, the_trampoline_of_a_signal_handler_is_a_signal_frame) {
        /* glibc's __restore_rt: found by its bytes, mov $15, %rax; syscall, near sigaction. */
        const unsigned char trampoline[] = { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 };
        void *near = dlsym(RTLD_DEFAULT, "gsignal");
        const char *at = memmem((const char *)near - 4096, 12288, trampoline, sizeof(trampoline));

        cr_assert_not_null(at);
        cr_assert_eq(cfi_rule_base(rule_at(at)), CFI_SIGNAL);
}

Test(cfi, generations_fit_and_stick) {
        cfi_rule rule = rule_at(frames_plain);

        cr_assert_eq(cfi_rule_generation(rule), 0);
        cr_assert_eq(cfi_rule_generation(cfi_rule_with_generation(rule, 7)), 7);
        cr_assert_eq(cfi_rule_generation(cfi_rule_with_generation(rule, 100000)), 255);
        cr_assert_eq(cfi_rule_k(cfi_rule_with_generation(rule, 255)), 8);
}

/* One page with tables in it, and one behind it that nobody may look at. */
struct garbage {
        uint8_t version, frame_encoding, count_encoding, table_encoding;
        int32_t frame;
        uint32_t count;
        int32_t pc, entry;
        struct {
                uint32_t length, cie;
                uint8_t version;
                char augmentation[1];
                uint8_t code_align, data_align, ra, instructions[7];
        } common;
        struct {
                uint32_t length, cie;
                uint64_t begin, range;
                uint8_t instructions[8];
        } __attribute__((packed)) one;
};

static const Elf64_Phdr first_page = { .p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = 4096 };

/* Whole, as a start; what the tests break of it comes from here. */
static struct garbage *garbage_new(struct cfi_image *image) {
        char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct garbage *garbage = (void *)(pages + 4096 - sizeof(struct garbage));

        cr_assert_eq(mprotect(pages + 4096, 4096, PROT_NONE), 0);
        *garbage = (struct garbage){ .version = 1,
                                     .frame_encoding = 0x1b,
                                     .count_encoding = 0x03,
                                     .table_encoding = 0x3b,
                                     .count = 1,
                                     .entry = offsetof(struct garbage, one),
                                     .common = { .length = sizeof(garbage->common) - 4,
                                                 .version = 1,
                                                 .code_align = 1,
                                                 .data_align = 0x78,
                                                 .ra = 16,
                                                 .instructions = { 0x0c, 7, 8, 0x90, 1 } },
                                     .one = { .length = sizeof(garbage->one) - 4,
                                              .cie = offsetof(struct garbage, one.cie) -
                                                     offsetof(struct garbage, common),
                                              .begin = (uintptr_t)garbage,
                                              .range = 16 } };
        *image = (struct cfi_image){ .start = (uintptr_t)pages,
                                     .end = (uintptr_t)pages + 8192,
                                     .bias = (uintptr_t)pages,
                                     .segments = &first_page,
                                     .segment_count = 1 };
        return garbage;
}

static enum cfi_base garbage_base(const struct cfi_image *image, const struct garbage *garbage) {
        return cfi_rule_base(cfi_find(image, garbage, (uintptr_t)garbage));
}

Test(cfi, tables_that_lead_out_of_their_memory) {
        struct cfi_image image;
        struct garbage *garbage = garbage_new(&image), whole = *garbage;

        cr_expect_eq(garbage_base(&image, garbage), CFI_RSP);
        garbage->count = UINT32_MAX;
        cr_expect_eq(garbage_base(&image, garbage), CFI_STOP, "more entries than there is memory");
        *garbage = whole;
        garbage->entry = sizeof(*garbage);
        cr_expect_eq(garbage_base(&image, garbage), CFI_STOP, "an entry in no segment");
        garbage->entry = -65536;
        cr_expect_eq(garbage_base(&image, garbage), CFI_STOP, "an entry before all");
        *garbage = whole;
        garbage->one.length += 1;
        cr_expect_eq(garbage_base(&image, garbage), CFI_STOP, "an entry that does not end");
        *garbage = whole;
        garbage->one.cie = (uint32_t)-4096;
        cr_expect_eq(garbage_base(&image, garbage), CFI_STOP, "what it shares is in no segment");
        *garbage = whole;
        garbage->common.length = UINT32_MAX - 1;
        cr_expect_eq(garbage_base(&image, garbage), CFI_STOP, "what it shares does not end");
        *garbage = whole;
        memset(garbage->one.instructions, 0xff, sizeof(garbage->one.instructions));
        image.segment_count = 0;
        image.end -= 4096;
        cr_expect_eq(garbage_base(&image, garbage), CFI_RSP, "what it restores is none of ours");
}
