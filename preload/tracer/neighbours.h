/*
 * Other allocators in the program: one whose functions are called in place of ours keeps the heap, or a part
 * of it, out of our sight, and that must be said.
 */
#ifndef MEMTRACE_TRACER_NEIGHBOURS_H
#define MEMTRACE_TRACER_NEIGHBOURS_H

#include <stdbool.h>

/*
 * At start, once real_resolve has succeeded: what of the heap cannot be seen, in words; NULL when all can.
 * *blind is set when that is so much that nothing of the heap should be recorded: a free without its
 * allocation, or the other way round, says nothing.
 */
const char *neighbours_look(bool *blind);

#endif
