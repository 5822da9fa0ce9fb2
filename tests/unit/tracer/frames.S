/* Functions with call frame information of every shape the unwinder knows; none is ever called.
 * Each label is an address the test asks a rule for. */
        .text
        .macro shape name
        .globl \name
        .type \name, @function
\name:
        .cfi_startproc
        .endm

        shape frames_plain              /* nothing pushed, then 40 bytes */
        nop
        sub $40, %rsp
        .cfi_adjust_cfa_offset 40
        .globl frames_plain_in
frames_plain_in:
        nop
        add $40, %rsp
        .cfi_adjust_cfa_offset -40
        ret
        .cfi_endproc

        shape frames_pushed_rbp         /* rbp saved, still counting from rsp */
        push %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_offset %rbp, -16
        .globl frames_pushed_rbp_in
frames_pushed_rbp_in:
        nop
        mov %rsp, %rbp
        .cfi_def_cfa_register %rbp
        .globl frames_pushed_rbp_framed
frames_pushed_rbp_framed:
        nop
        .cfi_remember_state
        pop %rbp
        .cfi_restore %rbp
        .cfi_def_cfa %rsp, 8
        .globl frames_pushed_rbp_popped
frames_pushed_rbp_popped:
        ret
        .cfi_restore_state
        .globl frames_pushed_rbp_again
frames_pushed_rbp_again:
        nop
        .cfi_endproc

        shape frames_realigned          /* main of a program with vectors: CFA = *(rbp - 8) */
        nop
        .cfi_escape 0x0f, 3, 0x76, 0x78, 0x06
        .cfi_escape 0x10, 6, 2, 0x76, 0
        .globl frames_realigned_in
frames_realigned_in:
        nop
        .cfi_endproc

        shape frames_outermost          /* _start */
        .cfi_undefined %rip
        nop
        .globl frames_outermost_in
frames_outermost_in:
        nop
        .cfi_endproc

        shape frames_other_register     /* hand-written code that counts from rbx */
        .cfi_def_cfa %rbx, 16
        nop
        .globl frames_other_register_in
frames_other_register_in:
        nop
        .cfi_endproc

        shape frames_lost_rbp           /* rbp's old value is nowhere */
        .cfi_undefined %rbp
        nop
        .globl frames_lost_rbp_in
frames_lost_rbp_in:
        nop
        .cfi_endproc

        .p2align 4
        shape frames_plt                /* what a linker writes for a PLT entry */
        .cfi_escape 0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22
        .rept 11
        nop
        .endr
        .globl frames_plt_pushed
frames_plt_pushed:
        .rept 5
        nop
        .endr
        .cfi_endproc

        .globl frames_without
frames_without:                         /* no CFI at all */
        nop
        nop
        ret
        .section .note.GNU-stack, "", @progbits
