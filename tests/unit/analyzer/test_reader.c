/*
 * reader/: whole traces, what is none, and lengths that lie or are beyond a budget.
 */
#include "base/message.h"
#include "blocks.h"
#include "load.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(reader, .init = message_silence);

Test(reader, a_whole_trace) {
        for (int compression = MTR_STORED; compression <= MTR_ZSTD; compression++) {
                struct tb *tb = blocks_four((enum mtr_compression)compression, false);
                struct trace *trace = load(tb);

                cr_assert_eq(trace->reader->damage_count, 0);
                cr_assert_eq(blocks_whole(trace->reader), 4);
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
        struct tb *tb = blocks_four(MTR_ZSTD, false);
        struct trace *trace;

        cr_assert_eq(load_bytes("", 0, &trace), READER_E_EMPTY);
        cr_assert_eq(load_bytes("hello", 5, &trace), READER_E_NOT_A_TRACE);
        cr_assert_eq(load_bytes("This is a text that is longer than a header", 43, &trace),
                     READER_E_NOT_A_TRACE);
        cr_assert_eq(load_bytes(tb->file.data, 5, &trace), READER_E_HEADER);
        cr_assert_eq(load_bytes(tb->file.data, 31, &trace), READER_E_HEADER);
        tb->file.data[8]++;
        cr_assert_eq(load_bytes(tb->file.data, tb->file.length, &trace), READER_E_VERSION);
        tb->file.data[8]--;
        tb->file.data[20] ^= 1;
        cr_assert_eq(load_bytes(tb->file.data, tb->file.length, &trace), READER_E_HEADER);
        tb_free(tb);
}

Test(reader, an_unknown_record_is_passed_over) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_record(tb, 4711, "whatever", 8);
        tb_process(tb, "/nonexistent/app", "");
        tb_record(tb, 99, "", 0);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
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
        trace = load(tb);
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
        trace = load(tb);
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
