/*
 * Which frame of a stack answers for its memory: the first outside the allocator and the C and
 * C++ runtime, because "operator new did it" helps nobody. One answer for each stack, kept.
 *
 * Must not: add anything up.
 */
#ifndef ANALYZER_AGGREGATE_CHARGE_H
#define ANALYZER_AGGREGATE_CHARGE_H

#include "aggregate/filter.h"

enum charge_frame {
        CHARGE_USER,     /* the first outside the allocator and the runtime */
        CHARGE_LEAF,     /* the innermost, whatever it is */
        CHARGE_SKIP_STD, /* as CHARGE_USER, and outside C++'s and Rust's library too */
};

struct charge;

struct charge_frames {
        const struct symbol_frame **frames; /* the innermost first */
        size_t count, capacity;
};

/* `skips`: what is passed over besides, or NULL. NULL after a report: no memory. All must outlive it. */
struct charge *charge_new(const struct trace *trace, struct symbols *symbols, enum charge_frame which,
                          struct filter *skips);
void charge_free(struct charge *charge);

/* The frame that answers for a stack; <unknown> for the empty one. 0 or a negative errno already reported. */
int charge_stack(struct charge *charge, uint32_t stack, const struct symbol_frame **frame);

/*
 * The frames of a stack from the one that answers to the outermost, or `whole`, from the innermost.
 * `out` is reused from call to call and the caller's to free. 0 or a negative errno already reported.
 */
int charge_frames(struct charge *charge, uint32_t stack, bool whole, struct charge_frames *out);

/* Whether a module (by its path) or a function (by its plain name) belongs to the runtime. */
bool charge_is_runtime_module(const char *path);
bool charge_is_runtime_function(const char *name);

/* Whether a frame is of C++'s or Rust's standard library, wherever it was compiled into. */
bool charge_is_std(const struct symbol_frame *frame);

#endif
