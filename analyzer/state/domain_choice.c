/*
 * See domain_choice.h. One thread.
 */
#include "state/domain_choice.h"

#include "base/array.h"
#include "base/memo.h"
#include "base/message.h"
#include "reader/domains.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SHOWN 12u

static int no_memory(const struct domain_choice *choice) {
        return message_errno(ENOMEM, choice->command, "cannot choose domains");
}

int domain_choice_add(struct domain_choice *choice, const char *glob) {
        if (array_reserve(&choice->globs, &choice->capacity, choice->count + 1, sizeof(*choice->globs)) < 0)
                return no_memory(choice);
        choice->globs[choice->count++] = (struct domain_glob){ .glob = glob };
        return 0;
}

/* For the message that says what there is. */
static int note_name(struct domain_choice *choice, const char *name) {
        char *copy;

        for (size_t i = 0; i < choice->name_count; i++)
                if (strcmp(choice->names[i], name) == 0)
                        return 0;
        copy = strdup(name);
        if (!copy || array_reserve(&choice->names, &choice->names_capacity, choice->name_count + 1,
                                   sizeof(*choice->names)) < 0) {
                free(copy);
                return no_memory(choice);
        }
        choice->names[choice->name_count++] = copy;
        return 0;
}

static bool is_of(const struct domain_glob *glob, const char *name) {
        return fnmatch(glob->glob, name, FNM_NOESCAPE) == 0;
}

static bool matches(struct domain_choice *choice, const char *name) {
        bool found = choice->count == 0;

        for (size_t i = 0; i < choice->count; i++)
                if (is_of(&choice->globs[i], name))
                        choice->globs[i].matched = found = true;
        return found;
}

/* NULL: the trace has no such domain. */
static const char *name_of(const struct trace *trace, uint32_t number) {
        const struct trace_domain *domain = domains_get(trace, number);

        return number == 0 ? DOMAINS_HEAP : domain ? domain->name : NULL;
}

int domain_choice_take(struct domain_choice *choice, struct trace *trace) {
        bool taken[DOMAINS_MOST] = { 0 };
        int error = 0;

        if (!choice || (choice->count == 0 && !choice->all))
                return 0;
        for (uint32_t i = 0; error == 0 && i < DOMAINS_MOST; i++) {
                const char *name = name_of(trace, i);

                if (!name)
                        continue;
                error = note_name(choice, name);
                taken[i] = matches(choice, name);
        }
        if (error == 0 && !choice->several)
                error = domain_choice_end(choice);
        return error == 0 ? domains_take(trace, taken) : error;
}

bool domain_choice_is(const struct domain_choice *choice, const struct trace *trace) {
        for (uint32_t i = 0; i < DOMAINS_MOST; i++) {
                const char *name = name_of(trace, i);
                bool found = false;

                for (size_t k = 0; name && k < choice->count; k++)
                        found |= is_of(&choice->globs[k], name);
                if (name && found != domains_taken(trace, i))
                        return false;
        }
        return true;
}

static void refuse(const struct domain_choice *choice, const char *glob) {
        char *names = NULL;
        size_t length;
        FILE *stream = memo_stream(&names, &length);

        for (size_t i = 0; stream && i < choice->name_count && i < NAMES_SHOWN; i++)
                fprintf(stream, "%s%s", i ? ", " : "", choice->names[i]);
        if (stream && choice->name_count > NAMES_SHOWN)
                fputs(", ...", stream);
        if (stream && fclose(stream) != 0) {
                free(names);
                names = NULL;
        }
        message("%s: --domain %s matches no domain; there is %s", choice->command, glob,
                names ? names : DOMAINS_HEAP);
        free(names);
}

int domain_choice_end(const struct domain_choice *choice) {
        for (size_t i = 0; i < choice->count; i++)
                if (!choice->globs[i].matched) {
                        refuse(choice, choice->globs[i].glob);
                        return -EINVAL;
                }
        return 0;
}

void domain_choice_deinit(struct domain_choice *choice) {
        for (size_t i = 0; i < choice->name_count; i++)
                free(choice->names[i]);
        free(choice->names);
        free(choice->globs);
        *choice = (struct domain_choice){ 0 };
}
