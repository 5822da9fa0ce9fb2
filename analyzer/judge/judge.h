/*
 * Judges traces by rules: reads them one after another, adds up what is judged together, and has each kind of
 * check made.
 *
 * Must not: print.
 */
#ifndef ANALYZER_JUDGE_JUDGE_H
#define ANALYZER_JUDGE_JUDGE_H

#include "judge/baseline_check.h"
#include "judge/check.h"
#include "judge/growing.h"
#include "judge/process.h"
#include "judge/rules.h"
#include "judge/subject.h"
#include "judge/suggest.h"
#include "judge/together.h"

/* What is judged as one; what the option calls them ends with NULL. */
enum judge_per { JUDGE_TREE, JUDGE_PROGRAM, JUDGE_PROCESS };
extern const char *const judge_per_names[];

struct judge_wish {
        const struct rules *rules;
        struct suppressions *suppressions;
        enum aggregate_by by; /* what a place is: line, function, file or module */
        enum judge_per per;
        enum charge_frame frame; /* who answers, and who never does */
        struct filter *skips;
        struct domain_choice *domains; /* whose memory; NULL: malloc's heap alone */
        size_t finding_limit;          /* so many places are listed for each check */
        struct baseline_wish baseline;
        bool growth; /* is judged, of each process: by these */
        struct repetitions_wish repeat;
        struct drift_wish drift;
        const char *growth_origin; /* who asks for it */
};

/* What is judged as one. */
struct judge_subject {
        struct subject subject;
        struct together together; /* of its processes, where their peak is asked for */
        char *program;            /* that all its processes are; NULL: several; heap */
        bool all;                 /* rules about no program are for it */
};

struct judge {
        const struct judge_wish *wish;
        struct checks checks;
        /* what the checks borrow from */
        struct stacks stacks;
        struct keys places;
        struct judge_subject *subjects;
        struct baseline_domains domains; /* that the traces are of; for a baseline alone */
        size_t grown_count;              /* processes whose growth was judged */
        size_t subject_count, subjects_capacity;
};

/*
 * All of `operands`, which with the wish must outlive the judge. 0, or a negative errno already reported; to
 * deinit either way.
 */
int judge_traces(char *const *operands, size_t count, const struct judge_wish *wish, struct judge *judge);
void judge_deinit(struct judge *judge);

/*
 * What would suppress the places that failed, as far as they are listed: in a check of leaks, of a baseline
 * or of growth. 0 or a negative errno already reported; to suggest_deinit() either way.
 */
int judge_suggest(const struct judge *judge, struct suggest *suggest);

#endif
