/*
 * The moments a program named. One thread.
 */
#include "reader/records.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

static const char *take(struct trace *trace, struct cursor *cursor, bool snapshot) {
        const struct mtr_block_header *header = &trace->reader->blocks[trace->block].header;
        const struct trace_mark *last = trace->mark_count ? &trace->marks[trace->mark_count - 1] : NULL;
        struct trace_mark mark = { .block = trace->block, .snapshot = snapshot };
        const char *wrong;
        size_t length;

        if (!cursor_varint_max(cursor, header->event_count, &mark.event) ||
            !cursor_varint(cursor, &mark.time_ns))
                return "a mark stands nowhere in its block";
        if (last && last->block == mark.block && (mark.event < last->event || mark.time_ns < last->time_ns))
                return "a mark stands before the one it follows";
        if (sizeof(mark) > trace->reader->limits.definition_bytes - trace->definition_bytes)
                return "more is marked than the reader has room for";
        if (array_reserve(&trace->marks, &trace->mark_capacity, trace->mark_count + 1, sizeof(mark)) < 0)
                return records_no_memory;
        trace->definition_bytes += sizeof(mark);
        wrong = record_string(trace, cursor, MTR_MARK_NAME_MAX, &mark.name, &length);
        if (!wrong && (length == 0 || strlen(mark.name) != length))
                wrong = "a mark has no name, or one with a NUL";
        if (wrong) {
                free(mark.name);
                return wrong;
        }
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
