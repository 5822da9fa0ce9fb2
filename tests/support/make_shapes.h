/*
 * Those traces of make_trace that pictures and pages are tried with: hostile names, and extreme shapes. Each
 * is whole but for its end.
 */
#ifndef TESTS_MAKE_SHAPES_H
#define TESTS_MAKE_SHAPES_H

#include "trace_builder.h"

/* Markup, quotes, entities, marks of direction and control characters in every name there is. */
void make_shapes_markup(struct tb *tb);
/* `count` places, each in a stack of its own, most of them small; grown over a second, and partly freed
 * again. */
void make_shapes_places(struct tb *tb, unsigned long count);
/* The deepest stacks there can be, one of one function alone. */
void make_shapes_deep(struct tb *tb);
/* Hundreds of TiB over a hundred days. */
void make_shapes_vast(struct tb *tb);
/* One byte, at no time at all. */
void make_shapes_instant(struct tb *tb);

/* Temporaries: eight that are the process's last allocation when they are freed, with other frees in between
 * or not, and two that are not, or not for long; and frees right after an allocation of their site that are
 * none. */
void make_shapes_temporaries(struct tb *tb);
/* Scopes of two threads: within one another, across, without a begin or an end, with names of no letters. */
void make_shapes_scopes(struct tb *tb);

#endif
