/*
 * Where answers to a program's questions go. A question is a record in the asking thread's ring
 * (RECORD_ASK), so that it is answered as of that very moment; its `size` names one of these and the state
 * that it was asked in.
 *
 * Runs in any thread of the program, also in a signal handler, and in the collector.
 */
#ifndef MEMTRACE_SESSION_QUESTION_H
#define MEMTRACE_SESSION_QUESTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define QUESTIONS 16u
#define QUESTION_ANSWERS 2u

enum question_state {
        QUESTION_FREE = 0,
        QUESTION_ASKED = 1,    /* by a thread, which waits */
        QUESTION_ANSWERED = 2, /* by the collector */
};
#define QUESTION_STATE 3u
#define QUESTION_ROUND 4u /* above the state: how often it was asked */

struct question {
        _Atomic uint32_t state; /* a futex; releases the answers */
        _Atomic uint64_t answers[QUESTION_ANSWERS];
};

static inline uint64_t question_name(uint32_t index, uint32_t state) {
        return (uint64_t)state << 8 | index;
}

static inline uint32_t question_index(uint64_t name) {
        return name & 0xff;
}

static inline uint32_t question_state(uint64_t name) {
        return (uint32_t)(name >> 8);
}

#endif
