/*
 * memtrace.check.json: limits and how to judge, kept with a project. What the options say it can say, in the
 * options' own syntax; docs/check-rules.md describes it.
 *
 * Must not: open what the file names.
 */
#ifndef ANALYZER_JUDGE_RULES_FILE_H
#define ANALYZER_JUDGE_RULES_FILE_H

#include "aggregate/aggregate.h"
#include "judge/rules.h"

#define RULES_FILE_SCHEMA "memtrace-check/1"
#define RULES_FILE_NAME "memtrace.check.json" /* that is looked for where nothing else is asked for */

/* What is no limit, as the value of an option would be; whoever has the option takes it apart. */
enum rules_setting {
        RULES_BASELINE, /* a file, from where the command runs */
        RULES_REPEAT,
        RULES_WARM_UP,
        RULES_SETTINGS
};

struct rules_value {
        char *text;   /* NULL: not there; heap */
        char *origin; /* "memtrace.check.json:7"; heap */
};

struct rules_file {
        bool has_by;
        enum aggregate_by by;    /* AGGREGATE_LINE to AGGREGATE_MODULE */
        bool growth;             /* is judged */
        double false_alarm_rate; /* above 0 and below 1; 0: not there */
        struct rules_value settings[RULES_SETTINGS];
        struct rules_value *suppressions; /* files, from where the command runs; heap */
        size_t suppression_count, suppressions_capacity;
        bool no_default_suppressions;
};

/*
 * Reads a file; its limits go to `rules` (the most growth since a baseline as CHECK_BASELINE, the least slope
 * as CHECK_GROWTH), all else to *file, which is the caller's to deinit whatever comes of it. 0 or a negative
 * errno already reported, with the line and the key.
 */
int rules_file_open(const char *path, struct rules *rules, struct rules_file *file);

/* The same for its text; `path` is what messages call it, and what it names is looked for beside that. */
int rules_file_read(const char *text, size_t length_bytes, const char *path, struct rules *rules,
                    struct rules_file *file);

void rules_file_deinit(struct rules_file *file);

#endif
