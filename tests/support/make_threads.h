/*
 * Those traces of make_trace that tell who allocated what is freed, and how long it had lived.
 */
#ifndef TESTS_MAKE_THREADS_H
#define TESTS_MAKE_THREADS_H

#include "trace_builder.h"

/* Behind the definitions of thread 0 ("app", 1234) and of three stacks. */
void make_threads(struct tb *tb, const uint32_t stacks[3]);
void make_threads_walk(struct tb *tb, const uint32_t stacks[3]);

#endif
