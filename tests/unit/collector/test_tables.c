/* The tables under pairing: live map, sites, stacks and modules, held records, varints. */
#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/namesake.h"
#include "collector/proc.h"
#include "stage.h"

#define BLOCKS 40000u

/* Addresses as allocators give them: in rows, aligned alike, or anywhere. */
static uint64_t address_of(uint32_t i, uint32_t pattern) {
        switch (pattern) {
        case 0:
                return UINT64_C(0x555500000010) + i * UINT64_C(32);
        case 1:
                return UINT64_C(0x7f0000000000) + i * UINT64_C(4096);
        case 2:
                return UINT64_C(0x7f0000000000) + i * (UINT64_C(1) << 24);
        default:
                return (i * UINT64_C(0x9e3779b97f4a7c15) >> 20) & ~UINT64_C(15);
        }
}

Test(tables, the_live_map_holds_what_was_put_in) {
        bool *live = calloc(BLOCKS, sizeof(*live));

        for (uint32_t pattern = 0; pattern < 4; pattern++) {
                struct live_map map;
                struct live_block block = { 0 };
                uint64_t count = 0;

                cr_assert(live_map_init(&map));
                memset(live, 0, BLOCKS);
                srand(pattern);
                for (uint32_t turn = 0; turn < 400000; turn++) {
                        uint32_t i = (uint32_t)rand() % BLOCKS;

                        cr_assert_eq(live_map_find(&map, address_of(i, pattern), &block), live[i]);
                        if (live[i]) {
                                cr_assert_not(live_map_insert_first(&map, address_of(i, pattern), block));
                                cr_assert(live_map_remove(&map, address_of(i, pattern), &block));
                                cr_assert_eq(block.site, i);
                                cr_assert_eq(block.thread, i + 1);
                                cr_assert_eq(block.unit, i + 2);
                                cr_assert_eq(block.order, i % 1000);
                                count--;
                        } else {
                                struct live_block added = { i, i + 1, i + 2, (uint16_t)(i % 1000) };

                                cr_assert(live_map_insert_first(&map, address_of(i, pattern), added) ||
                                          live_map_insert(&map, address_of(i, pattern), added));
                                cr_assert_not(live_map_insert_first(&map, address_of(i, pattern), added));
                                count++;
                        }
                        live[i] = !live[i];
                        cr_assert_eq(map.count, count);
                }
                for (uint32_t i = 0; i < BLOCKS; i++)
                        cr_assert_eq(live_map_remove(&map, address_of(i, pattern), &block), live[i]);
                for (uint32_t i = 0; i <= map.mask; i++)
                        cr_assert_eq(map.buckets[i].passed, 0, "an empty map has no traces");
                live_map_deinit(&map);
        }
        free(live);
}

Test(tables, varints_of_28_bits_are_like_all_others) {
        for (unsigned bit = 0; bit < 28; bit++) {
                for (int off = -1; off <= 1; off++) {
                        uint32_t value = ((UINT32_C(1) << bit) + (uint32_t)off) & ((UINT32_C(1) << 28) - 1);
                        uint8_t plain[VARINT_MAX_BYTES] = { 0 }, fast[VARINT_MAX_BYTES] = { 0 };
                        unsigned length = encode_varint(plain, value);

                        cr_assert_eq(encode_varint28(fast, value), length, "%x", value);
                        cr_assert_eq(memcmp(plain, fast, length), 0, "%x", value);
                }
        }
}

Test(tables, held_records_come_out_oldest_first) {
        struct skew *skew = calloc(1, sizeof(*skew));
        struct skew_held held;

        for (uint32_t i = 0; i < SKEW_HELD_MAX; i++) {
                cr_assert_not(skew_take_old(skew, 0, &held));
                cr_assert(skew_hold(skew, &(struct skew_held){ .address = i % 100,
                                                               .time = i,
                                                               .since = i,
                                                               .block.site = i,
                                                               .ring = 1,
                                                               .kind = i % 2 }));
        }
        cr_assert(skew_take_old(skew, 0, &held), "there is no room for another");
        cr_assert_eq(held.block.site, 0);
        cr_assert(skew_take(skew, SKEW_ALLOC, 1, &held));
        cr_assert_eq(held.block.site, 1);
        cr_assert(skew_take(skew, SKEW_ALLOC, 1, &held));
        cr_assert_eq(held.block.site, 101);
        cr_assert_not(skew_take_free(skew, 2, 1, 0, &held), "not of the same ring");
        cr_assert_not(skew_take_free(skew, 2, 2, 5000, &held), "not before that time");
        cr_assert(skew_take_free(skew, 2, 2, 100, &held));
        cr_assert_eq(held.block.site, 102);
        for (uint32_t i = 2; i < 50; i++) {
                cr_assert(skew_take_old(skew, 50, &held));
                cr_assert_eq(held.block.site, i);
        }
        cr_assert_not(skew_take_old(skew, 50, &held));
        while (skew_take_old(skew, UINT64_MAX, &held))
                ;
        cr_assert_eq(skew->count[0] + skew->count[1], 0);
        for (uint32_t turn = 0; turn < 10 * SKEW_HELD_MAX; turn++) {
                cr_assert(skew_hold(skew, &(struct skew_held){ .address = turn, .kind = SKEW_FREE }));
                cr_assert(skew_take_free(skew, turn, 1, 0, &held));
        }
        cr_assert_eq(skew->first, skew->end);
        skew_deinit(skew);
        free(skew);
}

static void note_module(struct stage *stage, uint32_t index, uint64_t start, uint64_t end,
                        uint32_t generation, const char *path) {
        struct module *module = &stage->process->modules[index];

        module->start = start;
        module->end = end;
        module->bias = start - 0x400;
        module->generation = generation;
        module->path = 0;
        if (path[0] != '\0') {
                module->path = stage->process->strings_used;
                strcpy(stage->process->strings + module->path, path);
                stage->process->strings_used += (uint32_t)strlen(path) + 1;
        }
        atomic_store(&module->ready, 1);
        atomic_store(&stage->process->module_count, index + 1);
}

Test(tables, stacks_are_told_from_the_outermost_frame_with_modules_and_generations) {
        struct stage *stage = stage_new(1);
        const uint64_t generation_one = UINT64_C(1) << 48;
        uint32_t first, second, third;
        struct seen *seen;

        strcpy(stage->trace->cwd, "/home/somebody");
        note_module(stage, 0, 0x10000, 0x20000, 0, "");
        note_module(stage, 1, 0x30000, 0x40000, 0, "/lib/first.so");
        note_module(stage, 2, 0x30000, 0x40000, 1, "./second.so");
        first = stage_stack(stage, (uint64_t[]){ 0x10010, 0x30020 }, 2);
        second = stage_stack(stage, (uint64_t[]){ 0x10010, 0x30020 | generation_one }, 2);
        /* An address behind the last byte, returned to by what never returns; and an exact one there. */
        third = stage_stack(stage, (uint64_t[]){ 0x10010, 0x20000, 0x20000 | STACK_FRAME_EXACT }, 3);
        play_thread(stage, 0, 1);
        play_alloc(stage, 0, 0x1000, third, 1, 0);
        play_alloc(stage, 0, 0x2000, first, 1, 0);
        play_alloc(stage, 0, 0x3000, second, 1, 0);
        play_alloc(stage, 0, 0x4000, first, 1, 0);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_eq(seen->site_count, 3);
        cr_assert_eq(seen->stack_count, 5);
        cr_assert_eq(seen->module_count, 3);
        cr_assert_str_eq(seen->modules[0].path, "/bin/stage");
        cr_assert_str_eq(seen->modules[1].path, "/lib/first.so");
        cr_assert_str_eq(seen->modules[2].path, "/home/somebody/second.so");
        cr_assert_eq(seen->modules[2].generation, 1);
        cr_assert_eq(seen->modules[2].bias, 0x30000 - 0x400);
        cr_assert_eq(seen->frame_count, 5);
        cr_assert(seen->frames[0].module == 1 && seen->frames[0].offset == 0x10 * 2);
        cr_assert(seen->frames[1].module == 1 && seen->frames[1].offset == 0x10000 * 2);
        cr_assert(seen->frames[2].module == 0 && seen->frames[2].offset == 0x20000 * 2 + 1);
        cr_assert(seen->frames[3].module == 2 && seen->frames[3].offset == 0x20 * 2);
        cr_assert(seen->frames[4].module == 3 && seen->frames[4].offset == 0x20 * 2);
        cr_assert_eq(seen->stacks[1].parent, 0);
        cr_assert_eq(seen->stacks[3].parent, 2);
        cr_assert_eq(seen->stacks[4].parent, 1);
        cr_assert_eq(seen->sites[0].stack, 3);
        seen_free(seen);
        stage_free(stage);
}

Test(tables, one_site_for_each_stack_size_and_kind) {
        struct stage *stage = stage_new(1);
        uint32_t node = stage_stack(stage, (uint64_t[]){ 0x10010 }, 1);
        struct seen *seen;

        play_thread(stage, 0, 1);
        for (uint64_t i = 0; i < 3000; i++)
                play_alloc(stage, 0, 0x10000 + i * 16, i & 1 ? node : 0, i % 1000, 0);
        play_alloc(stage, 0, 0x1000, node, UINT64_C(1) << 30, 0);
        play_alloc(stage, 0, 0x2000, node, UINT64_C(1) << 30, 0);
        (void)stage_turn(stage);
        for (uint32_t site = 0; site < 1000; site++)
                cr_assert_eq(sites_node(&stage->trace->sites, site), site & 1 ? node : 0);
        cr_assert_eq(sites_node(&stage->trace->sites, 1000), node);
        seen = stage_finish(stage);
        cr_assert_eq(seen->site_count, 1001);
        cr_assert_eq(seen->end.unknown_stacks, 1500);
        seen_free(seen);
        stage_free(stage);
}

Test(tables, proc_answers_about_this_process) {
        struct stage *stage = stage_new(1);
        uint64_t inode = proc_own_inode(stage->session);
        struct proc_stat stat;
        char exe[MTR_STRING_MAX];

        cr_assert_neq(inode, 0);
        cr_assert_eq(proc_writes(stage->process->pid, inode, stage->process), PROC_YES);
        cr_assert_eq(proc_writes(stage->process->pid, UINT64_MAX, stage->process), PROC_NO);
        cr_assert_eq(proc_writes(0x7fffffff, inode, stage->process), PROC_UNKNOWN);
        cr_assert(proc_stat(stage->process->pid, &stat));
        cr_assert_eq(stat.state, 'R');
        cr_assert(proc_link(stage->process->pid, "exe", exe, sizeof(exe)));
        cr_assert_eq(exe[0], '/');
        stage_free(stage);
}

/* In a pid namespace of its own; the chunk it has opened for itself into *own. 0: that is for privileged
 * users. */
static pid_t twin_start(struct stage *stage, struct process **own) {
        uint32_t taken = 0;
        int ready[2];
        pid_t child;

        cr_assert_eq(pipe(ready), 0);
        child = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
        if (child == 0) {
                taken = session_chunk_take(stage->session);
                (void)!write(ready[1], &taken, sizeof(taken));
                for (;;)
                        (void)pause();
        }
        close(ready[1]);
        if (child > 0)
                cr_assert_eq(read(ready[0], &taken, sizeof(taken)), sizeof(taken));
        close(ready[0]);
        *own = session_chunk(stage->session, taken);
        return child > 0 ? child : 0;
}

Test(tables, a_process_is_found_by_the_pid_it_has_in_its_own_namespace) {
        struct stage *stage = stage_new(1);
        uint64_t inode = proc_own_inode(stage->session);
        struct process *owns[2];
        pid_t twins[2];

        cr_assert_eq(namesake_of(stage->process->pid, inode, stage->process), stage->process->pid);
        for (int i = 0; i < 2; i++) {
                twins[i] = twin_start(stage, &owns[i]);
                if (twins[i] == 0)
                        cr_skip_test("pid namespaces are for privileged users");
        }
        for (int i = 0; i < 2; i++)
                cr_expect_eq(namesake_of(1, inode, owns[i]), (uint32_t)twins[i]);
        for (int i = 0; i < 2; i++) {
                (void)kill(twins[i], SIGKILL);
                (void)waitpid(twins[i], NULL, 0);
        }
        stage_free(stage);
}
