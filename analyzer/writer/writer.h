/*
 * Writes a trace (docs/format.md) of what was recorded by another tool: definitions are numbered as they
 * come, events go into blocks of about a MiB, and the books that headers and the end need are kept here.
 * Memory grows with the definitions, never with the events. One thread.
 *
 * Numbers are of this file: modules, frames, threads and sites from 0, stacks from 1. What is used must have
 * been defined.
 *
 * Must not: read a trace, or say anything to the user: the caller knows which line was wrong.
 */
#ifndef ANALYZER_WRITER_WRITER_H
#define ANALYZER_WRITER_WRITER_H

#include "reader/trace.h"

#include <stdio.h>

struct writer;

/* Borrowed until the next call. */
struct writer_process {
        const char *exe;  /* "": not known */
        const char *argv; /* argv_bytes bytes, NUL after each argument */
        size_t argv_bytes;
        const char *tool; /* whose file it was, and of which version */
        uint32_t page_bytes;
};

/* The header is written at once. NULL: no memory. The stream stays the caller's; what cannot be written, it
 * tells. */
struct writer *writer_new(FILE *stream, uint32_t pid);
void writer_free(struct writer *writer);

/* What is longer than the format has room for is cut. */
void writer_process(struct writer *writer, const struct writer_process *process);
/* What the other tool could not see, in words; of several the last counts. */
void writer_unseen(struct writer *writer, const char *words);

/* An empty range: it is not known. bias: an address in memory less that in the file. */
uint32_t writer_module(struct writer *writer, uint64_t start, uint64_t end, uint64_t bias, const char *path);
/* module: TRACE_NO_MODULE: in none. The offset is from the module's start. */
uint32_t writer_frame(struct writer *writer, uint32_t module, uint64_t offset);
/* What the last frame is called, the innermost function first. Not longer than the format has room for. */
void writer_name_frame(struct writer *writer, const struct trace_name *names, size_t count);
uint32_t writer_stack(struct writer *writer, uint32_t parent, uint32_t frame);
uint32_t writer_thread(struct writer *writer, uint64_t tid, const char *name);
uint32_t writer_site(struct writer *writer, uint32_t stack, uint64_t size_bytes, enum mtr_site_kind kind);

/* Time goes on to so many milliseconds since the beginning; it never goes back. */
void writer_at(struct writer *writer, uint64_t time_ms);
/* 0, or -EOVERFLOW: more bytes are live than can be counted. */
int writer_allocate(struct writer *writer, uint32_t site);
/* 0, or -ENOENT: no block of the site is live. */
int writer_release(struct writer *writer, uint32_t site, bool temporary);
void writer_rss(struct writer *writer, uint64_t kib);
/* A moment of that name, here and now: 1 to MTR_MARK_NAME_MAX bytes. */
void writer_snapshot(struct writer *writer, const char *name);

struct writer_ending {
        enum mtr_end_how how;
        int32_t code;
        uint64_t foreign_frees;
};

/* NULL: it is not known how it ended, because the file was cut. 0 or -ENOMEM, and the trace is not whole. */
int writer_finish(struct writer *writer, const struct writer_ending *ending);

/* The totals so far. */
const struct mtr_end *writer_totals(const struct writer *writer);

#endif
