/*
 * Which of a trace's domains are looked at, as the user's globs say: the heap alone where there is none.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_STATE_DOMAIN_CHOICE_H
#define ANALYZER_STATE_DOMAIN_CHOICE_H

#include "reader/trace.h"

struct domain_glob {
        const char *glob; /* as the user wrote it; must outlive the choice */
        bool matched;
};

struct domain_choice {
        const char *command; /* for messages */
        struct domain_glob *globs;
        size_t count, capacity;
        bool all;     /* without a glob all are meant, and not the heap alone */
        bool several; /* it is for more than one trace, so that a glob may match nothing in one of them */
        char **names; /* of the domains there were, each once; heap */
        size_t name_count, names_capacity;
};

/* 0 or -ENOMEM, reported. */
int domain_choice_add(struct domain_choice *choice, const char *glob);

/*
 * From here on the trace shows those. 0; -EINVAL, reported: a glob matches none of them (of one trace alone);
 * -ENOMEM, reported. NULL: the heap alone.
 */
int domain_choice_take(struct domain_choice *choice, struct trace *trace);

/* Whether what is taken of the trace, by whomever, is just what the globs are of. */
bool domain_choice_is(const struct domain_choice *choice, const struct trace *trace);

/* When all traces have been opened: whether each glob has matched. 0 or -EINVAL, reported. */
int domain_choice_end(const struct domain_choice *choice);

void domain_choice_deinit(struct domain_choice *choice);

#endif
