/*
 * A baseline's file as it is read: member by member, row by row, so that what is wrong has a line. One
 * thread.
 */
#include "judge/baseline_file.h"

#include "base/jsonwalk.h"
#include "base/message.h"
#include "base/options.h"
#include "base/whole.h"
#include "state/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u << 20)
#define PARTS_MAX 1000u /* and programs of one, and domains */
#define BEGIN_BYTES 100 /* looked at to tell what a file is */

struct reading {
        struct baseline *baseline;
        struct baseline_part *part;
};

/* A text that must be one of these. Its index, or a negative errno already reported. */
static int take_choice(struct jsonwalk *walk, const char *name, const char *const *choices) {
        json_t *value = jsonwalk_value(walk);
        const char *text = json_string_value(value);
        int index = text ? options_choice(text, choices) : -EINVAL;

        if (value && !text)
                jsonwalk_wrong(walk, "%s: not a text", name);
        else if (value && index < 0)
                jsonwalk_wrong(walk, "%s: \"%.60s\", not \"%s\"", name, text, choices[0]);
        json_decref(value);
        return index < 0 ? -EINVAL : index;
}

static int take_schema(struct jsonwalk *walk, const char *name) {
        static const char *const schemas[] = { BASELINE_SCHEMA, NULL };

        return take_choice(walk, name, schemas);
}

static int take_cost(struct jsonwalk *walk, const char *name) {
        static const char *const costs[] = { "leaked", NULL };

        return take_choice(walk, name, costs);
}

static int take_by(struct jsonwalk *walk, const char *name) {
        static const char *const keys[] = { "function", "line", "file", "module", NULL };
        static const enum aggregate_by values[] = { AGGREGATE_FUNCTION, AGGREGATE_LINE, AGGREGATE_FILE,
                                                    AGGREGATE_MODULE };
        struct reading *reading = walk->context;
        int index = take_choice(walk, name, keys);

        if (index < 0)
                return index;
        reading->baseline->by = reading->baseline->keys.by = values[index];
        return 0;
}

/* One more text of a list that has `count`, each once. */
static int take_item(struct jsonwalk *walk, const char *name, size_t count,
                     int (*add)(const struct reading *reading, const char *text)) {
        json_t *value = jsonwalk_value(walk);
        const char *text = json_string_value(value);
        int error = value ? 0 : -EINVAL;

        if (value && !text)
                error = jsonwalk_wrong(walk, "%s: not a text", name);
        else if (text && count == PARTS_MAX)
                error = jsonwalk_wrong(walk, "%s: more than %u", name, PARTS_MAX);
        else if (text)
                error = add(walk->context, text);
        if (error == -EEXIST)
                error = jsonwalk_wrong(walk, "%s: \"%.60s\" is there twice", name, text);
        else if (error == -ENOMEM)
                jsonwalk_no_memory(walk);
        json_decref(value);
        return error;
}

static int add_domain(const struct reading *reading, const char *glob) {
        return baseline_domains_add(&reading->baseline->domains, glob);
}

static int take_domain(struct jsonwalk *walk, const char *name) {
        const struct reading *reading = walk->context;

        return take_item(walk, name, reading->baseline->domains.count, add_domain);
}

static int take_domains(struct jsonwalk *walk, const char *name) {
        const struct reading *reading = walk->context;
        int error = jsonwalk_array(walk, name, take_domain);

        return error == 0 && reading->baseline->domains.count == 0
                       ? jsonwalk_wrong(walk, "%s: there is none", name)
                       : error;
}

static int add_program(const struct reading *reading, const char *program) {
        return baseline_add_program(reading->baseline, reading->part, program);
}

static int take_program(struct jsonwalk *walk, const char *name) {
        const struct reading *reading = walk->context;

        return take_item(walk, name, reading->part->program_count, add_program);
}

static int take_programs(struct jsonwalk *walk, const char *name) {
        return jsonwalk_array(walk, name, take_program);
}

/* What a place may have, by its number. */
enum column { COLUMN_FILE, COLUMN_LINE, COLUMN_FUNCTION, COLUMN_MODULE, COLUMN_BYTES, COLUMN_BLOCKS };

static const char *const columns[] = { "file", "line", "function", "module", "bytes", "blocks", NULL };

static bool has_column(enum aggregate_by by, enum column column) {
        switch (column) {
        case COLUMN_FILE:
                return by != AGGREGATE_MODULE;
        case COLUMN_LINE:
                return by == AGGREGATE_LINE;
        case COLUMN_FUNCTION:
                return by == AGGREGATE_LINE || by == AGGREGATE_FUNCTION;
        default:
                return true;
        }
}

static int check_columns(struct jsonwalk *walk, enum aggregate_by by, json_t *row) {
        const char *name;
        json_t *value;

        json_object_foreach(row, name, value) {
                int column = options_choice(name, columns);

                if (column < 0)
                        return jsonwalk_wrong(walk, "a place has no \"%.60s\"", name);
                if (!has_column(by, (enum column)column))
                        return jsonwalk_wrong(walk, "a place has no \"%s\" by %s", name,
                                              aggregate_by_names[by]);
                if (column == COLUMN_LINE || column >= COLUMN_BYTES) {
                        if (!json_is_integer(value) || json_integer_value(value) < 0)
                                return jsonwalk_wrong(walk, "\"%s\" is not a whole number of 0 or more",
                                                      name);
                } else if (!json_is_string(value)) {
                        return jsonwalk_wrong(walk, "\"%s\" is not a text", name);
                }
        }
        return 0;
}

static int add_row(struct jsonwalk *walk, json_t *value) {
        struct reading *reading = walk->context;
        const json_t *bytes = json_object_get(value, "bytes"), *blocks = json_object_get(value, "blocks"),
                     *line = json_object_get(value, "line");
        struct baseline_row row = {
                .file = json_string_value(json_object_get(value, "file")),
                .function = json_string_value(json_object_get(value, "function")),
                .module = json_string_value(json_object_get(value, "module")),
                .line = (uint32_t)json_integer_value(line),
                .has_line = line,
                .bytes = (uint64_t)json_integer_value(bytes),
                .blocks = (uint64_t)json_integer_value(blocks),
        };
        bool known = false;

        if (!bytes || !blocks)
                return jsonwalk_wrong(walk, "a place without \"%s\"", bytes ? "blocks" : "bytes");
        if (!row.file && reading->baseline->by != AGGREGATE_MODULE)
                return jsonwalk_wrong(walk, "a place without \"file\"");
        if (json_integer_value(line) > UINT32_MAX)
                return jsonwalk_wrong(walk, "there is no such \"line\"");
        if (baseline_add_row(reading->baseline, reading->part, &row, &known) < 0)
                return jsonwalk_no_memory(walk);
        return known ? jsonwalk_wrong(walk, "this place is there twice") : 0;
}

static int take_row(struct jsonwalk *walk, const char *name) {
        const struct reading *reading = walk->context;
        json_t *value = jsonwalk_value(walk);
        int error = value ? 0 : -EINVAL;

        if (value && !json_is_object(value))
                error = jsonwalk_wrong(walk, "%s: not an object", name);
        if (error == 0)
                error = check_columns(walk, reading->baseline->by, value);
        if (error == 0)
                error = add_row(walk, value);
        json_decref(value);
        return error;
}

static int take_rows(struct jsonwalk *walk, const char *name) {
        return jsonwalk_array(walk, name, take_row);
}

static int take_part(struct jsonwalk *walk, const char *name) {
        static const struct jsonwalk_member members[] = { { "programs", take_programs, true },
                                                          { "places", take_rows, true },
                                                          { 0 } };
        struct reading *reading = walk->context;
        struct baseline *baseline = reading->baseline;
        int error;

        if (baseline->part_count == PARTS_MAX)
                return jsonwalk_wrong(walk, "%s: more than %u", name, PARTS_MAX);
        reading->part = baseline_add_part(baseline);
        if (!reading->part)
                return jsonwalk_no_memory(walk);
        error = jsonwalk_object(walk, members, NULL);
        if (error == 0 && reading->part->program_count == 0)
                error = jsonwalk_wrong(walk, "a part of no program");
        for (size_t i = 0; error == 0 && i + 1 < baseline->part_count; i++)
                if (baseline_order_parts(&baseline->parts[i], reading->part) == 0)
                        error = jsonwalk_wrong(walk, "a part of the same programs is there twice");
        return error;
}

static int take_parts(struct jsonwalk *walk, const char *name) {
        const struct reading *reading = walk->context;

        if (reading->baseline->by == AGGREGATE_SIZE)
                return jsonwalk_wrong(walk, "\"by\" has to stand before \"%s\"", name);
        return jsonwalk_array(walk, name, take_part);
}

int baseline_file_load(const char *text, size_t length_bytes, const char *name, struct baseline *baseline) {
        static const struct jsonwalk_member members[] = {
                { "schema", take_schema, true },    { "cost", take_cost, true },   { "by", take_by, true },
                { "domains", take_domains, false }, { "parts", take_parts, true }, { 0 }
        };
        struct reading reading = { .baseline = baseline };
        struct jsonwalk walk = jsonwalk_over(text, length_bytes, name, &reading);
        int error;

        baseline_init(baseline, AGGREGATE_SIZE); /* which no baseline is by, until it says by what */
        error = jsonwalk_object(&walk, members, NULL);
        if (error == 0)
                error = jsonwalk_end(&walk);
        if (error < 0)
                baseline_deinit(baseline);
        return error;
}

int baseline_file_read(const char *path, struct baseline *baseline) {
        size_t length_bytes;
        char *text = whole_read(path, FILE_BYTES_MAX, &length_bytes);
        int error = text ? baseline_file_load(text, length_bytes, path, baseline) : -EIO;

        free(text);
        return error;
}

bool baseline_file_is(const char *path) {
        char bytes[BEGIN_BYTES + 1] = "";
        int fd;

        if (!snapshot_is(path))
                return false;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return false;
        if (pread(fd, bytes, BEGIN_BYTES, 0) < 0)
                bytes[0] = '\0';
        close(fd);
        return !strstr(bytes, "\"memtrace-snapshot/");
}
