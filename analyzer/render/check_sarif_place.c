/*
 * See check_sarif_place.h. Plain functions, no state.
 */
#include "render/check_sarif_place.h"

#include "base/path.h"
#include "render/values.h"

#include <stdlib.h>
#include <string.h>

/* As a URI has a path: all but letters, digits and -._~/ by their bytes. NULL: no memory. */
static char *encode_path(const char *path) {
        static const char digits[] = "0123456789ABCDEF";
        char *out = malloc(3 * strlen(path) + 1), *to = out;

        for (; out && *path; path++) {
                unsigned char byte = (unsigned char)*path;

                if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                    (byte >= 'a' && byte <= 'z') || strchr("-._~/", byte)) {
                        *to++ = (char)byte;
                        continue;
                }
                *to++ = '%';
                *to++ = digits[byte >> 4];
                *to++ = digits[byte & 15];
        }
        if (out)
                *to = '\0';
        return out;
}

/* A path as SARIF has it: relative to the root of the sources, or a whole URI. */
static json_t *artifact(const char *path) {
        char *encoded = encode_path(path), *whole = NULL;
        json_t *made = NULL;

        if (encoded && *path != '/')
                made = json_pack("{s:s, s:s}", "uri", encoded, "uriBaseId", CHECK_SARIF_PLACE_ROOT);
        else if (encoded && asprintf(&whole, "file://%s", encoded) >= 0)
                made = json_pack("{s:s}", "uri", whole);
        free(whole);
        free(encoded);
        return made;
}

/* Takes the reference of `value`. False: no memory. */
static bool set(json_t *object, const char *name, json_t *value) {
        return json_object_set_new(object, name, value) == 0;
}

static bool add_line(const struct check_output *output, const struct symbol_frame *frame, json_t *location) {
        char *path = check_output_path(output, frame);
        bool done = path && set(location, "physicalLocation",
                                json_pack("{s:o, s:{s:I}}", "artifactLocation", artifact(path), "region",
                                          "startLine", (json_int_t)(frame->line > 0 ? frame->line : 1)));

        free(path);
        return done;
}

static bool add_function(const struct symbol_frame *frame, json_t *location) {
        json_t *made = json_pack("{s:o, s:s}", "fullyQualifiedName", values_text(frame->function), "kind",
                                 "function");

        return set(location, "logicalLocations", json_pack("[o]", made));
}

/* "src/cache.c:42", or what stands for a frame without a line. */
static json_t *place_text(const struct symbol_frame *frame) {
        char *text = NULL;
        json_t *made = NULL;

        if (!frame->has_line)
                return values_text(frame->file);
        if (asprintf(&text, "%s:%u", frame->file, frame->line) >= 0)
                made = values_text(text);
        free(text);
        return made;
}

/* A step of a stack, as far as it is known. */
static json_t *step_at(const struct check_output *output, const struct symbol_frame *frame) {
        json_t *made = json_pack("{s:{s:o}}", "message", "text", place_text(frame));

        if (made && (!frame->has_line || add_line(output, frame, made)) &&
            (!frame->function || add_function(frame, made)))
                return json_pack("{s:o}", "location", made);
        json_decref(made);
        return NULL;
}

json_t *check_sarif_place_flows(const struct check_output *output, const struct check_finding *finding) {
        json_t *steps = json_array();

        for (size_t i = finding->frame_count; steps && i-- > 0;)
                if (json_array_append_new(steps, step_at(output, finding->frames[i])) < 0) {
                        json_decref(steps);
                        return NULL;
                }
        return json_pack("[{s:[{s:o}]}]", "threadFlows", "locations", steps);
}

/* What starts programs and threads, and has lines in no checkout but its own. */
static bool is_c_library(const struct symbol_frame *frame) {
        return frame->module && strncmp(path_base(frame->module), "libc.so.", strlen("libc.so.")) == 0;
}

/* The frame whose line stands for the finding: that which is charged, or the next one out that has one. */
static const struct symbol_frame *frame_with_line(const struct check_finding *finding) {
        for (size_t i = finding->charged; i < finding->frame_count; i++)
                if (finding->frames[i]->has_line &&
                    (i == finding->charged || !is_c_library(finding->frames[i])))
                        return finding->frames[i];
        return NULL;
}

json_t *check_sarif_place_location(const struct check_output *output, const struct checks *checks,
                                   const struct check_finding *finding) {
        const struct symbol_frame *line = finding ? frame_with_line(finding) : NULL;
        const struct symbol_frame *frame = finding ? finding->frame : NULL;
        const char *file = frame && frame->module    ? frame->module
                           : checks->trace_count > 0 ? checks->traces[0]
                                                     : "memtrace";
        json_t *made = json_object();
        bool done = made;

        if (done && line)
                done = add_line(output, line, made);
        else if (done)
                done = set(made, "physicalLocation", json_pack("{s:o}", "artifactLocation", artifact(file)));
        if (done && frame && frame->function)
                done = add_function(frame, made);
        if (done)
                return made;
        json_decref(made);
        return NULL;
}
