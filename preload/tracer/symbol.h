/*
 * Asking whether a symbol is there before dlsym is asked for it: a dlsym that finds nothing
 * allocates a message, and frees it inside the next one, through whatever `free` other preloaded
 * libraries put in front.
 */
#ifndef MEMTRACE_TRACER_SYMBOL_H
#define MEMTRACE_TRACER_SYMBOL_H

#include <stdbool.h>

/*
 * Whether a library loaded after this one exports `name`, as dlsym(RTLD_NEXT, name) would see it.
 * Reads the loader's list without its lock: at start only, while no other thread can load.
 */
bool symbol_is_next(const char *name);

#endif
