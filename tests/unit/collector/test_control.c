/* Requests from outside: what is answered and when, and what may stand on the page. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/control.h"
#include "collector/sys.h"
#include "stage.h"

#define A UINT64_C(0x555500001000)
#define ASKED(round) ((round)*MTR_CONTROL_ROUND | MTR_CONTROL_ASKED)
#define ANSWERED(round) ((round)*MTR_CONTROL_ROUND | MTR_CONTROL_ANSWERED)

static struct stage *stage;
static struct control control;
static struct mtr_control *page;

static void begin(void) {
        stage = stage_new(2);
        play_thread(stage, 0, 100);
        control = (struct control){ .page = calloc(1, sizeof(*page)) };
        page = control.page;
}

TestSuite(control, .init = begin);

/* As family.c does it. True: a request waits. */
static bool turn_after(uint64_t ns) {
        bool waits;

        stage_pass(stage, ns);
        waits = control_look(&control, &stage->timebase);
        (void)stage_turn(stage);
        control_remind(stage->trace);
        control_turn(&control, stage->trace);
        control_refuse(&control, &stage->timebase);
        return waits;
}

static void request(uint32_t round, uint32_t verb, const char *name) {
        page->pid = (uint32_t)getpid();
        page->verb = verb;
        page->result = 99;
        memset(page->name, 0, sizeof(page->name));
        memcpy(page->name, name, strnlen(name, sizeof(page->name)));
        atomic_store(&page->state, ASKED(round));
}

/* Asks, and what came of it: in the next turn, when all that was before is known to be there. */
static int32_t asked(uint32_t round, uint32_t verb, const char *name) {
        request(round, verb, name);
        cr_assert(turn_after(STAGE_MS));
        cr_assert_eq(atomic_load(&page->state), ASKED(round));
        cr_assert(turn_after(STAGE_MS));
        cr_assert_eq(atomic_load(&page->state), ANSWERED(round));
        cr_assert_not(control.pending);
        return page->result;
}

static void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
        free(page);
}

/* The descriptor of the page's file in this process; -1: it has none. */
static int page_fd(void) {
        DIR *directory = opendir("/proc/self/fd");
        char path[300], target[64];
        int found = -1;

        for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
                snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
                memset(target, 0, sizeof(target));
                if (readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, MTR_CONTROL_NAME))
                        found = atoi(entry->d_name);
        }
        closedir(directory);
        return found;
}

Test(control, its_page_is_a_sealed_file) {
        struct control own = { 0 };
        int fd;

        control_begin(&own, 0);
        cr_assert_null(own.page, "a session that cannot be found by its inode");
        cr_assert_eq(page_fd(), -1);
        cr_assert_not(control_look(&own, &stage->timebase));
        control_begin(&own, 4711);
        fd = page_fd();
        cr_assert_geq(fd, 0);
        cr_assert_eq(fcntl(fd, F_GET_SEALS) & (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
                     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
        cr_assert_eq(ftruncate(fd, 0), -1);
        cr_assert_eq(own.page->magic, MTR_CONTROL_MAGIC);
        cr_assert_eq(own.page->version, MTR_CONTROL_VERSION);
        cr_assert_eq(own.page->session_inode, 4711);
        cr_assert_eq(own.page->state, MTR_CONTROL_IDLE);
        done(stage_finish(stage));
}

Test(control, stats_are_as_of_the_request) {
        struct mtr_control_stats *stats = &page->stats;

        play_alloc(stage, 0, A, 0, 1000, 0);
        play_alloc(stage, 0, A + 4096, 0, 24, 0);
        play_free(stage, 0, A, 0);
        play_free(stage, 0, A + 8192, 0);
        /* until then its allocation may still come */
        play_alloc(stage, 0, A + 12288, 0, 8, 50 * STAGE_MS);
        play_free(stage, 0, A + 12288, 50 * STAGE_MS);
        (void)turn_after(100 * STAGE_MS);
        cr_assert_eq(asked(1, MTR_CONTROL_STATS, ""), 0);
        cr_assert_eq(stats->live_bytes, 24);
        cr_assert_eq(stats->live_blocks, 1);
        cr_assert_eq(stats->peak_bytes, 1024);
        cr_assert_eq(stats->traced_peak_bytes, 1024);
        cr_assert_eq(stats->allocations, 3);
        cr_assert_eq(stats->frees, 2);
        cr_assert_eq(stats->foreign_frees, 1);
        cr_assert_eq(stats->lost, 0);
        cr_assert_eq(stats->threads, 1);
        cr_assert_eq(stats->paused, 0);
        cr_assert_eq(stats->heap_seen, 1);
        cr_assert_gt(stats->file_bytes, 0);
        cr_assert_eq(asked(2, MTR_CONTROL_RESET_PEAK, ""), 0);
        cr_assert_eq(asked(3, MTR_CONTROL_STATS, ""), 0);
        cr_assert_eq(stats->peak_bytes, 1024);
        cr_assert_eq(stats->traced_peak_bytes, 24);
        /* half of a ring, when it is looked at */
        request(4, MTR_CONTROL_STATS, "");
        (void)turn_after(STAGE_MS);
        for (uint32_t i = 0; i < RING_WORDS / 4; i++)
                play_op(stage, 0, RECORD_VOID, 0, 10000 + i);
        (void)turn_after(STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ANSWERED(4));
        cr_assert_eq(stats->ring_permille, 500);
        done(stage_finish(stage));
}

Test(control, a_moment_stands_behind_what_was_before_it) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 16, 0);
        cr_assert_eq(asked(1, MTR_CONTROL_MARK, "one"), 0);
        play_alloc(stage, 0, A + 4096, 0, 16, 0);
        cr_assert_eq(asked(2, MTR_CONTROL_SNAPSHOT, "two"), 0);
        cr_assert_eq(asked(3, MTR_CONTROL_MARK, ""), -EINVAL);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M1:one S2:two");
        done(seen);
}

/* Another ring's record is on its way: what it will hold was before the request. */
Test(control, a_hole_is_waited_for_a_while) {
        uint64_t position;
        struct seen *seen;

        play_thread(stage, 1, 101);
        (void)turn_after(STAGE_MS);
        play_alloc(stage, 0, A, 0, 16, 2 * STAGE_MS);
        position = ring_reserve(stage->rings[1], 2);
        request(1, MTR_CONTROL_MARK, "after");
        for (uint32_t i = 0; i < 5; i++) {
                cr_assert(turn_after(STAGE_MS));
                cr_assert_eq(atomic_load(&page->state), ASKED(1));
        }
        ring_put(stage->rings[1], position, record_first(RECORD_VOID, 0, 0));
        ring_put(stage->rings[1], position + 1, record_first(RECORD_VOID, 0, 0));
        (void)turn_after(STAGE_MS);
        (void)turn_after(STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ANSWERED(1));
        (void)ring_reserve(stage->rings[1], 2); /* which is never written */
        request(2, MTR_CONTROL_MARK, "late");
        (void)turn_after(STAGE_MS);
        (void)turn_after(19 * STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ASKED(2));
        (void)turn_after(STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ANSWERED(2));
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M1:after M1:late");
        done(seen);
}

Test(control, threads_are_sent_to_look_until_they_have) {
        struct process *process = stage->process;

        (void)turn_after(STAGE_MS);
        stage->rings[0]->limit = RING_WORDS;
        cr_assert_eq(asked(1, MTR_CONTROL_STOP, ""), 0);
        cr_assert_eq(atomic_load(&process->wanted), PROCESS_WANTED_NEXT | PROCESS_WANTED_PAUSED);
        cr_assert_eq(stage->rings[0]->limit, 0);
        stage->rings[0]->limit = RING_WORDS; /* a producer that found room just then */
        (void)turn_after(STAGE_MS);
        cr_assert_eq(stage->rings[0]->limit, 0);
        cr_assert_eq(asked(2, MTR_CONTROL_STATS, ""), 0);
        cr_assert_eq(page->stats.paused, PROCESS_WANTED_PAUSED, "as good as done");
        atomic_store(&process->obeyed, atomic_load(&process->wanted));
        atomic_store(&process->paused, 1);
        stage->rings[0]->limit = RING_WORDS;
        (void)turn_after(STAGE_MS);
        cr_assert_eq(stage->rings[0]->limit, RING_WORDS);
        cr_assert_eq(asked(3, MTR_CONTROL_START, ""), 0);
        cr_assert_eq(atomic_load(&process->wanted), 2 * PROCESS_WANTED_NEXT);
        cr_assert_eq(asked(4, MTR_CONTROL_STATS, ""), 0);
        cr_assert_eq(page->stats.paused, 0);
        done(stage_finish(stage));
}

Test(control, a_heap_that_is_not_seen_is_not_started) {
        stage->process->blind = 1;
        cr_assert_eq(asked(1, MTR_CONTROL_START, ""), -EOPNOTSUPP);
        cr_assert_eq(asked(2, MTR_CONTROL_STOP, ""), -EOPNOTSUPP);
        cr_assert_eq(atomic_load(&stage->process->wanted), 0);
        cr_assert_eq(asked(3, MTR_CONTROL_STATS, ""), 0);
        cr_assert_eq(page->stats.heap_seen, 0);
        done(stage_finish(stage));
}

/* Another trace of the family may come to it; when none has, nobody does. */
Test(control, what_is_to_none_is_refused) {
        request(1, MTR_CONTROL_STATS, "");
        page->pid++;
        (void)turn_after(STAGE_MS);
        (void)turn_after(39 * STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ASKED(1));
        (void)turn_after(STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ANSWERED(1));
        cr_assert_eq(page->result, -ESRCH);
        request(2, MTR_CONTROL_STATS, "");
        stage->trace->watch.dead = true;
        (void)turn_after(STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ASKED(2));
        (void)turn_after(40 * STAGE_MS);
        cr_assert_eq(page->result, -ESRCH);
        done(stage_finish(stage));
}

/* One that waits for what came before it, while who asked gives up and another asks. */
Test(control, who_gave_up_gets_no_answer_and_the_next_its_own) {
        struct seen *seen;

        request(1, MTR_CONTROL_MARK, "given up");
        page->pid++; /* so that it stays unanswered */
        cr_assert(turn_after(STAGE_MS));
        atomic_store(&page->state, 2 * MTR_CONTROL_ROUND); /* IDLE */
        cr_assert_not(turn_after(STAGE_MS));
        cr_assert_not(control.pending);
        request(3, MTR_CONTROL_MARK, "next");
        page->pid++;
        cr_assert(turn_after(39 * STAGE_MS));
        cr_assert_eq(atomic_load(&page->state), ASKED(3), "its patience begins anew");
        request(4, MTR_CONTROL_MARK, "last"); /* at once */
        cr_assert(turn_after(STAGE_MS));
        cr_assert(turn_after(STAGE_MS));
        cr_assert_eq(atomic_load(&page->state), ANSWERED(4));
        request(5, MTR_CONTROL_STATS, "");
        cr_assert(turn_after(STAGE_MS));
        stage_pass(stage, STAGE_MS);
        (void)control_look(&control, &stage->timebase);
        (void)stage_turn(stage);
        atomic_store(&page->state, ASKED(6)); /* between look and answer */
        control_turn(&control, stage->trace);
        cr_assert_eq(atomic_load(&page->state), ASKED(6));
        (void)turn_after(STAGE_MS);
        (void)turn_after(STAGE_MS);
        cr_assert_eq(atomic_load(&page->state), ANSWERED(6));
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M0:last");
        done(seen);
}

Test(control, what_is_no_request) {
        struct seen *seen;
        char longest[MTR_MARK_NAME_MAX + 1];

        atomic_store(&page->state, 3);
        cr_assert_not(turn_after(STAGE_MS));
        atomic_store(&page->state, UINT32_MAX);
        cr_assert_not(turn_after(STAGE_MS));
        atomic_store(&page->state, ANSWERED(UINT32_MAX / MTR_CONTROL_ROUND));
        cr_assert_not(turn_after(STAGE_MS));
        cr_assert_eq(asked(1, MTR_CONTROL_STATS + 1, ""), -EINVAL);
        cr_assert_eq(asked(2, UINT32_MAX, ""), -EINVAL);
        /* no NUL in the name */
        request(3, MTR_CONTROL_MARK, "");
        memset(page->name, 'n', sizeof(page->name));
        (void)turn_after(STAGE_MS);
        (void)turn_after(STAGE_MS);
        cr_assert_eq(page->result, 0);
        memset(longest, 'n', MTR_MARK_NAME_MAX);
        longest[MTR_MARK_NAME_MAX] = '\0';
        seen = stage_finish(stage);
        cr_assert_eq(seen->mark_count, 1);
        cr_assert_str_eq(seen->marks[0].name, longest);
        done(seen);
}

Test(control, a_page_that_is_scribbled_on) {
        srand(1);
        for (uint32_t i = 0; i < 2000; i++) {
                for (size_t at = 0; at < sizeof(*page); at++)
                        if (rand() % 8 == 0)
                                ((uint8_t *)page)[at] = (uint8_t)rand();
                if (rand() % 2)
                        page->pid = (uint32_t)getpid();
                if (rand() % 2)
                        page->verb %= MTR_CONTROL_STATS + 2;
                play_alloc(stage, 0, A + 16 * (rand() % 64), 0, 16, 0);
                (void)turn_after((uint64_t)rand() % (30 * STAGE_MS));
        }
        done(stage_finish(stage));
}
