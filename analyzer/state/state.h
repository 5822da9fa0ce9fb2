/*
 * What a command adds up: the heap of a program at a moment, or what happened between two, with all
 * that is needed to name its places.
 *
 * Must not: know what is asked of it.
 */
#ifndef ANALYZER_STATE_STATE_H
#define ANALYZER_STATE_STATE_H

#include "aggregate/filter.h"
#include "aggregate/summary.h"
#include "replay/lifetimes.h"
#include "replay/range.h"
#include "state/domain_choice.h"
#include "symbols/symbols.h"

struct state {
        struct trace *trace;
        struct symbols *symbols;
        struct summary summary;
        struct range range;         /* `more` is the state; `less` only where there is a `from` */
        struct lifetimes lifetimes; /* empty but with state_wish.lives */
        struct moment moment, from; /* from.given: what lies between the two */
        char *when;                 /* the name of a saved snapshot's moment; heap */
};

struct state_wish {
        const struct moment *from;     /* NULL, or as --from gave it */
        const struct moment *to;       /* NULL, or the moment where the operand names none */
        enum moment_kind fallback;     /* where nobody named one */
        bool totals;                   /* what was ever allocated too: replays from the beginning */
        bool by_thread;                /* what each thread holds too: likewise */
        struct filter *filter;         /* only what the threads that it names hold, if any; or NULL */
        struct domain_choice *domains; /* which of its heaps; NULL: malloc's alone */
        bool lives;                    /* how long what was freed had lived too: of the whole run alone */
        unsigned within; /* temporaries are within so many allocations: of the whole run alone */
        bool highs;      /* the heap at each site's calls too: likewise; with neither `from` nor threads */
        bool all;        /* all that a saved snapshot keeps: likewise; not with `from` */
};

/*
 * `operand` is TRACE[@WHEN] or a saved snapshot, and must outlive the state. 0 or a negative errno already
 * reported; the caller's to close on success alone.
 */
int state_open(const char *operand, const struct state_wish *wish, struct state *state);

/*
 * The state of the same trace at another moment; what has been named so far keeps its names. `wish` is that
 * of state_open. 0 or a negative errno already reported; the caller's to close either way.
 */
int state_move(const struct moment *moment, const struct state_wish *wish, struct state *state);

void state_close(struct state *state);

/* trace_open, and what only the user of the file can say. 0 or a negative errno already reported. */
int state_open_trace(const char *path, struct trace **trace);

/* A failure further down as a negative errno, reported now if it is not yet. */
int state_failed(const char *path, int error);

#endif
