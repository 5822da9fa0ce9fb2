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

/* What a kind of check is, the same in every run. */
struct check_words_kind {
        const char *id;    /* "MT001" */
        const char *name;  /* "MemoryLeaked" */
        const char *title; /* "leak" */
        const char *brief; /* a sentence */
        const char *about; /* what is compared with what */
        struct {
                const char *words, *command; /* in the command, TRACE stands for the name of a trace */
        } advice[2];                         /* NULL where there is no second */
};

extern const struct check_words_kind check_words_kinds[CHECK_KINDS];

/* What is checked: "server (12): leak of libz.so*". */
void check_words_name(const struct check *check, FILE *stream);

/* What was measured, and the limit: "18.0 KiB in 20 blocks, limit 4096 B"; of one that is undecided, why. */
void check_words_result(const struct check *check, FILE *stream);

/* The same of one place of it: "12.0 KiB in 3 blocks". */
void check_words_finding(const struct check *check, const struct check_finding *finding, FILE *stream);

/* All of it that one who sees nothing else needs: "leak: PLACE: 12.0 KiB in 3 blocks, limit 4096 B (ORIGIN)".
 */
void check_words_sentence(const struct check *check, const struct check_finding *finding, FILE *stream);

/* " (--max-leak 4K)": who asked, where that is known. */
void check_words_origin(const struct check *check, FILE *stream);

/* What to do when a check fails: whole lines, plain or as Markdown. */
void check_words_advice(const struct check_words_kind *kind, const char *trace, bool markdown, FILE *stream);

/* The trace that was judged as a command may name it; "TRACE" where there are several, or a shell would not
 * take its name as it is. */
const char *check_words_trace(const struct checks *checks);

/* How many have that verdict. */
size_t check_words_count(const struct checks *checks, enum check_verdict verdict);

/* "2 of 5 checks failed, 1 cannot be judged" */
void check_words_verdict(const struct checks *checks, FILE *stream);

#endif
