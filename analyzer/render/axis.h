/*
 * Axes with round numbers: where their ticks stand, and what is written beside them. Nothing depends on the
 * locale.
 *
 * Must not: draw.
 */
#ifndef ANALYZER_RENDER_AXIS_H
#define ANALYZER_RENDER_AXIS_H

#include <stdint.h>

struct axis {
        double first,
                step; /* in bytes or nanoseconds; with `doubling` each tick is so many times the one before */
        double unit;  /* what `name` is of these */
        const char *name; /* "MiB", "s" */
        double doubling;  /* 0: ticks are `step` apart */
        unsigned count;
};

struct axis_label {
        char text[32];
};

/* From 0 to at least `most` bytes, by steps of 1, 2 or 5 of a unit; not below one byte. */
struct axis axis_bytes(double most_bytes, unsigned ticks);

/* Powers of two from at most `least` (above 0) to at least `most`. */
struct axis axis_bytes_log(double least_bytes, double most_bytes, unsigned ticks);

/* The round times between two. */
struct axis axis_time(double from_ns, double to_ns, unsigned ticks);

double axis_tick(const struct axis *axis, unsigned number);

/* The tick in its axis' unit, without it: "0.5"; of powers of two with a unit of its own: "64 KiB". */
struct axis_label axis_label(const struct axis *axis, unsigned number);

#endif
