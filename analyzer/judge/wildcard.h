/*
 * The patterns of other tools' suppressions, by the rules of those tools. Time is at most the product of both
 * lengths, whatever the pattern.
 *
 * Must not: know what the texts are names of.
 */
#ifndef ANALYZER_JUDGE_WILDCARD_H
#define ANALYZER_JUDGE_WILDCARD_H

#include <stdbool.h>

/*
 * The sanitizers': found anywhere in the text; `*` is any string, `^` at the beginning is the text's
 * beginning and `$` its end, with whatever follows it not looked at. What is between two stars is taken where
 * it is found first. No pattern finds anything in an empty text.
 */
bool wildcard_finds(const char *pattern, const char *text);

/* Valgrind's: of the whole text; `*` is any string and `?` any byte. */
bool wildcard_covers(const char *pattern, const char *text);

/* Whether wildcard_covers finds nothing but the pattern itself. */
bool wildcard_is_literal(const char *pattern);

#endif
