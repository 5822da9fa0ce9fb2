/*
 * What every CSV of ours is made of, as RFC 4180 has it: lines end with CR LF, and names of the trace are
 * made harmless first, as for a terminal.
 *
 * Must not: know what it stands in.
 */
#ifndef ANALYZER_RENDER_FIELDS_H
#define ANALYZER_RENDER_FIELDS_H

#include <stdint.h>
#include <stdio.h>

/* One field, quoted where it has to be, and `behind` it; NULL is empty. 0 or a negative errno already
 * reported. */
int fields_text(const char *text, const char *behind, FILE *stream);

/* Seconds, with their whole milliseconds: "1.234". */
void fields_seconds(uint64_t time_ns, FILE *stream);

#endif
