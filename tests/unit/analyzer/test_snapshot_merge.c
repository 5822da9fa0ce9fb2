/*
 * state/snapshot_merge.h: which places of several states are the same, and what they come to together.
 */
#include "state/snapshot_merge.h"

#include "base/message.h"
#include "replay/by_thread.h"
#include "state/snapshot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A snapshot of one site; what is not set is one block of 8 bytes in /a/prog. */
struct sample {
        const char *path, *build, *frame; /* frame: [address, exact, names] without the brackets */
        const char *exe, *ended, *when;
        uint64_t live, high;
        const char *threads; /* the members, with a comma before each */
        const char *unseen;
        uint64_t time_ns, damage;
        bool unended;
};

static struct state open_sample(const struct sample *sample) {
        struct state state = { 0 };
        uint64_t live = sample->live ? sample->live : 1;
        char high[32] = "", *text;
        int length;

        if (sample->high)
                snprintf(high, sizeof(high), ",%llu", (unsigned long long)sample->high);
        length = asprintf(
                &text,
                "{\"schema\":\"" SNAPSHOT_SCHEMA
                "\",\"moment\":{\"kind\":\"%s\",\"name\":\"%s\",\"time_ns\":%llu,"
                "\"live_bytes\":%llu,\"live_blocks\":%llu,\"allocated_bytes\":%llu,\"allocations\":%llu,"
                "\"temporary\":0},"
                "\"process\":{\"exe\":\"%s\",\"argv\":[],\"pid\":7,\"started_ns\":1,\"ended\":%s},"
                "\"totals\":{\"allocations\":%llu,\"frees\":2,\"allocated_bytes\":90,\"peak_bytes\":50,"
                "\"peak_time_ns\":3,\"leaked_bytes\":1,\"leaked_blocks\":1,\"temporary\":0,\"foreign_frees\":"
                "0,"
                "\"lost\":0,\"unknown_stacks\":0,\"peak_rss_bytes\":0,\"duration_ns\":%llu,\"collector_cpu_"
                "ns\":"
                "0,"
                "\"collector_rss_bytes\":0},\"has_end\":%s,\"unseen\":%s,\"damage\":%llu,"
                "\"modules\":[[\"%s\",\"%s\"]],\"frames\":[[0,%s]],\"stacks\":[[0,0]],"
                "\"sites\":[[1,8,0,%llu,%llu,0%s]]%s}",
                sample->when ? "mark" : "peak", sample->when ? sample->when : "peak",
                (unsigned long long)sample->time_ns, (unsigned long long)live * 8, (unsigned long long)live,
                (unsigned long long)live * 8, (unsigned long long)live, sample->exe ? sample->exe : "/a/prog",
                sample->ended ? sample->ended : "{\"how\":\"exited\",\"code\":0}", (unsigned long long)live,
                (unsigned long long)sample->time_ns + 9, sample->unended ? "false" : "true",
                sample->unseen ? sample->unseen : "null", (unsigned long long)sample->damage,
                sample->path ? sample->path : "/a/prog", sample->build ? sample->build : "0a",
                sample->frame ? sample->frame : "\"0x10\",false,[[\"/a/main.c\",3,\"main\"]]",
                (unsigned long long)live, (unsigned long long)live, high,
                sample->threads ? sample->threads : "");
        cr_assert(length > 0);
        cr_assert_eq(snapshot_load(text, (size_t)length, "sample", &state), 0);
        free(text);
        return state;
}

static int merge_all(const struct sample *samples, size_t count, struct state *merged) {
        struct snapshot_merge *merge = snapshot_merge_new("merged");
        int error;

        *merged = (struct state){ 0 };
        for (size_t i = 0; i < count; i++) {
                struct state state = open_sample(&samples[i]);

                cr_assert_eq(snapshot_merge_add(merge, &state), 0);
                state_close(&state);
        }
        error = snapshot_merge_finish(merge, merged);
        snapshot_merge_free(merge);
        return error;
}

static struct state merged_of(const struct sample *samples, size_t count) {
        struct state merged;

        cr_assert_eq(merge_all(samples, count, &merged), 0);
        return merged;
}

#define MERGED(...)                                                                                          \
        merged_of((const struct sample[]){ __VA_ARGS__ },                                                    \
                  sizeof((const struct sample[]){ __VA_ARGS__ }) / sizeof(struct sample))

static size_t rows(const struct state *state, enum trace_kind kind) {
        return state->trace->tables[kind].count;
}

static void is_place(const struct state *state, uint32_t number, const char *file, const char *function) {
        struct symbol_frames names;

        cr_assert_eq(symbols_lookup(state->symbols, number, &names), 0);
        cr_assert_eq(names.count, 1);
        cr_assert_str_eq(names.frames[0].file, file);
        if (function)
                cr_assert_str_eq(names.frames[0].function, function);
        else
                cr_assert_null(names.frames[0].function);
}

/* One place, of so many blocks; of several builds, or not. */
static void is_one(const struct state *state, uint64_t live, bool several, uint64_t address) {
        cr_assert_eq(rows(state, TRACE_MODULES), 1);
        cr_assert_eq(rows(state, TRACE_FRAMES), 1);
        cr_assert_eq(rows(state, TRACE_STACKS), 1);
        cr_assert_eq(rows(state, TRACE_SITES), 1);
        cr_assert_eq(state->range.more.sites[0].live_blocks, live);
        cr_assert_eq(trace_module(state->trace, 0)->several_builds, several);
        cr_assert_eq(trace_module(state->trace, 0)->build_id_bytes, several ? 0 : 1);
        cr_assert_eq(trace_frame(state->trace, 0)->offset, address);
}

TestSuite(snapshot_merge, .init = message_silence);

Test(snapshot_merge, adds_up_the_same_place) {
        struct state state = MERGED({ .live = 2 }, { .live = 3 }, { .live = 4 });

        is_one(&state, 9, false, 0x10);
        is_place(&state, 0, "/a/main.c", "main");
        cr_assert_eq(state.range.more.totals.live_bytes, 72);
        cr_assert_eq(state.summary.allocations, 9);
        cr_assert_eq(state.summary.frees, 6);
        cr_assert_eq(state.summary.peak_bytes, 150);
        cr_assert_eq(state.summary.duration_ns, 9);
        cr_assert_eq(state.summary.process_count, 3);
        cr_assert_eq(state.summary.processes[1].live_blocks, 3);
        cr_assert_eq(state.summary.processes[1].live_bytes, 24);
        cr_assert_eq(state.summary.processes[2].run.peak_bytes, 50);
        cr_assert_str_eq(state.summary.processes[2].run.program, "/a/prog");
        state_close(&state);
}

Test(snapshot_merge, keeps_places_apart_that_are_not_the_same) {
        struct state state = MERGED({ 0 }, { .frame = "\"0x20\",false,[[\"/a/main.c\",3,\"main\"]]" },
                                    { .frame = "\"0x10\",true,[[\"/a/main.c\",3,\"main\"]]" },
                                    { .frame = "\"0x10\",false,[[\"/a/main.c\",4,\"main\"]]" },
                                    { .frame = "\"0x10\",false,[[\"/a/main.c\",3,\"other\"]]" },
                                    { .frame = "\"0x10\",false,[[\"/a/main.c\",3,null]]" },
                                    { .frame = "\"0x10\",false,[[\"/a/main.c\",3,\"main\",\"/d\"]]" },
                                    { .frame = "\"0x10\",false,[[\"/a/main.c\",null,\"main\"]]" },
                                    { .frame = "\"0x10\",false,[[\"/a/main.c\",0,\"main\"]]" });

        cr_assert_eq(rows(&state, TRACE_MODULES), 1);
        cr_assert_eq(rows(&state, TRACE_FRAMES), 9);
        cr_assert_eq(rows(&state, TRACE_SITES), 9);
        state_close(&state);
}

Test(snapshot_merge, knows_a_copy_of_the_same_build) {
        struct state state = MERGED({ 0 }, { .path = "/b/prog" });

        is_one(&state, 2, false, 0x10);
        cr_assert_str_eq(trace_module(state.trace, 0)->path, "/a/prog");
        is_place(&state, 0, "/a/main.c", "main");
        state_close(&state);
}

Test(snapshot_merge, tells_places_of_several_builds_by_what_all_have) {
        struct state state = MERGED({ 0 }, { .path = "/b/prog",
                                             .build = "0b",
                                             .frame = "\"0x20\",true,[[\"/b/main.c\",3,\"main.part.0\"]]" });

        is_one(&state, 2, true, 0);
        is_place(&state, 0, "main.c", "main");
        state_close(&state);
        /* the same file, built anew; the directory is that of its build no more */
        state = MERGED({ .live = 5 },
                       { .build = "0b", .frame = "\"0x20\",false,[[\"main.c\",3,\"main\",\"/a\"]]" });
        is_one(&state, 6, true, 0);
        is_place(&state, 0, "main.c", "main");
        state_close(&state);
}

Test(snapshot_merge, tells_places_without_a_line_by_their_function) {
        struct state state =
                MERGED({ .path = "/lib/libz.so.1.2.11",
                         .frame = "\"0x10\",false,[[\"libz.so.1.2.11:inflate+0x1f\",null,\"inflate\"]]" },
                       { .path = "/usr/lib/libz.so.1.2.13",
                         .build = "0b",
                         .frame = "\"0x20\",false,[[\"libz.so.1.2.13:inflate+0x2f\",null,\"inflate\"]]" });

        is_one(&state, 2, true, 0);
        is_place(&state, 0, "libz.so.1:inflate", "inflate");
        state_close(&state);
        state = MERGED(
                { .path = "/lib/libz.so.1", .frame = "\"0x10\",false,[[\"libz.so.1+0x1f\",null,null]]" },
                { .path = "/lib/libz.so.1",
                  .build = "0b",
                  .frame = "\"0x20\",false,[[\"libz.so.1+0x2f\",null,null]]" });
        is_one(&state, 2, true, 0);
        is_place(&state, 0, "libz.so.1", NULL);
        state_close(&state);
}

Test(snapshot_merge, keeps_other_modules_apart) {
        struct state state =
                MERGED({ .path = "/lib/libz.so.1" }, { .path = "/lib/libz.so.2" },
                       { .path = "/lib/liby.so.1" }, { .path = "" }, { .path = "", .build = "0b" });

        cr_assert_eq(rows(&state, TRACE_MODULES), 5);
        cr_assert_eq(rows(&state, TRACE_SITES), 5);
        for (uint32_t i = 0; i < 5; i++)
                cr_assert_not(trace_module(state.trace, i)->several_builds);
        state_close(&state);
}

Test(snapshot_merge, takes_the_threads_of_one_name_by_their_order) {
        static const char one[] = ",\"unsure_blocks\":1,\"threads\":[[7,0,\"x\"],[8,1,\"y\"],[9,2,\"x\"]],"
                                  "\"thread_sites\":[[0,2,2,2,0],[0,null,1,1,0]]";
        static const char other[] =
                ",\"unsure_blocks\":0,\"threads\":[[70,0,\"y\"],[80,1,\"x\"],[90,2,\"x\"]],"
                "\"thread_sites\":[[0,2,1,1,0],[0,0,1,1,0],[0,1,1,1,0]]";
        struct state state =
                MERGED({ .live = 3, .threads = one }, { .live = 3, .threads = other }, { .live = 4 });
        const struct by_thread *by_thread = state.range.more.by_thread;
        static const struct {
                uint32_t thread;
                uint64_t live;
        } wanted[] = { { 2, 3 }, { BY_THREAD_UNKNOWN, 1 + 4 }, { 1, 1 }, { 0, 1 } };

        cr_assert_eq(rows(&state, TRACE_THREADS), 3);
        cr_assert_eq(trace_thread(state.trace, 2)->tid, 9);
        cr_assert_eq(by_thread->count, 4);
        for (size_t i = 0; i < 4; i++) {
                cr_assert_eq(by_thread->pairs[i].thread, wanted[i].thread);
                cr_assert_eq(by_thread->pairs[i].counts.live_blocks, wanted[i].live);
                cr_assert_eq(by_thread->pairs[i].counts.allocations, wanted[i].live);
        }
        cr_assert_eq(by_thread->unsure, 1 + 4);
        state_close(&state);
        state = MERGED({ 0 }, { 0 });
        cr_assert_null(state.range.more.by_thread, "of no thread is anything known");
        state_close(&state);
}

Test(snapshot_merge, keeps_the_highest_heap_where_all_tell_it) {
        struct state state = MERGED({ .high = 10 }, { .high = 30 }, { .high = 20 });

        cr_assert_eq(state.range.more.high_bytes[0], 30);
        state_close(&state);
        state = MERGED({ .high = 10 }, { 0 });
        cr_assert_null(state.range.more.high_bytes);
        state_close(&state);
}

Test(snapshot_merge, tells_of_the_first_process_and_of_what_all_share) {
        struct state state = MERGED({ .when = "half" }, { .when = "half", .exe = "/b/prog" });

        cr_assert_str_eq(state.summary.program, "/a/prog");
        cr_assert_str_eq(state.summary.processes[1].run.program, "/b/prog");
        cr_assert_eq(state.summary.how, MTR_END_EXITED);
        cr_assert(state.summary.has_end);
        cr_assert_eq(state.moment.kind, MOMENT_MARK);
        cr_assert_str_eq(moment_name(&state.moment), "half");
        state_close(&state);
        state = MERGED({ .when = "half" }, { .when = "third" }, { .when = "half" });
        cr_assert_eq(state.moment.kind, MOMENT_MARK);
        cr_assert_str_eq(moment_name(&state.moment), "merged");
        state_close(&state);
        state = MERGED({ .when = "half" },
                       { .when = "other", .ended = "{\"how\":\"signaled\",\"signal\":9}" },
                       { .unended = true });
        cr_assert_str_eq(moment_name(&state.moment), "merged");
        cr_assert_eq(state.summary.how, MTR_END_UNKNOWN);
        cr_assert_eq(state.summary.processes[1].run.how, MTR_END_SIGNALED);
        cr_assert_eq(state.summary.processes[1].run.code, 9);
        cr_assert_not(state.summary.has_end);
        state_close(&state);
}

Test(snapshot_merge, of_one_is_that_one) {
        struct state state = MERGED({ .live = 2, .high = 4 });

        is_one(&state, 2, false, 0x10);
        cr_assert_eq(state.summary.process_count, 0);
        cr_assert_eq(state.range.more.high_bytes[0], 4);
        cr_assert_eq(state.moment.kind, MOMENT_PEAK);
        state_close(&state);
}

Test(snapshot_merge, of_more_than_any_run_can_have_is_refused) {
        const struct sample most = { .live = (uint64_t)INT64_MAX / 8 };
        struct sample many[9];
        struct state state;

        for (size_t i = 0; i < 9; i++)
                many[i] = most;
        cr_assert_eq(merge_all(many, 8, &state), 0);
        cr_assert_eq(state.range.more.sites[0].live_blocks, INT64_MAX - 7);
        state_close(&state);
        cr_assert_eq(merge_all(many, 9, &state), -EINVAL);
        cr_assert_null(state.trace);
}

#define SCOPES(ends, begins, names, more)                                                                    \
        ",\"scopes\":{\"ends_without_begin\":" ends ",\"begins_without_end\":" begins ",\"names\":[" names   \
        "],\"more_names\":" more "}"

Test(snapshot_merge, adds_up_scopes_by_halves) {
        struct state state = MERGED({ .threads = SCOPES("2", "0", "\"a\"", "false") }, { .exe = "/none" },
                                    { .threads = SCOPES("1", "9223372036854775807", "\"b\",\"a\"", "false") },
                                    { .threads = SCOPES("0", "4", "\"c\"", "false") });

        cr_assert_eq(state.summary.scopes.ends, 3);
        cr_assert_eq(state.summary.scopes.begins, INT64_MAX, "as much as a snapshot can tell");
        cr_assert_eq(state.summary.scopes.name_count, 3);
        cr_assert_str_eq(state.summary.scopes.names[0], "a");
        cr_assert_str_eq(state.summary.scopes.names[1], "b");
        cr_assert_str_eq(state.summary.scopes.names[2], "c");
        cr_assert_not(state.summary.scopes.more_names);
        state_close(&state);
        state = MERGED({ .threads = SCOPES("2", "0", "\"a\"", "true") }, { .exe = "/none" });
        cr_assert(state.summary.scopes.more_names);
        state_close(&state);
}

Test(snapshot_merge, tells_the_latest_time_and_all_that_is_wrong) {
        struct state state =
                MERGED({ .time_ns = 5, .damage = 1 }, { .time_ns = 9, .damage = 2, .unseen = "\"all\"" },
                       { .time_ns = 7, .unseen = "\"some\"", .ended = "{\"how\":\"running\"}" });

        cr_assert_eq(state.range.to_ns, 9);
        cr_assert_eq(state.summary.duration_ns, 18);
        cr_assert_eq(state.summary.damage_count, 3);
        cr_assert_str_eq(state.summary.unseen, "all");
        cr_assert(state.summary.running);
        cr_assert_not(state.summary.processes[1].run.running);
        cr_assert(state.summary.processes[2].run.running);
        state_close(&state);
}
