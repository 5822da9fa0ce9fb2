/*
 * See check_github.h. GitHub shows ten errors of a step: the worst place of each check comes first, then the
 * second of each, and what is left over is told in one.
 */
#include "render/check_github.h"

#include "base/memo.h"
#include "base/message.h"
#include "base/text.h"
#include "render/check_places.h"
#include "render/check_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_SHOWN 10u
#define NOTES_SHOWN 9u /* and the verdict */
#define SUM_PLACES 3u  /* of what only adds up to too much */

/* As the runner takes them apart: in a property, more would end it than in a message. */
static void put_encoded(const char *words, const char *special, FILE *stream) {
        for (; *words; words++) {
                if (strchr(special, *words))
                        fprintf(stream, "%%%02X", (unsigned char)*words);
                else
                        fputc(*words, stream);
        }
}

static void put_property(const char *words, FILE *stream) {
        put_encoded(words, "%\r\n:,", stream);
}

static void put_message(const char *words, FILE *stream) {
        put_encoded(words, "%\r\n", stream);
}

/* `file=...,line=...,` where there is a line. */
static int put_place(const struct check_output *output, const struct symbol_frame *frame, FILE *stream) {
        char *path, *harmless;

        if (!frame || !frame->has_line)
                return 0;
        path = check_output_path(output, frame);
        if (!path)
                return -ENOMEM;
        harmless = text_escape(path, strlen(path));
        free(path);
        if (!harmless)
                return message_errno(ENOMEM, "check", "cannot print");
        fputs("file=", stream);
        put_property(harmless, stream);
        fprintf(stream, ",line=%u,", frame->line);
        free(harmless);
        return 0;
}

/* One annotation: of a place, or of a check as a whole. */
static int put_error(const struct check_output *output, const struct check *check,
                     const struct check_finding *finding, FILE *stream) {
        struct memo title, body;
        int error = memo_begin(&title);

        if (error < 0)
                return error;
        check_words_name(check, title.stream);
        if ((error = memo_end(&title)) < 0 || (error = memo_begin(&body)) < 0) {
                free(title.text);
                return error;
        }
        check_words_sentence(check, finding, body.stream);
        fputc('\n', body.stream);
        if (finding)
                error = check_places_traceback(output, finding, body.stream);
        if (memo_end(&body) < 0)
                error = -ENOMEM;
        else
                body.text[body.length - 1] = '\0'; /* the last line's end */
        fputs("::error ", stream);
        if (error == 0)
                error = put_place(output, finding ? finding->frame : NULL, stream);
        fputs("title=memtrace%3A ", stream);
        put_property(title.text, stream);
        fputs("::", stream);
        if (error == 0) {
                put_message(body.text, stream);
                fputc('\n', stream);
        }
        free(title.text);
        free(body.text);
        return error;
}

/* How many annotations of a check there are, and with the places that are not listed how many it is about. */
static size_t listed(const struct check *check, const struct check_output *output) {
        size_t most = check->each || check->kind == CHECK_GROWTH ? output->limit : SUM_PLACES;

        if (check->verdict == CHECK_PASSED)
                return 0;
        if (check->verdict == CHECK_UNDECIDED || check->finding_count == 0 || most == 0)
                return 1;
        return check->finding_count < most ? check->finding_count : most;
}

static size_t wanted(const struct check *check, const struct check_output *output) {
        bool places = check->verdict == CHECK_FAILED && (check->each || check->kind == CHECK_GROWTH);

        return places && check->finding_total > 0 ? check->finding_total : listed(check, output);
}

static const struct check_finding *finding_at(const struct check *check, size_t index) {
        return check->verdict == CHECK_FAILED && index < check->finding_count ? &check->findings[index]
                                                                              : NULL;
}

/* The first `most` of all checks in turn. */
static int put_errors(const struct checks *checks, const struct check_output *output, size_t most,
                      size_t *put, FILE *stream) {
        size_t before;
        int error = 0;

        *put = 0;
        for (size_t round = 0; error == 0; round++) {
                before = *put;
                for (size_t i = 0; error == 0 && i < checks->count && *put < most; i++) {
                        const struct check *check = &checks->items[i];

                        if (round >= listed(check, output))
                                continue;
                        error = put_error(output, check, finding_at(check, round), stream);
                        ++*put;
                }
                if (*put == before)
                        break;
        }
        return error;
}

static int put_note(const struct check *check, FILE *stream) {
        struct memo title, body;
        int error = memo_begin(&title);

        if (error < 0)
                return error;
        check_words_name(check, title.stream);
        if ((error = memo_end(&title)) == 0 && (error = memo_begin(&body)) == 0) {
                check_words_note(check, body.stream);
                error = memo_end(&body);
                if (error == 0) {
                        fputs("::notice title=memtrace%3A ", stream);
                        put_property(title.text, stream);
                        fputs("::", stream);
                        put_message(body.text, stream);
                        fputc('\n', stream);
                }
                free(body.text);
        }
        free(title.text);
        return error;
}

static bool has_note(const struct check *check, const struct check_output *output) {
        return check->note && (check->verdict != CHECK_PASSED || !output->quiet);
}

static int put_notes(const struct checks *checks, const struct check_output *output, FILE *stream) {
        size_t all = 0, put = 0, most;
        int error = 0;

        for (size_t i = 0; i < checks->count; i++)
                all += has_note(&checks->items[i], output);
        most = all > NOTES_SHOWN ? NOTES_SHOWN - 1 : all;
        for (size_t i = 0; error == 0 && put < most; i++) {
                if (!has_note(&checks->items[i], output))
                        continue;
                error = put_note(&checks->items[i], stream);
                put++;
        }
        if (all > put)
                fprintf(stream, "::notice title=memtrace::and %zu more notes\n", all - put);
        return error;
}

int check_github(const struct checks *checks, const struct check_output *output, FILE *stream) {
        size_t all = 0, put;
        int error;

        for (size_t i = 0; i < checks->count; i++)
                all += wanted(&checks->items[i], output);
        error = put_errors(checks, output, all > ERRORS_SHOWN ? ERRORS_SHOWN - 1 : ERRORS_SHOWN, &put,
                           stream);
        if (all > put)
                fprintf(stream, "::error title=memtrace::and %zu more\n", all - put);
        if (error == 0)
                error = put_notes(checks, output, stream);
        if (all > 0 || output->quiet)
                return error;
        fputs("::notice title=memtrace::", stream);
        check_words_verdict(checks, stream);
        fputc('\n', stream);
        return error;
}
