/*
 * Resident set samples of a process. A sample counts once it is known that the process had not
 * yet become another program by exec, which keeps its pid and tells nobody.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_RSS_H
#define MEMTRACE_COLLECTOR_RSS_H

#include "collector/trace.h"

void rss_init(struct trace *trace);
void rss_deinit(struct rss *rss);

/* Take a sample if one is due. */
void rss_turn(struct trace *trace);

/* Take one now, of a process that waits for us: it is surely its own. A run of a millisecond has no other. */
void rss_sample_waiting(struct trace *trace);

/* All samples so far are the process's: it was seen after them. */
void rss_confirm(struct rss *rss);

/* Samples since the last confirmation are another program's, and so would be all to come. */
void rss_forget(struct rss *rss);

/* Append the content of MTR_RSS: the confirmed samples. False: no memory. */
bool rss_define(struct trace *trace, struct buffer *payload);

/* The block was written: its samples are done with. */
void rss_block_begin(struct rss *rss);

#endif
