/*
 * What marks a function that stands in for the program's: exported, and a frame of its own whose caller is
 * the program's.
 */
#ifndef MEMTRACE_TRACER_HOOK_H
#define MEMTRACE_TRACER_HOOK_H

#define HOOK __attribute__((visibility("default"), noinline))

#endif
