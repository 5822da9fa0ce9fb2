/*
 * What a trace amounts to: the program, how it ended, and the totals every report begins with.
 *
 * Must not: print.
 */
#ifndef ANALYZER_AGGREGATE_SUMMARY_H
#define ANALYZER_AGGREGATE_SUMMARY_H

#include "aggregate/summary_scopes.h"
#include "reader/domains.h"

struct summary_process;

/* What the program reported of a heap of its own. */
struct summary_domain {
        char *name; /* heap */
        bool taken; /* the summary's figures are of it, too */
        struct trace_domain_end end;
};

struct summary {
        const char *program; /* exe, or "" when unknown; the trace's */
        const char *argv;    /* argv_bytes bytes, NUL after each argument; the trace's, empty when withheld */
        size_t argv_bytes;
        const char *unseen; /* of the heap, in words; NULL: nothing; the trace's */
        char *command;      /* argv as one would type it, else the program; heap */
        uint32_t pid;
        uint64_t started_unix_ns, duration_ns;
        bool running, has_end;
        enum mtr_end_how how;
        int32_t code;
        uint64_t allocations, frees, temporary, foreign_frees, lost;
        uint64_t allocated_bytes, peak_bytes, peak_time_ns;
        uint64_t leaked_bytes, leaked_blocks;
        uint64_t peak_rss_bytes;
        uint64_t collector_cpu_ns, collector_rss_bytes; /* the tracer's own cost */
        uint64_t unknown_stacks;
        uint64_t damage_count;             /* places where the file is damaged */
        struct summary_scopes scopes;      /* of which one half is missing */
        struct summary_process *processes; /* that were merged, whose sums these figures are; heap */
        size_t process_count;              /* 0: it is one process, and not merged */
        bool beyond_heap; /* the figures are of others than malloc's heap, or of it with others */
        bool has_heap;    /* the figures are of malloc's heap, too */
        struct summary_domain *domains; /* all there are but malloc's heap; heap */
        size_t domain_count;
};

/* One of several that were merged. */
struct summary_process {
        struct summary run; /* as its own trace told it; neither arguments nor processes; program is heap */
        uint64_t live_bytes, live_blocks; /* at its moment */
};

/*
 * Of the domains that are taken of the trace. 0, a negative errno already reported, or READER_E_BUDGET.
 * Replays only where the trace has no end, or others than malloc's heap are taken.
 */
int summary_make(struct trace *trace, struct summary *summary);
void summary_deinit(struct summary *summary);
/* The figures become those of both: sums, and of lengths of time the longest. */
void summary_add(struct summary *summary, const struct summary *other);

void summary_processes_free(struct summary_process *processes, size_t count);

/* "exited with code 0", "killed by SIGKILL"; the same words everywhere. Heap; NULL: no memory. */
char *summary_ending(const struct summary *summary);

/* One word for machines: "exited", "signaled", "exec", "stopped", "running", "unknown". */
const char *summary_ending_word(const struct summary *summary);

#endif
