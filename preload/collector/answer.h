/*
 * Answers to what the program asks: see session/question.h.
 *
 * Runs in the collector's one thread. Must not: trust a word of a question.
 */
#ifndef MEMTRACE_COLLECTOR_ANSWER_H
#define MEMTRACE_COLLECTOR_ANSWER_H

#include "collector/trace.h"

/* A RECORD_ASK of the cursor's thread; all that came before it is in the stream. */
void answer_ask(struct trace *trace, const struct cursor *cursor, const struct record *record);

/* Whether somebody waits for an answer whose question has not been read yet, for no longer than that is
 * likely to come. */
bool answer_awaited(struct trace *trace);

#endif
