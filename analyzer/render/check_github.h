/*
 * What came of checks, as GitHub's workflow commands: annotations at the lines that failed.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_RENDER_CHECK_GITHUB_H
#define ANALYZER_RENDER_CHECK_GITHUB_H

#include "judge/check.h"
#include "render/check_output.h"

#include <stdio.h>

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int check_github(const struct checks *checks, const struct check_output *output, FILE *stream);

#endif
