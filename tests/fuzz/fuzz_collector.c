/*
 * A program that scribbles on the session while the collector reads it. The input is a play for the stage of
 * the collector's unit tests: records as a tracer writes them, words as none would, and numbers thrown
 * anywhere into what the program can write. Whatever it does, the file must decode and its events replay
 * (decode.c asserts what the format promises).
 */
#include <memtrace/format.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"

#define RINGS 3u
#define STACKS 8u
#define TURNS_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

enum step {
        STEP_RECORD,
        STEP_WORD,
        STEP_HEAD,
        STEP_RING,
        STEP_PROCESS,
        STEP_MODULE,
        STEP_NODE,
        STEP_SESSION,
        STEP_TURN,
        STEP_COUNT
};

struct play {
        const uint8_t *at, *end;
        struct stage *stage;
        struct stack_node *nodes;
        uint64_t time;
        uint32_t turns;
};

static uint64_t take(struct play *play, size_t bytes) {
        uint64_t value = 0;
        size_t left = (size_t)(play->end - play->at);

        memcpy(&value, play->at, bytes < left ? bytes : left);
        play->at += bytes < left ? bytes : left;
        return value;
}

/* Without a look at the room: a program that overruns its ring is one of the cases. */
static void put(struct ring *ring, const uint64_t *words, uint64_t count) {
        uint64_t position = ring_reserve(ring, count);

        for (uint64_t i = 0; i < count; i++)
                ring_put(ring, position + i, words[i] & ~RECORD_LAP);
}

/* A record's first word: one of the heap, or, where that would be none and has a kind, of a domain. */
static uint64_t first_word(struct play *play, uint64_t shape) {
        uintptr_t address = 0x555500001000 + take(play, 1) * 16;
        enum record_op op = (enum record_op)(shape & 7);
        uint32_t kind = (uint32_t)shape >> 4;

        if (op != RECORD_VOID || kind == 0)
                return record_first(op, kind, address);
        return record_report((enum record_op)(RECORD_REPORT_ALLOC + kind % 3), (uint32_t)take(play, 1),
                             address);
}

static void record(struct play *play, struct ring *ring) {
        uint64_t shape = take(play, 1), words[RECORD_WORDS_MAX], count = 1;

        words[0] = first_word(play, shape);
        if (record_op(words[0]) == RECORD_REPORT_CLEAR)
                shape |= 8; /* as it is written */
        if (record_has_stack(words[0])) {
                uint64_t node = take(play, 1);

                words[count++] =
                        record_stack(node < 0xf0 ? (uint32_t)node : (uint32_t)take(play, 4), (uint32_t)node);
        }
        if (shape & 8) {
                words[0] |= RECORD_SIZED;
                words[count++] = take(play, 8) & RECORD_PAYLOAD_MASK;
        }
        play->time += take(play, 2) * 1000;
        words[0] |= RECORD_TIMED;
        words[count++] = play->time & RECORD_PAYLOAD_MASK;
        put(ring, words, count);
}

/* `bytes` of the input somewhere into `size` bytes of memory. */
static void scribble(struct play *play, void *memory, size_t size, size_t bytes) {
        size_t at = (size_t)take(play, 4) % (size - bytes + 1);
        uint64_t value = take(play, bytes);

        memcpy((char *)memory + at, &value, bytes);
}

static void step(struct play *play) {
        struct stage *stage = play->stage;
        uint64_t what = take(play, 1);
        struct ring *ring = stage->rings[what / STEP_COUNT % RINGS];
        uint64_t word;

        switch ((enum step)(what % STEP_COUNT)) {
        case STEP_RECORD:
                record(play, ring);
                break;
        case STEP_WORD:
                word = take(play, 8);
                put(ring, &word, 1);
                break;
        case STEP_HEAD:
                __atomic_store_n(&ring->head, ring->head + (uint64_t)(int16_t)take(play, 2),
                                 __ATOMIC_RELEASE);
                break;
        case STEP_RING:
                scribble(play, ring, sizeof(*ring), 8);
                break;
        case STEP_PROCESS:
                scribble(play, stage->process, sizeof(*stage->process), 4);
                break;
        case STEP_MODULE:
                scribble(play, stage->process->modules, 3 * sizeof(struct module), 8);
                break;
        case STEP_NODE:
                scribble(play, play->nodes, 4 * STACKS * sizeof(*play->nodes), 4);
                break;
        case STEP_SESSION:
                scribble(play, stage->session, sizeof(*stage->session), 4);
                break;
        case STEP_TURN:
        default:
                if (play->turns++ >= TURNS_MAX)
                        break;
                stage_pass(stage, (take(play, 1) + 1) * STAGE_MS);
                (void)stage_turn(stage);
                break;
        }
}

/* What a tracer would have made by then: a few stacks in a module. */
static void furnish(struct play *play) {
        struct stage *stage = play->stage;
        struct module *module = &stage->process->modules[0];
        uint64_t frames[STACKS];

        *module = (struct module){ .start = 0x1000, .end = 0x9000, .ready = 1 };
        atomic_store(&stage->process->module_count, 1);
        for (uint32_t i = 0; i < STACKS; i++) {
                frames[i] = 0x1000 * (i + 1) + 8;
                (void)stage_stack(stage, frames, i + 1);
        }
        strcpy(stage->process->domains[0].text, "pool");
        atomic_store(&stage->process->domains[0].ready, 1);
        play->nodes = session_chunk(stage->session, stage->process->stacks.node_chunks[0]);
        play->time = stage->process->started;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        struct play play = { .at = data, .end = data + length, .stage = stage_new(RINGS) };
        uint32_t chunk_count = play.stage->session->chunk_count;
        struct seen *seen;

        furnish(&play);
        while (play.at != play.end)
                step(&play);
        trace_close(play.stage->trace, MTR_END_UNKNOWN, 0);
        seen = seen_read(play.stage->fd);
        if (!seen->replays || seen->end_count < 1)
                abort();
        seen_free(seen);
        play.stage->session->chunk_count = chunk_count; /* the stage unmaps by it */
        stage_free(play.stage);
        return 0;
}
