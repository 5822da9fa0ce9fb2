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
 * A source's name. Relative to the directory it was compiled in it is that without "../" before it; what
 * belongs to the system is whole; else it is what the module, which lies where it was built, does not have in
 * common with it; else its last directory and its name. `module`: its path, or NULL. Heap; NULL: no memory.
 */
char *baseline_name_source(const char *file, const char *module);

/* "inflate" of "inflate.part.0.cold" and of "inflate [clone .isra.3]". Heap; NULL: no memory. */
char *baseline_name_function(const char *function);

#endif
