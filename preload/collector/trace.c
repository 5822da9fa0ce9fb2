/*
 * A trace's begin, its turns and its end: see trace.h. Runs in the collector's one thread.
 */
#include "collector/trace_life.h"

#include "collector/answer.h"
#include "collector/block.h"
#include "collector/breakpoint.h"
#include "collector/domains.h"
#include "collector/drain.h"
#include "collector/events.h"
#include "collector/marks.h"
#include "collector/output.h"
#include "collector/pair.h"
#include "collector/rss.h"
#include "collector/sys.h"
#include "collector/watch.h"

#define BLOCK_AGE_NS UINT64_C(30000000)        /* with the loop's longest sleep this stays below 50 ms */
#define BLOCK_IDLE_AGE_NS UINT64_C(1000000000) /* of a block without events */
#define FLUSH_PATIENCE_NS UINT64_C(20000000)   /* no hole in a ring keeps an answer longer */
#define STARTED_AGE_MAX_NS UINT64_C(60000000000)

/* Time zero is when the process attached, which the root could not tell (0): the clock to tell it by was
 * chosen after that. Nor is a wild value told from. */
static uint64_t zero_of(const struct timebase *timebase, uint64_t started) {
        uint64_t ns = timebase_ns(timebase, started);

        return started != 0 && started <= timebase->now_session && timebase->now_ns - ns < STARTED_AGE_MAX_NS
                       ? ns
                       : timebase->now_ns;
}

bool trace_init(struct trace *trace, struct session *session, uint32_t chunk, const struct timebase *timebase,
                struct compressor *compressor, const struct identity *identity) {
        struct process *process = session_chunk(session, chunk);

        trace->session = session;
        trace->process = process;
        trace->timebase = timebase;
        trace->compressor = compressor;
        trace->identity = identity;
        trace->output.fd = trace->watch.pidfd = trace->watch.memory_fd = trace->rss.statm_fd = -1;
        trace->zero_ns = zero_of(timebase, process->started);
        trace->previous_turn = timebase->now_session;
        return heap_init(&trace->heap) && lives_init(&trace->lives) && sites_init(&trace->sites) &&
               stacks_init(&trace->stacks, trace->chunks, process, identity->exe, trace->cwd);
}

void trace_deinit(struct trace *trace) {
        if (trace->output.fd >= 0)
                sys_close(trace->output.fd);
        rss_deinit(&trace->rss);
        watch_deinit(&trace->watch);
        array_deinit(&trace->cursors);
        array_deinit(&trace->threads.fresh);
        heap_deinit(&trace->heap);
        domains_deinit(&trace->domains);
        lives_deinit(&trace->lives);
        sites_deinit(&trace->sites);
        stacks_deinit(&trace->stacks);
        buffer_deinit(&trace->events.bytes);
        buffer_deinit(&trace->events.owner_event_column);
        buffer_deinit(&trace->events.owner_thread_column);
        marks_deinit(&trace->marks);
        buffer_deinit(&trace->output.checkpoint);
        compressor_frame_deinit(trace->compressor, &trace->output.frame);
}

/* The file's begin and its first block: 0, -errno. */
static int begin(struct trace *trace) {
        int result = block_file_begin(trace);

        if (result == 0)
                block_write(trace, NULL);
        return result < 0 ? result : -trace->output.error;
}

int trace_open(struct trace *trace, struct text *reason) {
        char path[OPTIONS_PATH_MAX];
        int result = output_open(trace, path, reason);

        if (result >= 0) {
                trace->output.fd = result;
                result = begin(trace);
                if (result < 0) {
                        const char *why = strerrordesc_np(-result);

                        text_string(reason, "cannot write the trace: ");
                        text_string(reason, why ? why : "unknown error");
                        sys_unlink(path);
                        sys_close(trace->output.fd);
                        trace->output.fd = -1;
                }
        }
        return result;
}

/* Frees that were made up for because their address came again, whosever block it is. */
static uint64_t made_up(const struct trace *trace) {
        const struct heap *heap = &trace->heap;
        uint64_t frees = 0;

        for (uint32_t i = 0; heap; heap = domains_heap(&trace->domains, i++))
                frees += heap->implied_frees;
        return frees;
}

/*
 * Losses that the tracers count. What was dropped is known at the end: a dropped free is made up for whenever
 * its address comes again. Until then a trace with drops says that there are some.
 */
static void gather_losses(struct trace *trace, bool ending) {
        uint64_t dropped = 0, implied = made_up(trace);

        for (uint32_t i = 0; i < trace->cursor_count; i++)
                dropped += atomic_load_explicit(&trace_cursor(trace, i)->ring->dropped, memory_order_relaxed);
        dropped -= dropped < implied ? dropped : implied;
        if (!ending && dropped > 1)
                dropped = 1;
        if (dropped > trace->output.reached.told[MTR_LOSS_OVERFLOW])
                trace->losses.seen[MTR_LOSS_OVERFLOW] = dropped;
        trace->losses.seen[MTR_LOSS_MEMORY] =
                trace->starved_events +
                atomic_load_explicit(&trace->process->lost_memory, memory_order_relaxed);
}

static struct mtr_end end_of(struct trace *trace, uint32_t how, int32_t code) {
        const struct events *events = &trace->events;
        struct mtr_end end = {
                .time_ns = trace_ns(trace, trace->timebase->now_session),
                .how = how,
                .code = code,
                .allocations = events->allocations,
                .frees = events->frees,
                .allocated_bytes = events->allocated_bytes,
                .peak_bytes = events->peak_bytes,
                .live_bytes = events->live_bytes,
                .live_blocks = events->live_blocks,
                .temporary = events->temporary,
                .foreign_frees = trace->heap.foreign_frees,
                .unknown_stacks = trace->unknown_stacks,
        };
        struct rusage usage;

        for (unsigned reason = MTR_LOSS_OVERFLOW; reason <= MTR_LOSS_WRITE; reason++)
                end.lost += trace->losses.seen[reason];
        if (sys_call3(SYS_getrusage, RUSAGE_SELF, (long)&usage, 0) == 0) {
                end.collector_cpu_ns =
                        ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) * 1000000000u +
                        ((uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec) * 1000u;
                end.collector_rss_bytes = (uint64_t)usage.ru_maxrss * 1024u;
        }
        return end;
}

/* Whether rings may have lost records for want of room. */
static bool drops(const struct trace *trace) {
        return atomic_load_explicit(&trace->session->dropped, memory_order_relaxed);
}

static void answer_flush(struct trace *trace) {
        struct process *process = trace->process;
        /* Acquire pairs with the tracer's release: the code is that end's. */
        uint32_t how = atomic_load_explicit(&process->end_how, memory_order_acquire);
        struct mtr_end end;

        /* With drops, what is still held decides how much is missing. */
        if (how != MTR_END_UNKNOWN && drops(trace))
                pair_expire(trace, UINT64_MAX);
        gather_losses(trace, how != MTR_END_UNKNOWN);
        rss_sample_waiting(trace);
        if (how != MTR_END_UNKNOWN) {
                end = end_of(trace, how, atomic_load_explicit(&process->end_code, memory_order_relaxed));
                block_write(trace, &end);
        } else {
                block_write(trace, NULL);
        }
        atomic_store_explicit(&process->unwritten, (uint32_t)trace->output.error, memory_order_relaxed);
        trace->flush_met = trace->flush_wanted;
        /* Release pairs with the tracer's acquire: what it asked for is in the file. */
        atomic_store_explicit(&process->flushed, trace->flush_met, memory_order_release);
        session_futex_wake(&process->flushed);
}

/* A request counts from when it is seen: all that was recorded before it is older than this. */
static void see_flush(struct trace *trace) {
        /* Acquire pairs with the tracer's release: its records, and how it ends, came before. */
        uint32_t flush = atomic_load_explicit(&trace->process->flush, memory_order_acquire);

        if (flush == trace->flush_wanted)
                return;
        trace->flush_wanted = flush;
        trace->flush_time = session_time(trace->timebase->clock);
        trace->flush_since_ns = trace->timebase->now_ns;
}

static bool block_due(const struct trace *trace) {
        uint64_t age_ns;

        if (block_is_full(trace))
                return true;
        if (trace->content_since_ns != 0)
                return trace->timebase->now_ns - trace->content_since_ns >= BLOCK_AGE_NS;
        age_ns = trace->timebase->now_ns - trace->written_ns;
        return trace->rss.confirmed != 0 && age_ns >= BLOCK_IDLE_AGE_NS;
}

uint64_t trace_turn(struct trace *trace, bool *hurry) {
        uint64_t before_ns = trace->previous_turn_ns;
        uint64_t words;

        see_flush(trace);
        words = drain_turn(trace, false);
        trace->previous_turn_ns = trace->timebase->now_ns;
        breakpoint_turn(trace);
        if (words != 0)
                watch_seen(trace);
        /* What is there now was not there at the turn before. */
        if (trace->content_since_ns == 0 && (trace->events.bytes.used != 0 || marks_wait(trace)))
                trace->content_since_ns = before_ns;
        rss_turn(trace);
        if (answer_awaited(trace))
                *hurry = true;
        if (trace->flush_wanted != trace->flush_met) {
                if (trace->merged_time >= trace->flush_time ||
                    trace->timebase->now_ns - trace->flush_since_ns >= FLUSH_PATIENCE_NS)
                        answer_flush(trace);
                else
                        *hurry = true;
        } else if (block_due(trace)) {
                if (drops(trace))
                        gather_losses(trace, false);
                block_write(trace, NULL);
                trace->written_ns = trace->timebase->now_ns;
        }
        return words;
}

/* Whether the last end in the file is still true: a program may go on after it. */
static bool end_told(const struct trace *trace, const struct mtr_end *end) {
        const struct output *output = &trace->output;

        return output->ended && trace->domains.told && output->end.how == end->how &&
               output->end.code == end->code && output->end.allocations == end->allocations &&
               output->end.frees == end->frees && output->end.lost == end->lost &&
               output->end.foreign_frees == end->foreign_frees;
}

void trace_close(struct trace *trace, uint32_t how, int32_t code) {
        struct mtr_end end;

        drain_turn(trace, true);
        pair_expire(trace, UINT64_MAX);
        gather_losses(trace, true);
        end = end_of(trace, how, code);
        if (trace->output.error != 0 || trace->events.block_events != 0 || trace->threads.fresh_count != 0 ||
            marks_wait(trace) || !end_told(trace, &end))
                block_write(trace, &end);
        /* What that could not write is lost as well. */
        if (trace->output.error != 0) {
                end = end_of(trace, how, code);
                block_write_last(trace, &end);
        }
}
