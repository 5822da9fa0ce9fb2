/*
 * A JSON object whose last member is a long list, written as jansson would write it whole, but with one
 * entry in memory at a time.
 *
 *     list_begin(&list, head, "entries", stream);
 *     while (...)
 *             list_add(&list, entry);
 *     failed = list_end(&list);
 *
 * Must not: know what it lists.
 */
#ifndef ANALYZER_RENDER_LIST_H
#define ANALYZER_RENDER_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct list {
        FILE *stream;
        size_t count;
        bool failed; /* no memory for some of it; what the stream itself refuses is main's to notice */
};

/* Both take the reference; NULL, as jansson's constructors give it, counts as failed. `name` has nothing to
 * escape. */
void list_begin(struct list *list, json_t *head, const char *name, FILE *stream);
void list_add(struct list *list, json_t *entry);

/* 0, or a negative errno already reported as `subject`'s. */
int list_end(struct list *list, const char *subject);

#endif
