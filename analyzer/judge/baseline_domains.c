/*
 * See baseline_domains.h. One thread.
 */
#include "judge/baseline_domains.h"

#include "base/array.h"
#include "base/memo.h"
#include "base/text.h"
#include "reader/domains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void baseline_domains_deinit(struct baseline_domains *domains) {
        for (size_t i = 0; i < domains->count; i++)
                free(domains->globs[i]);
        free(domains->globs);
        *domains = (struct baseline_domains){ 0 };
}

int baseline_domains_add(struct baseline_domains *domains, const char *glob) {
        size_t at = 0;
        char *plain;

        while (at < domains->count && strcmp(domains->globs[at], glob) < 0)
                at++;
        if (at < domains->count && strcmp(domains->globs[at], glob) == 0)
                return -EEXIST;
        if (array_reserve(&domains->globs, &domains->capacity, domains->count + 1, sizeof(*domains->globs)) <
                    0 ||
            !(plain = strdup(glob)))
                return -ENOMEM;
        memmove(&domains->globs[at + 1], &domains->globs[at], (domains->count++ - at) * sizeof(char *));
        domains->globs[at] = plain;
        return 0;
}

/* As a text can hold it; several processes may have the same. */
static int note(struct baseline_domains *domains, const char *glob) {
        char *plain = text_escape(glob, strlen(glob));
        int error = plain ? baseline_domains_add(domains, plain) : -ENOMEM;

        free(plain);
        return error == -EEXIST ? 0 : error;
}

static int note_names(struct baseline_domains *domains, const struct summary *summary) {
        int error = summary->has_heap ? note(domains, DOMAINS_HEAP) : 0;

        for (size_t i = 0; error == 0 && i < summary->domain_count; i++)
                if (summary->domains[i].taken)
                        error = note(domains, summary->domains[i].name);
        return error;
}

int baseline_domains_note(struct baseline_domains *domains, const struct domain_choice *choice,
                          const struct state *state) {
        int error = 0;

        if (!choice || choice->count == 0 || !domain_choice_is(choice, state->trace))
                return note_names(domains, &state->summary);
        for (size_t i = 0; error == 0 && i < choice->count; i++)
                error = note(domains, choice->globs[i].glob);
        return error;
}

bool baseline_domains_are_heap(const struct baseline_domains *domains) {
        return domains->count == 0 || (domains->count == 1 && strcmp(domains->globs[0], DOMAINS_HEAP) == 0);
}

bool baseline_domains_are_same(const struct baseline_domains *left, const struct baseline_domains *right) {
        bool same = left->count == right->count;

        for (size_t i = 0; same && i < left->count; i++)
                same = strcmp(left->globs[i], right->globs[i]) == 0;
        return same || (baseline_domains_are_heap(left) && baseline_domains_are_heap(right));
}

char *baseline_domains_words(const struct baseline_domains *domains) {
        size_t length;
        char *text = NULL;
        FILE *stream = baseline_domains_are_heap(domains) ? NULL : memo_stream(&text, &length);

        if (!stream)
                return baseline_domains_are_heap(domains) ? strdup("the heap") : NULL;
        fputs(domains->count == 1 ? "domain " : "domains ", stream);
        for (size_t i = 0; i < domains->count; i++)
                fprintf(stream, "%s%s", i ? ", " : "", domains->globs[i]);
        if (fclose(stream) == 0)
                return text;
        free(text);
        return NULL;
}
