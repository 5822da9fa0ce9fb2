/*
 * What came of checks, in words: the sentences that the outputs have in common. Names in them
 * are harmless to a terminal; nothing in them is markup of any format.
 *
 * Must not: know a format.
 */
#ifndef ANALYZER_RENDER_CHECK_WORDS_H
#define ANALYZER_RENDER_CHECK_WORDS_H

#include "judge/check.h"

#include <stdio.h>

/* What is checked: "server (12): leak of libz.so*". */
void check_words_name(const struct check *check, FILE *stream);

/* What was measured, and the limit: "18.0 KiB in 20 blocks, limit 4096 B"; of one that is undecided, why. */
void check_words_result(const struct check *check, FILE *stream);

/* The same of one place of it: "12.0 KiB in 3 blocks". */
void check_words_finding(const struct check *check, const struct check_finding *finding, FILE *stream);

/* All of it that one who sees nothing else needs: "leak: PLACE: 12.0 KiB in 3 blocks, limit 4096 B (ORIGIN)".
 */
void check_words_sentence(const struct check *check, const struct check_finding *finding, FILE *stream);

/* Of a check that has a note: whose it is, the note, and who asked. */
void check_words_note(const struct check *check, FILE *stream);

/* " (--max-leak 4K)": who asked, where that is known. */
void check_words_origin(const struct check *check, FILE *stream);

/* How many have that verdict. */
size_t check_words_count(const struct checks *checks, enum check_verdict verdict);

/* "2 of 5 checks failed, 1 cannot be judged" */
void check_words_verdict(const struct checks *checks, FILE *stream);

#endif
