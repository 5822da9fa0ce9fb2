/*
 * The program `run` is to start: where it is, and whether a preloaded library can reach it.
 *
 * Must not: start it.
 */
#ifndef ANALYZER_LAUNCH_PROGRAM_H
#define ANALYZER_LAUNCH_PROGRAM_H

#include <stddef.h>

#define PROGRAM_NOT_FOUND 127 /* as shells exit */
#define PROGRAM_NOT_EXECUTABLE 126

/* Where execvp would find it. 0 with *path on the heap; else PROGRAM_NOT_*, silently. */
int program_find(const char *name, char **path);

/*
 * Why tracing cannot reach the program, as "it is statically linked"; NULL when it can. A script
 * is judged by its interpreter.
 */
const char *program_obstacle(const char *path);

#endif
