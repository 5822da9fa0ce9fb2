/*
 * Whose memory is judged: a process, or several taken together, with all that was measured of them.
 *
 * Must not: know limits.
 */
#ifndef ANALYZER_JUDGE_SUBJECT_H
#define ANALYZER_JUDGE_SUBJECT_H

#include "aggregate/summary.h"
#include "judge/ledger.h"

/* The most that each of some things held at one time, in one of the processes. */
struct subject_highs {
        uint64_t *bytes; /* by number; heap */
        size_t count, capacity;
};

struct subject {
        char *name; /* "" all that was given, a program's name, or "PROGRAM (PID)"; heap */
        struct ledger ledger;
        char **traces; /* of its processes; heap */
        size_t trace_count, traces_capacity;
        char **programs; /* that its processes ran: file names, ascending, each once; heap */
        size_t program_count, programs_capacity;
        uint64_t peak_bytes;              /* the most its processes held at one time together, and */
        uint64_t peak_least_bytes;        /* the least that it may have been, by the traces' clocks */
        struct subject_highs place_highs; /* by place */
        struct subject_highs rule_highs;  /* by number of a rule about a glob's places together */
        bool lossy;                       /* a process's events are not all there: any number may be wrong */
        bool unended;                     /* a process was not seen to its end: numbers may be too low */
        char *why;                        /* the first reason for either, in words; heap */
};

/* 0 or -ENOMEM. */
int subject_init(struct subject *subject, const char *name, const struct stacks *stacks);
void subject_deinit(struct subject *subject);

/* A process is of the subject: what its summary says of it. 0 or -ENOMEM. */
int subject_add(struct subject *subject, const char *trace, const struct summary *summary);

/* The thing of that number held so much at one time. 0 or -ENOMEM. */
int subject_add_high(struct subject_highs *highs, uint32_t number, uint64_t bytes);

static inline uint64_t subject_high(const struct subject_highs *highs, size_t number) {
        return number < highs->count ? highs->bytes[number] : 0;
}

#endif
