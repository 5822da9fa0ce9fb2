/*
 * A stack as other tools' files have it: its frames from the one that answers to the outermost, each with the
 * address it has in memory.
 *
 * Must not: write.
 */
#ifndef ANALYZER_RENDER_EXPORT_CALLSTACK_H
#define ANALYZER_RENDER_EXPORT_CALLSTACK_H

#include "render/export/export.h"

struct callstack {
        struct charge_frames frames; /* at least one, <unknown> */
        uint64_t *addresses;         /* as many; an inlined frame's is that of the call it is part of */
        size_t capacity;
};

/* `out` is reused from call to call. 0 or a negative errno already reported; to deinit either way. */
int callstack_of(const struct export_wish *wish, uint32_t stack, struct callstack *out);
void callstack_deinit(struct callstack *callstack);

#endif
