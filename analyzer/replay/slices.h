/*
 * A run cut into slices of one length, and for each the state at two instants: where it held most (its begin
 * included), and at its end. States are told as changes, so that memory is bounded by the sites.
 *
 * A slice ends with the last event at or before its end, a whole number of MTR_TIME_UNIT_NS, as a moment that
 * is named by its time does.
 *
 * Must not: know names.
 */
#ifndef ANALYZER_REPLAY_SLICES_H
#define ANALYZER_REPLAY_SLICES_H

#include "replay/by_thread.h"

#define SLICES_MAX 256u

/* The stops of slice k, in the order in which changes are told. */
#define SLICES_STOP_PEAK(k) (2 * (k))
#define SLICES_STOP_END(k) (2 * (k) + 1)

struct slices_slice {
        uint64_t end_ns, end_bytes;
        uint64_t peak_ns, peak_bytes; /* the highest, and the first instant that has it */
        struct replay_instant end, peak;
};

struct slices {
        struct slices_slice *items;
        size_t count;
};

/* Who is told of changes; by stop, ascending. */
struct slices_taker {
        /* So many blocks more or less since the stop before, a stop's pairs each at most once. 0 or a
         * negative errno already reported. */
        int (*take)(void *context, size_t stop, uint32_t site, uint32_t thread, int64_t blocks);
        void *context;
};

/*
 * Where the slices end and peak: `count` of them, at most SLICES_MAX, or one for each MTR_TIME_UNIT_NS if
 * these are fewer. What is damaged is taken to be found already, by another replay. 0; a negative errno
 * already reported; READER_E_BUDGET. To deinit on success alone.
 */
int slices_find(struct trace *trace, size_t count, struct slices *slices);
void slices_deinit(struct slices *slices);

/* The states of each; not `by_thread`, the thread is BY_THREAD_UNKNOWN. Results as above. */
int slices_tell(struct trace *trace, const struct slices *slices, bool by_thread,
                const struct slices_taker *taker);

#endif
