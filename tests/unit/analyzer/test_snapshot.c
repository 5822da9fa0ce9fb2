/*
 * state/snapshot.h and render/snapshot.h: that what is saved is read back as it was, name for name and number
 * for number, and that a file which was cut or changed is never taken for another snapshot.
 */
#include "base/message.h"
#include "base/whole.h"
#include "load.h"
#include "render/snapshot.h"
#include "replay/by_thread.h"
#include "replay/mark_names.h"
#include "state/snapshot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000u

struct text {
        char *bytes;
        size_t length;
};

/* Whatever a trace may say: a name that is no UTF-8, a frame in no module, an exact one, an empty stack. */
static struct tb *odd_trace(void) {
        static const uint8_t build_id[] = { 0x00, 0x9f, 0xff };
        struct tb *tb = tb_new(77, MTR_STORED);
        uint32_t unused, module, stack, frame;

        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/bin/\xff\xfe", "a\1\1\"\\\xc3\xa4");
        tb_thread(tb, 77, "\xfe");
        tb_at(tb, MS);
        tb_thread(tb, 78, "");
        unused = tb_module(tb, 0x1000, 0x2000, 0, NULL, 0, "/nonexistent/unused");
        module = tb_module(tb, 0x400000, 0x500000, 0x3ff000, build_id, sizeof(build_id), "/nonexistent/\x80");
        tb_stack(tb, 0, tb_frame(tb, unused, 1, false));
        frame = tb_frame(tb, module, 0x10, false);
        stack = tb_stack(tb, 0, frame);
        tb_alloc(tb, tb_site(tb, 0, 3, MTR_KIND_MALLOC));
        tb_site(tb, stack, 999, MTR_KIND_MALLOC);
        tb_alloc(tb, tb_site(tb, tb_stack(tb, stack, tb_frame(tb, module, 0x20, true)), 5, MTR_KIND_CALLOC));
        tb_at(tb, 3 * MS + 1);
        tb_switch(tb, 1);
        stack = tb_stack(tb, stack, tb_frame(tb, UINT32_MAX, 0x7fffffffff600000, false));
        tb_alloc(tb, tb_site(tb, stack, MTR_SITE_BYTES_MAX, MTR_KIND_PVALLOC));
        tb_release(tb, 3, true);
        tb_mark(tb, MTR_MARK, "\xf0mark");
        tb_unseen(tb, "nearly all");
        tb_rss(tb, 12);
        return tb;
}

/* The state of the trace at WHEN, as `snapshot save` asks for it. */
static struct state open_at(struct tb *tb, const char *when) {
        const struct state_wish wish = { .fallback = MOMENT_PEAK, .all = true };
        char directory[] = "/tmp/snapshot-XXXXXX", path[64], operand[128];
        struct state state;

        cr_assert(mkdtemp(directory));
        snprintf(path, sizeof(path), "%s/trace", directory);
        tb_write(tb, path);
        snprintf(operand, sizeof(operand), "%s@%s", path, when);
        cr_assert_eq(state_open(operand, &wish, &state), 0);
        state.when = strdup(state.moment.when); /* outlives the operand */
        state.moment.when = state.when;
        remove(path);
        rmdir(directory);
        return state;
}

static struct text save(const struct state *state) {
        struct text text;
        FILE *stream = open_memstream(&text.bytes, &text.length);

        cr_assert_eq(render_snapshot(state, stream), 0);
        cr_assert_eq(fclose(stream), 0);
        return text;
}

static struct state open_text(const struct text *text) {
        struct state state = { 0 };

        cr_assert_eq(snapshot_load(text->bytes, text->length, "saved", &state), 0);
        return state;
}

static void is_name(const struct state *state, uint32_t frame, const char *file, const char *module) {
        struct symbol_frames names;

        cr_assert_eq(symbols_lookup(state->symbols, frame, &names), 0);
        cr_assert_eq(names.count, 1);
        cr_assert_str_eq(names.frames[0].file, file);
        cr_assert_eq(names.frames[0].has_line, false);
        cr_assert_null(names.frames[0].function);
        if (module)
                cr_assert_str_eq(names.frames[0].module, module);
        else
                cr_assert_null(names.frames[0].module);
}

static void is_site(const struct state *state, uint32_t number, struct trace_site site,
                    struct replay_site held) {
        const struct trace_site *found = trace_site(state->trace, number);

        cr_assert_eq(found->stack, site.stack);
        cr_assert_eq(found->size_bytes, site.size_bytes);
        cr_assert_eq(found->kind, site.kind);
        cr_assert_eq(memcmp(&state->range.more.sites[number], &held, sizeof(held)), 0);
}

static void is_pair(const struct state *state, size_t number, uint32_t site, uint32_t thread,
                    struct replay_site counts) {
        const struct by_thread_pair *pair = &state->range.more.by_thread->pairs[number];

        cr_assert_eq(pair->site, site);
        cr_assert_eq(pair->thread, thread);
        cr_assert_eq(memcmp(&pair->counts, &counts, sizeof(counts)), 0);
}

TestSuite(snapshot, .init = message_silence);

Test(snapshot, is_read_back_as_it_was_saved) {
        struct tb *tb = odd_trace();
        struct state state, again;
        struct text text;

        tb_end(tb, MTR_END_SIGNALED, 9);
        state = open_at(tb, "\xf0mark");
        text = save(&state);
        again = open_text(&text);
        cr_assert_eq(again.trace->tables[TRACE_MODULES].count, 1, "the unused one is left out");
        cr_assert_str_eq(trace_module(again.trace, 0)->path, "/nonexistent/\x80");
        cr_assert_eq(trace_module(again.trace, 0)->build_id_bytes, 3);
        cr_assert_eq(memcmp(trace_module(again.trace, 0)->build_id, "\0\x9f\xff", 3), 0);
        cr_assert_eq(again.trace->tables[TRACE_FRAMES].count, 3);
        cr_assert_eq(trace_frame(again.trace, 0)->offset, 0x1010, "in the file, not in memory");
        cr_assert_eq(trace_frame(again.trace, 1)->exact, true);
        cr_assert_eq(trace_frame(again.trace, 2)->offset, 0x7fffffffff600000);
        is_name(&again, 0, "\x80+0x1010", "/nonexistent/\x80");
        is_name(&again, 1, "\x80+0x1020", "/nonexistent/\x80");
        is_name(&again, 2, "<unknown>", NULL);
        cr_assert_eq(again.trace->tables[TRACE_STACKS].count, 3);
        cr_assert_eq(trace_stack(again.trace, 3)->parent, 1);
        cr_assert_eq(trace_stack(again.trace, 3)->frame, 2);
        cr_assert_eq(trace_site_count(again.trace), 3);
        is_site(&again, 0, (struct trace_site){ 3, 0, MTR_KIND_MALLOC }, (struct replay_site){ 3, 1, 1, 0 });
        is_site(&again, 1, (struct trace_site){ 5, 2, MTR_KIND_CALLOC }, (struct replay_site){ 5, 1, 1, 0 });
        is_site(&again, 2, (struct trace_site){ MTR_SITE_BYTES_MAX, 3, MTR_KIND_PVALLOC },
                (struct replay_site){ MTR_SITE_BYTES_MAX, 0, 1, 1 });
        cr_assert_eq(again.range.more.high_bytes[0], 3);
        cr_assert_eq(again.range.more.high_bytes[1], 8);
        cr_assert_eq(again.range.more.high_bytes[2], MTR_SITE_BYTES_MAX + 8);
        cr_assert_eq(again.trace->tables[TRACE_THREADS].count, 2);
        cr_assert_eq(trace_thread(again.trace, 1)->tid, 78);
        cr_assert_eq(trace_thread(again.trace, 1)->start_time_ns,
                     trace_thread(state.trace, 1)->start_time_ns);
        cr_assert_str_eq(trace_thread(again.trace, 0)->name, "\xfe");
        is_pair(&again, 0, 0, 0, (struct replay_site){ 3, 1, 1, 0 });
        is_pair(&again, 1, 1, 0, (struct replay_site){ 5, 1, 1, 0 });
        is_pair(&again, 2, 2, 1, (struct replay_site){ MTR_SITE_BYTES_MAX, 0, 1, 1 });
        cr_assert_eq(again.range.more.by_thread->count, 3);
        cr_assert(again.trace->facts.tells_owners);
        cr_assert_eq(again.moment.kind, MOMENT_MARK);
        cr_assert_str_eq(moment_name(&again.moment), "\xf0mark");
        cr_assert_eq(again.range.to_ns, 3 * MS + 1);
        cr_assert_eq(again.range.more.totals.live_bytes, 8);
        cr_assert_str_eq(again.summary.program, "/bin/\xff\xfe");
        cr_assert_eq(again.summary.argv_bytes, state.summary.argv_bytes);
        cr_assert_eq(memcmp(again.summary.argv, state.summary.argv, state.summary.argv_bytes), 0);
        cr_assert_str_eq(again.summary.command, state.summary.command);
        cr_assert_str_eq(again.summary.unseen, "nearly all");
        cr_assert_eq(again.summary.how, MTR_END_SIGNALED);
        cr_assert_eq(again.summary.code, 9);
        cr_assert_eq(again.summary.started_unix_ns, 1700000000123456789u);
        cr_assert_eq(again.summary.duration_ns, 3 * MS + 1);
        cr_assert_eq(again.summary.peak_time_ns, state.summary.peak_time_ns);
        cr_assert_eq(again.summary.peak_rss_bytes, 12 << 10);
        cr_assert_eq(again.summary.temporary, 1);
        free(text.bytes);
        state_close(&again);
        state_close(&state);
        tb_free(tb);
}

/* The words for how a run ended depend on more than the word that stands in the file. */
Test(snapshot, of_a_run_that_ended_in_any_way) {
        static const enum mtr_end_how ways[] = { MTR_END_UNKNOWN, MTR_END_EXITED, MTR_END_SIGNALED,
                                                 MTR_END_EXEC, MTR_END_STOPPED };

        for (size_t i = 0; i < 2 + sizeof(ways) / sizeof(*ways); i++) {
                bool ended = i >= 2;
                struct tb *tb = odd_trace();
                struct state state, again;
                struct text text;
                char *words, *words_again;

                if (ended)
                        tb_end(tb, ways[i - 2], -3);
                else
                        tb_block(tb);
                state = open_at(tb, "end");
                state.summary.running = i == 1;
                text = save(&state);
                again = open_text(&text);
                words = summary_ending(&state.summary);
                words_again = summary_ending(&again.summary);
                cr_assert_str_eq(words_again, words);
                cr_assert_str_eq(summary_ending_word(&again.summary), summary_ending_word(&state.summary));
                cr_assert_eq(again.summary.has_end, ended);
                cr_assert_eq(again.summary.allocations, 3);
                free(words);
                free(words_again);
                free(text.bytes);
                state_close(&again);
                state_close(&state);
                tb_free(tb);
        }
}

Test(snapshot, numbers_are_exact_and_beyond_2_to_the_63_the_largest) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 1, MTR_KIND_MALLOC);
        struct state state, again;
        struct text text;

        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        state = open_at(tb, "end");
        state.range.more.sites[0].live_blocks = (UINT64_C(1) << 53) + 1;
        state.range.more.sites[0].allocations = UINT64_MAX;
        state.summary.peak_bytes = INT64_MAX - 1;
        text = save(&state);
        again = open_text(&text);
        cr_assert_eq(again.range.more.sites[0].live_blocks, (UINT64_C(1) << 53) + 1);
        cr_assert_eq(again.range.more.sites[0].allocations, INT64_MAX);
        cr_assert_eq(again.summary.peak_bytes, INT64_MAX - 1);
        cr_assert_null(again.range.more.by_thread, "the trace tells of no owners");
        cr_assert_not(again.trace->facts.tells_owners);
        free(text.bytes);
        state_close(&again);
        state_close(&state);
        tb_free(tb);
}

static struct summary_scopes scopes_of(const struct state *state) {
        return state->summary.scopes;
}

Test(snapshot, scopes_by_halves_are_those_of_the_trace) {
        static const char *const begun[] = { "\xff\1", "a", "b", "c" };

        for (size_t count = 0; count <= 4; count++) {
                struct tb *tb = odd_trace();
                struct state state, again;
                struct text text;

                if (count > 0)
                        tb_scope(tb, MTR_SCOPE_END, begun[0], 1);
                for (size_t i = 0; i < count; i++)
                        tb_scope(tb, MTR_SCOPE_BEGIN, begun[i], 0);
                tb_end(tb, MTR_END_EXITED, 0);
                state = open_at(tb, "start");
                text = save(&state);
                state_close(&state);
                again = open_text(&text);
                cr_assert_eq(scopes_of(&again).ends, count > 0);
                cr_assert_eq(scopes_of(&again).begins, count);
                cr_assert_eq(scopes_of(&again).name_count, count < 3 ? count : 3);
                cr_assert_eq(scopes_of(&again).more_names, count == 4);
                for (size_t i = 0; i < scopes_of(&again).name_count; i++)
                        cr_assert_str_eq(scopes_of(&again).names[i], begun[i]);
                cr_assert_eq(strstr(text.bytes, "\"scopes\"") != NULL, count > 0, "one without is as it was");
                free(text.bytes);
                state_close(&again);
                tb_free(tb);
        }
}

static struct text small_text(void) {
        struct tb *tb = odd_trace();
        struct state state;
        struct text text;

        tb_end(tb, MTR_END_EXITED, 0);
        state = open_at(tb, "peak");
        text = save(&state);
        state_close(&state);
        tb_free(tb);
        return text;
}

/* As if the file had just that much. */
static bool is_read(const char *bytes, size_t length, struct text *saved) {
        char *copy = malloc(length + 1); /* so that a byte too far shows itself */
        struct state state = { 0 };
        int error;

        memcpy(copy, bytes, length);
        error = snapshot_load(copy, length, "damaged", &state);
        free(copy);
        if (error < 0)
                return false;
        *saved = save(&state);
        state_close(&state);
        return true;
}

Test(snapshot, cut_anywhere_is_refused) {
        struct text text = small_text(), saved;

        cr_assert(is_read(text.bytes, text.length - 1, &saved), "without its last line's end");
        free(saved.bytes);
        for (size_t length = 0; length < text.length - 1; length++)
                cr_assert_not(is_read(text.bytes, length, &saved), "cut at %zu", length);
        free(text.bytes);
}

/* Only what the checksum does not count can change: then it is the same snapshot still. */
Test(snapshot, with_a_byte_changed_is_refused_or_the_same) {
        static const char others[] = "0\"[],:}n";
        struct text text = small_text(), saved;
        size_t read = 0;

        for (size_t at = 0; at < text.length; at++)
                for (unsigned change = 0; change < 8 + sizeof(others); change++) {
                        char byte = text.bytes[at];

                        text.bytes[at] = change < 8 ? (char)(byte ^ 1 << change) : others[change - 8];
                        if (text.bytes[at] != byte && is_read(text.bytes, text.length, &saved)) {
                                text.bytes[at] = byte;
                                cr_assert_eq(saved.length, text.length, "byte %zu, change %u", at, change);
                                cr_assert_eq(memcmp(saved.bytes, text.bytes, text.length), 0,
                                             "byte %zu, change %u", at, change);
                                free(saved.bytes);
                                read++;
                        }
                        text.bytes[at] = byte;
                }
        cr_assert_gt(read, 0, "the checksum's own name can change");
        free(text.bytes);
}

/* A value that is too long for jansson's tree, and one that ends where the look at it does. */
Test(snapshot, scopes_that_cannot_be_are_refused) {
        static const char member[] = "\"damage\":0,\n";
        static const struct {
                const char *scopes;
                size_t names; /* 0: refused */
        } cases[] = {
                { "{\"ends_without_begin\":1,\"begins_without_end\":0,\"names\":[\"a\"],\"more_names\":"
                  "false}",
                  1 },
                { "{\"ends_without_begin\":0,\"begins_without_end\":4,\"names\":[\"a\",\"b\",\"a\",\"c\","
                  "\"d\"],"
                  "\"more_names\":false}",
                  3 },
                { "{\"ends_without_begin\":0,\"begins_without_end\":0,\"names\":[\"a\"],\"more_names\":"
                  "false}",
                  0 },
                { "{\"ends_without_begin\":-1,\"begins_without_end\":2,\"names\":[\"a\"],\"more_names\":"
                  "false}",
                  0 },
                { "{\"ends_without_begin\":1,\"names\":[\"a\"],\"more_names\":false}", 0 },
                { "{\"ends_without_begin\":1,\"begins_without_end\":0,\"names\":[],\"more_names\":false}",
                  0 },
                { "{\"ends_without_begin\":1,\"begins_without_end\":0,\"names\":\"a\",\"more_names\":false}",
                  0 },
                { "{\"ends_without_begin\":1,\"begins_without_end\":0,\"names\":[1],\"more_names\":false}",
                  0 },
                { "{\"ends_without_begin\":1,\"begins_without_end\":0,\"names\":[\"a\"]}", 0 },
                { "[]", 0 },
        };
        struct text text = small_text();
        char *at, *end;

        text.bytes[text.length] = '\0';
        at = strstr(text.bytes, member) + strlen(member);
        end = strstr(text.bytes, ",\n\"" SNAPSHOT_CHECKSUM);
        cr_assert(at && end);
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct state state = { 0 };
                char *made;
                int length = asprintf(&made, "%.*s\"scopes\":%s,\n%.*s}", (int)(at - text.bytes), text.bytes,
                                      cases[i].scopes, (int)(end - at), at);
                int error = snapshot_load(made, (size_t)length, "changed", &state);

                cr_assert_eq(error < 0, cases[i].names == 0, "%s", cases[i].scopes);
                if (error == 0) {
                        cr_assert_eq(scopes_of(&state).name_count, cases[i].names);
                        cr_assert_eq(scopes_of(&state).more_names, cases[i].names == 3);
                        state_close(&state);
                }
                free(made);
        }
        free(text.bytes);
}

Test(snapshot, values_have_a_limit) {
        static const char begin[] = "{\"schema\":\"memtrace-snapshot/1\",\"later\":";
        size_t length = sizeof(begin) - 1 + (5u << 20);
        struct state state = { 0 };
        char *text = malloc(length + 1);

        memset(text, '[', length + 1);
        memcpy(text, begin, sizeof(begin) - 1);
        cr_assert_lt(snapshot_load(text, length, "deep", &state), 0);
        memset(text + sizeof(begin) - 1, '1', 5u << 20);
        cr_assert_lt(snapshot_load(text, length, "long", &state), 0);
        text[sizeof(begin) - 1] = '"';
        cr_assert_lt(snapshot_load(text, length, "open", &state), 0);
        free(text);
}

/* Each mark is found by the name that is shown for it. */
Test(snapshot, marks_have_names_of_their_own) {
        static const char *const names[] = { "a", "a", "a#2", "peak", "12s", "-1s",  "50%",
                                             "b", "@", "a#9", "a#1",  "#1",  "b#01", "" };
        static const char *const shown[] = { "a", "a#2", "a#2#1", "peak#1", "12s#1", "-1s#1", "50%#1",
                                             "b", "@",   "a#9",   "a#1#1",  "#1",    "b#01#1" };
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct trace *trace;
        char **made;

        for (size_t i = 0; *names[i]; i++) {
                tb_alloc(tb, site);
                tb_mark(tb, MTR_MARK, names[i]);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        made = mark_names_new(trace);
        cr_assert_not_null(made);
        for (size_t i = 0; *names[i]; i++) {
                struct replay_instant instant;
                struct moment moment;
                uint64_t time_ns;

                cr_assert_str_eq(made[i], shown[i]);
                cr_assert(moment_understand(made[i], &moment), "%s", made[i]);
                cr_assert_eq(moment_locate(trace, &moment, &instant, &time_ns), 0, "%s", made[i]);
                cr_assert_eq(instant.event, i + 1, "%s", made[i]);
        }
        mark_names_free(trace, made);
        trace_free(trace);
        tb_free(tb);
}

/* A file appears when it is whole, and never over another. */
Test(snapshot, files_are_there_whole_or_not_at_all) {
        char directory[] = "/tmp/whole-XXXXXX", path[64], read[16] = "";
        struct whole whole, other;
        FILE *file;

        cr_assert(mkdtemp(directory));
        snprintf(path, sizeof(path), "%s/file", directory);
        cr_assert_eq(whole_begin(&whole, path), 0);
        fputs("whole", whole.stream);
        cr_assert_neq(access(path, F_OK), 0, "not yet");
        whole_abandon(&whole);
        cr_assert_eq(whole_begin(&whole, path), 0);
        fputs("first", whole.stream);
        cr_assert_eq(whole_finish(&whole), 0);
        cr_assert_eq(whole_begin(&whole, path), -EEXIST);
        remove(path);
        cr_assert_eq(whole_begin(&whole, path), 0);
        fputs("second", whole.stream);
        file = fopen(path, "w"); /* meanwhile */
        fputs("third", file);
        fclose(file);
        cr_assert_eq(whole_finish(&whole), -EEXIST);
        file = fopen(path, "r");
        cr_assert_eq(fread(read, 1, sizeof(read), file), 5);
        cr_assert_str_eq(read, "third");
        fclose(file);
        remove(path);
        cr_assert_eq(whole_begin(&other, "/dev/null/file"), -ENOTDIR);
        cr_assert_eq(rmdir(directory), 0, "something is left");
}
