/*
 * See help_complete.h. A shell puts what is written here into the user's line: nothing from a trace may be
 * more there than a word.
 */
#include "commands/help_complete.h"

#include "base/message.h"
#include "base/path.h"
#include "commands/command.h"
#include "reader/trace.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void put_kind(FILE *stream, const char *kind, const char *prefix, size_t prefix_length) {
        fprintf(stream, "%s\t%.*s\n", kind, (int)prefix_length, prefix);
}

/* Those of `names` (which ends with NULL) that `word` begins, behind its first `prefix_length` bytes. */
static void put_words(FILE *stream, const char *word, size_t prefix_length, const char *const *names) {
        const char *begun = word + prefix_length;

        for (; *names; names++)
                if (strncmp(*names, begun, strlen(begun)) == 0)
                        fprintf(stream, "%.*s%s\n", (int)prefix_length, word, *names);
}

static void put_commands(FILE *stream, const char *word) {
        for (size_t i = 0; commands[i]; i++)
                put_words(stream, word, 0, (const char *const[]){ commands[i]->about->command, NULL });
}

static void put_options(FILE *stream, const char *word, const struct options_about *about) {
        for (size_t g = 0; about->groups[g]; g++)
                for (const struct option_spec *spec = about->groups[g]->specs; spec->name; spec++)
                        if (!options_lacks(about, spec, NULL) && strncmp(word, "--", strnlen(word, 2)) == 0 &&
                            (strlen(word) < 2 || strncmp(spec->name, word + 2, strlen(word + 2)) == 0))
                                fprintf(stream, "--%s\n", spec->name);
        put_words(stream, word, 0, (const char *const[]){ "--help", NULL });
}

static const char *const whens[] = { "start", "peak", "end", NULL };

/* Marks are called what the traced program likes: only names that no shell makes anything of. */
static bool is_harmless(const char *name) {
        return *name &&
               name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")] ==
                       '\0';
}

static void put_marks(FILE *stream, const char *word, size_t prefix_length) {
        char *path = strndup(word, prefix_length - 1);
        struct trace *trace;

        message_silence();
        if (path && trace_open(path, &trace) == 0) {
                for (size_t i = 0; i < trace->mark_count; i++)
                        if (is_harmless(trace->marks[i].name) &&
                            options_choice(trace->marks[i].name, whens) < 0)
                                put_words(stream, word, prefix_length,
                                          (const char *const[]){ trace->marks[i].name, NULL });
                trace_free(trace);
        }
        free(path);
}

static void put_trace(FILE *stream, const char *word) {
        const char *at = strrchr(word, '@');
        size_t prefix_length = at ? (size_t)(at - word) + 1 : 0;

        put_kind(stream, "traces", "", 0);
        if (!at)
                return;
        put_words(stream, word, prefix_length, whens);
        put_marks(stream, word, prefix_length);
}

/* The value of an option, which `word` holds behind its first `prefix_length` bytes. */
static void put_value(FILE *stream, const char *word, size_t prefix_length, const struct options_about *about,
                      const struct option_spec *spec) {
        bool is_file = strcmp(spec->argument, "FILE") == 0, is_when = strcmp(spec->argument, "WHEN") == 0;

        if (is_when && word[prefix_length] == '@')
                prefix_length++;
        put_kind(stream, is_file ? "files" : "words", word, prefix_length);
        for (size_t i = 0; spec->choices && spec->choices[i]; i++)
                if (!options_lacks(about, spec, spec->choices[i]))
                        put_words(stream, word, prefix_length,
                                  (const char *const[]){ spec->choices[i], NULL });
        if (!spec->choices && is_when)
                put_words(stream, word, prefix_length, whens);
}

static const struct option_spec *find_option(const struct options_about *about, const char *name,
                                             size_t length, char letter) {
        for (size_t g = 0; about->groups[g]; g++)
                for (const struct option_spec *spec = about->groups[g]->specs; spec->name; spec++)
                        if (letter ? spec->letter == letter
                                   : strlen(spec->name) == length && strncmp(spec->name, name, length) == 0)
                                return spec;
        return NULL;
}

/* The option of `word` that takes the next word as its value; NULL: none does. */
static const struct option_spec *awaits_value(const struct options_about *about, const char *word) {
        const struct option_spec *spec = NULL;

        if (strncmp(word, "--", 2) == 0) {
                spec = find_option(about, word + 2, strlen(word + 2), 0);
        } else {
                for (word++; *word; word++) {
                        spec = find_option(about, NULL, 0, *word);
                        if (spec && spec->argument)
                                return word[1] ? NULL : spec;
                }
        }
        return spec && spec->argument ? spec : NULL;
}

/* What the operands are, the usage says. */
static void put_operand(FILE *stream, const char *word, const struct options_about *about, int operands) {
        if (strstr(about->usage, "PROGRAM")) {
                put_kind(stream, operands == 0 ? "programs" : "files", "", 0);
        } else if (strstr(about->usage, "COMMAND")) {
                put_kind(stream, "words", "", 0);
                put_commands(stream, word);
        } else if (strstr(about->usage, "TRACE")) {
                put_trace(stream, word);
        } else {
                put_kind(stream, "files", "", 0);
        }
}

/* The words after the command's name, the last of them to be completed. */
static void complete_command(FILE *stream, const struct options_about *about, int count, char *const *words) {
        const char *word = words[count - 1], *equals = strchr(word, '=');
        const struct option_spec *spec = NULL;
        bool options_ended = false;
        int operands = 0;

        for (int i = 0; i + 1 < count; i++) {
                if (spec)
                        spec = NULL;
                else if (options_ended || *words[i] != '-' || !words[i][1])
                        /* what follows a program is its own */
                        options_ended |= operands++ == 0 && strstr(about->usage, "PROGRAM");
                else if (strcmp(words[i], "--") == 0)
                        options_ended = true;
                else
                        spec = awaits_value(about, words[i]);
        }
        if (spec) {
                put_value(stream, word, 0, about, spec);
        } else if (options_ended || *word != '-') {
                put_operand(stream, word, about, operands);
        } else if (equals && strncmp(word, "--", 2) == 0) {
                spec = find_option(about, word + 2, (size_t)(equals - word) - 2, 0);
                if (spec && spec->argument)
                        put_value(stream, word, (size_t)(equals - word) + 1, about, spec);
        } else {
                put_kind(stream, "words", "", 0);
                put_options(stream, word, about);
        }
}

static void complete_verb(FILE *stream, const struct options_about *about, int count, char *const *words) {
        const struct options_about *chosen;
        const char *name;

        if (count == 1)
                put_kind(stream, "words", "", 0);
        for (size_t i = 0; (chosen = about->verb(i, &name)); i++) {
                if (count == 1)
                        put_words(stream, words[0], 0, (const char *const[]){ name, NULL });
                else if (strcmp(name, words[0]) == 0)
                        complete_command(stream, chosen, count - 1, words + 1);
        }
}

void help_complete(int count, char *const *words, FILE *stream) {
        bool as_report = count > 0 && strcmp(path_base(words[0]), "memtrace-report") == 0;
        const struct command *command = count > 2 ? command_find(words[1]) : NULL;

        if (count < 2)
                return;
        if (command && command->about->verb) {
                complete_verb(stream, command->about, count - 2, words + 2);
        } else if (command) {
                complete_command(stream, command->about, count - 2, words + 2);
        } else if (as_report) {
                complete_command(stream, command_report.about, count - 1, words + 1);
                if (count == 2)
                        put_commands(stream, words[1]);
        } else if (count == 2) {
                put_kind(stream, "words", "", 0);
                put_commands(stream, words[1]);
                put_words(stream, words[1], 0, (const char *const[]){ "--help", "--version", NULL });
        }
}
