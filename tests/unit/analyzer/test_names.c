/*
 * reader/names.c and what symbols/ makes of it: frames that the trace itself names, and records that are
 * wrong.
 */
#include "load.h"
#include "trace_builder_bytes.h"

#include "base/message.h"
#include "symbols/symbols.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void text(struct tb_bytes *body, const char *bytes, size_t length) {
        tb_varint(body, length);
        tb_append(body, bytes, length);
}

static void numbers(struct tb_bytes *body, const uint64_t *values, size_t count) {
        for (size_t i = 0; i < count; i++)
                tb_varint(body, values[i]);
}

/* Three frames, the last in no module, and a record of names with three texts and these numbers behind them.
 */
static struct trace *named(const uint64_t *values, size_t count, struct tb_bytes *body) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t module = tb_module(tb, 0, 0, 0, NULL, 0, "/gone/libx.so");
        struct tb_bytes own = { 0 };
        struct trace *trace;

        tb_frame(tb, module, 0x7f0000001000, false);
        tb_frame(tb, module, 0x7f0000002000, false);
        tb_frame(tb, UINT32_MAX, 0x3000, false);
        tb_block(tb);
        if (!body) {
                tb_varint(&own, 3);
                text(&own, "src/x.c", 7);
                text(&own, "grow", 4);
                text(&own, "/build", 6);
                body = &own;
        }
        numbers(body, values, count);
        tb_record(tb, MTR_FRAME_NAMES, body->data, body->length);
        free(body->data);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        tb_free(tb);
        return trace;
}

#define NAMED(...) named((const uint64_t[]){ __VA_ARGS__ }, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, NULL)

Test(names, are_what_frames_are_called) {
        /* frame 0: two names, the first inlined into the second; frame 1: a place without a line */
        struct trace *trace = NAMED(2, 0, 2, 1, 3, 2, 43, 1, 0, 0, 1, 1, 1, 2, 0, 0, 0);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;
        uint32_t first, last;

        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_eq(frames.count, 2);
        cr_assert_str_eq(frames.frames[0].file, "src/x.c");
        cr_assert_str_eq(frames.frames[0].directory, "/build");
        cr_assert_str_eq(frames.frames[0].function, "grow");
        cr_assert_str_eq(frames.frames[0].module, "/gone/libx.so");
        cr_assert_eq(frames.frames[0].line, 42);
        cr_assert(frames.frames[0].has_line && frames.frames[0].inlined);
        cr_assert_null(frames.frames[1].directory);
        cr_assert_null(frames.frames[1].function);
        cr_assert_eq(frames.frames[1].line, 0);
        cr_assert(frames.frames[1].has_line && !frames.frames[1].inlined);
        cr_assert_not(symbols_extent(symbols, &frames.frames[0], &first, &last));
        cr_assert_eq(symbols_lookup(symbols, 1, &frames), 0);
        cr_assert_eq(frames.count, 1);
        cr_assert_str_eq(frames.frames[0].file, "grow");
        cr_assert_not(frames.frames[0].has_line);
        symbols_free(symbols);
        trace_free(trace);
}

Test(names, of_one_frame_leave_the_others_alone) {
        struct trace *trace = NAMED(1, 1, 1, 1, 0, 0, 8);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;

        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "libx.so+0x7f0000001000");
        cr_assert_eq(symbols_lookup(symbols, 1, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "src/x.c");
        cr_assert_eq(frames.frames[0].line, 7);
        cr_assert_eq(symbols_lookup(symbols, 2, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "<unknown>");
        symbols_free(symbols);
        trace_free(trace);
}

Test(names, without_a_module_say_nothing) {
        struct trace *trace = NAMED(1, 2, 1, 1, 0, 0, 8);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;

        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert_eq(symbols_lookup(symbols, 2, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "<unknown>");
        symbols_free(symbols);
        trace_free(trace);
}

static void is_damage(struct trace *trace, const char *detail) {
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_str_eq(trace->reader->damages[0].detail, detail);
        trace_free(trace);
}

Test(names, that_are_wrong_are_damage) {
        message_silence();
        is_damage(NAMED(1, 3, 1, 1, 0, 0, 8), "a name is of a frame that is not defined");
        is_damage(NAMED(2, 1, 1, 1, 0, 0, 8, 2, 1, 1, 0, 0, 8), "a name is of a frame that is not defined");
        is_damage(NAMED(2, 1, 1, 1, 0, 0, 8, 0, 1, 1, 0, 0, 8), "a name is of a frame that is not defined");
        is_damage(NAMED(1, 0, 0, 1, 0, 0, 8), "a frame has more names than there are, or none");
        is_damage(NAMED(1, 0, 2, 1, 0, 0, 8), "a frame has more names than there are, or none");
        is_damage(NAMED(1, 0, 1, 0, 0, 0, 8), "a frame is named without a file");
        is_damage(NAMED(1, 0, 1, 4, 0, 0, 8), "a name is cut short");
        is_damage(NAMED(1, 0, 1, 1, 4, 0, 8), "a name is cut short");
        is_damage(NAMED(1, 0, 1, 1, 0, 4, 8), "a name is cut short");
        is_damage(NAMED(1, 0, 1, 1, 0, 0, UINT64_C(1) << 33), "a name is cut short");
        is_damage(NAMED(2, 0, 1, 1, 0, 0, 8), "a name is cut short");
}

Test(names, whose_texts_are_wrong_are_damage) {
        struct tb_bytes empty = { 0 }, with_nul = { 0 }, cut = { 0 };

        message_silence();
        tb_varint(&empty, 1);
        text(&empty, "", 0);
        is_damage(named((const uint64_t[]){ 0 }, 1, &empty), "a name of a frame is empty or has a NUL");
        tb_varint(&with_nul, 1);
        text(&with_nul, "a\0b", 3);
        is_damage(named((const uint64_t[]){ 0 }, 1, &with_nul), "a name of a frame is empty or has a NUL");
        tb_varint(&cut, 9);
        text(&cut, "abc", 3);
        is_damage(named(NULL, 0, &cut), "a string is cut short or too long");
}

/* Frames far apart cost memory that their bytes do not pay for. */
Test(names, are_within_the_budget) {
        enum { FRAMES = 100000 };
        struct reader_limits limits = { 1u << 30, FRAMES * sizeof(struct trace_frame) + (1u << 20) };
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t module = tb_module(tb, 0, 0, 0, NULL, 0, "x");
        const uint64_t values[] = { 1, FRAMES - 1, 1, 1, 0, 0, 1 };
        struct tb_bytes body = { 0 };
        struct reader *reader;
        struct trace *trace;

        message_silence();
        for (unsigned i = 0; i < FRAMES; i++)
                tb_frame(tb, module, i, false);
        tb_block(tb);
        tb_varint(&body, 1);
        text(&body, "f", 1);
        numbers(&body, values, 7);
        tb_record(tb, MTR_FRAME_NAMES, body.data, body.length);
        free(body.data);
        tb_end(tb, MTR_END_EXITED, 0);
        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", &limits, &reader), 0);
        cr_assert_eq(trace_load(reader, &trace), 0);
        is_damage(trace, "more is named than the reader has room for");
        tb_free(tb);
}
