/*
 * Whose memory a baseline is of: the heap, or the domains that were asked for, as the user called them.
 *
 * Must not: compare what they hold.
 */
#ifndef ANALYZER_JUDGE_BASELINE_DOMAINS_H
#define ANALYZER_JUDGE_BASELINE_DOMAINS_H

#include "state/state.h"

/* All zero is the heap alone. */
struct baseline_domains {
        char **globs; /* ascending, each once; heap */
        size_t count, capacity;
};

void baseline_domains_deinit(struct baseline_domains *domains);

/* 0, -EEXIST where it is there already, or -ENOMEM. */
int baseline_domains_add(struct baseline_domains *domains, const char *glob);

/*
 * What a state is of, which was opened with that choice or without: the globs, where they are of just that;
 * of a saved snapshot of others the names that it was saved of. 0 or -ENOMEM.
 */
int baseline_domains_note(struct baseline_domains *domains, const struct domain_choice *choice,
                          const struct state *state);

/* Whether it is the heap alone, by its name or by none. */
bool baseline_domains_are_heap(const struct baseline_domains *domains);

bool baseline_domains_are_same(const struct baseline_domains *left, const struct baseline_domains *right);

/* "the heap", "domain pool", "domains jit*, pool". Heap; NULL: no memory. */
char *baseline_domains_words(const struct baseline_domains *domains);

#endif
