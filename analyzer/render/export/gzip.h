/*
 * What is written, compressed as gzip has it, with nothing of the time or the machine in it.
 *
 * Must not: know what it is.
 */
#ifndef ANALYZER_RENDER_EXPORT_GZIP_H
#define ANALYZER_RENDER_EXPORT_GZIP_H

#include <stddef.h>
#include <stdio.h>

struct gzip;

/* The stream stays the caller's, who looks whether it took all. NULL after a report: no memory. */
struct gzip *gzip_new(FILE *stream);

void gzip_put(struct gzip *gzip, const void *bytes, size_t length_bytes);

/* Writes what is left, and frees it. NULL is fine. */
void gzip_free(struct gzip *gzip);

#endif
