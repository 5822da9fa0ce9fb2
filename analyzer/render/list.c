/*
 * See list.h.
 */
#include "render/list.h"

#include "base/message.h"
#include "render/values.h"

#include <errno.h>
#include <string.h>

/* The end of the object that the list is the last member of: it goes in before. */
#define OBJECT_END "\n}"

struct open_object {
        FILE *stream;
        char held[sizeof(OBJECT_END) - 1]; /* of what was put, the last bytes */
        size_t held_count;
};

static int put_held_back(const char *text, size_t length_bytes, void *context) {
        struct open_object *object = context;

        for (size_t i = 0; i < length_bytes; i++) {
                if (object->held_count == sizeof(object->held)) {
                        fputc(object->held[0], object->stream);
                        memmove(object->held, object->held + 1, --object->held_count);
                }
                object->held[object->held_count++] = text[i];
        }
        return 0;
}

/* Not by json_dumps, which lets a key be lost that there is no memory for. */
void list_begin(struct list *list, json_t *head, const char *name, FILE *stream) {
        struct open_object object = { .stream = stream };

        *list = (struct list){ .stream = stream };
        list->failed = !head || json_dump_callback(head, put_held_back, &object, VALUES_FORM) < 0;
        if (!list->failed)
                fprintf(stream, ",\n  \"%s\": [", name);
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
