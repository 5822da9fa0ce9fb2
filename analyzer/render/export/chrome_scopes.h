/*
 * A trace's scopes as slices of its threads. Those of a thread that reach into one another without one being
 * in the other, for which slices have no room, are written as asynchronous events.
 *
 * Must not: pair begins with ends.
 */
#ifndef ANALYZER_RENDER_EXPORT_CHROME_SCOPES_H
#define ANALYZER_RENDER_EXPORT_CHROME_SCOPES_H

#include "reader/trace.h"
#include "render/export/chrome_events.h"

/* Also the names of the threads that have any. 0 or a negative errno already reported. */
int chrome_scopes_put(struct chrome_events *events, const struct trace *trace);

#endif
