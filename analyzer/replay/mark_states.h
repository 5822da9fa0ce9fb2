/*
 * What was live at each of a trace's marks and snapshots, in one replay however many there are.
 *
 * Must not: print.
 */
#ifndef ANALYZER_REPLAY_MARK_STATES_H
#define ANALYZER_REPLAY_MARK_STATES_H

#include "reader/trace.h"

struct mark_state {
        uint64_t live_bytes, live_blocks;
};

/* One for each of the trace's marks, in `states`. 0; a negative errno already reported; READER_E_BUDGET. */
int mark_states_read(struct trace *trace, struct mark_state *states);

#endif
