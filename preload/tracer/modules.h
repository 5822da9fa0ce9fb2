/*
 * The modules of this process that frames were seen in, noted in the session so that the
 * collector can name them whatever happens to the process. Any thread, signal-safe; never
 * asks the loader anything that locks.
 */
#ifndef MEMTRACE_TRACER_MODULES_H
#define MEMTRACE_TRACER_MODULES_H

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "session/process.h"
#include "tracer/cfi.h"

/* What can be read of the module that `found` describes. */
struct cfi_image modules_image(const struct dl_find_object *found);

/* Copies `string` into the process's strings; its offset there, 0 when there is no room. */
uint32_t modules_string(struct process *process, const char *string);

/*
 * The generation of the module that the loader knows as `link_map` (see struct module); noted on first sight.
 * A full list notes nothing more: frames then have no module, and the report shows their address.
 */
uint32_t modules_note(struct process *process, const struct cfi_image *image,
                      const struct link_map *link_map);

/* From the lowest address to the highest of noted modules that do not `stay`; false when there are none. */
bool modules_range(struct process *process, bool (*stays)(uintptr_t link_map), uintptr_t *start,
                   uintptr_t *end);

#endif
