/*
 * Asking who defines a symbol before dlsym is asked for it: a dlsym that finds nothing
 * allocates a message, and frees it inside the next one, through whatever `free` other preloaded
 * libraries put in front.
 *
 * Reads the loader's list without its lock: at start only, while no other thread can load.
 */
#ifndef MEMTRACE_TRACER_SYMBOL_H
#define MEMTRACE_TRACER_SYMBOL_H

#include <link.h>
#include <stdbool.h>

/* Whether the loaded file `map` exports `name`. */
bool symbol_is_of(const struct link_map *map, const char *name);

/* The file whose `name` the program calls; NULL when there is none. */
const struct link_map *symbol_first(const char *name);

/* What the program calls by `name`. */
void *symbol_of_program(const char *name);

/* The kernel's `name`, from the vDSO; NULL where there is none. */
void *symbol_of_kernel(const char *name);

bool symbol_is_ours(const struct link_map *map);

/* At start: the files loaded so far stay for good. */
void symbol_begin(void);
bool symbol_map_stays(const struct link_map *map);

/* Whether a library loaded after this one exports `name`, as dlsym(RTLD_NEXT, name) would see it. */
bool symbol_is_next(const char *name);

/* Whether some loaded file calls for a `name` that it does not define itself. */
bool symbol_is_wanted(const char *name);

#endif
