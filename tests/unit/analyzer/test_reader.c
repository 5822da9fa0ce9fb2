/*
 * reader/: whole traces, traces cut at every byte, with every bit flipped, with blocks gone, and
 * with lengths that lie.
 */
#include "base/message.h"
#include "reader/trace.h"
#include "replay/replay.h"
#include "trace_builder.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS 1000000u

/* Four blocks, definitions in each: sites i of size 10 + i, three allocations each. */
static struct tb *four_blocks(enum mtr_compression compression, bool numbering) {
        struct tb *tb = tb_new(1234, compression);

        tb->numbering = numbering;
        tb_process(tb, "/nonexistent/app", "app\1x");
        for (uint32_t i = 0; i < 4; i++) {
                uint32_t module =
                        tb_module(tb, 0x1000 * (i + 1), 0x1000 * (i + 2), 0, NULL, 0, "/nonexistent/m");
                uint32_t site = tb_site(tb, tb_stack(tb, i, tb_frame(tb, module, 0x10 + i, false)), 10 + i,
                                        MTR_KIND_MALLOC);

                tb_thread(tb, 100 + i, "worker");
                tb_at(tb, (i + 1) * 10 * MS);
                tb_switch(tb, i);
                for (int k = 0; k < 3; k++)
                        tb_alloc(tb, site);
                if (i < 3)
                        tb_block(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        return tb;
}

/* 0 and *trace, or the error. */
static int load(const void *data, size_t length, struct trace **trace) {
        struct reader *reader;
        int fd = tb_memfd(data, length);
        int error = reader_open_fd(fd, "test", NULL, &reader);

        if (error != 0) {
                close(fd);
                return error;
        }
        return trace_load(reader, trace);
}

static struct trace *load_well(const void *data, size_t length) {
        struct trace *trace;

        cr_assert_eq(load(data, length, &trace), 0);
        return trace;
}

static uint64_t whole_blocks(const struct trace *trace) {
        uint64_t whole = 0;

        for (size_t i = 0; i < trace->reader->block_count; i++)
                whole += trace->reader->blocks[i].whole;
        return whole;
}

/* Reads and replays whatever it is; only its not crashing and its bounds matter. */
static void read_through(const void *data, size_t length) {
        struct trace *trace;
        struct replay replay;

        if (load(data, length, &trace) != 0)
                return;
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        cr_assert_leq(replay.totals.live_blocks, 1000000);
        replay_deinit(&replay);
        trace_free(trace);
}

TestSuite(reader, .init = message_silence);

Test(reader, a_whole_trace) {
        for (int compression = MTR_STORED; compression <= MTR_ZSTD; compression++) {
                struct tb *tb = four_blocks((enum mtr_compression)compression, false);
                struct trace *trace = load_well(tb->file.data, tb->file.length);

                cr_assert_eq(trace->reader->damage_count, 0);
                cr_assert_eq(whole_blocks(trace), 4);
                cr_assert(trace_is_complete(trace));
                cr_assert_eq(trace_site_count(trace), 4);
                cr_assert_eq(trace_site(trace, 3)->size_bytes, 13);
                cr_assert_eq(trace_site(trace, 3)->stack, 4);
                cr_assert_eq(trace_stack(trace, 4)->parent, 3);
                cr_assert_eq(trace_frame(trace, 2)->offset, 0x12);
                cr_assert_eq(trace_module(trace, 1)->start, 0x2000);
                cr_assert_str_eq(trace_thread(trace, 3)->name, "worker");
                cr_assert_eq(trace_thread(trace, 3)->tid, 103);
                cr_assert_str_eq(trace->facts.exe, "/nonexistent/app");
                cr_assert_eq(trace->facts.argv_bytes, 6);
                cr_assert_eq(trace->facts.end.allocations, 12);
                cr_assert_null(trace_stack(trace, 0));
                cr_assert_null(trace_site(trace, 4));
                trace_free(trace);
                tb_free(tb);
        }
}

Test(reader, what_is_no_trace) {
        struct tb *tb = four_blocks(MTR_ZSTD, false);
        struct trace *trace;

        cr_assert_eq(load("", 0, &trace), READER_E_EMPTY);
        cr_assert_eq(load("hello", 5, &trace), READER_E_NOT_A_TRACE);
        cr_assert_eq(load("This is a text that is longer than a header", 43, &trace), READER_E_NOT_A_TRACE);
        cr_assert_eq(load(tb->file.data, 5, &trace), READER_E_HEADER);
        cr_assert_eq(load(tb->file.data, 31, &trace), READER_E_HEADER);
        tb->file.data[8]++;
        cr_assert_eq(load(tb->file.data, tb->file.length, &trace), READER_E_VERSION);
        tb->file.data[8]--;
        tb->file.data[20] ^= 1;
        cr_assert_eq(load(tb->file.data, tb->file.length, &trace), READER_E_HEADER);
        tb_free(tb);
}

/* Where the blocks of `tb` begin, and the file's end. */
static size_t block_offsets(const struct tb *tb, size_t offsets[8]) {
        size_t count = 0, at = sizeof(struct mtr_file_header);

        while (at < tb->file.length) {
                struct mtr_block_header header;

                offsets[count++] = at;
                memcpy(&header, tb->file.data + at, sizeof(header));
                at += sizeof(header) + header.stored_bytes;
        }
        offsets[count] = at;
        return count;
}

Test(reader, cut_at_every_byte) {
        struct tb *tb = four_blocks(MTR_ZSTD, true);
        size_t offsets[8];
        size_t count = block_offsets(tb, offsets);

        for (size_t length = sizeof(struct mtr_file_header); length <= tb->file.length; length++) {
                struct trace *trace = load_well(tb->file.data, length);
                size_t complete = 0;
                struct replay replay;

                while (complete < count && offsets[complete + 1] <= length)
                        complete++;
                cr_assert_eq(whole_blocks(trace), complete, "cut at %zu", length);
                cr_assert_eq(trace->reader->damage_count, length != offsets[complete], "cut at %zu", length);
                if (trace->reader->damage_count)
                        cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_CUT);
                cr_assert_eq(trace->facts.has_end, complete == count);
                cr_assert_eq(replay_init(&replay, trace), 0);
                cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                cr_assert_eq(replay.totals.allocations, complete * 3);
                cr_assert_eq(replay.bad_events + replay.mismatches, 0);
                replay_deinit(&replay);
                trace_free(trace);
        }
        tb_free(tb);
}

Test(reader, every_bit_flipped_costs_its_block_alone, .timeout = 60) {
        for (int compression = MTR_STORED; compression <= MTR_ZSTD; compression++) {
                struct tb *tb = four_blocks((enum mtr_compression)compression, true);
                size_t offsets[8];

                block_offsets(tb, offsets);
                for (size_t bit = sizeof(struct mtr_file_header) * 8; bit < tb->file.length * 8; bit++) {
                        size_t hit = 0;
                        struct trace *trace;
                        struct replay replay;

                        while (offsets[hit + 1] <= bit / 8)
                                hit++;
                        tb->file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
                        trace = load_well(tb->file.data, tb->file.length);
                        cr_assert_eq(whole_blocks(trace), 3, "bit %zu", bit);
                        cr_assert_eq(trace->reader->damage_count, 1, "bit %zu", bit);
                        cr_assert_eq(replay_init(&replay, trace), 0);
                        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                        cr_assert_eq(replay.totals.allocations, 9, "bit %zu", bit);
                        /* the other blocks' sites keep their own sizes */
                        for (uint32_t i = 0; i < trace_site_count(trace); i++)
                                cr_assert_eq(replay.sites[i].size_bytes, i == hit ? 0 : 10 + i, "bit %zu",
                                             bit);
                        replay_deinit(&replay);
                        trace_free(trace);
                        tb->file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
                }
                tb_free(tb);
        }
}

Test(reader, a_missing_block_is_noticed) {
        struct tb *tb = four_blocks(MTR_ZSTD, true);
        size_t offsets[8];
        struct trace *trace;

        block_offsets(tb, offsets);
        memmove(tb->file.data + offsets[1], tb->file.data + offsets[2], tb->file.length - offsets[2]);
        trace = load_well(tb->file.data, tb->file.length - (offsets[2] - offsets[1]));
        cr_assert_eq(whole_blocks(trace), 3);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_MISSING);
        cr_assert_eq(trace->reader->damages[0].sequence, 2);
        cr_assert_eq(trace_site_count(trace), 4);
        cr_assert_eq(trace_site(trace, 1)->size_bytes, 0, "what it defined is unknown");
        cr_assert_eq(trace_site(trace, 3)->size_bytes, 13);
        trace_free(trace);
        tb_free(tb);
}

Test(reader, without_numbering_later_definitions_are_left_out) {
        struct tb *tb = four_blocks(MTR_ZSTD, false);
        size_t offsets[8];
        struct trace *trace;
        struct replay replay;

        block_offsets(tb, offsets);
        tb->file.data[offsets[2] - 1] ^= 1;
        trace = load_well(tb->file.data, tb->file.length);
        cr_assert_eq(trace_site_count(trace), 1, "a wrong number would be a wrong line");
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        cr_assert_eq(replay.totals.allocations, 3);
        cr_assert_eq(replay.bad_events, 6);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

Test(reader, an_unknown_record_is_passed_over) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_record(tb, 4711, "whatever", 8);
        tb_process(tb, "/nonexistent/app", "");
        tb_record(tb, 99, "", 0);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_well(tb->file.data, tb->file.length);
        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert(trace->facts.has_process);
        trace_free(trace);
        tb_free(tb);
}

/* One record with a body that lies; the block must be found damaged, and nothing of it kept. */
static void refuses(uint32_t type, const char *body, size_t length) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_record(tb, type, body, length);
        tb_block(tb);
        tb_process(tb, "/nonexistent/app", "");
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_well(tb->file.data, tb->file.length);
        cr_assert_eq(trace->reader->damage_count, 1, "record %u of %zu bytes", type, length);
        cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_CONTENT);
        cr_assert_not(trace->reader->blocks[0].whole);
        for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
                cr_assert_eq(trace->tables[i].count, 0);
        cr_assert(trace->facts.has_process, "the next block is read");
        trace_free(trace);
        tb_free(tb);
}

#define REFUSES(type, body) refuses(type, body, sizeof(body) - 1)

Test(reader, records_that_lie) {
        REFUSES(MTR_FRAMES, "");
        REFUSES(MTR_FRAMES, "\x05");
        REFUSES(MTR_FRAMES, "\xff\xff\xff\xff\x0f");
        REFUSES(MTR_FRAMES, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
        REFUSES(MTR_FRAMES, "\x01\x01\x00");    /* module 0 is not defined */
        REFUSES(MTR_STACKS, "\x01\x01\x00");    /* frame 0 is not defined */
        REFUSES(MTR_STACKS, "\x01\x02\x00");    /* parent before the empty stack */
        REFUSES(MTR_STACKS, "\x01\x00\x00");    /* its own parent */
        REFUSES(MTR_SITES, "\x01\x02\x08\x00"); /* stack 1 is not defined */
        REFUSES(MTR_SITES, "\x01\x01\x08\x00"); /* stack -1 */
        REFUSES(MTR_SITES,
                "\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"); /* a size beyond all memory */
        REFUSES(MTR_MODULES, "\x01\x00\x00\x00\x00\x41xxxxxxxxxx");      /* build-id of 65 bytes */
        REFUSES(MTR_MODULES, "\x01\x00\x00\x00\x00\x00\x09short");
        REFUSES(MTR_THREADS, "\x01\x00\x00\xff\xff\xff\xff\x0f");
        REFUSES(MTR_PROCESS, "short");
        REFUSES(MTR_END, "short");
        REFUSES(MTR_RSS, "\x02\x00\x00");
        REFUSES(MTR_LOSS, "\x00\x00");
        REFUSES(MTR_NUMBERING, "\x00\x00\x00\x00");
        REFUSES(MTR_NUMBERING, "\x00\x00\x00\x00\x01"); /* no block is lost, none is missing */
}

Test(reader, a_record_beyond_its_payload) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct mtr_record record = { .type = 99, .length = 1000 };
        struct trace *trace;

        tb_append(&tb->records, &record, sizeof(record));
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_well(tb->file.data, tb->file.length);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_not(trace->facts.has_end);
        trace_free(trace);
        tb_free(tb);
}

/* The same trace under a small budget of either kind. */
static int load_within(const struct tb *tb, struct reader_limits limits, struct trace **trace) {
        struct reader *reader;

        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", &limits, &reader), 0);
        return trace_load(reader, trace);
}

Test(reader, a_bomb_meets_the_budget) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        char *zeros = calloc(1, 15u << 20);
        struct trace *trace;

        for (int i = 0; i < 4; i++) {
                tb_record(tb, 99, zeros, 15u << 20);
                tb_block(tb);
        }
        cr_assert_lt(tb->file.length, 20000);
        cr_assert_eq(load_within(tb, (struct reader_limits){ 50u << 20, 1u << 20 }, &trace), READER_E_BUDGET);
        cr_assert_eq(load_within(tb, (struct reader_limits){ 61u << 20, 1u << 20 }, &trace), 0);
        trace_free(trace);
        tb_free(tb);
        free(zeros);
}

Test(reader, definitions_meet_their_budget) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        uint32_t frame = tb_frame(tb, UINT32_MAX, 1, false);
        struct trace *trace;

        for (int i = 0; i < 100000; i++)
                tb_stack(tb, 0, frame);
        tb_end(tb, MTR_END_EXITED, 0);
        cr_assert_eq(load_within(tb, (struct reader_limits){ 1u << 30, 700000 }, &trace), 0);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(trace->tables[TRACE_STACKS].count, 0);
        trace_free(trace);
        cr_assert_eq(load_within(tb, (struct reader_limits){ 1u << 30, 900000 }, &trace), 0);
        cr_assert_eq(trace->tables[TRACE_STACKS].count, 100000);
        trace_free(trace);
        tb_free(tb);
}

/* A locked trace of `pid`; returns the descriptor that holds the lock. */
static int locked_trace(pid_t pid, struct tb **tb, int *read_fd) {
        char path[64];
        int fd;

        *tb = tb_new((uint32_t)pid, MTR_STORED);
        tb_process(*tb, "/nonexistent/app", "");
        tb_block(*tb);
        fd = tb_memfd((*tb)->file.data, (*tb)->file.length);
        cr_assert_eq(flock(fd, LOCK_EX), 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        *read_fd = open(path, O_RDONLY);
        return fd;
}

Test(reader, a_locked_trace_of_a_living_program_is_read_as_it_is) {
        struct reader *reader;
        struct tb *tb;
        int read_fd;
        int fd = locked_trace(getpid(), &tb, &read_fd);

        cr_assert_eq(reader_open_fd(read_fd, "test", NULL, &reader), 0);
        cr_assert(reader->running);
        cr_assert_eq(reader->block_count, 1);
        reader_free(reader);
        close(fd);
        tb_free(tb);
}

Test(reader, a_locked_trace_of_a_dead_program_is_waited_for, .timeout = 20) {
        struct reader *reader;
        struct tb *tb;
        siginfo_t info;
        int read_fd, fd;
        pid_t dead = fork(), collector;

        if (dead == 0)
                _exit(0);
        cr_assert_eq(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT), 0); /* stays a zombie */
        fd = locked_trace(dead, &tb, &read_fd);
        collector = fork();
        if (collector == 0) {
                size_t before = tb->file.length;

                usleep(300000);
                tb_end(tb, MTR_END_EXITED, 0);
                if (write(fd, tb->file.data + before, tb->file.length - before) < 0)
                        _exit(1);
                _exit(0);
        }
        close(fd); /* the lock lives on in the child */
        cr_assert_eq(reader_open_fd(read_fd, "test", NULL, &reader), 0);
        cr_assert_not(reader->running);
        cr_assert_eq(reader->block_count, 2, "what was written while we waited is there");
        reader_free(reader);
        tb_free(tb);
        waitpid(collector, NULL, 0);
        waitpid(dead, NULL, 0);
}

Test(reader, a_running_traces_last_block_is_no_damage) {
        struct reader *reader;
        struct tb *tb;
        int read_fd;
        int fd = locked_trace(getpid(), &tb, &read_fd);

        cr_assert_eq(pwrite(fd, tb->file.data + 32, 50, (off_t)tb->file.length), 50);
        cr_assert_eq(reader_open_fd(read_fd, "test", NULL, &reader), 0);
        cr_assert_eq(reader->damage_count, 0);
        reader_free(reader);
        close(fd);
        tb_free(tb);
}

/* Random damage of every kind, resealed or not: nothing here may crash. */
Test(reader, random_damage, .timeout = 60) {
        struct tb *tb = four_blocks(MTR_STORED, true);
        uint8_t *copy = malloc(tb->file.length * 2);

        srandom(1);
        for (int i = 0; i < 20000; i++) {
                size_t length = tb->file.length;

                memcpy(copy, tb->file.data, length);
                for (long hits = random() % 8; hits >= 0; hits--)
                        copy[(size_t)random() % length] = (uint8_t)random();
                if (random() % 4 == 0)
                        length -= (size_t)random() % length;
                read_through(copy, length);
        }
        free(copy);
        tb_free(tb);
}
