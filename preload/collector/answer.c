/*
 * What the program asks, and what it has done to the numbers: see answer.h. Runs in the collector's one
 * thread.
 */
#include "collector/answer.h"

#include "collector/events.h"
#include "collector/forget.h"
#include "collector/proc.h"
#include "collector/sys.h"

#define PAGE_BYTES 4096u
#define PATIENCE_NS UINT64_C(20000000) /* as for a flush: no hole in a ring keeps an answer longer */

/* Of the session, how much is in memory: each chunk that is taken is asked for. */
static uint64_t session_bytes(const struct trace *trace) {
        static unsigned char resident[CHUNK_BYTES / PAGE_BYTES];
        uint64_t pages = 0;

        for (uint32_t chunk = 0; chunk < trace->chunks->count; chunk++) {
                uint64_t taken =
                        atomic_load_explicit(&trace->session->chunk_taken[chunk / 64], memory_order_relaxed);

                if (!(taken >> chunk % 64 & 1) ||
                    sys_call3(SYS_mincore, (long)session_chunk(trace->session, chunk), CHUNK_BYTES,
                              (long)resident) < 0)
                        continue;
                for (uint32_t page = 0; page < CHUNK_BYTES / PAGE_BYTES; page++)
                        pages += resident[page] & 1;
        }
        return pages * PAGE_BYTES;
}

static uint32_t stack_of(const struct trace *trace, uint64_t address) {
        struct live_block block;

        return live_map_find(&trace->heap.live, address, &block) ? sites_node(&trace->sites, block.site) : 0;
}

static void answer(struct trace *trace, uint64_t name, uint64_t first, uint64_t second) {
        uint32_t index = question_index(name), asked = question_state(name);
        struct question *question;

        if (index >= QUESTIONS || (asked & QUESTION_STATE) != QUESTION_ASKED)
                return;
        question = &trace->process->questions[index];
        if (atomic_load_explicit(&question->state, memory_order_relaxed) != asked)
                return; /* it gave up */
        atomic_store_explicit(&question->answers[0], first, memory_order_relaxed);
        atomic_store_explicit(&question->answers[1], second, memory_order_relaxed);
        /* Release pairs with the asker's acquire: the answers are there. */
        (void)atomic_compare_exchange_strong_explicit(&question->state, &asked,
                                                      asked ^ QUESTION_ASKED ^ QUESTION_ANSWERED,
                                                      memory_order_release, memory_order_relaxed);
        session_futex_wake(&question->state);
}

void answer_ask(struct trace *trace, const struct cursor *cursor, const struct record *record) {
        struct events *events = &trace->events;

        switch (record_kind(record->first)) {
        case RECORD_ASK_MEMORY:
                answer(trace, record->size, events->live_bytes, events->traced_peak_bytes);
                break;
        case RECORD_ASK_OVERHEAD:
                answer(trace, record->size, session_bytes(trace) + proc_own_private_kib() * 1024, 0);
                break;
        case RECORD_ASK_STACK:
                answer(trace, record->size, stack_of(trace, record_address(record->first)), 0);
                break;
        case RECORD_ASK_CLEAR:
                if (trace->events.block_begun)
                        events_time(trace, record->time);
                forget_all(trace, cursor->thread == THREAD_NONE ? 0 : cursor->thread);
                events_peak_reset(events);
                break;
        case RECORD_ASK_RESET_PEAK:
                events_peak_reset(events);
                break;
        default: /* damage */
                break;
        }
}

bool answer_awaited(struct trace *trace) {
        bool asked = false;

        for (uint32_t i = 0; i < QUESTIONS; i++)
                asked |= (atomic_load_explicit(&trace->process->questions[i].state, memory_order_relaxed) &
                          QUESTION_STATE) == QUESTION_ASKED;
        if (!asked)
                trace->asked_since_ns = 0;
        else if (trace->asked_since_ns == 0)
                trace->asked_since_ns = trace->timebase->now_ns;
        return asked && trace->timebase->now_ns - trace->asked_since_ns < PATIENCE_NS;
}
