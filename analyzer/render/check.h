/*
 * What came of checks, in the format that is asked for.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_RENDER_CHECK_H
#define ANALYZER_RENDER_CHECK_H

#include "judge/check.h"
#include "render/check_output.h"

#include <stdio.h>

enum check_format { CHECK_TEXT, CHECK_JSON, CHECK_JUNIT, CHECK_SARIF, CHECK_GITHUB };

/* What the option calls them; ends with NULL. */
extern const char *const check_format_names[];

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int check_print(enum check_format format, const struct checks *checks, const struct check_output *output,
                FILE *stream);

#endif
