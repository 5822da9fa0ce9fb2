/*
 * What came of checks, for people: a line for each check; for those that failed, where, and what to do.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_RENDER_CHECK_TEXT_H
#define ANALYZER_RENDER_CHECK_TEXT_H

#include "judge/check.h"
#include "render/check_output.h"

#include <stdio.h>

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int check_text(const struct checks *checks, const struct check_output *output, FILE *stream);

#endif
