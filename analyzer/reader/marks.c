/*
 * The moments a program named. One thread.
 */
#include "reader/records.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

const char *record_moment(struct trace *trace, struct cursor *cursor, const struct trace_mark *last,
                          size_t room_bytes, struct trace_mark *mark) {
        const struct mtr_block_header *header = &trace->reader->blocks[trace->block].header;
        const char *wrong;
        size_t length;

        *mark = (struct trace_mark){ .block = trace->block };
        if (!cursor_varint_max(cursor, header->event_count, &mark->event) ||
            !cursor_varint(cursor, &mark->time_ns))
                return "a mark stands nowhere in its block";
        if (last && last->block == mark->block &&
            (mark->event < last->event || mark->time_ns < last->time_ns))
                return "a mark stands before the one it follows";
        if (room_bytes > trace->reader->limits.definition_bytes - trace->definition_bytes)
                return "more is marked than the reader has room for";
        trace->definition_bytes += room_bytes;
        wrong = record_string(trace, cursor, MTR_MARK_NAME_MAX, &mark->name, &length);
        if (!wrong && (length == 0 || strlen(mark->name) != length))
                wrong = "a mark has no name, or one with a NUL";
        return wrong;
}

static const char *take(struct trace *trace, struct cursor *cursor, bool snapshot) {
        const struct trace_mark *last = trace->mark_count ? &trace->marks[trace->mark_count - 1] : NULL;
        struct trace_mark mark;
        const char *wrong = record_moment(trace, cursor, last, sizeof(mark), &mark);

        if (!wrong &&
            array_reserve(&trace->marks, &trace->mark_capacity, trace->mark_count + 1, sizeof(mark)) < 0)
                wrong = records_no_memory;
        if (wrong) {
                free(mark.name);
                return wrong;
        }
        mark.snapshot = snapshot;
        trace->marks[trace->mark_count++] = mark;
        return NULL;
}

const char *record_mark(struct trace *trace, struct cursor *cursor) {
        return take(trace, cursor, false);
}

const char *record_snapshot(struct trace *trace, struct cursor *cursor) {
        return take(trace, cursor, true);
}

void marks_keep(struct trace *trace, size_t count) {
        while (trace->mark_count > count)
                free(trace->marks[--trace->mark_count].name);
}
