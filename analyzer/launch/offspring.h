/*
 * The processes that a traced program leaves behind, and the collectors that still write what is left of
 * their traces: those that run with the environment it was given. One that has it no longer is not traced
 * either.
 *
 * Must not: read traces, or end a process.
 */
#ifndef ANALYZER_LAUNCH_OFFSPRING_H
#define ANALYZER_LAUNCH_OFFSPRING_H

/*
 * Waits until there are none that have `output` as their MEMTRACE_OUTPUT and preload `library`; says so on
 * stderr where that takes long, and for which it waited in vain. Where there is no /proc it does not wait.
 */
void offspring_wait(const char *output, const char *library, unsigned limit_ms);

#endif
