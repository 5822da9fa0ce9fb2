/*
 * Where a trace's marks and scopes of a name are, in the order of the events.
 *
 * For repetitions.c alone; see repetitions.h for what is taken of scopes.
 */
#ifndef ANALYZER_JUDGE_REPETITIONS_MOMENTS_H
#define ANALYZER_JUDGE_REPETITIONS_MOMENTS_H

#include "judge/repetitions.h"

struct repetitions_moments {
        struct replay_instant *items; /* the caller's to free; NULL: none */
        size_t count;
        bool paired;                /* a begin and its end by turns */
        const char *what, *several; /* "mark", "marks"; "end of scope", "ends of scope" */
};

/* `kind` is REPETITIONS_MARK or REPETITIONS_SCOPE, here and below. 0 or -ENOMEM. */
int repetitions_moments_find(const struct trace *trace, enum repetitions_kind kind, const char *name,
                             struct repetitions_moments *found);

/* The name that occurs most often, the first of several; NULL: none does `least` times. Of scopes those count
 * that have a begin and an end. 0 or -ENOMEM. */
int repetitions_moments_often(const struct trace *trace, enum repetitions_kind kind, size_t least,
                              const char **name);

/* Some of the names that there are, for a message: "mark:a, mark:b, ...", "no marks". Heap. 0 or -ENOMEM. */
int repetitions_moments_list(const struct trace *trace, enum repetitions_kind kind, char **text);

#endif
