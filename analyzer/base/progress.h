/*
 * How far long work is, as one line on a terminal, which is gone when the work is done: nothing in the
 * first second, and nothing at all where main does not call progress_show. One thread.
 *
 *     progress_begin("replaying", block_count);
 *     for (...)
 *             progress_at(i);    a look at the clock: for what takes microseconds, not for each event
 *     progress_end();            before anything is printed
 *
 * message() takes the line away by itself.
 */
#ifndef ANALYZER_BASE_PROGRESS_H
#define ANALYZER_BASE_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#define PROGRESS_COLUMNS 40 /* what the line needs */

/* From here on work is shown there; `now_ns` is a clock that never goes back. */
void progress_show(FILE *stream, uint64_t (*now_ns)(void));

/* `what` is a short word, and borrowed until the end. Work does not nest. */
void progress_begin(const char *what, uint64_t all);
void progress_at(uint64_t done);

/* Takes the line away, until more is done. */
void progress_end(void);

#endif
