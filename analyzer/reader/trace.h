/*
 * What a trace says apart from its events: process, modules, frames, stacks, threads, sites, domains,
 * marks, scopes, resident set, losses and the end. Memory grows with definitions, never with events.
 *
 * Damage takes its block and nothing else where the numbers of what follows are known
 * (MTR_NUMBERING); where they are not, later definitions cannot be numbered and are
 * left out, because a wrong line is worse than an unknown one.
 *
 * Must not: look at an event, or open anything the trace names.
 */
#ifndef ANALYZER_READER_TRACE_H
#define ANALYZER_READER_TRACE_H

#include "base/intern.h"
#include "reader/reader.h"

#include <memtrace/format.h>

#define TRACE_NO_MODULE UINT32_MAX
#define TRACE_NO_NUMBER UINT32_MAX

struct trace_module {
        uint64_t start, end; /* the load range */
        uint64_t bias;       /* address in memory = address in the ELF file + bias */
        uint32_t generation;
        uint32_t build_id_bytes;
        uint8_t build_id[MTR_BUILD_ID_MAX];
        bool several_builds; /* it stands for them all, by what they have in common: of a merged snapshot */
        char *path;          /* "" when unknown */
};

struct trace_frame {
        uint64_t offset; /* from the module's start; the address itself without a module */
        uint32_t module; /* or TRACE_NO_MODULE */
        bool exact;      /* the very instruction, not a return address */
};

/* What the trace itself calls a frame, or a function inlined there. The texts are the trace's. */
struct trace_name {
        const char *file;                 /* where there is no line, the whole place */
        const char *directory, *function; /* NULL: not known */
        uint32_t line;
        bool has_line;
};

/* `count` names from names[first] on, the innermost first; none: the frame is not named. */
struct trace_named {
        size_t first;
        uint32_t count;
};

struct trace_stack {
        uint32_t parent; /* 0: the empty stack */
        uint32_t frame;
};

struct trace_thread {
        uint64_t tid, start_time_ns;
        char *name;
};

struct trace_site {
        uint64_t size_bytes;
        uint32_t stack;
        uint8_t kind; /* enum mtr_site_kind; from MTR_KIND_DOMAIN on that says whose */
};

/* A dense table; id - first_id is the index. */
struct trace_table {
        void *items;
        size_t count, capacity;
};

enum trace_kind { TRACE_MODULES, TRACE_FRAMES, TRACE_STACKS, TRACE_THREADS, TRACE_SITES, TRACE_KIND_COUNT };

/* A moment the program named: after `event` events of blocks[block]. */
struct trace_mark {
        uint64_t event, time_ns;
        size_t block;
        char *name;    /* not empty */
        bool snapshot; /* the program wants it kept by itself */
};

/* Where a thread begins or ends a part of the run that the program named. Which end belongs to which begin is
 * the caller's to find; either may lack the other. */
struct trace_scope {
        struct trace_mark at;
        uint32_t thread;
        bool ends;
};

struct trace_facts {
        bool has_process, has_end;
        bool tells_owners; /* who allocated what is freed, and how long it had lived */
        struct mtr_process process;
        char *exe, *cwd, *tracer_version;
        char *unseen; /* what the tracer could not see of the heap, in words; NULL: nothing */
        char *argv;   /* argv_bytes bytes, NUL after each argument */
        size_t argv_bytes;
        struct mtr_end end;
        uint64_t peak_rss_bytes;
        uint64_t lost_events; /* by MTR_LOSS, should there be no end */
        uint64_t lost_by_reason[8];
};

struct trace_domain;

/* Where what is taken of the trace was highest, found by a replay: for replay_peak() alone. */
struct trace_peak {
        bool known, found;
        uint64_t damage_count; /* when that was looked for */
        size_t block;
        uint64_t event, bytes, time_ns, unknown_stacks;
};

struct trace {
        struct reader *reader; /* owned */
        struct trace_table tables[TRACE_KIND_COUNT];
        uint64_t definition_bytes;
        bool numbering_known;
        struct trace_facts facts;
        struct intern texts; /* of the names */
        struct trace_name *names;
        size_t name_count, name_capacity;
        struct trace_named *named; /* by frame, as far as they are named */
        size_t named_count, named_capacity;
        struct trace_mark *marks; /* as they stand in the file */
        size_t mark_count, mark_capacity;
        struct trace_scope *scopes; /* likewise */
        size_t scope_count, scope_capacity;
        struct trace_domain *domains; /* by number, the heap too; NULL: there is no other; see domains.h */
        uint8_t *left_out;            /* by site: it is of a domain that is not taken; NULL: all are */
        bool beyond_heap;             /* what is taken is not the heap alone */
        struct trace_peak peak;
        size_t block;          /* whose records are being read */
        uint32_t *sites_after; /* per block of the reader: sites defined once it is read */
};

/* 0; a negative errno already reported; a READER_E_*. */
int trace_open(const char *path, struct trace **out);

/* Takes the reader over, also on failure. */
int trace_load(struct reader *reader, struct trace **out);

void trace_free(struct trace *trace);

static inline const struct trace_module *trace_module(const struct trace *trace, uint32_t number) {
        const struct trace_table *table = &trace->tables[TRACE_MODULES];

        return number < table->count ? (const struct trace_module *)table->items + number : NULL;
}

static inline const struct trace_frame *trace_frame(const struct trace *trace, uint32_t number) {
        const struct trace_table *table = &trace->tables[TRACE_FRAMES];

        return number < table->count ? (const struct trace_frame *)table->items + number : NULL;
}

/* What the trace calls a frame: *count names, the innermost first. NULL: it says nothing. */
static inline const struct trace_name *trace_names(const struct trace *trace, uint32_t frame, size_t *count) {
        const struct trace_named *named = frame < trace->named_count ? &trace->named[frame] : NULL;

        *count = named ? named->count : 0;
        return *count > 0 ? trace->names + named->first : NULL;
}

/* NULL for the empty stack. */
static inline const struct trace_stack *trace_stack(const struct trace *trace, uint32_t id) {
        const struct trace_table *table = &trace->tables[TRACE_STACKS];

        return id != 0 && id <= table->count ? (const struct trace_stack *)table->items + id - 1 : NULL;
}

static inline const struct trace_thread *trace_thread(const struct trace *trace, uint32_t number) {
        const struct trace_table *table = &trace->tables[TRACE_THREADS];

        return number < table->count ? (const struct trace_thread *)table->items + number : NULL;
}

static inline const struct trace_site *trace_site(const struct trace *trace, uint32_t number) {
        const struct trace_table *table = &trace->tables[TRACE_SITES];

        return number < table->count ? (const struct trace_site *)table->items + number : NULL;
}

static inline size_t trace_site_count(const struct trace *trace) {
        return trace->tables[TRACE_SITES].count;
}

/* Whole and complete: nothing lost, an end seen, so the end's totals are the trace's. */
static inline bool trace_is_complete(const struct trace *trace) {
        return trace->facts.has_end && trace->reader->damage_count == 0;
}

#endif
