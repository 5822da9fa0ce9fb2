/*
 * What a trace itself calls its frames (MTR_FRAME_NAMES), for traces whose modules are nowhere to be opened.
 * A frame's names are kept when all of them have decoded.
 */
#include "reader/records.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

static const char wrong_end[] = "a name is cut short";

/* The texts of one record, as the trace keeps them. */
struct texts {
        uint32_t *numbers;
        size_t count, capacity;
};

static const char *keep_text(struct trace *trace, struct cursor *cursor, struct texts *texts) {
        char *text = NULL;
        size_t length;
        const char *wrong = record_string(trace, cursor, MTR_NAME_MAX, &text, &length);

        if (!wrong && (length == 0 || memchr(text, '\0', length)))
                wrong = "a name of a frame is empty or has a NUL";
        if (!wrong && (array_reserve(&texts->numbers, &texts->capacity, texts->count + 1,
                                     sizeof(*texts->numbers)) < 0 ||
                       intern_text(&trace->texts, text, &texts->numbers[texts->count++]) < 0))
                wrong = records_no_memory;
        free(text);
        return wrong;
}

static const char *take_texts(struct trace *trace, struct cursor *cursor, struct texts *texts) {
        const char *wrong = NULL;
        uint64_t count;

        if (!cursor_varint(cursor, &count))
                return wrong_end;
        for (; !wrong && count > 0; count--)
                wrong = keep_text(trace, cursor, texts);
        return wrong;
}

/* A text's number + 1, 0: none. */
static bool take_text(struct cursor *cursor, const struct texts *texts, const char **text,
                      const struct trace *trace) {
        uint64_t number;

        if (!cursor_varint_max(cursor, texts->count, &number))
                return false;
        *text = number ? intern_get(&trace->texts, texts->numbers[number - 1]) : NULL;
        return true;
}

static const char *take_name(struct trace *trace, struct cursor *cursor, const struct texts *texts) {
        struct trace_name *name = (struct trace_name *)trace->names + trace->name_count;
        uint64_t line;

        if (!take_text(cursor, texts, &name->file, trace) ||
            !take_text(cursor, texts, &name->directory, trace) ||
            !take_text(cursor, texts, &name->function, trace) ||
            !cursor_varint_max(cursor, (uint64_t)UINT32_MAX + 1, &line))
                return wrong_end;
        if (!name->file)
                return "a frame is named without a file";
        name->has_line = line > 0;
        name->line = line > 0 ? (uint32_t)(line - 1) : 0;
        trace->name_count++;
        return NULL;
}

/* Room that the file's bytes do not pay for by themselves. */
static const char *spend(struct trace *trace, uint64_t bytes) {
        if (bytes > trace->reader->limits.definition_bytes - trace->definition_bytes)
                return "more is named than the reader has room for";
        trace->definition_bytes += bytes;
        return NULL;
}

static const char *make_room(struct trace *trace, uint64_t frame, uint64_t count) {
        const char *wrong = spend(trace, count * sizeof(*trace->names));
        uint64_t wanted = frame + 1;

        if (!wrong && wanted > trace->named_count)
                wrong = spend(trace, (wanted - trace->named_count) * sizeof(*trace->named));
        if (wrong)
                return wrong;
        if (array_reserve(&trace->names, &trace->name_capacity, trace->name_count + count,
                          sizeof(*trace->names)) < 0 ||
            array_reserve(&trace->named, &trace->named_capacity, wanted, sizeof(*trace->named)) < 0)
                return records_no_memory;
        if (wanted > trace->named_count) {
                memset(trace->named + trace->named_count, 0,
                       (wanted - trace->named_count) * sizeof(*trace->named));
                trace->named_count = wanted;
        }
        return NULL;
}

/* A frame and its names; *frame is the one before, or beyond all at the first. */
static const char *take_row(struct trace *trace, struct cursor *cursor, const struct texts *texts, bool first,
                            uint64_t *frame) {
        uint64_t step, count;
        const char *wrong;
        size_t from = trace->name_count;

        if (!cursor_varint(cursor, &step) || !cursor_varint(cursor, &count))
                return wrong_end;
        if (count == 0 || count > cursor_left(cursor) / 4)
                return "a frame has more names than there are, or none";
        if (step >= trace->tables[TRACE_FRAMES].count || (!first && step == 0) ||
            (*frame += step) >= trace->tables[TRACE_FRAMES].count)
                return "a name is of a frame that is not defined";
        wrong = make_room(trace, *frame, count);
        for (uint64_t i = 0; !wrong && i < count; i++)
                wrong = take_name(trace, cursor, texts);
        if (!wrong)
                trace->named[*frame] = (struct trace_named){ from, (uint32_t)count };
        return wrong;
}

const char *record_names(struct trace *trace, struct cursor *cursor) {
        struct texts texts = { 0 };
        uint64_t count, frame = 0;
        const char *wrong;

        if (!trace->numbering_known)
                return NULL;
        wrong = take_texts(trace, cursor, &texts);
        if (!wrong && !cursor_varint(cursor, &count))
                wrong = wrong_end;
        for (uint64_t i = 0; !wrong && i < count; i++)
                wrong = take_row(trace, cursor, &texts, i == 0, &frame);
        free(texts.numbers);
        return wrong;
}

void names_free(struct trace *trace) {
        free(trace->names);
        free(trace->named);
        intern_deinit(&trace->texts);
}
