/*
 * What each kind of check is, in words that are the same in every run, and what to do when one fails. The ids
 * and names are for good: services that keep findings know them by these.
 *
 * Must not: know what came of a check.
 */
#ifndef ANALYZER_RENDER_CHECK_KINDS_H
#define ANALYZER_RENDER_CHECK_KINDS_H

#include "judge/check.h"

#include <stdio.h>

struct check_kinds_kind {
        const char *id;    /* "MT001" */
        const char *name;  /* "MemoryLeaked" */
        const char *title; /* "leak" */
        const char *brief; /* a sentence */
        const char *about; /* what is compared with what */
        struct {
                const char *words, *command; /* in the command, TRACE stands for the name of a trace */
        } advice[2];                         /* NULL where there is no second */
};

extern const struct check_kinds_kind check_kinds[CHECK_KINDS];

/* What to do when a check fails: whole lines, plain or as Markdown. */
void check_kinds_advice(const struct check_kinds_kind *kind, const char *trace, bool markdown, FILE *stream);

/* The trace that was judged as a command may name it; "TRACE" where there are several, or a shell would not
 * take its name as it is. */
const char *check_kinds_trace(const struct checks *checks);

#endif
