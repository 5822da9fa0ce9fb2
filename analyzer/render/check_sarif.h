/*
 * What came of checks, as SARIF 2.1.0, as code scanning services and editors read it: a result for each
 * place.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_RENDER_CHECK_SARIF_H
#define ANALYZER_RENDER_CHECK_SARIF_H

#include "judge/check.h"
#include "render/check_output.h"

#include <stdio.h>

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int check_sarif(const struct checks *checks, const struct check_output *output, FILE *stream);

#endif
