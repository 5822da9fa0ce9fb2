/*
 * The samples of the resident set, one by one: of a record, or of a whole trace.
 *
 * Must not: keep any.
 */
#ifndef ANALYZER_READER_SAMPLES_H
#define ANALYZER_READER_SAMPLES_H

#include "base/cursor.h"
#include "reader/trace.h"

struct samples {
        struct cursor cursor;
        uint64_t left, units;
};

struct samples_sample {
        uint64_t units; /* of MTR_TIME_UNIT_NS; as nanoseconds it fits 64 bits */
        uint64_t bytes;
};

/* Those of an MTR_RSS record. */
struct samples samples_over(struct cursor body);

/* False: there is none left that makes sense. */
bool samples_next(struct samples *samples, struct samples_sample *sample);

/* 0 or a negative errno already reported, which ends the walk. */
typedef int samples_take(void *context, const struct samples_sample *sample);

/* All of a trace's, as they stand in its blocks. 0; what `take` ended it with; READER_E_BUDGET. */
int samples_tell(struct trace *trace, samples_take *take, void *context);

#endif
