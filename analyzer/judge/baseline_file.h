/*
 * Baselines as files, docs/baseline.md: small, a place a line, and the same bytes for the same places.
 *
 * A file is hostile input, and people edit it: what is not exactly as it should be is refused with its line.
 *
 * Must not: compare anything.
 */
#ifndef ANALYZER_JUDGE_BASELINE_FILE_H
#define ANALYZER_JUDGE_BASELINE_FILE_H

#include "judge/baseline.h"

#define BASELINE_SCHEMA "memtrace-baseline/1"

/* Whether the file is JSON and no saved snapshot. What cannot be opened is not. */
bool baseline_file_is(const char *path);

/* 0 or a negative errno already reported; to deinit on success alone. */
int baseline_file_read(const char *path, struct baseline *baseline);

/* The same from memory; `name` is for messages. */
int baseline_file_load(const char *text, size_t length_bytes, const char *name, struct baseline *baseline);

/* Sorts it, and writes it in place of what has the name; a file that says the same already is left alone, and
 * *same tells so. 0 or a negative errno already reported. */
int baseline_file_write(const char *path, struct baseline *baseline, bool *same);

/* The same into memory. Heap; NULL: no memory. */
char *baseline_file_text(struct baseline *baseline, size_t *length_bytes);

#endif
