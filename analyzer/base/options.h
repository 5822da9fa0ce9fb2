/*
 * A command's options as tables, from which come both the parsing and the --help text, so that
 * the two cannot differ. `--help` and `-h` belong to every command.
 *
 * Must not: know any command.
 */
#ifndef ANALYZER_BASE_OPTIONS_H
#define ANALYZER_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct option_spec {
        const char *name;           /* long name, without dashes */
        char letter;                /* short name, or 0 */
        const char *argument;       /* what --help calls its value; NULL: it takes none */
        const char *help;           /* one that ends in a colon is followed by the choices */
        const char *const *choices; /* all that the value may be, ending with NULL; NULL: anything */
};

/* Takes the value of specs[index]; non-zero refuses it after saying why. */
typedef int options_take(void *context, size_t index, const char *value);

/* For a group of one option that takes no value: its context is a bool. */
int options_take_flag(void *context, size_t index, const char *value);

/* What belongs together; several commands may have a group in common. */
struct option_group {
        const struct option_spec *specs; /* ends with a NULL name */
        options_take *take;
};

struct options_about {
        const char *command; /* "report": for messages and "memtrace report --help" */
        const char *usage;   /* after "Usage: memtrace " */
        const char *summary;
        const struct option_group *const *groups; /* ends with NULL */
        /* what the groups have and the command refuses: "thread", or "by=size"; ends with NULL; NULL: nothing
         */
        const char *const *lacks;
        /* the words one of which must follow the name, and what the command is with it; NULL at their end */
        const struct options_about *(*verb)(size_t index, const char **name);
};

enum options_order {
        OPTIONS_ANYWHERE, /* options may follow the operands */
        OPTIONS_FIRST,    /* the first operand ends them: what follows is another program's */
};

#define OPTIONS_HELPED 1 /* --help was asked for and given */

/*
 * argv[0] is the command's name; contexts[i] is what groups[i] takes its options into. 0 with
 * *first_operand set; OPTIONS_HELPED; -EINVAL after one line on stderr.
 */
int options_parse(const struct options_about *about, enum options_order order, int argc, char **argv,
                  void *const *contexts, int *first_operand);

/* Whether the command refuses the option, or a choice of it; choice NULL: the option itself. */
bool options_lacks(const struct options_about *about, const struct option_spec *spec, const char *choice);

void options_help(const struct options_about *about, FILE *stream);

/* A whole decimal number from `least` to `most`. 0 or -EINVAL, silently. */
int options_number(const char *text, unsigned long long least, unsigned long long most,
                   unsigned long long *value);

/* The index of `text` in `names` (which ends with NULL), or -1. */
int options_choice(const char *text, const char *const *names);

/* The index of `value` among the option's choices; -EINVAL after one line on stderr. */
int options_choose(const char *command, const struct option_spec *spec, const char *value);

#endif
