/*
 * Places for answers: see ask.h.
 */
#include "tracer/ask.h"

#include "tracer/tracer.h"

#define STEP_NS UINT64_C(1000000)
#define STEPS_MAX 1000u /* a second; where waiting is forbidden, some 20 ms */

static bool take(struct question *question, uint32_t state, uint32_t *asked) {
        *asked = (state / QUESTION_ROUND + 1) * QUESTION_ROUND | QUESTION_ASKED;
        return atomic_compare_exchange_strong_explicit(&question->state, &state, *asked, memory_order_acq_rel,
                                                       memory_order_relaxed);
}

uint64_t ask_begin(void) {
        /* Those that nobody uses; then those whose answer nobody has taken: who comes for it asks again. */
        static const uint32_t wanted[] = { QUESTION_FREE, QUESTION_ANSWERED };

        for (uint32_t pass = 0; pass < 2; pass++) {
                for (uint32_t i = 0; i < QUESTIONS; i++) {
                        struct question *question = &tracer.process->questions[i];
                        uint32_t state = atomic_load_explicit(&question->state, memory_order_relaxed), asked;

                        if ((state & QUESTION_STATE) == wanted[pass] && take(question, state, &asked))
                                return question_name(i, asked);
                }
        }
        return 0;
}

static void give_back(struct question *question, uint32_t state) {
        (void)atomic_compare_exchange_strong_explicit(&question->state, &state, state & ~QUESTION_STATE,
                                                      memory_order_acq_rel, memory_order_relaxed);
}

bool ask_end(uint64_t name, uint64_t answers[QUESTION_ANSWERS]) {
        struct question *question = &tracer.process->questions[question_index(name)];
        const uint32_t asked = question_state(name), answered = asked ^ QUESTION_ASKED ^ QUESTION_ANSWERED;
        struct session *session = tracer.session;
        uint32_t state = asked;

        session_wake(session);
        /* Acquire pairs with the collector's release: the answers are there. */
        for (uint32_t i = 0; i < STEPS_MAX && state == asked; i++) {
                session_futex_wait(&question->state, asked, STEP_NS);
                state = atomic_load_explicit(&question->state, memory_order_acquire);
                if (session_is_orphaned(session) || session_is_stopped(session))
                        break;
        }
        for (uint32_t i = 0; i < QUESTION_ANSWERS; i++)
                answers[i] = atomic_load_explicit(&question->answers[i], memory_order_relaxed);
        give_back(question, asked);
        /* It was ours until here: else the answers may be another's. */
        return atomic_compare_exchange_strong_explicit(&question->state, &(uint32_t){ answered },
                                                       answered & ~QUESTION_STATE, memory_order_acq_rel,
                                                       memory_order_relaxed);
}
