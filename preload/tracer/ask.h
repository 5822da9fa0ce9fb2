/*
 * A question to the collector, and the wait for its answer. The question itself is the caller's record
 * (emit_ask), between the two.
 *
 * Runs in any thread of the program, also in a signal handler. Takes no lock: where it is left by a jump, its
 * place is another's after a while. errno kept.
 */
#ifndef MEMTRACE_TRACER_ASK_H
#define MEMTRACE_TRACER_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "session/question.h"

/* A place for an answer: its name for emit_ask, 0 when there is none left. */
uint64_t ask_begin(void);

/* The answer to what was asked by that name. False after a second without one, or sooner where there will be
 * none. */
bool ask_end(uint64_t name, uint64_t answers[QUESTION_ANSWERS]);

#endif
