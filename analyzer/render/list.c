/*
 * See list.h.
 */
#include "render/list.h"

#include "base/message.h"
#include "render/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void list_begin(struct list *list, json_t *head, const char *name, FILE *stream) {
        char *text = head ? json_dumps(head, VALUES_FORM) : NULL;

        *list = (struct list){ .stream = stream, .failed = !text };
        if (text)
                fprintf(stream, "%.*s,\n  \"%s\": [", (int)strlen(text) - (int)strlen("\n}"), text, name);
        free(text);
        json_decref(head);
}

/* Two levels in; there is no newline within a JSON string. */
static int put_indented(const char *text, size_t length_bytes, void *stream) {
        for (size_t i = 0; i < length_bytes; i++) {
                fputc(text[i], stream);
                if (text[i] == '\n')
                        fputs("    ", stream);
        }
        return 0;
}

void list_add(struct list *list, json_t *entry) {
        if (!list->failed && entry) {
                fputs(list->count++ > 0 ? ",\n    " : "\n    ", list->stream);
                list->failed = json_dump_callback(entry, put_indented, list->stream, VALUES_FORM) < 0;
        } else {
                list->failed = true;
        }
        json_decref(entry);
}

int list_end(struct list *list, const char *subject) {
        if (list->failed)
                return message_errno(ENOMEM, subject, "cannot write JSON");
        fputs(list->count > 0 ? "\n  ]\n}\n" : "]\n}\n", list->stream);
        return 0;
}
