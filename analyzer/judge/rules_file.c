/*
 * See rules_file.h. What keys each object has is told by a table. One thread.
 */
#include "judge/rules_file.h"

#include "base/array.h"
#include "base/jsonwalk.h"
#include "base/message.h"
#include "base/options.h"
#include "base/path.h"
#include "base/whole.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (1u << 20)
#define SUPPRESSIONS_MAX 1000
#define SCHEMA "schema"

struct reading {
        struct rules *rules;
        struct rules_file *file;
        struct rule rule; /* whose scope, glob and program the limits met have */
};

/* Of every object. */
#define COMMENT                                                                                              \
        { "comment", jsonwalk_skip, false }

static const struct jsonwalk_member comment_alone[] = { COMMENT, { 0 } };

/* An object that is the value of that key. */
static int take_object(struct jsonwalk *walk, const char *key, const struct jsonwalk_member *members,
                       jsonwalk_take *other) {
        if (!jsonwalk_begins(walk, '{'))
                return jsonwalk_wrong(walk, "%.100s: not an object", key);
        return jsonwalk_object(walk, members, other);
}

/* A text that is not empty, or with `numbers` a whole number as one. Heap; NULL after a report. */
static char *next_text(struct jsonwalk *walk, const char *key, bool numbers) {
        json_t *value = jsonwalk_value(walk);
        const char *given = json_string_value(value);
        char *text = NULL;
        int length = 0;

        if (given && *given)
                length = asprintf(&text, "%s", given);
        else if (given)
                jsonwalk_wrong(walk, "%s: an empty text", key);
        else if (numbers && json_is_integer(value))
                length = asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else if (value)
                jsonwalk_wrong(walk, "%s: %s", key,
                               numbers ? "neither a text nor a whole number" : "not a text");
        json_decref(value);
        if (length >= 0)
                return text;
        jsonwalk_no_memory(walk);
        return NULL;
}

/* "FILE:LINE", of the value read last. Heap; NULL after a report. */
static char *new_origin(const struct jsonwalk *walk) {
        char *origin;

        if (asprintf(&origin, "%s:%zu", walk->name, jsonwalk_line(walk)) >= 0)
                return origin;
        jsonwalk_no_memory(walk);
        return NULL;
}

static int take_limit_of(struct jsonwalk *walk, const char *key, enum check_kind kind) {
        struct reading *reading = walk->context;
        struct rule rule = reading->rule;
        char *text = next_text(walk, key, true);
        struct limit_text wrong;
        int error = -EINVAL;

        if (text && limit_parse(kind, text, &rule.limit, &wrong) < 0)
                jsonwalk_wrong(walk, "%s: %s", key, wrong.text);
        else if (text && (rule.origin = new_origin(walk)))
                error = rules_add(reading->rules, &rule);
        free(rule.origin);
        free(text);
        return error;
}

static int take_limit(struct jsonwalk *walk, const char *key) {
        return take_limit_of(walk, key, rules_kind(key, '\0'));
}

static const struct jsonwalk_member limit_keys[] = {
        { "leak", take_limit, false },
        { "peak", take_limit, false },
        { "total", take_limit, false },
        { "allocs", take_limit, false },
        { "temporary", take_limit, false },
        COMMENT,
        { 0 },
};

static int take_limits(struct jsonwalk *walk, const char *key) {
        ((struct reading *)walk->context)->rule.scope = RULE_WHOLE;
        return take_object(walk, key, limit_keys, NULL);
}

static int take_each(struct jsonwalk *walk, const char *key) {
        ((struct reading *)walk->context)->rule.scope = RULE_EACH;
        return take_object(walk, key, limit_keys, NULL);
}

/* A glob as a key; while its object is read, *to is the glob. */
static int take_glob(struct jsonwalk *walk, const char *glob, char **to, const struct jsonwalk_member *keys) {
        int error = -EINVAL;

        if (!*glob)
                return jsonwalk_wrong(walk, "an empty glob");
        *to = strdup(glob);
        error = *to ? take_object(walk, glob, keys, NULL) : jsonwalk_no_memory(walk);
        free(*to);
        *to = NULL;
        return error;
}

static int take_place(struct jsonwalk *walk, const char *glob) {
        struct reading *reading = walk->context;

        reading->rule.scope = RULE_PLACES;
        return take_glob(walk, glob, &reading->rule.glob, limit_keys);
}

static int take_places(struct jsonwalk *walk, const char *key) {
        return take_object(walk, key, comment_alone, take_place);
}

static const struct jsonwalk_member program_keys[] = {
        { "limits", take_limits, false },
        { "each", take_each, false },
        { "places", take_places, false },
        COMMENT,
        { 0 },
};

static int take_program(struct jsonwalk *walk, const char *glob) {
        return take_glob(walk, glob, &((struct reading *)walk->context)->rule.program, program_keys);
}

static int take_programs(struct jsonwalk *walk, const char *key) {
        return take_object(walk, key, comment_alone, take_program);
}

static int take_by(struct jsonwalk *walk, const char *key) {
        struct reading *reading = walk->context;
        char *text = next_text(walk, key, false);
        int by = text ? options_choice(text, aggregate_by_names) : 0;
        int error = text ? 0 : -EINVAL;

        if (by < 0 || by > AGGREGATE_MODULE)
                error = jsonwalk_wrong(walk, "%s: %.100s is none of line, function, file and module", key,
                                       text);
        free(text);
        if (error < 0)
                return error;
        reading->file->by = (enum aggregate_by)by;
        reading->file->has_by = true;
        return 0;
}

static int keep(struct jsonwalk *walk, char *text, struct rules_value *value) {
        if (!text)
                return -EINVAL;
        *value = (struct rules_value){ text, new_origin(walk) };
        return value->origin ? 0 : -ENOMEM;
}

/* A file's name, seen from the rules. Heap; NULL after a report. */
static char *take_name(struct jsonwalk *walk, const char *key) {
        char *name = next_text(walk, key, false), *whole;
        int directory = (int)(path_base(walk->name) - walk->name);

        if (!name || *name == '/' || directory == 0)
                return name;
        if (asprintf(&whole, "%.*s%s", directory, walk->name, name) < 0) {
                jsonwalk_no_memory(walk);
                whole = NULL;
        }
        free(name);
        return whole;
}

static int take_baseline_file(struct jsonwalk *walk, const char *key) {
        struct reading *reading = walk->context;

        return keep(walk, take_name(walk, key), &reading->file->settings[RULES_BASELINE]);
}

/* Of all that is judged, however places are told apart. */
static int take_max_growth(struct jsonwalk *walk, const char *key) {
        ((struct reading *)walk->context)->rule.scope = RULE_WHOLE;
        return take_limit_of(walk, key, CHECK_BASELINE);
}

static int take_baseline(struct jsonwalk *walk, const char *key) {
        static const struct jsonwalk_member keys[] = {
                { "file", take_baseline_file, false },
                { "max_growth", take_max_growth, false },
                COMMENT,
                { 0 },
        };

        return take_object(walk, key, keys, NULL);
}

static int take_repeat(struct jsonwalk *walk, const char *key) {
        struct reading *reading = walk->context;

        return keep(walk, next_text(walk, key, false), &reading->file->settings[RULES_REPEAT]);
}

static int take_min_slope(struct jsonwalk *walk, const char *key) {
        ((struct reading *)walk->context)->rule.scope = RULE_WHOLE;
        return take_limit_of(walk, key, CHECK_GROWTH);
}

static int take_warm_up(struct jsonwalk *walk, const char *key) {
        struct reading *reading = walk->context;

        return keep(walk, next_text(walk, key, true), &reading->file->settings[RULES_WARM_UP]);
}

static int take_false_alarm_rate(struct jsonwalk *walk, const char *key) {
        struct reading *reading = walk->context;
        json_t *value = jsonwalk_value(walk);
        double rate = json_number_value(value);

        json_decref(value);
        if (!(rate > 0 && rate < 1))
                return jsonwalk_wrong(walk, "%s: not a number above 0 and below 1", key);
        reading->file->false_alarm_rate = rate;
        return 0;
}

static int take_growth(struct jsonwalk *walk, const char *key) {
        static const struct jsonwalk_member keys[] = {
                { "repeat", take_repeat, false },
                { "min_slope", take_min_slope, false },
                { "warm_up", take_warm_up, false },
                { "false_alarm_rate", take_false_alarm_rate, false },
                COMMENT,
                { 0 },
        };

        ((struct reading *)walk->context)->file->growth = true;
        return take_object(walk, key, keys, NULL);
}

static int take_suppression(struct jsonwalk *walk, const char *key) {
        struct rules_file *file = ((struct reading *)walk->context)->file;

        if (file->suppression_count >= SUPPRESSIONS_MAX)
                return jsonwalk_wrong(walk, "%s: more than %d", key, SUPPRESSIONS_MAX);
        if (array_reserve(&file->suppressions, &file->suppressions_capacity, file->suppression_count + 1,
                          sizeof(*file->suppressions)) < 0)
                return jsonwalk_no_memory(walk);
        file->suppressions[file->suppression_count] = (struct rules_value){ 0 };
        return keep(walk, take_name(walk, key), &file->suppressions[file->suppression_count++]);
}

static int take_suppressions(struct jsonwalk *walk, const char *key) {
        return jsonwalk_array(walk, key, take_suppression);
}

static int take_default_suppressions(struct jsonwalk *walk, const char *key) {
        struct reading *reading = walk->context;
        json_t *value = jsonwalk_value(walk);
        bool given = json_is_boolean(value);

        reading->file->no_default_suppressions = json_is_false(value);
        json_decref(value);
        return given ? 0 : jsonwalk_wrong(walk, "%s: neither true nor false", key);
}

static int take_schema(struct jsonwalk *walk, const char *key) {
        char *text = next_text(walk, key, false);
        int error = text ? 0 : -EINVAL;

        if (text && strcmp(text, RULES_FILE_SCHEMA) != 0)
                error = jsonwalk_wrong(walk, "%s: %.100s is not known, only " RULES_FILE_SCHEMA " is", key,
                                       text);
        free(text);
        return error;
}

static const struct jsonwalk_member schema_alone[] = { { SCHEMA, take_schema, true }, { 0 } };

static const struct jsonwalk_member file_keys[] = {
        { SCHEMA, jsonwalk_skip, false },
        { "limits", take_limits, false },
        { "each", take_each, false },
        { "by", take_by, false },
        { "places", take_places, false },
        { "programs", take_programs, false },
        { "baseline", take_baseline, false },
        { "growth", take_growth, false },
        { "suppressions", take_suppressions, false },
        { "default_suppressions", take_default_suppressions, false },
        COMMENT,
        { 0 },
};

int rules_file_read(const char *text, size_t length_bytes, const char *path, struct rules *rules,
                    struct rules_file *file) {
        struct reading reading = { .rules = rules, .file = file };
        struct jsonwalk first = jsonwalk_over(text, length_bytes, path, &reading), second = first;
        /* before all else, wherever it stands: a later schema's keys are not wrong, but another's */
        int error = jsonwalk_object(&first, schema_alone, jsonwalk_skip);

        if (error == 0)
                error = jsonwalk_end(&first);
        return error < 0 ? error : jsonwalk_object(&second, file_keys, NULL);
}

int rules_file_open(const char *path, struct rules *rules, struct rules_file *file) {
        size_t length_bytes;
        char *text = whole_read(path, FILE_BYTES_MAX, &length_bytes);
        int error = text ? rules_file_read(text, length_bytes, path, rules, file) : -EIO;

        free(text);
        return error;
}

static void value_deinit(struct rules_value *value) {
        free(value->text);
        free(value->origin);
}

void rules_file_deinit(struct rules_file *file) {
        for (size_t i = 0; i < RULES_SETTINGS; i++)
                value_deinit(&file->settings[i]);
        for (size_t i = 0; i < file->suppression_count; i++)
                value_deinit(&file->suppressions[i]);
        free(file->suppressions);
        *file = (struct rules_file){ 0 };
}
