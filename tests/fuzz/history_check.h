/*
 * What sites held over the run of a trace from anywhere, as far as it can be told, and what holds of it
 * always.
 */
#ifndef TESTS_FUZZ_HISTORY_CHECK_H
#define TESTS_FUZZ_HISTORY_CHECK_H

#include "reader/trace.h"

/* Aborts where something does not hold. */
void history_check(struct trace *trace);

#endif
