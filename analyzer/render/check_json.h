/*
 * What came of checks, as JSON, all that is known of them, for programs.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_RENDER_CHECK_JSON_H
#define ANALYZER_RENDER_CHECK_JSON_H

#include "judge/check.h"

#include <stdio.h>

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int check_json(const struct checks *checks, FILE *stream);

#endif
