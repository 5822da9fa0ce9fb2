/*
 * The decoders behind trace.c, one for each record type. Each takes a record's body and keeps
 * what it says in the trace, whole or not at all; what it finds wrong it says in a few words.
 *
 * For reader/ and replay/ (records_next) alone.
 */
#ifndef ANALYZER_READER_RECORDS_H
#define ANALYZER_READER_RECORDS_H

#include "base/cursor.h"
#include "reader/trace.h"

/* Compared by address: not the trace's fault but fatal. */
extern const char records_no_memory[];

/* The next record of a payload; false where it does not fit into what is left. */
bool records_next(struct cursor *payload, uint32_t *type, struct cursor *body);

/* domains.c; a name that stands before a wrong one stays, as a thread's does */
const char *record_domains(struct trace *trace, struct cursor *cursor);
const char *record_domain_ends(struct trace *trace, struct cursor *cursor);

/* definitions.c; NULL is fine */
const char *record_numbering(struct trace *trace, struct cursor *cursor);
const char *record_modules(struct trace *trace, struct cursor *cursor);
const char *record_frames(struct trace *trace, struct cursor *cursor);
const char *record_stacks(struct trace *trace, struct cursor *cursor);
const char *record_threads(struct trace *trace, struct cursor *cursor);
/* What stands before a wrong row stays: a thread's name is nothing that others rest on. */
const char *record_thread_names(struct trace *trace, struct cursor *cursor);
const char *record_sites(struct trace *trace, struct cursor *cursor);

/* facts.c */
const char *record_process(struct trace *trace, struct cursor *cursor);
const char *record_rss(struct trace *trace, struct cursor *cursor);
const char *record_loss(struct trace *trace, struct cursor *cursor);
const char *record_unseen(struct trace *trace, struct cursor *cursor);
const char *record_end(struct trace *trace, struct cursor *cursor);

/* lives.c; they only look whether all is right: the rows are read where they are needed */
const char *record_owners(struct trace *trace, struct cursor *cursor);
const char *record_lives(struct trace *trace, struct cursor *cursor);

/* marks.c */
/* A named moment that is not before `last` (NULL: the first) where that is of the same block; its name is the
 * caller's also when something is wrong. `room_bytes` is what it takes beside its name. */
const char *record_moment(struct trace *trace, struct cursor *cursor, const struct trace_mark *last,
                          size_t room_bytes, struct trace_mark *mark);
const char *record_mark(struct trace *trace, struct cursor *cursor);
const char *record_snapshot(struct trace *trace, struct cursor *cursor);
/* Leaves the first `count` marks: those of a block that turned out wrong say nothing. */
void marks_keep(struct trace *trace, size_t count);

/* names.c */
const char *record_names(struct trace *trace, struct cursor *cursor);
void names_free(struct trace *trace);

/* scopes.c */
const char *record_scope_begin(struct trace *trace, struct cursor *cursor);
const char *record_scope_end(struct trace *trace, struct cursor *cursor);
/* As marks_keep. */
void scopes_keep(struct trace *trace, size_t count);

/* A varint length of at most `limit` and that many bytes, as a new string. NULL result: wrong. */
const char *record_string(struct trace *trace, struct cursor *cursor, uint64_t limit, char **text,
                          size_t *length_bytes);

#endif
