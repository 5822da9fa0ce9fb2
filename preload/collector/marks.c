/*
 * Named moments as records of the format: see marks.h. Runs in the collector's one thread.
 */
#include "collector/marks.h"

#define ROOM_BYTES (sizeof(struct mtr_record) + 4 * VARINT_MAX_BYTES + RECORD_NAME_BYTES_MAX)

_Static_assert(RECORD_NAME_BYTES_MAX == MTR_MARK_NAME_MAX, "a name that a ring can hold is one in the file");

static void put_name(struct buffer *buffer, const char *name, uint32_t length) {
        buffer_varint(buffer, length);
        buffer_put(buffer, name, length);
}

/* The stream's time in nanoseconds, which does not go back where the rates of two turns differ. */
static uint64_t now_ns(struct trace *trace) {
        uint64_t time_ns = trace_ns(trace, trace->stream_time);

        if (time_ns > trace->marks.last_ns)
                trace->marks.last_ns = time_ns;
        return trace->marks.last_ns;
}

static void put_moment(struct trace *trace, enum mtr_record_type type, uint32_t thread, const char *name,
                       uint32_t length) {
        struct buffer *records = &trace->marks.records;
        struct mtr_record record = { .type = type };
        size_t at = records->used;

        records->used += sizeof(record);
        buffer_varint(records, trace->events.block_events + trace->staged_count - trace->staged_controls);
        buffer_varint(records, now_ns(trace));
        put_name(records, name, length);
        if (type == MTR_SCOPE_BEGIN || type == MTR_SCOPE_END)
                buffer_varint(records, thread);
        record.length = (uint32_t)(records->used - at - sizeof(record));
        memcpy((uint8_t *)records->bytes.data + at, &record, sizeof(record));
}

void marks_add(struct trace *trace, uint32_t thread, const struct record *record) {
        static const enum mtr_record_type types[] = {
                [RECORD_NAME_MARK] = MTR_MARK,
                [RECORD_NAME_SNAPSHOT] = MTR_SNAPSHOT,
                [RECORD_NAME_SCOPE_BEGIN] = MTR_SCOPE_BEGIN,
                [RECORD_NAME_SCOPE_END] = MTR_SCOPE_END,
        };
        uint32_t kind = record_kind(record->first), length = record->node;
        const char *name = trace->names + record->size;
        struct marks *marks = &trace->marks;

        if (length == 0 || kind > RECORD_NAME_THREAD)
                return;
        if (!buffer_reserve(&marks->records, ROOM_BYTES) ||
            !buffer_reserve(&marks->thread_rows, ROOM_BYTES)) {
                trace->starved = true;
                trace->starved_events++;
        } else if (kind == RECORD_NAME_THREAD) {
                buffer_varint(&marks->thread_rows, thread);
                put_name(&marks->thread_rows, name, length);
                marks->thread_count++;
        } else {
                put_moment(trace, types[kind], thread, name, length);
        }
}

void marks_name(struct trace *trace, enum record_name kind, const char *name) {
        if (buffer_reserve(&trace->marks.records, ROOM_BYTES))
                put_moment(trace, kind == RECORD_NAME_SNAPSHOT ? MTR_SNAPSHOT : MTR_MARK,
                           trace->stream_thread, name, (uint32_t)strlen(name));
}

void marks_block_begin(struct trace *trace) {
        trace->marks.records.used = trace->marks.thread_rows.used = 0;
        trace->marks.thread_count = 0;
}

void marks_deinit(struct marks *marks) {
        buffer_deinit(&marks->records);
        buffer_deinit(&marks->thread_rows);
}
