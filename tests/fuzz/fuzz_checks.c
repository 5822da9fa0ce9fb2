/*
 * Names and numbers as hostile as they come, given to the outputs of checks. The input is strings, each ended
 * by a NUL: for each check its subject, glob, origin and reason, then its places with their frames; numbers
 * are made of their bytes.
 */
#include "input.h"
#include "output.h"

#include "base/message.h"
#include "render/check_github.h"
#include "render/check_json.h"
#include "render/check_junit.h"
#include "render/check_sarif.h"
#include "render/check_text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHECKS_MAX 6u
#define FINDINGS_MAX 3u
#define FRAMES_MAX 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void need(bool holds) {
        if (!holds)
                abort();
}

static char *next_copy(struct input *input) {
        const char *string = input_string(input);
        char *copy = string ? strdup(string) : NULL;

        need(!string || copy);
        return copy;
}

static double next_real(struct input *input) {
        uint64_t number = input_number(input);
        double real;

        memcpy(&real, &number, sizeof(real));
        /* Any at all: infinite, not a number. But none so near the largest that its 15 digits are beyond it.
         */
        return isfinite(real) && fabs(real) > 1e300 ? 0 : real;
}

static struct check_amount next_amount(struct input *input) {
        uint64_t what = input_number(input);

        return (struct check_amount){ .has_bytes = what & 1,
                                      .has_count = what & 2,
                                      .has_share = what & 4,
                                      .bytes = input_number(input),
                                      .count = input_number(input),
                                      .share = next_real(input) };
}

static struct symbol_frame next_frame(struct input *input) {
        struct symbol_frame frame = { .file = input_string(input),
                                      .directory = input_string(input),
                                      .function = input_string(input),
                                      .module = input_string(input),
                                      .line = (uint32_t)input_number(input) };

        frame.file = frame.file ? frame.file : "<unknown>";
        frame.has_line = frame.line % 2;
        return frame;
}

static struct check_trend *next_trend(struct input *input) {
        struct check_trend *trend = calloc(1, sizeof(*trend));

        need(trend);
        trend->slope = next_real(input);
        trend->slope_low = next_real(input);
        trend->slope_high = next_real(input);
        trend->confidence = next_real(input);
        trend->p = next_real(input);
        trend->p_adjusted = next_real(input);
        trend->repetitions = input_number(input) % 100;
        trend->warm_up = input_number(input) % 100;
        trend->least_bytes = calloc(trend->repetitions + 1, sizeof(*trend->least_bytes));
        need(trend->least_bytes);
        for (size_t i = 0; i < trend->repetitions; i++)
                trend->least_bytes[i] = i % 3 ? trend->warm_up * i : input_number(input);
        return trend;
}

static void next_finding(struct input *input, struct check *check, struct symbol_frame *frames) {
        struct check_finding *finding = check_add_finding(check);
        const char *place = input_string(input);

        need(finding);
        finding->place = strdup(place ? place : "");
        finding->frame_count = 1 + input_number(input) % FRAMES_MAX;
        finding->frames = calloc(finding->frame_count, sizeof(*finding->frames));
        need(finding->place && finding->frames);
        for (size_t i = 0; i < finding->frame_count; i++) {
                frames[i] = next_frame(input);
                finding->frames[i] = &frames[i];
        }
        finding->charged = input_number(input) % finding->frame_count;
        finding->frame = finding->frames[finding->charged];
        finding->actual = next_amount(input);
        finding->before = next_amount(input);
        finding->why = next_copy(input);
        finding->undecided = finding->why && *finding->why;
        if (check->kind == CHECK_GROWTH)
                finding->trend = next_trend(input);
}

static void next_check(struct input *input, struct checks *checks,
                       struct symbol_frame (*frames)[FRAMES_MAX]) {
        struct check *check = checks_add(checks, (enum check_kind)(input_number(input) % CHECK_KINDS));
        uint64_t shape = input_number(input);

        need(check);
        check->verdict = (enum check_verdict)(shape % 3);
        check->each = shape & 16;
        check->subject = next_copy(input);
        check->glob = next_copy(input);
        check->origin = next_copy(input);
        check->unit = next_copy(input);
        check->why = next_copy(input);
        check->limit = next_amount(input);
        check->actual = next_amount(input);
        for (size_t i = 0; i < shape / 32 % (FINDINGS_MAX + 1); i++)
                next_finding(input, check, frames[i]);
        check->finding_total = check->finding_count + shape / 256 % 1000;
}

/* One JSON string holds all of it, so the parser looks whether it is UTF-8; and no line but ours ends. */
static void check_plain(const char *text, size_t length) {
        json_t *string = json_stringn(text, length);

        need(string);
        json_decref(string);
        for (size_t i = 0; i < length; i++)
                need(((unsigned char)text[i] >= 0x20 || text[i] == '\n') && text[i] != 0x7f);
}

static void check_parsed(const char *text, size_t length) {
        json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);

        check_plain(text, length);
        need(root);
        json_decref(root);
}

/* Each line is a command, and its message begins where its properties end. */
static void check_commands(const char *text, size_t length) {
        check_plain(text, length);
        for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
                need(strncmp(line, "::error ", 8) == 0 || strncmp(line, "::notice ", 9) == 0);
                need(strchr(line, '\n'));
        }
}

/* The tag at `at`: what is behind it; *depth is how many are open. */
static const char *check_tag(const char *at, size_t *depth) {
        bool closes = at[1] == '/', quoted = false;

        for (at++; *at != '>' || quoted; at++) {
                need(*at && *at != '<');
                quoted ^= *at == '"';
        }
        if (closes)
                need((*depth)-- > 0);
        else if (at[-1] != '/' && at[-1] != '?')
                ++*depth;
        return at + 1;
}

/* Tags are closed, and what is between them and in quotes has no markup of its own. */
static void check_markup(const char *text, size_t length) {
        static const char *const entities[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&#39;" };
        size_t depth = 0, known = 0, all = 0;

        check_plain(text, length);
        for (const char *at = text; *at;)
                at = *at == '<' ? check_tag(at, &depth) : at + 1;
        need(depth == 0);
        for (const char *at = text; (at = strchr(at, '&')); at++, all++)
                for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
                        known += strncmp(at, entities[i], strlen(entities[i])) == 0;
        need(known == all);
}

static int put_json(const struct checks *checks, const struct check_output *output, FILE *stream) {
        return check_json(checks, stream);
}

static void check_formats(const struct checks *checks, const struct check_output *asked) {
        static const struct {
                int (*put)(const struct checks *, const struct check_output *, FILE *);
                void (*look)(const char *, size_t);
        } formats[] = { { check_text, check_plain },
                        { put_json, check_parsed },
                        { check_junit, check_markup },
                        { check_sarif, check_parsed },
                        { check_github, check_commands } };

        for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
                struct output output;

                output_begin(&output);
                need(formats[i].put(checks, asked, output.stream) == 0);
                output_end(&output);
                formats[i].look(output.text, output.length);
                free(output.text);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        char *copy = malloc(length + 1), *trace;
        struct input input = { copy, copy + length + (length > 0) };
        struct symbol_frame frames[CHECKS_MAX][FINDINGS_MAX][FRAMES_MAX];
        struct checks checks = { 0 };
        struct check_output output = { .limit = 2, .frame_limit = 2 };

        need(copy);
        message_silence();
        memcpy(copy, data, length);
        copy[length] = '\0';
        trace = next_copy(&input);
        output.root = input_string(&input);
        checks.trace_count = trace != NULL;
        if (trace) {
                checks.traces = calloc(1, sizeof(*checks.traces));
                need(checks.traces);
                checks.traces[0] = trace;
        }
        while (checks.count < CHECKS_MAX && input.at != input.end)
                next_check(&input, &checks, frames[checks.count]);
        check_formats(&checks, &output);
        checks_deinit(&checks);
        free(copy);
        return 0;
}
