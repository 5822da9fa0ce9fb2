/*
 * Checks as the judges leave them, made by hand: what the outputs of `memtrace check` are tried on.
 */
#ifndef TESTS_SUPPORT_CHECK_SAMPLES_H
#define TESTS_SUPPORT_CHECK_SAMPLES_H

#include "judge/check.h"

/* Of all kinds and verdicts, with everything that a check can have. */
struct checks check_samples_rich(void);

/* All passed. */
struct checks check_samples_passed(void);

/* Names with markup, control characters, quotes, bytes that are not UTF-8, and signs that turn text around.
 */
struct checks check_samples_hostile(void);

/* A place for each of `count` checks' many findings, the worst first. */
struct checks check_samples_many(size_t count);

#endif
