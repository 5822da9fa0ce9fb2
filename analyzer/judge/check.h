/*
 * What was checked and what came of it: a list of checks, each with its limit, what was measured, its verdict
 * and the places it is about. All that the outputs of `memtrace check` need, in whatever format.
 *
 * Must not: judge, or print.
 */
#ifndef ANALYZER_JUDGE_CHECK_H
#define ANALYZER_JUDGE_CHECK_H

#include "state/domain_choice.h"
#include "symbols/symbols.h"

enum check_kind {
        CHECK_LEAK,      /* held at the end */
        CHECK_PEAK,      /* the most held at one time */
        CHECK_TOTAL,     /* bytes ever allocated */
        CHECK_ALLOCS,    /* allocations */
        CHECK_TEMPORARY, /* freed before the same thread allocated again */
        CHECK_BASELINE,  /* grown since another run */
        CHECK_GROWTH,    /* growing while the run repeats its work */
        CHECK_KINDS
};

/* "leak", "peak", "total", "allocs", "temporary", "baseline", "growth"; ends with NULL. */
extern const char *const check_kind_names[];

/* By their exit codes. */
enum check_verdict { CHECK_PASSED = 0, CHECK_FAILED = 1, CHECK_UNDECIDED = 2 };

/* "passed", "failed", "undecided"; ends with NULL. */
extern const char *const check_verdict_names[];

/* A limit, or what was measured: what of it counts. */
struct check_amount {
        bool has_bytes, has_count, has_share;
        uint64_t bytes;
        uint64_t count; /* blocks or allocations */
        double share;   /* 0 to 1: of all allocations, or of what there was before */
};

/* CHECK_GROWTH: the evidence. Slopes are in bytes for each repetition. */
struct check_trend {
        double slope, slope_low, slope_high; /* Theil and Sen's, with its confidence interval */
        double confidence;                   /* of the interval, 0 to 1 */
        double p, p_adjusted;                /* Mann and Kendall's; and as one of all places */
        size_t repetitions, warm_up; /* all of them, and how many of them at the beginning do not count */
        size_t blocks, block_length; /* what the test saw: so many minima, each of so many repetitions */
        uint64_t *least_bytes;       /* by repetition: what the place never fell below; heap */
};

/* A place that a check is about. */
struct check_finding {
        char *place;                      /* as tables have it: "src/cache.c:42", "libz.so.1:inflate"; heap */
        const struct symbol_frame *frame; /* that it is charged to; borrowed */
        const struct symbol_frame *
                *frames;             /* of its largest stack, the most recent first, with `frame`; heap */
        size_t frame_count, charged; /* frames[charged] is `frame` */
        const char *domain;          /* that its blocks are of; NULL: malloc's heap, or not known; borrowed */
        struct check_amount actual;  /* what it comes to now, whatever it is held against */
        struct check_amount before;  /* CHECK_BASELINE: in the baseline; nothing where it is new */
        struct check_trend *trend;   /* CHECK_GROWTH alone; heap */
        bool undecided;              /* the check cannot tell of this place */
        char *why;                   /* where undecided, in words; or NULL; heap */
};

struct check {
        const struct domain_choice *domains; /* as the checks' */
        enum check_kind kind;
        enum check_verdict verdict;
        char *subject; /* whose memory: "" all that was given, a program's name, or "PROGRAM (PID)"; heap */
        char *glob;    /* of the places it is about, added up; NULL: all; heap */
        bool each;     /* of each place by itself */
        char *origin;  /* who asked: "--max-leak 4K", "memtrace.check.json:7"; heap */
        struct check_amount limit;
        /* with `each`, the highest of any place; of CHECK_BASELINE by how much it grew, of CHECK_GROWTH the
         * steepest slope of those that fail, or nothing */
        struct check_amount actual;
        char *unit;         /* CHECK_GROWTH: what a repetition is: "mark request", "1/50 of the run"; heap */
        size_t place_count; /* CHECK_GROWTH: so many places change, and were judged */
        char *why;          /* CHECK_UNDECIDED: in words, and what would help; heap */
        char *note;         /* what to know although it is decided, in words; or NULL; heap */
        /* the places that are too much, or, where a sum is, those that make most of it; the worst first */
        struct check_finding *findings;
        size_t finding_count, findings_capacity;
        size_t finding_total; /* with those that are not listed */
};

/* A suppression, and what it was good for. */
struct check_suppression {
        char *text;   /* as one would know it again: "leak:libfoo", "{ name }"; heap */
        char *origin; /* "leaks.supp:12"; heap */
        uint64_t bytes, blocks;
        bool used;
};

struct checks {
        struct check *items;
        size_t count, capacity;
        char **traces; /* what was judged; heap */
        size_t trace_count;
        const struct domain_choice *domains; /* whose memory; no glob: malloc's heap; NULL: likewise */
        uint64_t suppressed_bytes, suppressed_blocks; /* left out of leaks, baseline and growth */
        struct check_suppression *suppressions;       /* the user's own, not those built in; heap */
        size_t suppression_count;
};

/* A new check, all zero but its kind. NULL: no memory. */
struct check *checks_add(struct checks *checks, enum check_kind kind);

/* A new finding, all zero. NULL: no memory. */
struct check_finding *check_add_finding(struct check *check);

/* The worst of all: CHECK_FAILED where one failed, else CHECK_UNDECIDED where one is. */
enum check_verdict checks_verdict(const struct checks *checks);

void checks_deinit(struct checks *checks);

#endif
