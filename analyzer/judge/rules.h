/*
 * What is asked of the memory judged: a list of limits, each with what it is about and who asked for it. From
 * options and from a file; where both set the same, the option holds.
 *
 * Must not: judge, or read files.
 */
#ifndef ANALYZER_JUDGE_RULES_H
#define ANALYZER_JUDGE_RULES_H

#include "judge/limit.h"

enum rule_scope {
        RULE_WHOLE, /* all that a subject has */
        RULE_EACH,  /* each place by itself */
        RULE_PLACES /* the places that match a glob, added up */
};

struct rule {
        struct limit limit;
        enum rule_scope scope;
        char *glob;    /* RULE_PLACES: of files or modules; heap */
        char *program; /* a glob: each program of such a name, by itself; NULL: whatever is judged; heap */
        char *origin;  /* as messages name it: "--max-leak 4K", "memtrace.check.json:7"; heap */
        bool given;    /* by an option */
};

struct rules {
        const char *command; /* for messages */
        struct rule *items;
        size_t count, capacity;
};

void rules_deinit(struct rules *rules);

/* The value of --`option`: a limit on all that is judged. 0 or a negative errno already reported. */
int rules_take_max(struct rules *rules, const char *option, enum check_kind kind, const char *value);

/* The value of --limit: "GLOB:leak=4K". 0 or a negative errno already reported. */
int rules_take_limit(struct rules *rules, const char *value);

/* What rules_take_max() took is asked of each place instead. Before the rules of a file are added. */
void rules_each(struct rules *rules);

/*
 * Adds a copy of the rule, or keeps what an option set of the same. 0, or a negative errno already reported:
 * of two options that contradict each other, too.
 */
int rules_add(struct rules *rules, const struct rule *rule);

/* The first rule of that kind that is of no program and no glob, or NULL. */
const struct rule *rules_find(const struct rules *rules, enum check_kind kind);

/* Which limit the word up to `end` is: "leak", "peak", "total", "allocs", "temporary"; CHECK_KINDS: none. */
enum check_kind rules_kind(const char *word, char end);

#endif
