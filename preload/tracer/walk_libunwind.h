/*
 * The portable unwinder, for MEMTRACE_UNWIND=libunwind. libunwind is opened when asked for and never
 * linked: libunwind.so.8 exports _Unwind_*, and as a dependency of a preloaded library it would
 * replace the program's own exception machinery.
 */
#ifndef MEMTRACE_TRACER_WALK_LIBUNWIND_H
#define MEMTRACE_TRACER_WALK_LIBUNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/walk.h"

/* Load it; false when it is not there. Called at start, before anything is recorded. */
bool walk_libunwind_open(void);

/* As walk_backtrace. Takes the loader's locks, as libunwind does; not in a nested handler, where it gives 0.
 */
uint32_t walk_libunwind(struct walker *walker, const struct walk_level *of, uintptr_t hook_sp);

#endif
