/*
 * Small rows of a timeline become one for each thread. One thread.
 */
#include "aggregate/timeline.h"

#include "base/array.h"
#include "base/cursor.h"
#include "base/message.h"
#include "base/saturate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct folding {
        struct timeline *timeline;
        size_t stop_count;
        uint32_t *small;         /* the rows that go, by thread */
        int64_t *blocks, *bytes; /* by stop: the changes of one thread's */
        int64_t *all_bytes;      /* of all */
};

static int64_t signed_of(uint64_t zigzag) {
        return (int64_t)(zigzag >> 1 ^ -(zigzag & 1));
}

/* The changes as timeline_take wrote them. */
static void add_changes(struct folding *folding, const struct timeline_row *row) {
        struct cursor cursor = cursor_over(row->changes.data, row->changes.length);
        uint64_t stop = 0, step, value;

        while (cursor_varint(&cursor, &step) && cursor_varint(&cursor, &value)) {
                uint64_t more = (uint64_t)signed_of(value) * row->block_bytes;

                stop += step;
                folding->blocks[stop] += signed_of(value);
                if (row->block_bytes == TIMELINE_SEVERAL && cursor_varint(&cursor, &value))
                        more = (uint64_t)signed_of(value);
                folding->bytes[stop] = (int64_t)((uint64_t)folding->bytes[stop] + more);
        }
}

static void add_totals(struct timeline_row *to, const struct timeline_row *from) {
        to->allocations = saturate_add(to->allocations, from->allocations);
        to->allocated_bytes = saturate_add(to->allocated_bytes, from->allocated_bytes);
        to->temporary = saturate_add(to->temporary, from->temporary);
        to->temporary_bytes = saturate_add(to->temporary_bytes, from->temporary_bytes);
}

static int order_by_thread(const void *left_pointer, const void *right_pointer, void *context) {
        const struct timeline_row *rows = context;
        uint32_t left = rows[*(const uint32_t *)left_pointer].thread;
        uint32_t right = rows[*(const uint32_t *)right_pointer].thread;

        return left < right ? -1 : left > right;
}

/* The rows of a thread, from small[first] on, as one; *next is behind them. 0 or -ENOMEM. */
static int fold_thread(struct folding *folding, size_t first, size_t *next, size_t count,
                       struct timeline_row *folded) {
        struct timeline *timeline = folding->timeline;
        size_t at = first;
        int error = 0;

        *folded = (struct timeline_row){
                .node = TIMELINE_SMALL,
                .thread = timeline->rows[folding->small[first]].thread,
                .block_bytes = TIMELINE_SEVERAL,
        };
        memset(folding->blocks, 0, folding->stop_count * sizeof(*folding->blocks));
        memset(folding->bytes, 0, folding->stop_count * sizeof(*folding->bytes));
        for (; at < count && timeline->rows[folding->small[at]].thread == folded->thread; at++) {
                const struct timeline_row *row = &timeline->rows[folding->small[at]];

                add_totals(folded, row);
                add_changes(folding, row);
        }
        for (size_t stop = 0; error == 0 && stop < folding->stop_count; stop++) {
                folding->all_bytes[stop] += folding->bytes[stop];
                error = timeline_row_change(folded, stop, folding->blocks[stop], folding->bytes[stop]);
        }
        *next = at;
        return error == 0 ? timeline_row_close(folded) : error;
}

/* Room for those that are folded is made by those that go. */
static int fold_all(struct folding *folding, const bool *keep, size_t count) {
        struct timeline *timeline = folding->timeline;
        struct timeline_row *folded = calloc(count + 1, sizeof(*folded));
        size_t folded_count = 0, kept = 0;
        int64_t bytes = 0;
        int error = folded ? 0 : -ENOMEM;

        for (size_t at = 0; error == 0 && at < count;)
                error = fold_thread(folding, at, &at, count, &folded[folded_count++]);
        for (size_t i = 0; error == 0 && i < timeline->row_count; i++) {
                if (keep[i])
                        timeline->rows[kept++] = timeline->rows[i];
                else
                        free(timeline->rows[i].changes.data);
        }
        if (error == 0) {
                memcpy(timeline->rows + kept, folded, folded_count * sizeof(*folded));
                timeline->row_count = kept + folded_count;
                timeline->folded_rows = count;
        }
        for (size_t i = 0; error < 0 && i < folded_count; i++)
                free(folded[i].changes.data);
        for (size_t stop = 0; stop < folding->stop_count; stop++) {
                bytes += folding->all_bytes[stop];
                if (bytes > 0 && (uint64_t)bytes > timeline->folded_bytes)
                        timeline->folded_bytes = (uint64_t)bytes;
        }
        free(folded);
        return error;
}

int timeline_fold(struct timeline *timeline, const bool *keep, size_t stop_count) {
        struct folding folding = {
                .timeline = timeline,
                .stop_count = stop_count,
                .small = calloc(timeline->row_count + 1, sizeof(*folding.small)),
                .blocks = calloc(stop_count, sizeof(*folding.blocks)),
                .bytes = calloc(stop_count, sizeof(*folding.bytes)),
                .all_bytes = calloc(stop_count, sizeof(*folding.all_bytes)),
        };
        size_t count = 0;
        int error = -ENOMEM;

        if (folding.small && folding.blocks && folding.bytes && folding.all_bytes) {
                for (uint32_t i = 0; i < timeline->row_count; i++)
                        if (!keep[i])
                                folding.small[count++] = i;
                qsort_r(folding.small, count, sizeof(*folding.small), order_by_thread, timeline->rows);
                error = fold_all(&folding, keep, count);
        }
        free(folding.small);
        free(folding.blocks);
        free(folding.bytes);
        free(folding.all_bytes);
        return error < 0 ? message_errno(ENOMEM, timeline->trace->reader->name, "cannot fold its stacks") : 0;
}
