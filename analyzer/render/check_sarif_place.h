/*
 * Places as SARIF has them: a file with a line, the function, and the stack as steps that a viewer walks.
 *
 * Must not: know what is found there.
 */
#ifndef ANALYZER_RENDER_CHECK_SARIF_PLACE_H
#define ANALYZER_RENDER_CHECK_SARIF_PLACE_H

#include "judge/check.h"
#include "render/check_output.h"

#include <jansson.h>

/* What relative paths are relative to. */
#define CHECK_SARIF_PLACE_ROOT "%SRCROOT%"

/*
 * Where a result is: the line that is charged or the next one out, else the module, else the trace. A finding
 * may be NULL. Each is a new reference, or NULL: no memory.
 */
json_t *check_sarif_place_location(const struct check_output *output, const struct checks *checks,
                                   const struct check_finding *finding);

/* The whole stack of a finding, from the program's start to the allocation. */
json_t *check_sarif_place_flows(const struct check_output *output, const struct check_finding *finding);

#endif
