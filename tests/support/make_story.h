/*
 * A trace with all that a picture over time shows.
 */
#ifndef TESTS_MAKE_STORY_H
#define TESTS_MAKE_STORY_H

#include "trace_builder.h"

/* Twelve seconds: loading, work in rounds that leave a little behind, and a burst that is the peak; with a
 * resident set, scopes of two threads (nested, of one name twice, without an end, without a begin), marks and
 * snapshots. */
void make_story(struct tb *tb, const uint32_t stacks[3]);

#endif
