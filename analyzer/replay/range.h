/*
 * What happened between two instants of a run, as counts per site.
 *
 * Must not: know how it is shown.
 */
#ifndef ANALYZER_REPLAY_RANGE_H
#define ANALYZER_REPLAY_RANGE_H

#include "replay/moment.h"

/*
 * Blocks of a site are all alike, so a site has either more or fewer of them live than before. In
 * `more` the sites' allocations and temporaries are those in between. Without a first instant, `more`
 * is the state at the second, and `less` is empty. The replays' totals are no part of it.
 */
struct range {
        struct replay more; /* live_blocks: by how many there are more */
        struct replay less; /* live_blocks: by how many there are fewer */
        uint64_t from_ns, to_ns;
};

/*
 * `from` may be NULL. `threads`, with REPLAY_BY_THREAD: only what these hold, as by_thread_select has it; or
 * NULL. 0; a negative errno already reported (-EINVAL also where `from` is later than `to`);
 * READER_E_BUDGET. The caller's to deinit on success alone.
 */
int range_replay(struct trace *trace, const struct moment *from, const struct moment *to,
                 enum replay_from replay_from, const bool *threads, struct range *range);
void range_deinit(struct range *range);

#endif
