/*
 * What came of checks, as JUnit XML, as Jenkins and GitLab read it: a suite for each subject, a case for each
 * check.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_RENDER_CHECK_JUNIT_H
#define ANALYZER_RENDER_CHECK_JUNIT_H

#include "judge/check.h"
#include "render/check_output.h"

#include <stdio.h>

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int check_junit(const struct checks *checks, const struct check_output *output, FILE *stream);

#endif
