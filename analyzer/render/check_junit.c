/*
 * See check_junit.h. There is no time of day in it, so that the same traces give the same bytes.
 */
#include "render/check_junit.h"

#include "base/memo.h"
#include "render/check_kinds.h"
#include "render/check_places.h"
#include "render/check_words.h"
#include "render/svg.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *or_empty(const char *text) {
        return text ? text : "";
}

static bool is_of_suite(const struct check *check, const char *subject) {
        return strcmp(or_empty(check->subject), subject) == 0;
}

/* Whether a case needs more than its name to be told apart: readers know it by that from run to run. */
static bool is_ambiguous(const struct checks *checks, const struct check *check) {
        size_t same = 0;

        for (size_t i = 0; i < checks->count; i++) {
                const struct check *other = &checks->items[i];

                same += other->kind == check->kind && other->each == check->each &&
                        is_of_suite(other, or_empty(check->subject)) &&
                        strcmp(or_empty(other->glob), or_empty(check->glob)) == 0;
        }
        return same > 1;
}

/* The words are harmless; their line ends are ours. */
static void put_lines(const char *words, FILE *stream) {
        for (const char *end; *words; words = end) {
                end = strchrnul(words, '\n');
                svg_text_bytes(stream, words, (size_t)(end - words));
                if (*end)
                        fputc(*end++, stream);
        }
}

/* ` name="..."`, of what the check is. */
static int put_name(const struct checks *checks, const struct check *check, FILE *stream) {
        struct memo words;
        int error = memo_begin(&words);

        if (error < 0)
                return error;
        check_words_name(check, words.stream);
        if (is_ambiguous(checks, check))
                check_words_origin(check, words.stream);
        error = memo_end(&words);
        fputs(" name=\"", stream);
        if (error == 0)
                put_lines(words.text, stream);
        fputc('"', stream);
        free(words.text);
        return error;
}

/* ` message="..."` of the check as a whole, and what stands in the element. */
static int put_words(const struct checks *checks, const struct check *check,
                     const struct check_output *output, FILE *stream) {
        struct memo message, body;
        int error = memo_begin(&message);

        if (error < 0)
                return error;
        check_words_result(check, message.stream);
        check_words_origin(check, message.stream);
        error = memo_end(&message);
        fputs(" message=\"", stream);
        if (error == 0)
                put_lines(message.text, stream);
        fprintf(stream, "\" type=\"%s\">", check_kind_names[check->kind]);
        free(message.text);
        if (error < 0 || (error = memo_begin(&body)) < 0)
                return error;
        check_words_sentence(check, NULL, body.stream);
        fputc('\n', body.stream);
        error = check_places_list(output, check, body.stream);
        if (check->verdict == CHECK_FAILED) {
                fputc('\n', body.stream);
                check_kinds_advice(&check_kinds[check->kind], check_kinds_trace(checks), false, body.stream);
        }
        if (memo_end(&body) < 0)
                error = -ENOMEM;
        if (error == 0)
                put_lines(body.text, stream);
        free(body.text);
        return error;
}

static int put_case(const struct checks *checks, const struct check *check, const struct check_output *output,
                    FILE *stream) {
        const char *element = check->verdict == CHECK_FAILED ? "failure" : "error";
        int error;

        fputs("    <testcase", stream);
        error = put_name(checks, check, stream);
        fprintf(stream, " classname=\"memtrace.check.%s\" time=\"0\"", check_kind_names[check->kind]);
        if (check->verdict == CHECK_PASSED && !check->note) {
                fputs("/>\n", stream);
                return error;
        }
        fputs(">\n", stream);
        if (check->verdict != CHECK_PASSED) {
                fprintf(stream, "      <%s", element);
                if (error == 0)
                        error = put_words(checks, check, output, stream);
                fprintf(stream, "</%s>\n", element);
        }
        if (check->note) {
                fputs("      <system-out>", stream);
                svg_text(stream, check->note);
                fputs("</system-out>\n", stream);
        }
        fputs("    </testcase>\n", stream);
        return error;
}

/* The numbers of a case, which they name by its place in the suite: readers take properties of a suite alone.
 */
static void put_properties(const struct check *check, size_t number, const char *which,
                           const struct check_amount *amount, FILE *stream) {
        const char *kind = check_kind_names[check->kind];

        if (amount->has_bytes)
                fprintf(stream, "      <property name=\"%zu.%s.%s_bytes\" value=\"%" PRIu64 "\"/>\n", number,
                        kind, which, amount->bytes);
        if (amount->has_count)
                fprintf(stream, "      <property name=\"%zu.%s.%s_count\" value=\"%" PRIu64 "\"/>\n", number,
                        kind, which, amount->count);
        if (amount->has_share)
                fprintf(stream, "      <property name=\"%zu.%s.%s_share\" value=\"%.15g\"/>\n", number, kind,
                        which, amount->share);
}

static void put_suite_head(const struct checks *checks, const char *subject, FILE *stream) {
        size_t count = 0, failed = 0, undecided = 0;

        for (size_t i = 0; i < checks->count; i++) {
                const struct check *check = &checks->items[i];

                if (!is_of_suite(check, subject))
                        continue;
                count++;
                failed += check->verdict == CHECK_FAILED;
                undecided += check->verdict == CHECK_UNDECIDED;
        }
        fputs("  <testsuite name=\"memtrace check", stream);
        fputs(*subject ? ": " : "", stream);
        svg_text(stream, subject);
        fprintf(stream, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\">\n", count,
                failed, undecided);
}

static int put_suite(const struct checks *checks, const char *subject, const struct check_output *output,
                     FILE *stream) {
        size_t number = 0;
        int error = 0;

        put_suite_head(checks, subject, stream);
        fputs("    <properties>\n", stream);
        for (size_t i = 0; i < checks->count; i++) {
                const struct check *check = &checks->items[i];

                if (!is_of_suite(check, subject))
                        continue;
                put_properties(check, ++number, "limit", &check->limit, stream);
                put_properties(check, number, "actual", &check->actual, stream);
        }
        fputs("    </properties>\n", stream);
        for (size_t i = 0; error == 0 && i < checks->count; i++)
                if (is_of_suite(&checks->items[i], subject))
                        error = put_case(checks, &checks->items[i], output, stream);
        fputs("  </testsuite>\n", stream);
        return error;
}

/* Whether no check before it is of its suite. */
static bool is_first(const struct checks *checks, size_t index) {
        for (size_t i = 0; i < index; i++)
                if (is_of_suite(&checks->items[i], or_empty(checks->items[index].subject)))
                        return false;
        return true;
}

int check_junit(const struct checks *checks, const struct check_output *output, FILE *stream) {
        int error = 0;

        fprintf(stream,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites name=\"memtrace check\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                "time=\"0\">\n",
                checks->count, check_words_count(checks, CHECK_FAILED),
                check_words_count(checks, CHECK_UNDECIDED));
        for (size_t i = 0; error == 0 && i < checks->count; i++)
                if (is_first(checks, i))
                        error = put_suite(checks, or_empty(checks->items[i].subject), output, stream);
        fputs("</testsuites>\n", stream);
        return error;
}
