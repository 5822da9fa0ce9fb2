/*
 * One traced process, read for judging: what each of its stacks allocated, and who answers for it. Its trace
 * is open only between process_open and process_close; what subjects take from it lives on without.
 *
 * Must not: know limits.
 */
#ifndef ANALYZER_JUDGE_PROCESS_H
#define ANALYZER_JUDGE_PROCESS_H

#include "judge/subject.h"
#include "judge/suppressions.h"
#include "replay/groups.h"
#include "state/state.h"

struct process_wish {
        enum charge_frame frame; /* who answers, and who never does */
        struct filter *skips;
        struct domain_choice *domains; /* whose memory; NULL: malloc's heap alone */
        struct stacks *stacks;
        struct suppressions *suppressions; /* of leaks */
        const struct moment *peak;         /* what each stack held then, too; NULL: not */
        bool other; /* not judged itself: any moment will do, and no suppression counts as used */
};

struct process {
        struct state state; /* at the end; with wish.peak, then */
        struct charge *charge;
        struct ledger ledger;
        uint32_t *stack_of_site; /* among the stacks; UINT32_MAX: nothing was allocated there */
        size_t site_count;
        struct charge_frames frames; /* private */
        uint8_t kinds[DOMAINS_MOST]; /* private: by a domain's number, that among the stacks */
};

/*
 * `operand` is a trace, or a snapshot that was saved of one's end (with wish.other, any moment), and must
 * outlive the process, as must the wish. A process that became another program by exec has leaked nothing:
 * its memory is gone, as it was meant to be. 0 or a negative errno already reported; to close on success
 * alone.
 */
int process_open(const char *operand, const struct process_wish *wish, struct process *process);
void process_close(struct process *process);

/*
 * The places of the process, as `keys` have them: groups[i] is the one that site i is charged to, an index of
 * *places, where its number stands, or GROUPS_NONE; with `held`, only what is not suppressed has one. Heap. 0
 * or a negative errno already reported.
 */
int process_places(const struct process *process, struct keys *keys, bool held, uint32_t *groups,
                   uint32_t **places, uint32_t *count);

/* The subject is this process, too. 0 or a negative errno already reported. */
int process_add(const struct process *process, struct subject *subject);

/* The same of what stacks held at wish.peak alone, for a subject that has the rest of it. */
int process_add_peak(const struct process *process, struct subject *subject);

#endif
