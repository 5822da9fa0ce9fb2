/*
 * See html_columns.h. Texts, places and nodes are numbered as they are first needed.
 */
#include "render/html_columns.h"

#include "base/array.h"
#include "render/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_BYTES 3072u /* a multiple of 3: no padding in between */

/* base64 on its way out. */
struct column {
        FILE *stream;
        uint8_t bytes[COLUMN_BYTES];
        size_t length;
};

struct columns {
        const struct timeline *timeline;
        FILE *stream;
        struct map texts, places; /* by address, number + 1 */
        json_t *names;
        const struct symbol_frame **frames; /* by place */
        size_t frame_count, frame_capacity;
        uint32_t *numbers; /* by node of the timeline: number + 1; 0: not needed */
        uint32_t node_count;
};

static void flush(struct column *column) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        for (size_t i = 0; i < column->length; i += 3) {
                size_t left = column->length - i;
                uint32_t word = (uint32_t)column->bytes[i] << 16 |
                                (left > 1 ? (uint32_t)column->bytes[i + 1] << 8 : 0) |
                                (left > 2 ? column->bytes[i + 2] : 0);
                const char group[] = { digits[word >> 18], digits[word >> 12 & 63],
                                       left > 1 ? digits[word >> 6 & 63] : '=',
                                       left > 2 ? digits[word & 63] : '=' };

                fwrite(group, 1, sizeof(group), column->stream);
        }
        column->length = 0;
}

static void begin(struct column *column, const char *name, FILE *stream) {
        column->stream = stream;
        column->length = 0;
        fprintf(stream, ",\n\"%s\":\"", name);
}

static void end(struct column *column) {
        flush(column);
        fputc('"', column->stream);
}

static void put_byte(struct column *column, uint8_t byte) {
        if (column->length == COLUMN_BYTES)
                flush(column);
        column->bytes[column->length++] = byte;
}

static void put_varint(struct column *column, uint64_t value) {
        for (; value >= 0x80; value >>= 7)
                put_byte(column, (uint8_t)(value | 0x80));
        put_byte(column, (uint8_t)value);
}

/* The text's number + 1; 0: there is none. */
static int number_text(struct columns *columns, const char *text, uint32_t *number) {
        uint32_t *known;

        *number = 0;
        if (!text || !*text)
                return 0;
        known = map_value(&columns->texts, (uint64_t)(uintptr_t)text, 0);
        if (!known)
                return -ENOMEM;
        if (*known == 0) {
                if (json_array_append_new(columns->names, values_text(text)) < 0)
                        return -ENOMEM;
                *known = (uint32_t)json_array_size(columns->names);
        }
        *number = *known;
        return 0;
}

static int number_place(struct columns *columns, const struct symbol_frame *frame, uint32_t *place) {
        uint32_t *known = map_value(&columns->places, (uint64_t)(uintptr_t)frame, 0);

        if (!known || array_reserve(&columns->frames, &columns->frame_capacity, columns->frame_count + 1,
                                    sizeof(*columns->frames)) < 0)
                return -ENOMEM;
        if (*known == 0) {
                columns->frames[columns->frame_count++] = frame;
                *known = (uint32_t)columns->frame_count;
        }
        *place = *known - 1;
        return 0;
}

static int put_places(struct columns *columns) {
        struct column column;

        begin(&column, "places", columns->stream);
        put_varint(&column, columns->frame_count);
        for (size_t i = 0; i < columns->frame_count; i++) {
                const struct symbol_frame *frame = columns->frames[i];
                uint32_t file, function, module;

                if (number_text(columns, frame->file, &file) < 0 ||
                    number_text(columns, frame->function, &function) < 0 ||
                    number_text(columns, frame->module, &module) < 0)
                        return -ENOMEM;
                put_varint(&column, file);
                put_varint(&column, function);
                put_varint(&column, module);
                put_varint(&column, frame->has_line ? (uint64_t)frame->line + 1 : 0);
        }
        end(&column);
        return 0;
}

/* A parent has a lower number than its children, in the timeline and so here. */
static void number_nodes(struct columns *columns) {
        const struct timeline *timeline = columns->timeline;

        for (size_t i = 0; i < timeline->row_count; i++)
                for (uint32_t node = timeline->rows[i].node;
                     node != AGGREGATE_NO_NODE && columns->numbers[node] == 0;
                     node = timeline->keys.nodes[node].parent)
                        columns->numbers[node] = 1;
        for (size_t i = 0; i < timeline->keys.node_count; i++)
                if (columns->numbers[i])
                        columns->numbers[i] = ++columns->node_count;
}

static int put_nodes(struct columns *columns) {
        const struct timeline *timeline = columns->timeline;
        struct column column;

        begin(&column, "nodes", columns->stream);
        put_varint(&column, columns->node_count);
        for (size_t i = 0; i < timeline->keys.node_count; i++) {
                const struct aggregate_node *node = &timeline->keys.nodes[i];
                uint32_t parent = node->parent == AGGREGATE_NO_NODE ? 0 : columns->numbers[node->parent];
                uint32_t place;

                if (columns->numbers[i] == 0)
                        continue;
                if (number_place(columns, node->frame, &place) < 0)
                        return -ENOMEM;
                put_varint(&column, columns->numbers[i] - parent);
                put_varint(&column, place);
        }
        end(&column);
        return 0;
}

static void put_row(struct column *column, const struct timeline_row *row, uint32_t node) {
        bool several = row->block_bytes == TIMELINE_SEVERAL;

        put_varint(column, node);
        put_varint(column, row->thread == BY_THREAD_UNKNOWN ? 0 : (uint64_t)row->thread + 1);
        put_varint(column, several ? 0 : row->block_bytes + 1);
        put_varint(column, row->allocations);
        put_varint(column, row->temporary);
        if (several) {
                put_varint(column, row->allocated_bytes);
                put_varint(column, row->temporary_bytes);
        }
        put_varint(column, row->change_count);
        for (size_t i = 0; i < row->changes.length; i++)
                put_byte(column, row->changes.data[i]);
}

static void put_rows(struct columns *columns) {
        const struct timeline *timeline = columns->timeline;
        struct column column;

        begin(&column, "rows", columns->stream);
        put_varint(&column, timeline->row_count);
        for (size_t i = 0; i < timeline->row_count; i++) {
                uint32_t node = timeline->rows[i].node;

                put_row(&column, &timeline->rows[i], node == TIMELINE_SMALL ? 0 : columns->numbers[node]);
        }
        end(&column);
        begin(&column, "sizes", columns->stream);
        put_varint(&column, TIMELINE_SIZES);
        for (uint32_t i = 0; i < TIMELINE_SIZES; i++)
                put_row(&column, &timeline->sizes[i], i + 1);
        end(&column);
}

int html_columns(const struct timeline *timeline, json_t **texts, FILE *stream) {
        struct columns columns = {
                .timeline = timeline,
                .stream = stream,
                .names = json_array(),
                .numbers = calloc(timeline->keys.node_count + 1, sizeof(*columns.numbers)),
        };
        int error = -ENOMEM;

        if (columns.names && columns.numbers) {
                number_nodes(&columns);
                error = put_nodes(&columns);
                if (error == 0)
                        error = put_places(&columns);
                put_rows(&columns);
        }
        map_deinit(&columns.texts);
        map_deinit(&columns.places);
        free(columns.frames);
        free(columns.numbers);
        *texts = columns.names;
        if (error < 0) {
                json_decref(columns.names);
                *texts = NULL;
        }
        return error;
}
