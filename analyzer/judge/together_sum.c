/*
 * Part of together.c: what all processes held together at the least and at the most, from column to column of
 * time; a column is as long as no process's part ends. One thread.
 *
 * In each column the sum of what they hold at the least is reached. In a part a process has its highest at
 * some instant, and the others hold then no less than they do at the least in any of the part's columns: that
 * much is reached too. No more was held in a part than its columns' highest sum.
 */
#include "judge/together.h"

#include "base/saturate.h"

#include <errno.h>
#include <stdlib.h>

/* A part begins; behind the last of its process, nothing. */
struct edge {
        uint64_t units; /* since 1970 */
        uint32_t run;
        size_t part;
};

struct column {
        uint64_t units; /* its begin */
        uint64_t low_bytes, high_bytes;
};

struct columns {
        struct column *items;
        size_t count;
        size_t *first; /* by run */
};

static int order_by_time(const void *left_pointer, const void *right_pointer) {
        const struct edge *left = left_pointer, *right = right_pointer;

        return left->units < right->units ? -1 : left->units > right->units;
}

static struct edge *make_edges(const struct together *together, size_t *count) {
        struct edge *edges;

        *count = 0;
        for (size_t i = 0; i < together->count; i++)
                *count += together->runs[i].part_count + 1;
        edges = calloc(*count, sizeof(*edges));
        *count = 0;
        for (size_t i = 0; edges && i < together->count; i++) {
                const struct together_run *run = &together->runs[i];

                for (size_t k = 0; k <= run->part_count; k++)
                        edges[(*count)++] =
                                (struct edge){ run->start_units + together_begin(run, k), (uint32_t)i, k };
        }
        if (edges)
                qsort(edges, *count, sizeof(*edges), order_by_time);
        return edges;
}

static uint64_t at_most(unsigned __int128 bytes) {
        return bytes > UINT64_MAX ? UINT64_MAX : (uint64_t)bytes;
}

/* Columns of all that the edges tell; they are in order. */
static void make_columns(const struct together *together, const struct edge *edges, size_t edge_count,
                         struct columns *columns) {
        unsigned __int128 low_bytes = 0, high_bytes = 0;

        for (size_t i = 0; i < edge_count; i++) {
                const struct edge *edge = &edges[i];
                const struct together_run *run = &together->runs[edge->run];

                if (edge->part > 0) {
                        low_bytes -= run->parts[edge->part - 1].low_bytes;
                        high_bytes -= run->parts[edge->part - 1].high_bytes;
                } else {
                        columns->first[edge->run] = columns->count;
                }
                if (edge->part < run->part_count) {
                        low_bytes += run->parts[edge->part].low_bytes;
                        high_bytes += run->parts[edge->part].high_bytes;
                }
                if (i + 1 < edge_count && edges[i + 1].units == edge->units)
                        continue;
                columns->items[columns->count++] =
                        (struct column){ edge->units, at_most(low_bytes), at_most(high_bytes) };
        }
}

/* What is known to be reached, and each part's sum, from the columns of the process's time. */
static uint64_t take_run(struct together_run *run, const struct column *column) {
        uint64_t reached_bytes = 0;

        for (size_t k = 0; k < run->part_count; k++) {
                struct together_part *part = &run->parts[k];
                uint64_t least_bytes = UINT64_MAX, sum_bytes = 0;

                for (; column->units < run->start_units + together_begin(run, k + 1); column++) {
                        if (column->low_bytes < least_bytes)
                                least_bytes = column->low_bytes;
                        if (column->high_bytes > sum_bytes)
                                sum_bytes = column->high_bytes;
                }
                part->sum_bytes = sum_bytes;
                least_bytes = saturate_add(least_bytes, part->high_bytes - part->low_bytes);
                if (least_bytes > reached_bytes)
                        reached_bytes = least_bytes;
        }
        return reached_bytes;
}

static void sum_up(struct together *together, const struct columns *columns, struct together_peak *peak) {
        *peak = (struct together_peak){ .unix_units = columns->items[0].units };
        for (size_t i = 0; i < together->count; i++) {
                uint64_t reached_bytes = take_run(&together->runs[i], &columns->items[columns->first[i]]);

                if (reached_bytes > peak->low_bytes)
                        peak->low_bytes = reached_bytes;
        }
        for (const struct column *column = columns->items; column < columns->items + columns->count;
             column++) {
                if (column->low_bytes > peak->low_bytes)
                        peak->low_bytes = column->low_bytes;
                if (column->high_bytes <= peak->high_bytes)
                        continue;
                peak->high_bytes = column->high_bytes;
                peak->unix_units = column->units;
        }
}

int together_sum(struct together *together, struct together_peak *peak) {
        struct columns columns = { 0 };
        size_t edge_count;
        int error = -ENOMEM;
        struct edge *edges = make_edges(together, &edge_count);

        columns.items = calloc(edge_count + 1, sizeof(*columns.items));
        columns.first = calloc(together->count + 1, sizeof(*columns.first));
        if (edges && columns.items && columns.first) {
                make_columns(together, edges, edge_count, &columns);
                sum_up(together, &columns, peak);
                error = 0;
        }
        free(columns.items);
        free(columns.first);
        free(edges);
        return error;
}
