/*
 * What is exported, and the formats of other tools that it can be written in: a file each in this directory,
 * and a row in formats.c.
 *
 * Must not: open a trace.
 */
#ifndef ANALYZER_RENDER_EXPORT_EXPORT_H
#define ANALYZER_RENDER_EXPORT_EXPORT_H

#include "aggregate/aggregate.h"
#include "state/state.h"

#include <stdio.h>

struct export_wish {
        const char *operand;
        struct state *state; /* at the moment, replayed from the beginning: what is live, and all totals */
        const struct state_wish *reached; /* how the state was; for state_move */
        struct charge *charge;            /* who answers for a stack: frames within it are left out */
        struct filter *filter;            /* of stacks, by the frame that answers */
        enum aggregate_cost cost;         /* what a format of one number shows */
        double node_least, edge_least;    /* shares of it: what has less is not drawn */
};

struct export_format {
        const char *about; /* who reads it */
        /* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
        int (*write)(const struct export_wish *wish, FILE *stream);
        bool binary;   /* compressed by itself, and not for a terminal */
        bool history;  /* of a whole run: no moment, no saved snapshot */
        bool threads;  /* tells what each thread holds too */
        bool one;      /* shows one number for each stack: --cost says which */
        bool resident; /* of the process's resident set: no domain has one */
        bool drawn;    /* leaves out what is small: --node-threshold and --edge-threshold say what */
};

/* What the option calls them, and each by its place there; the names end with NULL. */
extern const char *const export_format_names[];
extern const struct export_format *const export_formats[];

#endif
