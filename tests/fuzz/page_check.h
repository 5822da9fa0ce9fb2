/*
 * The page of a trace, whatever is in it: written, with data that a strict parser takes and that cannot end
 * its element. Aborts where it is not so.
 */
#ifndef TESTS_FUZZ_PAGE_CHECK_H
#define TESTS_FUZZ_PAGE_CHECK_H

#include "reader/trace.h"

/* Of the whole run; what makes no page (no memory, a spent budget) is passed over. */
void page_check(struct trace *trace);

#endif
