/*
 * The places that a check is about, as people read them: what each comes to, and its stack.
 *
 * Must not: know which format they stand in.
 */
#ifndef ANALYZER_RENDER_CHECK_PLACES_H
#define ANALYZER_RENDER_CHECK_PLACES_H

#include "judge/check.h"
#include "render/check_output.h"

#include <stdio.h>

/* Up to which frame a finding's stack is of interest: what called main is the same in every stack. */
size_t check_places_end(const struct check_finding *finding);

/*
 * A finding's stack as tracebacks have it, the most recent first: the frame that it is charged to, and its
 * callers up to main, with their source where that is asked for. 0 or a negative errno already reported.
 */
int check_places_traceback(const struct check_output *output, const struct check_finding *finding,
                           FILE *stream);

/* A finding: place, what it comes to, the evidence, the stack. The same errors. */
int check_places_put(const struct check_output *output, const struct check *check,
                     const struct check_finding *finding, FILE *stream);

/* The worst of a check's findings, a blank line before each, and how many more there are. The same errors. */
int check_places_list(const struct check_output *output, const struct check *check, FILE *stream);

#endif
