/*
 * See check_sarif.h. A result is a place of a failed check, and a notification what could not be judged. What
 * GitHub asks for beyond the standard is there: each result has a file, each rule a help.
 */
#include "render/check_sarif.h"

#include "base/array.h"
#include "base/intern.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/path.h"
#include "render/check_kinds.h"
#include "render/check_places.h"
#include "render/check_sarif_place.h"
#include "render/check_words.h"
#include "render/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define FINGERPRINT "memtraceStack/v1"

/* The document as it is made; the rest is in `root`. */
struct document {
        const struct checks *checks;
        const struct check_output *output;
        json_t *results;  /* borrowed */
        uint64_t *hashes; /* of the stacks of the results so far */
        size_t hash_count, hash_capacity;
};

/* Takes the words, which have begun. NULL: no memory. */
static json_t *message_of(struct memo *words) {
        json_t *made = memo_end(words) == 0 ? json_pack("{s:s}", "text", words->text) : NULL;

        free(words->text);
        return made;
}

/* Words of ours, as text. NULL: no memory. */
static json_t *sentence(const struct check *check, const struct check_finding *finding) {
        struct memo words;

        if (memo_begin(&words) < 0)
                return NULL;
        check_words_sentence(check, finding, words.stream);
        return message_of(&words);
}

/* What to know of a check although it is decided. NULL: no memory. */
static json_t *note(const struct check *check) {
        struct memo words;

        if (memo_begin(&words) < 0)
                return NULL;
        check_words_note(check, words.stream);
        return message_of(&words);
}

/* The last two names of a path: what a checkout elsewhere does not change. */
static const char *tail_of(const char *path) {
        const char *base = path_base(path), *at = base;

        while (at > path + 1 && at[-2] != '/')
                at--;
        return at > path && at < base ? at - 1 : base;
}

static void put_frame_name(const struct symbol_frame *frame, FILE *stream) {
        fputs(frame->function ? frame->function : path_base(frame->module ? frame->module : ""), stream);
        fputc('\n', stream);
}

/*
 * What stays the same when lines move: the kind of check, the file's tail and the functions of the stack. Of
 * results that are the same in that, each has a number. NULL: no memory.
 */
static json_t *fingerprint(struct document *document, const struct check *check,
                           const struct check_finding *finding) {
        struct memo words;
        char text[60];
        size_t number = 1, end = finding ? check_places_end(finding) : 0;
        uint64_t hash;

        if (memo_begin(&words) < 0)
                return NULL;
        fprintf(words.stream, "%s\n%s\n", check_kind_names[check->kind], check->glob ? check->glob : "");
        for (size_t i = 0; check->domains && i < check->domains->count; i++)
                fprintf(words.stream, "domain %s\n", check->domains->globs[i].glob);
        if (finding && finding->frame)
                fprintf(words.stream, "%s\n", finding->frame->has_line ? tail_of(finding->frame->file) : "");
        for (size_t i = finding ? finding->charged : 0; i < end; i++)
                put_frame_name(finding->frames[i], words.stream);
        if (memo_end(&words) < 0 || array_reserve(&document->hashes, &document->hash_capacity,
                                                  document->hash_count + 1, sizeof(hash)) < 0) {
                free(words.text);
                return NULL;
        }
        hash = intern_hash(words.text);
        free(words.text);
        for (size_t i = 0; i < document->hash_count; i++)
                number += document->hashes[i] == hash;
        document->hashes[document->hash_count++] = hash;
        snprintf(text, sizeof(text), "%016" PRIx64 ":%zu", hash, number);
        return json_pack("{s:s}", FINGERPRINT, text);
}

static bool add_result(struct document *document, const struct check *check,
                       const struct check_finding *finding) {
        json_t *made = json_pack("{s:s, s:i, s:s, s:o, s:[o], s:o}", "ruleId", check_kinds[check->kind].id,
                                 "ruleIndex", (int)check->kind, "level",
                                 finding && finding->undecided ? "warning" : "error", "message",
                                 sentence(check, finding), "locations",
                                 check_sarif_place_location(document->output, document->checks, finding),
                                 "partialFingerprints", fingerprint(document, check, finding));

        if (made && finding && finding->frame_count > 0 &&
            json_object_set_new(made, "codeFlows", check_sarif_place_flows(document->output, finding)) < 0) {
                json_decref(made);
                return false;
        }
        return json_array_append_new(document->results, made) == 0;
}

static bool add_results(struct document *document) {
        const struct checks *checks = document->checks;
        bool done = true;

        for (size_t i = 0; done && i < checks->count; i++) {
                const struct check *check = &checks->items[i];

                if (check->verdict != CHECK_FAILED)
                        continue;
                for (size_t j = 0; done && j < check->finding_count; j++)
                        done = add_result(document, check, &check->findings[j]);
                if (check->finding_count == 0)
                        done = add_result(document, check, NULL);
        }
        return done;
}

/* NULL: no memory. */
static json_t *help(const struct check_kinds_kind *kind, bool markdown) {
        struct memo words;
        json_t *made = NULL;

        if (memo_begin(&words) < 0)
                return NULL;
        check_kinds_advice(kind, "TRACE", markdown, words.stream);
        if (memo_end(&words) == 0)
                made = json_string(words.text);
        free(words.text);
        return made;
}

static json_t *rules(void) {
        json_t *made = json_array();

        for (size_t i = 0; made && i < CHECK_KINDS; i++) {
                const struct check_kinds_kind *kind = &check_kinds[i];
                json_t *rule = json_pack(
                        "{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:o, s:o}, s:{s:s}, s:{s:[s], s:s, s:s}}", "id",
                        kind->id, "name", kind->name, "shortDescription", "text", kind->brief,
                        "fullDescription", "text", kind->about, "help", "text", help(kind, false), "markdown",
                        help(kind, true), "defaultConfiguration", "level", "error", "properties", "tags",
                        "memory", "precision", "very-high", "problem.severity", "error");

                if (json_array_append_new(made, rule) < 0) {
                        json_decref(made);
                        return NULL;
                }
        }
        return made;
}

/* Takes the message. */
static bool notify(json_t *notifications, const struct check *check, const char *level, json_t *message) {
        json_t *made =
                json_pack("{s:{s:s, s:i}, s:s, s:o}", "associatedRule", "id", check_kinds[check->kind].id,
                          "index", (int)check->kind, "level", level, "message", message);

        return json_array_append_new(notifications, made) == 0;
}

/* What could not be judged, and notes. */
static json_t *notifications(const struct checks *checks) {
        json_t *made = json_array();
        bool done = made;

        for (size_t i = 0; done && i < checks->count; i++) {
                const struct check *check = &checks->items[i];

                if (check->verdict == CHECK_UNDECIDED)
                        done = notify(made, check, "error", sentence(check, NULL));
                if (done && check->note)
                        done = notify(made, check, "note", note(check));
        }
        if (done)
                return made;
        json_decref(made);
        return NULL;
}

static json_t *invocation(const struct checks *checks) {
        enum check_verdict verdict = checks_verdict(checks);
        bool judged = check_words_count(checks, CHECK_UNDECIDED) == 0;

        return json_pack("{s:b, s:i, s:o}", "executionSuccessful", judged, "exitCode",
                         verdict == CHECK_PASSED   ? 0
                         : verdict == CHECK_FAILED ? 1
                                                   : 2,
                         "toolExecutionNotifications", notifications(checks));
}

int check_sarif(const struct checks *checks, const struct check_output *output, FILE *stream) {
        struct document document = { .checks = checks, .output = output, .results = json_array() };
        json_t *root;
        int error;

        root = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[o], s:{s:{s:{s:s}}}, s:o}]}", "$schema",
                         SCHEMA, "version", "2.1.0", "runs", "tool", "driver", "name", "memtrace", "version",
                         MEMTRACE_VERSION, "rules", rules(), "invocations", invocation(checks),
                         "originalUriBaseIds", CHECK_SARIF_PLACE_ROOT, "description", "text",
                         "The root of the sources that the program was built from.", "results",
                         document.results);
        if (root && !add_results(&document)) {
                json_decref(root);
                root = NULL;
        }
        error = values_put(root, VALUES_FORM, stream);
        fputc('\n', stream);
        free(document.hashes);
        return error < 0 ? message_errno(ENOMEM, "check", "cannot write SARIF") : 0;
}
