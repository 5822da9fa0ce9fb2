/*
 * Whose memory is judged: a process, or several taken together, with all that was measured of them.
 *
 * Must not: know limits.
 */
#ifndef ANALYZER_JUDGE_SUBJECT_H
#define ANALYZER_JUDGE_SUBJECT_H

#include "aggregate/summary.h"
#include "judge/ledger.h"

struct subject {
        char *name; /* "" all that was given, a program's name, or "PROGRAM (PID)"; heap */
        struct ledger ledger;
        char **traces; /* of its processes; heap */
        size_t trace_count, traces_capacity;
        char **programs; /* that its processes ran: file names, ascending, each once; heap */
        size_t program_count, programs_capacity;
        uint64_t peak_bytes; /* the most its processes held at one time together */
        uint64_t *highs;     /* of each place, by number: the most it held in one of the processes; heap */
        size_t high_count, highs_capacity;
        bool lossy;   /* a process's events are not all there: any number may be wrong */
        bool unended; /* a process was not seen to its end: numbers may be too low */
        char *why;    /* the first reason for either, in words; heap */
};

/* 0 or -ENOMEM. */
int subject_init(struct subject *subject, const char *name, const struct stacks *stacks);
void subject_deinit(struct subject *subject);

/* A process is of the subject: what its summary says of it. 0 or -ENOMEM. */
int subject_add(struct subject *subject, const char *trace, const struct summary *summary);

/* A place held so much at one time. 0 or -ENOMEM. */
int subject_add_high(struct subject *subject, uint32_t place, uint64_t high_bytes);

/* What the place held at one time, at most. */
static inline uint64_t subject_high(const struct subject *subject, uint32_t place) {
        return place < subject->high_count ? subject->highs[place] : 0;
}

#endif
