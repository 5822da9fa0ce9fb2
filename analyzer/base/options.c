/*
 * See options.h. getopt_long does the work; its own messages are off because they could not
 * name the command.
 */
#include "base/options.h"

#include "base/message.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define SPECS_MAX 64
#define LONG_BASE 256

static int refuse(const struct options_about *about, char **argv, int result) {
        const char *given = argv[optind - 1];

        if (optopt && optopt < LONG_BASE && strncmp(given, "--", 2) != 0)
                message("%s: option -%c %s; see memtrace %s --help", about->command, optopt,
                        result == ':' ? "needs a value" : "is not known", about->command);
        else
                message("%s: option %s %s; see memtrace %s --help", about->command, given,
                        result == ':' ? "needs a value" : "is not known, or takes no value", about->command);
        return -EINVAL;
}

/* A command's options in a row, whatever group they are of. */
struct row {
        const struct option_spec *spec;
        size_t group, index;
};

static size_t list(const struct options_about *about, struct row rows[SPECS_MAX]) {
        size_t count = 0;

        for (size_t g = 0; about->groups[g]; g++)
                for (size_t i = 0; about->groups[g]->specs[i].name && count < SPECS_MAX; i++)
                        rows[count++] = (struct row){ &about->groups[g]->specs[i], g, i };
        return count;
}

int options_parse(const struct options_about *about, enum options_order order, int argc, char **argv,
                  void *const *contexts, int *first_operand) {
        struct option longs[SPECS_MAX + 2] = { { "help", no_argument, NULL, 'h' } };
        char letters[2 * SPECS_MAX + 8] = "";
        struct row rows[SPECS_MAX];
        size_t at = 0, count = list(about, rows);

        if (order == OPTIONS_FIRST)
                letters[at++] = '+';
        letters[at++] = ':';
        letters[at++] = 'h';
        for (size_t i = 0; i < count; i++) {
                const struct option_spec *spec = rows[i].spec;

                longs[i + 1] = (struct option){ spec->name, spec->argument ? required_argument : no_argument,
                                                NULL, LONG_BASE + (int)i };
                if (spec->letter) {
                        letters[at++] = spec->letter;
                        if (spec->argument)
                                letters[at++] = ':';
                }
        }
        opterr = 0;
        optind = 0; /* 0, not 1: also resets the state of an earlier parse */
        for (;;) {
                int result = getopt_long(argc, argv, letters, longs, NULL);
                size_t number;

                if (result == -1)
                        break;
                if (result == '?' || result == ':')
                        return refuse(about, argv, result);
                if (result == 'h') {
                        options_help(about, stdout);
                        return OPTIONS_HELPED;
                }
                if (result >= LONG_BASE)
                        number = (size_t)(result - LONG_BASE);
                else
                        for (number = 0; rows[number].spec->letter != result;)
                                number++;
                if (about->groups[rows[number].group]->take(contexts[rows[number].group], rows[number].index,
                                                            optarg) != 0)
                        return -EINVAL;
        }
        *first_operand = optind;
        return 0;
}

bool options_lacks(const struct options_about *about, const struct option_spec *spec, const char *choice) {
        size_t length = strlen(spec->name);

        for (size_t i = 0; about->lacks && about->lacks[i]; i++) {
                const char *lack = about->lacks[i];

                if (strncmp(lack, spec->name, length) == 0 &&
                    (choice ? lack[length] == '=' && strcmp(lack + length + 1, choice) == 0 : !lack[length]))
                        return true;
        }
        return false;
}

/* "live, total or count" */
static void put_choices(const struct options_about *about, const struct option_spec *spec, FILE *stream) {
        size_t count = 0, at = 0;

        for (size_t i = 0; spec->choices[i]; i++)
                count += !options_lacks(about, spec, spec->choices[i]);
        for (size_t i = 0; spec->choices[i]; i++)
                if (!options_lacks(about, spec, spec->choices[i])) {
                        fprintf(stream, "%s%s",
                                at == 0           ? " "
                                : at + 1 == count ? " or "
                                                  : ", ",
                                spec->choices[i]);
                        at++;
                }
}

void options_help(const struct options_about *about, FILE *stream) {
        struct row rows[SPECS_MAX];
        size_t count = list(about, rows);

        fprintf(stream, "Usage: memtrace %s\n%s\n", about->usage, about->summary);
        fputs("\nOptions:\n", stream);
        for (size_t i = 0; i < count; i++) {
                const struct option_spec *spec = rows[i].spec;
                size_t length = strlen(spec->help);
                char left[80];

                if (options_lacks(about, spec, NULL))
                        continue;
                snprintf(left, sizeof(left), "%c%c%s--%s%s%s", spec->letter ? '-' : ' ',
                         spec->letter ? spec->letter : ' ', spec->letter ? ", " : "  ", spec->name,
                         spec->argument ? " " : "", spec->argument ? spec->argument : "");
                fprintf(stream, "  %-28s %s", left, spec->help);
                if (spec->choices && spec->help[length - 1] == ':')
                        put_choices(about, spec, stream);
                fputc('\n', stream);
        }
        fprintf(stream, "  %-28s %s\n", "-h, --help", "show this and exit");
}

int options_number(const char *text, unsigned long long least, unsigned long long most,
                   unsigned long long *value) {
        unsigned long long number;
        char *end;

        /* strtoull alone would take " 7" and "-7" */
        if (*text < '0' || *text > '9')
                return -EINVAL;
        errno = 0;
        number = strtoull(text, &end, 10);
        if (errno || *end || number < least || number > most)
                return -EINVAL;
        *value = number;
        return 0;
}

int options_choice(const char *text, const char *const *names) {
        for (int i = 0; names[i]; i++)
                if (strcmp(text, names[i]) == 0)
                        return i;
        return -1;
}

int options_choose(const char *command, const struct option_spec *spec, const char *value) {
        int choice = options_choice(value, spec->choices);

        if (choice >= 0)
                return choice;
        message("%s: --%s %s is not known; see memtrace %s --help", command, spec->name, value, command);
        return -EINVAL;
}

int options_take_flag(void *context, size_t index, const char *value) {
        (void)index;
        (void)value;
        *(bool *)context = true;
        return 0;
}
