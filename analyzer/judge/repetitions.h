/*
 * Where the repetitions of a run's work begin and end: marks or scopes that the program set, or equal parts
 * of its time.
 *
 * mark:NAME   each mark of that name ends a repetition and begins the next. What is before the first and
 *             after the last is none.
 * scope:NAME  each part of the run from a begin to its end, the outermost where a thread has several in one
 *             another. Where those of several threads overlap, their ends are taken as marks.
 * time:N      so many equal parts of the run's time, from REPETITIONS_LEAST to REPETITIONS_MAX.
 *
 * Where nobody says, it is the mark that occurs most often, if that is REPETITIONS_OFTEN times; else the
 * scope that does; else REPETITIONS_SLICES parts of the time.
 *
 * There are at most REPETITIONS_MAX. Where the program tells of more, as many as needed are joined to one,
 * with what is between them, and the first few left out so that the last is whole.
 *
 * Must not: read the events.
 */
#ifndef ANALYZER_JUDGE_REPETITIONS_H
#define ANALYZER_JUDGE_REPETITIONS_H

#include "replay/groups.h"

#define REPETITIONS_LEAST 2u
#define REPETITIONS_MAX 1000u
#define REPETITIONS_OFTEN 10u
#define REPETITIONS_SLICES 50u

enum repetitions_kind { REPETITIONS_FOUND, REPETITIONS_MARK, REPETITIONS_SCOPE, REPETITIONS_TIME };

/* All zero: nobody says. */
struct repetitions_wish {
        enum repetitions_kind kind;
        const char *name; /* of the marks or scopes; borrowed */
        size_t slices;    /* of the time */
};

struct repetitions {
        /* Where intervals end. Repetition k is interval number first + k * step; what is in no interval, or
         * in others, is not in a repetition. */
        struct groups_end *ends;
        size_t end_count, first, step;
        size_t count;
        size_t joined; /* so many marks, scopes or parts in each */
        char *unit;    /* what one is: "mark request", "scope frame", "1/50 of the run", "3 marks request" */
};

/* `text` must outlive the wish; `origin` is who says so, "--repeat". 0 or -EINVAL, reported. */
int repetitions_parse(const char *origin, const char *text, struct repetitions_wish *wish);

/* Whether it is equal parts of the time that are asked for, or left, and the run is too short for them. */
bool repetitions_too_short(const struct trace *trace, const struct repetitions_wish *wish);

/*
 * At least one. 0; a negative errno already reported (-EINVAL: the trace has no such marks, or it is too
 * short). To deinit on success alone.
 */
int repetitions_find(const struct trace *trace, const struct repetitions_wish *wish,
                     struct repetitions *repetitions);
void repetitions_deinit(struct repetitions *repetitions);

#endif
