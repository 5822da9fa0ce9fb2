/*
 * See jsonwalk.h. One thread.
 */
#include "base/jsonwalk.h"

#include "base/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jsonwalk jsonwalk_over(const char *text, size_t length_bytes, const char *name, void *context) {
        return (struct jsonwalk){
                .name = name, .text = jsontext_over(text, length_bytes), .at = text, .context = context
        };
}

size_t jsonwalk_line(const struct jsonwalk *walk) {
        struct jsontext text = walk->text;

        text.at = walk->at;
        return jsontext_line(&text);
}

int jsonwalk_wrong(struct jsonwalk *walk, const char *format, ...) {
        va_list arguments;
        char *what;

        va_start(arguments, format);
        if (vasprintf(&what, format, arguments) < 0)
                what = NULL;
        va_end(arguments);
        message("%s:%zu: %s", walk->name, jsonwalk_line(walk), what ? what : "out of memory");
        free(what);
        return -EINVAL;
}

int jsonwalk_no_memory(const struct jsonwalk *walk) {
        return message_errno(ENOMEM, walk->name, "cannot read");
}

/* Over blanks, to what comes next. */
static void go_on(struct jsonwalk *walk) {
        jsontext_at_end(&walk->text);
        walk->at = walk->text.at;
}

/* What is wrong is here. */
static int wrong_here(struct jsonwalk *walk, const char *what) {
        go_on(walk);
        return jsonwalk_wrong(walk, "%s", what);
}

bool jsonwalk_begins(struct jsonwalk *walk, char letter) {
        go_on(walk);
        return walk->at < walk->text.end && *walk->at == letter;
}

json_t *jsonwalk_value(struct jsonwalk *walk) {
        json_t *value;

        go_on(walk);
        value = jsontext_value(&walk->text);
        if (!value)
                wrong_here(walk, walk->text.wrong);
        return value;
}

int jsonwalk_skip(struct jsonwalk *walk, const char *name) {
        json_t *value = jsonwalk_value(walk);

        json_decref(value);
        return value ? 0 : -EINVAL;
}

/* A member's name and the colon behind it; the caller's to json_decref. NULL after a report. */
static json_t *next_name(struct jsonwalk *walk, json_t *seen) {
        json_t *name = jsonwalk_value(walk);

        if (!name)
                return NULL;
        if (!json_is_string(name) || !jsontext_take(&walk->text, ':'))
                wrong_here(walk, "not a name and ':'");
        else if (json_object_get(seen, json_string_value(name)))
                jsonwalk_wrong(walk, "\"%.100s\" is there twice", json_string_value(name));
        else if (json_object_set_new(seen, json_string_value(name), json_true()) < 0)
                jsonwalk_no_memory(walk);
        else
                return name;
        json_decref(name);
        return NULL;
}

static int wrong_name(struct jsonwalk *walk, const char *name, const struct jsonwalk_member *members) {
        char known[400] = "";
        size_t length = 0;

        for (size_t i = 0; members[i].name && length < sizeof(known); i++)
                length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s", i ? ", " : "",
                                           members[i].name);
        return jsonwalk_wrong(walk, "\"%.100s\" is not known here; known are %s", name, known);
}

static int take_member(struct jsonwalk *walk, const char *name, const struct jsonwalk_member *members,
                       jsonwalk_take *other) {
        for (size_t i = 0; members[i].name; i++)
                if (strcmp(members[i].name, name) == 0)
                        return members[i].take(walk, name);
        return other ? other(walk, name) : wrong_name(walk, name, members);
}

/* Up to the closing brace. */
static int take_members(struct jsonwalk *walk, const struct jsonwalk_member *members, jsonwalk_take *other,
                        json_t *seen) {
        if (jsontext_take(&walk->text, '}'))
                return 0;
        do {
                json_t *name = next_name(walk, seen);
                int error = name ? take_member(walk, json_string_value(name), members, other) : -EINVAL;

                json_decref(name);
                if (error < 0)
                        return error;
        } while (jsontext_take(&walk->text, ','));
        return jsontext_take(&walk->text, '}') ? 0 : wrong_here(walk, "neither ',' nor '}' after a value");
}

int jsonwalk_object(struct jsonwalk *walk, const struct jsonwalk_member *members, jsonwalk_take *other) {
        json_t *seen = json_object();
        const char *begin;
        int error = seen ? 0 : jsonwalk_no_memory(walk);

        go_on(walk);
        begin = walk->at;
        if (error == 0 && !jsontext_take(&walk->text, '{'))
                error = jsonwalk_wrong(walk, "not an object");
        if (error == 0)
                error = take_members(walk, members, other, seen);
        for (size_t i = 0; error == 0 && members[i].name; i++)
                if (members[i].needed && !json_object_get(seen, members[i].name)) {
                        walk->at = begin;
                        error = jsonwalk_wrong(walk, "it has no \"%s\"", members[i].name);
                }
        json_decref(seen);
        return error;
}

int jsonwalk_array(struct jsonwalk *walk, const char *name, jsonwalk_take *take) {
        int error;

        go_on(walk);
        if (!jsontext_take(&walk->text, '['))
                return jsonwalk_wrong(walk, "%s: not an array", name);
        if (jsontext_take(&walk->text, ']'))
                return 0;
        do {
                go_on(walk);
                error = take(walk, name);
        } while (error == 0 && jsontext_take(&walk->text, ','));
        if (error == 0 && !jsontext_take(&walk->text, ']'))
                error = wrong_here(walk, "neither ',' nor ']' after a value");
        return error;
}

int jsonwalk_end(struct jsonwalk *walk) {
        return jsontext_at_end(&walk->text) ? 0 : wrong_here(walk, "something behind the end");
}
