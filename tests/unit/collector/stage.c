/* The tracer's part, played by a test: see stage.h. */
#include "stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/rss.h"
#include "collector/watch.h"
#include "decode.h"

#define START_NS UINT64_C(5000000000)

struct stage *stage_new(uint32_t rings) {
        struct stage *stage = calloc(1, sizeof(*stage));
        struct options options = { .depth = 64, .argv = true, .enabled = true };
        char directory[] = "/tmp/memtrace-stage-XXXXXX";
        char line[SESSION_TEXT_MAX];
        struct text reason = text_in(line, sizeof(line));
        uint32_t chunk;

        cr_assert_not_null(mkdtemp(directory));
        strcpy(options.output, directory);
        strcat(options.output, "/trace.mtr");
        stage->session = session_new(&options);
        cr_assert_not_null(stage->session);
        chunk = session_chunk_take(stage->session);
        stage->process = session_chunk(stage->session, chunk);
        stage->process->pid = (uint32_t)getpid();
        stage->process->depth = 64;
        stage->process->strings_used = 1;
        stage->process->started = START_NS;
        stage->timebase = (struct timebase){ .clock = SESSION_CLOCK_MONOTONIC,
                                             .now_session = START_NS,
                                             .now_ns = START_NS,
                                             .ns_per_unit = 1 };
        stage->chunks = calloc(1, sizeof(*stage->chunks));
        chunks_init(stage->chunks, stage->session);
        stage->identity.options = options;
        cr_assert(compressor_init(&stage->compressor));
        strcpy(stage->identity.exe, "/bin/stage");
        for (; stage->ring_count < rings; stage->ring_count++) {
                uint32_t ring = session_chunk_take(stage->session);

                stage->rings[stage->ring_count] = session_chunk(stage->session, ring);
                stage->process->rings[stage->ring_count] = ring;
        }
        atomic_store(&stage->process->ring_count, rings);
        stage->trace = memory_map(sizeof(*stage->trace));
        stage->trace->chunks = stage->chunks;
        cr_assert(trace_init(stage->trace, stage->session, chunk, &stage->timebase, &stage->compressor,
                             &stage->identity));
        watch_init(stage->trace);
        cr_assert_eq(trace_open(stage->trace, &reason), 0, "%s", line);
        stage->fd = open(options.output, O_RDONLY);
        cr_assert_geq(stage->fd, 0);
        (void)unlink(options.output);
        (void)rmdir(directory);
        return stage;
}

void stage_free(struct stage *stage) {
        trace_deinit(stage->trace);
        memory_unmap(stage->trace, sizeof(*stage->trace));
        compressor_deinit(&stage->compressor);
        session_free(stage->session);
        close(stage->fd);
        free(stage->chunks);
        free(stage);
}

void stage_pass(struct stage *stage, uint64_t ns) {
        stage->timebase.now_session += ns;
        stage->timebase.now_ns += ns;
}

uint64_t stage_turn(struct stage *stage) {
        bool hurry = false;

        return trace_turn(stage->trace, &hurry);
}

static uint64_t time_word(uint64_t time) {
        return (START_NS + time) & RECORD_PAYLOAD_MASK;
}

static void play(struct stage *stage, uint32_t ring, uint64_t first, const uint64_t *words, uint64_t count,
                 uint64_t time) {
        struct ring *to = stage->rings[ring];
        uint64_t position = ring_reserve(to, 1 + count + (time != 0));

        cr_assert_lt(to->head - atomic_load(&to->tail), RING_WORDS, "the test plays more than a ring holds");
        for (uint64_t i = 0; i < count; i++)
                ring_put(to, position + 1 + i, words[i]);
        if (time != 0)
                ring_put(to, position + 1 + count, time_word(time));
        ring_put(to, position, first | (time != 0 ? RECORD_TIMED : 0));
}

static void play_sized(struct stage *stage, uint32_t ring, uint64_t first, uint32_t node, uint64_t size,
                       uint64_t time) {
        bool sized = size > UINT32_MAX;
        uint64_t words[2] = { record_stack(node, sized ? 0 : (uint32_t)size), size };

        play(stage, ring, first | (sized ? RECORD_SIZED : 0), words, sized ? 2 : 1, time);
}

void play_thread(struct stage *stage, uint32_t ring, uint32_t tid) {
        play(stage, ring, record_first(RECORD_THREAD, 0, tid), NULL, 0, 1);
}

void play_alloc(struct stage *stage, uint32_t ring, uint64_t address, uint32_t node, uint64_t size,
                uint64_t time) {
        play_sized(stage, ring, record_first(RECORD_ALLOC, MTR_KIND_MALLOC, address), node, size, time);
}

void play_done(struct stage *stage, uint32_t ring, uint64_t address, uint32_t node, uint64_t size,
               uint64_t time) {
        play_sized(stage, ring, record_first(RECORD_REALLOC_DONE, MTR_KIND_MALLOC, address), node, size,
                   time);
}

void play_op(struct stage *stage, uint32_t ring, enum record_op op, uint64_t address, uint64_t time) {
        play(stage, ring, record_first(op, 0, address), NULL, 0, time);
}

void play_free(struct stage *stage, uint32_t ring, uint64_t address, uint64_t time) {
        play_op(stage, ring, RECORD_FREE, address, time);
}

void play_report_alloc(struct stage *stage, uint32_t ring, uint32_t domain, uint64_t address, uint32_t node,
                       uint64_t size, uint64_t time) {
        struct domain_name *name = &stage->process->domains[domain - 1];

        (void)snprintf(name->text, sizeof(name->text), "pool %u", domain);
        atomic_store_explicit(&name->ready, 1, memory_order_release);
        play_sized(stage, ring, record_report(RECORD_REPORT_ALLOC, domain, address), node, size, time);
}

void play_report_free(struct stage *stage, uint32_t ring, uint32_t domain, uint64_t address, uint64_t time) {
        play(stage, ring, record_report(RECORD_REPORT_FREE, domain, address), NULL, 0, time);
}

void play_report_clear(struct stage *stage, uint32_t ring, uint32_t domain, uint64_t time) {
        play(stage, ring, record_report(RECORD_REPORT_CLEAR, domain, 0) | RECORD_SIZED, &(uint64_t){ 0 }, 1,
             time);
}

void play_words(struct stage *stage, uint32_t ring, uint64_t first, const uint64_t *words, uint64_t count,
                uint64_t time) {
        play(stage, ring, first, words, count, time);
}

void play_name(struct stage *stage, uint32_t ring, enum record_name kind, const char *name, uint64_t time) {
        uint64_t words[RECORD_NAME_BYTES_MAX / RECORD_NAME_WORD_BYTES + 1] = { 0 };
        size_t length = strlen(name);

        for (size_t i = 0; i < length; i++)
                words[i / RECORD_NAME_WORD_BYTES] |= (uint64_t)(uint8_t)name[i]
                                                     << 8 * (i % RECORD_NAME_WORD_BYTES);
        play(stage, ring, record_first(RECORD_NAME, kind, length) | RECORD_SIZED, words,
             (length + RECORD_NAME_WORD_BYTES - 1) / RECORD_NAME_WORD_BYTES, time);
}

uint32_t stage_stack(struct stage *stage, const uint64_t *frames, uint32_t depth) {
        uint32_t node = 0;

        for (uint32_t i = 0; i < depth; i++)
                node = stack_table_intern(stage->session, &stage->process->stacks, node, frames[i],
                                          &stage->spare);
        return node;
}

struct seen *stage_finish(struct stage *stage) {
        struct seen *seen;

        trace_close(stage->trace, MTR_END_EXITED, 0);
        seen = seen_read(stage->fd);
        cr_assert(seen->replays);
        cr_assert_geq(seen->end_count, 1);
        cr_assert_eq(seen->end.how, MTR_END_EXITED);
        cr_assert_eq(seen->end.allocations, seen->allocations);
        cr_assert_eq(seen->end.frees, seen->frees);
        cr_assert_eq(seen->end.temporary, seen->temporary);
        cr_assert_eq(seen->end.allocated_bytes, seen->allocated_bytes);
        cr_assert_eq(seen->end.live_bytes, seen->live_bytes);
        cr_assert_eq(seen->end.live_blocks, seen->live_blocks);
        cr_assert_eq(seen->end.peak_bytes, seen->peak_bytes);
        decode_lives_add_up(seen);
        decode_domains_add_up(seen);
        return seen;
}

const char *seen_story(const struct seen *seen) {
        static char story[4096];
        struct text text = text_in(story, sizeof(story));

        for (uint32_t i = 0; i < seen->event_count; i++) {
                text_string(&text, i ? " " : "");
                text_bytes(&text, &"AFT"[seen->events[i].event], 1);
                text_number(&text, seen->events[i].size);
                if (seen->events[i].domain != 0) {
                        text_string(&text, "@");
                        text_number(&text, seen->events[i].domain);
                }
        }
        return story;
}
