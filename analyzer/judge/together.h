/*
 * The most that several processes held at one time together, by the wall clock that their traces began at.
 *
 * Time is in MTR_TIME_UNIT_NS: of two processes' events in one such unit it is not known which came first. So
 * the answer is a range: what they held at the least, whatever the order, and the most they may have held. It
 * is one number where the highest unit has events of one process alone. A process holds nothing before
 * its trace begins and after it ends, in the last unit of which it may be gone already; what it inherited
 * from the one that forked it is that one's.
 *
 * Traces are gone through one by one and closed again. Each is cut into parts, of which the least and the
 * most are kept; where the parts' sums leave it open, parts are cut finer and their traces read again.
 *
 * Must not: know names.
 */
#ifndef ANALYZER_JUDGE_TOGETHER_H
#define ANALYZER_JUDGE_TOGETHER_H

#include "reader/trace.h"

/* Of all processes. With more the range is wider than it had to be. */
#define TOGETHER_PARTS_MAX (1u << 20)

/* From the end of the part before to its own. */
struct together_part {
        uint64_t end_units; /* of the trace's time; the last in it */
        uint64_t low_bytes, high_bytes;
        uint64_t sum_bytes; /* of all processes: no more than that at any time of the part */
        uint32_t pieces;    /* to be cut into; 0: it stays as it is */
};

struct together_run {
        char *path;           /* heap */
        uint64_t start_units; /* since 1970 */
        struct together_part *parts;
        size_t part_count;
};

/* All zero is nothing yet, of malloc's heap. */
struct together {
        struct domain_choice *domains; /* whose memory; NULL: malloc's heap alone */
        struct together_run *runs;
        size_t count, capacity;
        bool unsure; /* a part of a trace is lost */
};

struct together_peak {
        uint64_t low_bytes, high_bytes; /* no less, and no more */
        uint64_t unix_units;            /* since 1970: when that was, the first of several */
};

/* Replays the trace once; it may be closed then, and stays where it is. 0 or a negative errno already
 * reported. */
int together_add(struct together *together, struct trace *trace);
void together_deinit(struct together *together);

/* Of all that was added, at least one. May open the traces again. 0 or a negative errno already reported. */
int together_find(struct together *together, struct together_peak *peak);

/* That time by the clock of the trace that was added as number `run`, to the end of the unit. False: its
 * process was not there then. */
bool together_time(const struct together *together, const struct together_peak *peak, size_t run,
                   uint64_t *time_ns);

/* For together.c: the same from the parts as they are, whose sum_bytes it sets. 0 or -ENOMEM. */
int together_sum(struct together *together, struct together_peak *peak);

static inline uint64_t together_begin(const struct together_run *run, size_t part) {
        return part ? run->parts[part - 1].end_units + 1 : 0;
}

#endif
