/*
 * What snapshot.c, which walks the file, and those who read its members hold in common.
 *
 * For state/snapshot*.c alone.
 */
#ifndef ANALYZER_STATE_SNAPSHOT_PARTS_H
#define ANALYZER_STATE_SNAPSHOT_PARTS_H

#include "base/intern.h"
#include "replay/by_thread.h"
#include "state/snapshot.h"

#include <jansson.h>

#define SNAPSHOT_NO_ROW SIZE_MAX

/* A snapshot that is being read. */
struct snapshot {
        const char *name;
        const char *member; /* where the reading is; NULL: nowhere in particular */
        size_t row;         /* of the member, or SNAPSHOT_NO_ROW */
        const char *text;
        size_t before_bytes; /* of the text before the member that is being read */
        bool checked;        /* the checksum was there, and right */
        struct trace *trace;
        struct symbol_frames *names; /* by frame */
        size_t names_capacity;
        struct intern texts;       /* of the names */
        struct replay_site *sites; /* by site */
        size_t sites_capacity;
        uint64_t *high_bytes; /* by site */
        size_t high_capacity;
        bool highs; /* it tells of them */
        struct by_thread_pair *pairs;
        size_t pair_count, pairs_capacity;
        uint64_t unsure_blocks;
        bool threads; /* it tells of threads */
        struct moment moment;
        char *when;
        uint64_t time_ns, peak_time_ns;
        struct snapshot_sums told; /* what the file says its sites come to */
        bool has_end;
        struct summary_process *processes; /* that were merged */
        size_t process_count, processes_capacity;
        struct summary_scopes scopes; /* of which one half is missing; names are in `texts` */
        bool beyond_heap;             /* its sites are not of malloc's heap alone */
};

/* One line on stderr: the file, where in it, what is wrong. -EINVAL. */
__attribute__((format(printf, 2, 3))) int snapshot_wrong(const struct snapshot *snapshot, const char *format,
                                                         ...);
int snapshot_no_memory(const struct snapshot *snapshot);

/* The tables are empty, and ready for rows. 0 or a negative errno already reported; to deinit either way, but
 * for the trace, which is the caller's. */
int snapshot_begin(struct snapshot *snapshot);
void snapshot_deinit(struct snapshot *snapshot);

/* Takes a member's value, or one row of it. 0 or a negative errno already reported. */
typedef int snapshot_take(struct snapshot *snapshot, const json_t *value);

/* snapshot_facts.c */
snapshot_take snapshot_take_moment, snapshot_take_process, snapshot_take_totals, snapshot_take_end,
        snapshot_take_unseen, snapshot_take_damage;

/* Members of an object that are numbers; the last has no name. 0 or a negative errno already reported. */
struct snapshot_figure {
        const char *name;
        uint64_t *to;
};

int snapshot_figures(const struct snapshot *snapshot, const json_t *object,
                     const struct snapshot_figure *figures);

/* How a process ended. 0 or a negative errno already reported. */
int snapshot_ended(const struct snapshot *snapshot, const json_t *ended, struct mtr_end *end, bool *running);

/* snapshot_domains.c */
snapshot_take snapshot_take_domain;

/* Whether each site's domain is there; what is told of none but the heap is of it. 0 or -EINVAL, reported. */
int snapshot_link_domains(struct snapshot *snapshot);

/* snapshot_scopes.c */
snapshot_take snapshot_take_scopes;

/* snapshot_processes.c */
snapshot_take snapshot_take_merged;

/* Those that were merged come to what the snapshot says of all. 0 or a negative errno already reported. */
int snapshot_check_processes(const struct snapshot *snapshot);

/* snapshot_threads.c */
snapshot_take snapshot_take_thread, snapshot_take_pair, snapshot_take_unsure;

/* What each thread holds becomes part of the state, and comes to what its sites say. 0 or a negative errno
 * already reported. */
int snapshot_make_threads(struct snapshot *snapshot, struct replay *replay);

/* snapshot_rows.c */
snapshot_take snapshot_take_module, snapshot_take_frame, snapshot_take_stack, snapshot_take_site;

/* Room for one row more in a table of the trace, all zero; NULL: no memory. */
void *snapshot_add_row(struct snapshot *snapshot, enum trace_kind kind, size_t row_bytes);

/* What rows say of other rows, once all are there. 0 or a negative errno already reported. */
int snapshot_link(struct snapshot *snapshot);

/* A number of another row that is not there. -EINVAL. */
int snapshot_wrong_link(struct snapshot *snapshot, const char *member, size_t row, const char *what);

/* A column of a row that is a number. */
struct snapshot_column {
        const char *what;
        uint64_t most, *to;
};

/* The first `count` columns of a row. 0 or a negative errno already reported. */
int snapshot_columns(const struct snapshot *snapshot, const json_t *row,
                     const struct snapshot_column *columns, size_t count);

/* Checks the sums, and hands over what is needed. 0 or a negative errno already reported. */
int snapshot_make(struct snapshot *snapshot, struct state *state);

/* snapshot_values.c; `what` is for messages. 0 or a negative errno already reported. */
int snapshot_number(const struct snapshot *snapshot, const json_t *value, const char *what, uint64_t most,
                    uint64_t *number);
/* Heap. */
int snapshot_text(const struct snapshot *snapshot, const json_t *value, const char *what, char **text);
/* Pairs of hexadecimal digits; at most `most_bytes`. */
int snapshot_bytes(const struct snapshot *snapshot, const json_t *value, const char *what, size_t most_bytes,
                   uint8_t *bytes, size_t *length_bytes);

#endif
