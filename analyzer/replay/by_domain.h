/*
 * What each domain of a trace comes to, by its events: for traces whose end does not tell, and to hold
 * against those that do.
 *
 * Must not: know what a report wants.
 */
#ifndef ANALYZER_REPLAY_BY_DOMAIN_H
#define ANALYZER_REPLAY_BY_DOMAIN_H

#include "reader/domains.h"
#include "replay/replay.h"

/*
 * Replays to the end what is taken of the trace, and adds it up by domain into `ends`, DOMAINS_MOST of them;
 * events do not tell of foreign frees and doubles. The replay is the caller's to deinit on success alone. 0;
 * a negative errno already reported; READER_E_BUDGET.
 */
int by_domain_replay(struct trace *trace, enum replay_from from, struct replay *replay,
                     struct trace_domain_end *ends);

/* The same of all domains; what is taken stays as it was. */
int by_domain_read(struct trace *trace, struct trace_domain_end *ends);

#endif
