/*
 * What the files of judge.h share.
 */
#ifndef ANALYZER_JUDGE_JUDGE_PARTS_H
#define ANALYZER_JUDGE_JUDGE_PARTS_H

#include "judge/judge.h"
#include "judge/process.h"

/* -ENOMEM, reported. */
int judge_no_memory(void);

/* Adds an open process to all that it is judged as a part of. 0 or a negative errno already reported. */
int judge_add_process(struct judge *judge, const struct process *process);

/* "server (12)". Heap; NULL: no memory. */
char *judge_process_name(const struct summary *summary);

bool judge_asks_peak(const struct rules *rules);

#endif
