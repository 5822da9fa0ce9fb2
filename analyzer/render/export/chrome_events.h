/*
 * The events of a file in Chrome's Trace Event format, one after the other.
 *
 * Must not: know what they tell.
 */
#ifndef ANALYZER_RENDER_EXPORT_CHROME_EVENTS_H
#define ANALYZER_RENDER_EXPORT_CHROME_EVENTS_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct chrome_events {
        FILE *stream;
        const char *name; /* of the trace, for reports */
        uint32_t pid;
        uint64_t count;
};

/* Microseconds; a new reference, or NULL: no memory. */
json_t *chrome_events_time(uint64_t time_ns);

/* Writes one, taking it over, with the process and a thread of it; 0: its first. NULL is no memory. 0 or a
 * negative errno, reported. */
int chrome_events_put(struct chrome_events *events, json_t *event, uint64_t tid);

#endif
