/*
 * What an event costs the collector, without a tracer at the other end: collector_bench [RINGS [EVENTS]].
 *
 * Plays a stream made up after an interpreter's: procedures that allocate a few blocks from stacks
 * and sizes of their own and free all but one, which lives on among 200 000 others. With several
 * rings every record has a time and the rings take turns, so that they have to be merged. The
 * stream is played in slices as large as a quarter of a ring; only the collector's part is timed. Prints
 * nanoseconds per event, the least of five runs, and the size of the trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "collector/drain.h"
#include "collector/trace_life.h"
#include "session/ring.h"

#define RUNS 5
#define RINGS_MAX 64u
#define PROCEDURES 3000u
#define CALLS_MAX 8u
#define KEPT 200000u
#define SLICE_WORDS (RING_WORDS / 4)
#define RUN_OF_A_RING 3u /* procedures before another thread runs */

struct bench {
        struct session *session;
        struct process *process;
        struct ring *rings[RINGS_MAX];
        uint32_t ring_count;
        uint32_t nodes[PROCEDURES][CALLS_MAX];
        uint64_t *free_blocks[64]; /* by size class, last in first out */
        uint32_t free_count[64];
        uint64_t fresh_address;
        struct {
                uint64_t address;
                uint32_t class;
        } * kept;
        uint64_t kept_at, events, unit;
        struct timebase timebase;
        struct trace *trace;
        uint64_t spent_ns;
};

/* Of this thread, so that what else runs on the machine counts less. */
static uint64_t clock_cpu_ns(void) {
        struct timespec time;

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t random_state;

static uint32_t pick(uint32_t below) {
        random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        return (uint32_t)((random_state >> 33) % below);
}

static void drain(struct bench *bench) {
        uint64_t begin = clock_cpu_ns();

        timebase_read(&bench->timebase);
        (void)drain_turn(bench->trace, false);
        bench->spent_ns += clock_cpu_ns() - begin;
}

static void play(struct bench *bench, uint32_t ring, uint64_t first, uint64_t stack, bool has_stack) {
        struct ring *to = bench->rings[ring];
        bool timed = bench->ring_count > 1 || bench->events % 64 == 0;
        uint64_t position = ring_reserve(to, 1u + has_stack + timed);

        ring_put(to, position, first | (timed ? RECORD_TIMED : 0));
        if (has_stack)
                ring_put(to, position + 1, stack);
        if (timed)
                ring_put(to, position + 1 + has_stack, session_time(SESSION_CLOCK_TSC) & RECORD_PAYLOAD_MASK);
        bench->events++;
}

static uint64_t bench_alloc(struct bench *bench, uint32_t ring, uint32_t node, uint32_t class) {
        uint64_t address;

        if (bench->free_count[class] != 0) {
                address = bench->free_blocks[class][--bench->free_count[class]];
        } else {
                address = bench->fresh_address;
                bench->fresh_address += 16 * (class + 2);
        }
        play(bench, ring, record_first(RECORD_ALLOC, MTR_KIND_MALLOC, address),
             record_stack(node, 16 * class + 9), true);
        return address;
}

static void bench_free(struct bench *bench, uint32_t ring, uint64_t address, uint32_t class) {
        play(bench, ring, record_first(RECORD_FREE, 0, address), 0, false);
        bench->free_blocks[class][bench->free_count[class]++] = address;
}

/* A few procedures are called most of the time, and each in a row. */
static void procedure(struct bench *bench, uint32_t ring, uint32_t number) {
        uint32_t calls = 3 + number % (CALLS_MAX - 2);
        uint64_t addresses[CALLS_MAX];
        uint64_t slot = bench->kept_at++ % KEPT;

        for (uint32_t i = 0; i < calls; i++)
                addresses[i] = bench_alloc(bench, ring, bench->nodes[number][i], (number + i * 5) % 40);
        for (uint32_t i = calls - 1; i > 0; i--)
                bench_free(bench, ring, addresses[i], (number + i * 5) % 40);
        if (bench->kept[slot].address != 0)
                bench_free(bench, ring, bench->kept[slot].address, bench->kept[slot].class);
        bench->kept[slot].address = addresses[0];
        bench->kept[slot].class = number % 40;
}

static void stacks_new(struct bench *bench) {
        uint32_t spare = 0;

        for (uint32_t i = 0; i < PROCEDURES; i++) {
                uint32_t node = 0;

                for (uint32_t depth = 0; depth < 12; depth++)
                        node = stack_table_intern(
                                bench->session, &bench->process->stacks, node,
                                0x555500000000 + (depth < 8 ? i >> (8 - depth) : i) * 64 + depth, &spare);
                for (uint32_t call = 0; call < CALLS_MAX; call++)
                        bench->nodes[i][call] =
                                stack_table_intern(bench->session, &bench->process->stacks, node,
                                                   0x555600000000 + i * 256 + call, &spare);
        }
}

static void bench_run(struct bench *bench, uint64_t events) {
        uint32_t ring = 0, since = 0, number = 0;

        while (bench->events < events) {
                uint64_t used;

                if (pick(8) == 0)
                        number = pick(3) == 0 ? pick(PROCEDURES) : pick(PROCEDURES / 50);
                if (++since >= RUN_OF_A_RING && bench->ring_count > 1) {
                        since = 0;
                        ring = pick(bench->ring_count);
                }
                procedure(bench, ring, number);
                used = bench->rings[ring]->head -
                       atomic_load_explicit(&bench->rings[ring]->tail, memory_order_relaxed);
                if (used >= SLICE_WORDS)
                        drain(bench);
        }
        drain(bench);
}

static double measure(uint32_t rings, uint64_t events, uint64_t *file_bytes) {
        struct options options = { .depth = 64, .argv = true, .enabled = true };
        static struct identity identity;
        static struct chunks chunks;
        struct bench *bench = calloc(1, sizeof(*bench));
        struct compressor compressor;
        char line[SESSION_TEXT_MAX];
        struct text reason = text_in(line, sizeof(line));
        uint32_t chunk;

        (void)snprintf(options.output, sizeof(options.output), "collector-bench.%d.mtr", (int)getpid());
        random_state = 1;
        bench->session = session_new(&options);
        chunk = session_chunk_take(bench->session);
        bench->process = session_chunk(bench->session, chunk);
        bench->process->pid = (uint32_t)getpid();
        for (; bench->ring_count < rings; bench->ring_count++) {
                bench->process->rings[bench->ring_count] = session_chunk_take(bench->session);
                bench->rings[bench->ring_count] =
                        session_chunk(bench->session, bench->process->rings[bench->ring_count]);
        }
        atomic_store(&bench->process->ring_count, rings);
        stacks_new(bench);
        bench->fresh_address = 0x555700000010;
        bench->kept = calloc(KEPT, sizeof(*bench->kept));
        for (uint32_t class = 0; class < 64; class ++)
                bench->free_blocks[class] = calloc(KEPT + 64, sizeof(uint64_t));
        chunks = (struct chunks){ 0 };
        chunks_init(&chunks, bench->session);
        identity.options = options;
        timebase_init(&bench->timebase, SESSION_CLOCK_TSC);
        bench->trace = memory_map(sizeof(*bench->trace));
        bench->trace->chunks = &chunks;
        if (!compressor_init(&compressor) ||
            !trace_init(bench->trace, bench->session, chunk, &bench->timebase, &compressor, &identity) ||
            trace_open(bench->trace, &reason) < 0) {
                (void)fprintf(stderr, "collector_bench: %s\n", line);
                exit(1);
        }
        (void)unlink(options.output);
        bench_run(bench, events);
        *file_bytes = bench->trace->output.reached.length;
        trace_deinit(bench->trace);
        memory_unmap(bench->trace, sizeof(*bench->trace));
        compressor_deinit(&compressor);
        session_free(bench->session);
        for (uint32_t class = 0; class < 64; class ++)
                free(bench->free_blocks[class]);
        free(bench->kept);
        events = bench->events;
        double result = (double)bench->spent_ns / (double)events;
        free(bench);
        return result;
}

int main(int argc, char **argv) {
        uint32_t rings = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
        uint64_t events = argc > 2 ? strtoull(argv[2], NULL, 10) : 13000000, file_bytes = 0;
        double least = 0;

        if (rings < 1 || rings > RINGS_MAX) {
                (void)fprintf(stderr, "usage: collector_bench [RINGS (1 to %u) [EVENTS]]\n", RINGS_MAX);
                return 2;
        }
        for (int run = 0; run < RUNS; run++) {
                double ns = measure(rings, events, &file_bytes);

                if (run == 0 || ns < least)
                        least = ns;
        }
        printf("%u rings, %llu events: %.1f ns per event, %llu KiB of trace\n", rings,
               (unsigned long long)events, least, (unsigned long long)(file_bytes >> 10));
        return 0;
}
