/*
 * A stream whose bytes reach another one compressed, where the file's name says so: NAME.gz by gzip, NAME.zst
 * by zstd.
 *
 * Must not: open a file.
 */
#ifndef ANALYZER_RENDER_EXPORT_PACKED_H
#define ANALYZER_RENDER_EXPORT_PACKED_H

#include "render/export/gzip.h"

#include <stdbool.h>
#include <zstd.h>

struct packed {
        FILE *stream; /* to write to */
        FILE *under;
        const char *name; /* borrowed */
        struct gzip *gzip;
        ZSTD_CCtx *zstd;
        bool no_memory;
};

/* Whether a file of that name is compressed. */
bool packed_is(const char *name);

/* `under` stays the caller's, who looks whether it took all, and is itself the stream to write to where the
 * name does not say otherwise. 0 or a negative errno already reported; to end on success alone. The name, and
 * what this points to, must stay until then. */
int packed_begin(struct packed *packed, const char *name, FILE *under);

/* Writes what is left, and frees it all. Returns `error`, a negative errno already reported of what was to be
 * written, or one of its own. */
int packed_end(struct packed *packed, int error);

#endif
