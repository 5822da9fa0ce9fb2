/*
 * Judges a subject by limits: of all its memory, of each place, or of the places that a glob takes together.
 *
 * What is suppressed counts in no leak. Where events are missing, or an end, a number that would pass proves
 * nothing; what cannot be told is undecided.
 *
 * Must not: look at traces.
 */
#ifndef ANALYZER_JUDGE_LIMITS_H
#define ANALYZER_JUDGE_LIMITS_H

#include "judge/rules.h"
#include "judge/subject.h"

struct limits_wish {
        const struct rules *rules;
        const char *program;  /* that the subject is, for rules about programs; NULL: several */
        bool all;             /* rules about no program are for it */
        struct keys *keys;    /* what places are */
        size_t finding_limit; /* so many places are listed for each check */
};

/* Whether a rule about a glob is about the places of that frame. */
bool limits_match(const struct rule *rule, const struct symbol_frame *frame);

/* Adds a check for each rule that is for the subject. 0 or a negative errno already reported. */
int limits_judge(const struct limits_wish *wish, const struct subject *subject, struct checks *checks);

#endif
