/*
 * What a place is called in a baseline: the same wherever its program was built and whichever build it is, as
 * far as a name can be. No directory that somebody builds in, no version of a library, no number of a copy
 * that the compiler made of a function.
 *
 * Must not: look at the file system.
 */
#ifndef ANALYZER_JUDGE_BASELINE_NAME_H
#define ANALYZER_JUDGE_BASELINE_NAME_H

/*
 * A source's name, without the directories that it has in common with its module, which mostly lies where it
 * was built. Relative to the directory it was compiled in it is that without "../" before it, where that is
 * less; what belongs to the system is whole; and of what has nothing in common it is the last directory and
 * the name. `directory` and `module`, their paths, may be NULL. Heap; NULL: no memory.
 */
char *baseline_name_source(const char *file, const char *directory, const char *module);

/* "inflate" of "inflate.part.0.cold" and of "inflate [clone .isra.3]". Heap; NULL: no memory. */
char *baseline_name_function(const char *function);

#endif
