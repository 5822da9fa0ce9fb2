/*
 * reader/marks.c and reader/scopes.c: the moments and parts of the run that a program named, as they stand in
 * the file, and records of them that lie.
 */
#include "base/message.h"
#include "reader/trace.h"
#include "replay/spans.h"
#include "trace_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u

static struct trace *load(const struct tb *tb, uint64_t definition_bytes) {
        struct reader_limits limits = { 1u << 30, definition_bytes };
        struct reader *reader;
        struct trace *trace;

        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", &limits, &reader), 0);
        cr_assert_eq(trace_load(reader, &trace), 0);
        return trace;
}

TestSuite(marks, .init = message_silence);

static void is(const struct trace *trace, size_t number, size_t block, uint64_t event, uint64_t time_ns,
               bool snapshot, const char *name) {
        const struct trace_mark *mark = &trace->marks[number];

        cr_assert_lt(number, trace->mark_count);
        cr_assert(mark->block == block && mark->event == event && mark->time_ns == time_ns, "mark %zu",
                  number);
        cr_assert_eq(mark->snapshot, snapshot, "mark %zu", number);
        cr_assert_str_eq(mark->name, name);
}

Test(marks, are_read_where_they_stand) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        char longest[MTR_MARK_NAME_MAX + 1] = "";
        struct trace *trace;

        memset(longest, 'x', MTR_MARK_NAME_MAX);
        tb_mark(tb, MTR_MARK, "first");
        tb_alloc(tb, site);
        tb_at(tb, 3 * MS + 1);
        tb_mark(tb, MTR_SNAPSHOT, "kept");
        tb_mark(tb, MTR_MARK, "first");
        tb_block(tb);
        tb_mark(tb, MTR_MARK, longest);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 1u << 20);
        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert_eq(trace->mark_count, 4);
        is(trace, 0, 0, 0, 0, false, "first");
        is(trace, 1, 0, 1, 3 * MS + 1, true, "kept");
        is(trace, 2, 0, 1, 3 * MS + 1, false, "first");
        is(trace, 3, 1, 0, 3 * MS + 1, false, longest);
        trace_free(trace);
        tb_free(tb);
}

/* One block with one event and a good mark, then `body` as another: damage or not, and how many marks stay.
 */
static void takes(const char *body, size_t length, bool good) {
        for (uint32_t type = MTR_MARK; type <= MTR_SNAPSHOT; type++) {
                struct tb *tb = tb_new(1, MTR_STORED);
                uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
                struct trace *trace;

                tb_mark(tb, MTR_MARK, "before");
                tb_block(tb);
                tb_record(tb, MTR_MARK, "\1\5\1m", 4);
                tb_record(tb, type, body, length);
                tb_alloc(tb, site);
                tb_end(tb, MTR_END_EXITED, 0);
                trace = load(tb, 1u << 20);
                cr_assert_eq(trace->reader->damage_count, good ? 0 : 1, "%zu bytes", length);
                cr_assert_eq(trace->mark_count, good ? 3 : 1);
                is(trace, 0, 0, 0, 0, false, "before");
                trace_free(trace);
                tb_free(tb);
        }
}

Test(marks, records_that_lie_take_their_blocks_marks_along) {
        char long_name[2 + 2 + MTR_MARK_NAME_MAX + 1] = "\1\5\200\2";

        memset(long_name + 4, 'x', MTR_MARK_NAME_MAX + 1);
        takes("\1\5\1n", 4, true);
        takes("\1\11\1n", 4, true);
        takes("", 0, false);
        takes("\1\5\2n", 4, false);   /* cut */
        takes("\2\5\1n", 4, false);   /* after an event that is not there */
        takes("\0\5\1n", 4, false);   /* before the mark before it */
        takes("\1\4\1n", 4, false);   /* at an earlier time */
        takes("\1\5\0", 3, false);    /* without a name */
        takes("\1\5\2n\0", 5, false); /* with a NUL */
        takes(long_name, sizeof(long_name), false);
}

Test(marks, meet_the_budget_for_definitions) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        for (int i = 0; i < 100; i++)
                tb_mark(tb, MTR_MARK, "name");
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 100 * (sizeof(struct trace_mark) + 4));
        cr_assert_eq(trace->mark_count, 100);
        trace_free(trace);
        trace = load(tb, 100 * (sizeof(struct trace_mark) + 4) - 1);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(trace->mark_count, 0);
        trace_free(trace);
        tb_free(tb);
}

Test(marks, scopes_are_read_where_they_stand) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct trace *trace;

        tb_thread(tb, 1, "one");
        tb_thread(tb, 2, "two");
        tb_scope(tb, MTR_SCOPE_BEGIN, "load", 0);
        tb_alloc(tb, site);
        tb_at(tb, 2 * MS);
        tb_mark(tb, MTR_MARK, "apart");
        tb_scope(tb, MTR_SCOPE_BEGIN, "load", 1);
        tb_block(tb);
        tb_scope(tb, MTR_SCOPE_END, "load", 1);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 1u << 20);
        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert_eq(trace->mark_count, 1);
        cr_assert_eq(trace->scope_count, 3);
        for (size_t i = 0; i < 3; i++) {
                static const struct trace_scope wanted[] = {
                        { .at = { 0, 0, 0, NULL, false }, 0, false },
                        { .at = { 1, 2 * MS, 0, NULL, false }, 1, false },
                        { .at = { 0, 2 * MS, 1, NULL, false }, 1, true },
                };
                const struct trace_scope *scope = &trace->scopes[i];

                cr_assert(scope->at.event == wanted[i].at.event &&
                                  scope->at.time_ns == wanted[i].at.time_ns &&
                                  scope->at.block == wanted[i].at.block,
                          "scope %zu", i);
                cr_assert(scope->thread == wanted[i].thread && scope->ends == wanted[i].ends, "scope %zu", i);
                cr_assert_str_eq(scope->at.name, "load");
        }
        trace_free(trace);
        tb_free(tb);
}

/* As takes, with a scope of the second of two threads before it. */
static void takes_scope(const char *body, size_t length, bool good) {
        for (uint32_t type = MTR_SCOPE_BEGIN; type <= MTR_SCOPE_END; type++) {
                struct tb *tb = tb_new(1, MTR_STORED);
                uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
                struct trace *trace;

                tb_thread(tb, 1, "one");
                tb_thread(tb, 2, "two");
                tb_scope(tb, MTR_SCOPE_BEGIN, "before", 0);
                tb_block(tb);
                tb_record(tb, MTR_SCOPE_BEGIN, "\1\5\1s\1", 5);
                tb_record(tb, type, body, length);
                tb_alloc(tb, site);
                tb_end(tb, MTR_END_EXITED, 0);
                trace = load(tb, 1u << 20);
                cr_assert_eq(trace->reader->damage_count, good ? 0 : 1, "%zu bytes", length);
                cr_assert_eq(trace->scope_count, good ? 3 : 1);
                cr_assert_str_eq(trace->scopes[0].at.name, "before");
                trace_free(trace);
                tb_free(tb);
        }
}

Test(marks, scopes_that_lie_take_their_blocks_scopes_along) {
        takes_scope("\1\5\1n\0", 5, true);
        takes_scope("\1\11\1n\1", 5, true);
        takes_scope("", 0, false);
        takes_scope("\1\5\1n", 4, false);                    /* cut */
        takes_scope("\1\5\1n\2", 5, false);                  /* of a thread that is not there */
        takes_scope("\1\5\1n\377\377\377\377\17", 9, false); /* of one that cannot be */
        takes_scope("\2\5\1n\1", 5, false);                  /* after an event that is not there */
        takes_scope("\0\5\1n\1", 5, false);                  /* before the scope before it */
        takes_scope("\1\4\1n\1", 5, false);                  /* at an earlier time */
        takes_scope("\1\5\0\1", 4, false);                   /* without a name */
}

Test(marks, scopes_meet_the_budget_for_definitions) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        for (int i = 0; i < 100; i++)
                tb_scope(tb, MTR_SCOPE_BEGIN, "name", 0);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 100 * (sizeof(struct trace_scope) + 4));
        cr_assert_eq(trace->scope_count, 100);
        trace_free(trace);
        trace = load(tb, 100 * (sizeof(struct trace_scope) + 4) - 1);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(trace->scope_count, 0);
        trace_free(trace);
        tb_free(tb);
}

static void is_span(const struct span *span, const char *name, uint64_t begin_ms, uint64_t end_ms) {
        cr_assert_str_eq(span->name, name);
        cr_assert_eq(span->has_begin, begin_ms != UINT64_MAX, "%s", name);
        cr_assert_eq(span->begin_ns, span->has_begin ? begin_ms * MS : 0, "%s", name);
        cr_assert_eq(span->has_end, end_ms != UINT64_MAX, "%s", name);
        cr_assert_eq(span->end_ns, span->has_end ? end_ms * MS : UINT64_MAX, "%s", name);
}

static void scope_at(struct tb *tb, uint64_t ms, enum mtr_record_type type, const char *name,
                     uint32_t thread) {
        tb_at(tb, ms * MS);
        tb_scope(tb, type, name, thread);
}

Test(marks, ends_are_of_the_last_begin_of_their_name_and_thread) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct span spans[10];
        struct trace *trace;
        size_t count;

        tb_thread(tb, 1, "one");
        tb_thread(tb, 2, "two");
        scope_at(tb, 1, MTR_SCOPE_BEGIN, "a", 0);
        scope_at(tb, 2, MTR_SCOPE_BEGIN, "a", 1);
        scope_at(tb, 3, MTR_SCOPE_BEGIN, "a", 0);
        scope_at(tb, 4, MTR_SCOPE_END, "b", 0);
        scope_at(tb, 5, MTR_SCOPE_BEGIN, "b", 0);
        scope_at(tb, 6, MTR_SCOPE_END, "a", 0);
        scope_at(tb, 7, MTR_SCOPE_END, "a", 0);
        scope_at(tb, 8, MTR_SCOPE_END, "a", 0);
        scope_at(tb, 9, MTR_SCOPE_END, "a", 1);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 1u << 20);
        cr_assert_eq(trace->scope_count, 9);
        cr_assert_eq(spans_pair(trace, spans, &count), 0);
        cr_assert_eq(count, 6);
        cr_assert(spans[0].begin == 0 && spans[0].end == 6);
        cr_assert(spans[1].begin == 1 && spans[1].end == 8);
        is_span(&spans[0], "a", 1, 7);
        is_span(&spans[1], "a", 2, 9);
        is_span(&spans[2], "a", 3, 6);
        is_span(&spans[3], "b", UINT64_MAX, 4);
        is_span(&spans[4], "b", 5, UINT64_MAX);
        is_span(&spans[5], "a", UINT64_MAX, 8);
        trace_free(trace);
        tb_free(tb);
}

Test(marks, scopes_are_paired_whatever_stands_between) {
        enum { INNER = 5000 };
        struct tb *tb = tb_new(1, MTR_STORED);
        static struct span spans[3 * INNER + 2];
        struct trace *trace;
        size_t count;

        tb_thread(tb, 1, "one");
        tb_thread(tb, 2, "two");
        scope_at(tb, 1, MTR_SCOPE_BEGIN, "outer", 0);
        for (unsigned i = 0; i < INNER; i++) {
                scope_at(tb, 2, MTR_SCOPE_BEGIN, "inner", 0);
                scope_at(tb, 2, MTR_SCOPE_BEGIN, "outer", 1); /* and never ended */
                scope_at(tb, 2, MTR_SCOPE_END, "inner", 0);
        }
        scope_at(tb, 4, MTR_SCOPE_END, "outer", 0);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 16u << 20);
        cr_assert_eq(trace->scope_count, 3 * INNER + 2);
        cr_assert_eq(spans_pair(trace, spans, &count), 0);
        cr_assert_eq(count, 2 * INNER + 1);
        is_span(&spans[0], "outer", 1, 4);
        is_span(&spans[1], "inner", 2, 2);
        is_span(&spans[2], "outer", 2, UINT64_MAX);
        is_span(&spans[2 * INNER - 1], "inner", 2, 2);
        is_span(&spans[2 * INNER], "outer", 2, UINT64_MAX);
        trace_free(trace);
        tb_free(tb);
}

/* A record of threads' names, behind two threads; what the two are called then. */
static void names(const char *body, size_t length, bool good, const char *one, const char *two) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb_thread(tb, 1, "one");
        tb_thread(tb, 2, "two");
        tb_mark(tb, MTR_MARK, "before");
        tb_block(tb);
        tb_record(tb, MTR_THREAD_NAMES, body, length);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb, 1u << 20);
        cr_assert_eq(trace->reader->damage_count, good ? 0 : 1, "%zu bytes", length);
        cr_assert_str_eq(trace_thread(trace, 0)->name, one);
        cr_assert_str_eq(trace_thread(trace, 1)->name, two);
        trace_free(trace);
        tb_free(tb);
}

Test(marks, threads_are_called_what_they_were_named_last) {
        names("\1\1\3new", 6, true, "one", "new");
        names("\3\1\1a\0\1b\1\2cd", 11, true, "b", "cd");
        names("\0", 1, true, "one", "two");
}

Test(marks, threads_names_that_lie_cost_their_block) {
        char long_name[4 + 256] = { 1, 0, (char)0x80, 2 }; /* of 256 bytes */

        memset(long_name + 4, 'n', 256);
        names("", 0, false, "one", "two");
        names("\1\2\3new", 6, false, "one", "two");   /* of no thread */
        names("\1\1\0", 3, false, "one", "two");      /* empty */
        names("\1\1\3n\0w", 6, false, "one", "two");  /* with a NUL */
        names("\1\1\4new", 6, false, "one", "two");   /* cut short */
        names("\2\1\3new", 6, false, "one", "two");   /* fewer than it says */
        names("\2\0\1a\1\0\0", 7, false, "a", "two"); /* the second is empty; the first stays */
        names("\xff\xff\xff\xff\x0f\1\3new", 10, false, "one", "two");
        names(long_name, sizeof(long_name), false, "one", "two");
}
