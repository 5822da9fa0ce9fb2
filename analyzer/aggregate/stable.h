/*
 * What a place is called whichever build it is of: the same wherever its program was built, as far as a name
 * can be. No directory that somebody builds in, no version of a library, no number of a copy that the
 * compiler made of a function, no offset.
 *
 * Must not: look at the file system.
 */
#ifndef ANALYZER_AGGREGATE_STABLE_H
#define ANALYZER_AGGREGATE_STABLE_H

/*
 * A source's name, without the directories that it has in common with its module, which mostly lies where it
 * was built. Relative to the directory it was compiled in it is that without "../" before it, where that is
 * less; what belongs to the system is whole; and of what has nothing in common it is the last directory and
 * the name. `directory` and `module`, their paths, may be NULL. Heap; NULL: no memory.
 */
char *stable_source(const char *file, const char *directory, const char *module);

/* "inflate" of "inflate.part.0.cold" and of "inflate [clone .isra.3]". Heap; NULL: no memory. */
char *stable_function(const char *function);

/* What stands for the file of what has no line, without where in it: "libz.so.1:inflate", "libz.so.1" where
 * the function is NULL. `module` is as match_module_name has it, NULL: not known. Heap; NULL: no memory. */
char *stable_without_line(const char *module, const char *function);

#endif
