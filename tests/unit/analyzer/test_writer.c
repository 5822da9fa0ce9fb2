/*
 * writer/: what is written is what the reader finds, over several blocks, with the books right in each.
 */
#include "reader/samples.h"
#include "replay/range.h"
#include "trace_builder.h"
#include "writer/writer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct written {
        char *bytes;
        size_t length;
        FILE *stream;
        struct writer *writer;
};

static struct writer *begin(struct written *written) {
        written->stream = open_memstream(&written->bytes, &written->length);
        written->writer = writer_new(written->stream, 77);
        return written->writer;
}

static struct trace *end(struct written *written, const struct writer_ending *ending) {
        struct reader *reader;
        struct trace *trace;

        cr_assert_eq(writer_finish(written->writer, ending), 0);
        writer_free(written->writer);
        fclose(written->stream);
        cr_assert_eq(reader_open_fd(tb_memfd(written->bytes, written->length), "test", NULL, &reader), 0);
        cr_assert_eq(trace_load(reader, &trace), 0);
        cr_assert_eq(trace->reader->damage_count, 0);
        free(written->bytes);
        return trace;
}

static const struct writer_ending exited = { .how = MTR_END_EXITED, .code = 3, .foreign_frees = 5 };

Test(writer, tells_all_that_it_was_told) {
        struct written written;
        struct writer *writer = begin(&written);
        const struct trace_name names[] = {
                { .file = "a.c", .function = "inner", .line = 7, .has_line = true },
                { .file = "b.so:outer", .directory = "/d" }
        };
        const struct trace_name *found;
        struct trace *trace;
        size_t count;

        writer_process(writer, &(struct writer_process){ "app", "app\0-x", 7, "tool 1", 4096 });
        writer_unseen(writer, "much");
        cr_assert_eq(writer_thread(writer, 12, "main"), 0);
        cr_assert_eq(writer_module(writer, 0x1000, 0x3000, 0x800, "/lib/b.so"), 0);
        cr_assert_eq(writer_frame(writer, 0, 0x10), 0);
        cr_assert_eq(writer_frame(writer, TRACE_NO_MODULE, 0x20), 1);
        cr_assert_eq(writer_frame(writer, 0, 0x8), 2);
        writer_name_frame(writer, names, 2);
        cr_assert_eq(writer_stack(writer, 0, 1), 1);
        cr_assert_eq(writer_stack(writer, 1, 2), 2);
        cr_assert_eq(writer_site(writer, 2, 100, MTR_KIND_MALLOC), 0);
        cr_assert_eq(writer_site(writer, 1, 7, MTR_KIND_CALLOC), 1);
        cr_assert_eq(writer_release(writer, 0, false), -ENOENT);
        cr_assert_eq(writer_allocate(writer, 0), 0);
        writer_at(writer, 5);
        writer_rss(writer, 300);
        cr_assert_eq(writer_allocate(writer, 1), 0);
        writer_at(writer, 4); /* it does not go back */
        writer_snapshot(writer, "here");
        cr_assert_eq(writer_release(writer, 1, true), 0);
        cr_assert_eq(writer_release(writer, 1, false), -ENOENT);
        writer_at(writer, 9);
        writer_rss(writer, 200);
        trace = end(&written, &exited);

        cr_assert_eq(trace->reader->header.pid, 77);
        cr_assert_eq(trace->facts.process.flags, MTR_PROCESS_IMPORTED);
        cr_assert_not(trace->facts.tells_owners);
        cr_assert_str_eq(trace->facts.exe, "app");
        cr_assert_eq(trace->facts.argv_bytes, 7);
        cr_assert_str_eq(trace->facts.argv + 4, "-x");
        cr_assert_str_eq(trace->facts.tracer_version, "tool 1");
        cr_assert_str_eq(trace->facts.unseen, "much");
        cr_assert_eq(trace->facts.peak_rss_bytes, 300 << 10);
        cr_assert_eq(trace_thread(trace, 0)->tid, 12);
        cr_assert_str_eq(trace_thread(trace, 0)->name, "main");
        cr_assert_eq(trace_module(trace, 0)->start, 0x1000);
        cr_assert_eq(trace_module(trace, 0)->end, 0x3000);
        cr_assert_eq(trace_module(trace, 0)->bias, 0x800);
        cr_assert_str_eq(trace_module(trace, 0)->path, "/lib/b.so");
        cr_assert_eq(trace_frame(trace, 0)->offset, 0x10);
        cr_assert_eq(trace_frame(trace, 1)->offset, 0x20);
        cr_assert_eq(trace_frame(trace, 1)->module, TRACE_NO_MODULE);
        cr_assert_eq(trace_frame(trace, 2)->offset, 8);
        cr_assert_eq(trace_stack(trace, 2)->parent, 1);
        cr_assert_eq(trace_stack(trace, 2)->frame, 2);
        cr_assert_eq(trace_site(trace, 1)->stack, 1);
        cr_assert_eq(trace_site(trace, 1)->size_bytes, 7);
        cr_assert_eq(trace_site(trace, 1)->kind, MTR_KIND_CALLOC);
        cr_assert_null(trace_names(trace, 0, &count));
        found = trace_names(trace, 2, &count);
        cr_assert_eq(count, 2);
        cr_assert_str_eq(found[0].function, "inner");
        cr_assert_eq(found[0].line, 7);
        cr_assert_str_eq(found[1].file, "b.so:outer");
        cr_assert_str_eq(found[1].directory, "/d");
        cr_assert_not(found[1].has_line);
        cr_assert_eq(trace->mark_count, 1);
        cr_assert(trace->marks[0].snapshot);
        cr_assert_str_eq(trace->marks[0].name, "here");
        cr_assert_eq(trace->marks[0].event, 2);
        cr_assert_eq(trace->marks[0].time_ns, 5000000);
        cr_assert_eq(trace->facts.end.how, MTR_END_EXITED);
        cr_assert_eq(trace->facts.end.code, 3);
        cr_assert_eq(trace->facts.end.time_ns, 9000000);
        cr_assert_eq(trace->facts.end.allocations, 2);
        cr_assert_eq(trace->facts.end.frees, 1);
        cr_assert_eq(trace->facts.end.temporary, 1);
        cr_assert_eq(trace->facts.end.allocated_bytes, 107);
        cr_assert_eq(trace->facts.end.peak_bytes, 107);
        cr_assert_eq(trace->facts.end.live_bytes, 100);
        cr_assert_eq(trace->facts.end.live_blocks, 1);
        cr_assert_eq(trace->facts.end.foreign_frees, 5);
        trace_free(trace);
}

Test(writer, has_no_end_where_nobody_knows_it) {
        struct written written;
        struct writer *writer = begin(&written);
        struct trace *trace;

        writer_site(writer, 0, 1, MTR_KIND_MALLOC);
        writer_allocate(writer, 0);
        trace = end(&written, NULL);
        cr_assert_not(trace->facts.has_end);
        trace_free(trace);
}

Test(writer, does_not_count_beyond_64_bits) {
        struct written written;
        struct writer *writer = begin(&written);
        struct trace *trace;
        int error = 0;

        writer_site(writer, 0, MTR_SITE_BYTES_MAX, MTR_KIND_MALLOC);
        for (unsigned i = 0; i < 255; i++)
                error |= writer_allocate(writer, 0);
        cr_assert_eq(error, 0);
        cr_assert_eq(writer_allocate(writer, 0), -EOVERFLOW);
        trace = end(&written, &exited);
        cr_assert_eq(trace->facts.end.allocations, 255);
        trace_free(trace);
}

/* Each sample says in KiB the millisecond that it is of. */
static int is_of_its_time(void *context, const struct samples_sample *sample) {
        unsigned *count = context;

        cr_assert_eq(sample->bytes, sample->units << 10);
        ++*count;
        return 0;
}

/* More than blocks hold, with definitions, names and time in all of them. */
Test(writer, begins_blocks_when_they_are_full) {
        enum { ROUNDS = 1000000, SITES = 1000 };
        struct written written;
        struct writer *writer = begin(&written);
        uint64_t live[SITES] = { 0 }, live_bytes = 0, peak_bytes = 0, state = 1;
        struct moment moment = { .kind = MOMENT_END };
        unsigned sites = 0, checkpoints = 0, samples = 0;
        struct range range = { 0 };
        struct trace *trace;

        writer_module(writer, 0, 0, 0, "m");
        for (unsigned i = 0; i < ROUNDS; i++) {
                unsigned site;

                state = state * 6364136223846793005u + 1442695040888963407u;
                if (sites < SITES && i % (ROUNDS / SITES) == 0) {
                        char function[20];
                        struct trace_name name = {
                                .file = "f.c", .function = function, .line = sites, .has_line = true
                        };

                        snprintf(function, sizeof(function), "f%u", sites);
                        writer_frame(writer, 0, sites * 16);
                        writer_name_frame(writer, &name, 1);
                        writer_stack(writer, sites, sites);
                        cr_assert_eq(writer_site(writer, sites + 1, sites + 1, MTR_KIND_MALLOC), sites);
                        sites++;
                }
                site = (unsigned)(state >> 33) % sites;
                writer_at(writer, i / 7);
                if (i % 1000 == 0)
                        writer_rss(writer, i / 7);
                if (state >> 63 || live[site] == 0) {
                        cr_assert_eq(writer_allocate(writer, site), 0);
                        live[site]++;
                        live_bytes += site + 1;
                } else {
                        cr_assert_eq(writer_release(writer, site, false), 0);
                        live[site]--;
                        live_bytes -= site + 1;
                }
                peak_bytes = live_bytes > peak_bytes ? live_bytes : peak_bytes;
        }
        trace = end(&written, &exited);
        cr_assert_geq(trace->reader->block_count, 2);
        for (size_t i = 0; i < trace->reader->block_count; i++)
                checkpoints += trace->reader->blocks[i].header.flags & MTR_BLOCK_CHECKPOINT;
        cr_assert_geq(checkpoints, 1);
        cr_assert_eq(samples_tell(trace, is_of_its_time, &samples), 0);
        cr_assert_eq(samples, ROUNDS / 1000);
        cr_assert_eq(trace->facts.end.peak_bytes, peak_bytes);
        cr_assert_eq(trace->facts.end.live_bytes, live_bytes);
        for (uint32_t i = 0; i < SITES; i++) {
                const struct trace_name *name;
                char function[20];
                size_t count;

                snprintf(function, sizeof(function), "f%u", i);
                name = trace_names(trace, i, &count);
                cr_assert_not_null(name);
                cr_assert_str_eq(name->function, function);
                cr_assert_eq(name->line, i);
                cr_assert_eq(trace_frame(trace, i)->offset, i * 16);
                cr_assert_eq(trace_stack(trace, i + 1)->parent, i);
                cr_assert_eq(trace_site(trace, i)->stack, i + 1);
        }
        /* from the last checkpoint, and from the beginning, which also holds each header against its block */
        for (unsigned way = REPLAY_FROM_BEGINNING; way <= REPLAY_FROM_CHECKPOINT; way++) {
                cr_assert_eq(range_replay(trace, NULL, &moment, way, NULL, &range), 0);
                cr_assert_eq(trace->reader->damage_count, 0);
                for (uint32_t i = 0; i < SITES; i++)
                        cr_assert_eq(range.more.sites[i].live_blocks, live[i]);
                range_deinit(&range);
        }
        trace_free(trace);
}
