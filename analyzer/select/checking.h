/*
 * What `memtrace check` is asked for: limits, a baseline, growth and suppressions, by options, by a file of
 * rules, or by both.
 *
 * Must not: open a trace, or judge.
 */
#ifndef ANALYZER_SELECT_CHECKING_H
#define ANALYZER_SELECT_CHECKING_H

#include "base/options.h"
#include "judge/judge.h"
#include "judge/rules_file.h"

struct checking {
        const char *command; /* for messages */
        struct rules rules;
        struct rules_file file;
        struct suppressions suppressions;
        const char *path;                     /* of the file of rules; NULL: not given */
        const char *settings[RULES_SETTINGS]; /* NULL: not given */
        const char **suppression_files;       /* heap */
        size_t suppression_count, suppressions_capacity;
        double false_alarm_rate; /* 0: not given */
        struct repetitions_wish repeat;
        struct drift_wish drift; /* of these, as settled */
        enum aggregate_by by;
        enum judge_per per;
        bool by_given, each, growth, update_baseline, no_default_suppressions;
};

/* Its context is a struct checking after checking_init(). */
extern const struct option_group checking_options;

void checking_init(struct checking *checking, const char *command);
void checking_deinit(struct checking *checking);

/*
 * What was not given follows from what was, and from the files, which are read. 0 or a negative errno already
 * reported, also where nothing is asked for.
 */
int checking_settle(struct checking *checking);

/* What to judge by; the checking must outlive it. */
struct judge_wish checking_wish(struct checking *checking);

#endif
