/*
 * See frame_names.h.
 */
#include "judge/frame_names.h"

#include "aggregate/filter.h"
#include "base/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN "???"
#define INNER "__GI_"

void frame_names_deinit(struct frame_names *names) {
        free(names->heap[0]);
        free(names->heap[1]);
}

/* One more name, which it owns. */
static const char *keep(struct frame_names *names, char *text) {
        size_t at = names->heap[0] ? 1 : 0;

        names->heap[at] = text;
        if (text)
                names->texts[names->count++] = text;
        return text;
}

size_t frame_names_own(const char *name) {
        size_t start = 0;
        int depth = 0;

        for (size_t i = 0; name[i]; i++) {
                if (depth == 0 && i == start && strncmp(name + i, "operator", 8) == 0)
                        break;
                depth += (name[i] == '<' || name[i] == '(') - (name[i] == '>' || name[i] == ')');
                if (depth == 0 && name[i] == ':' && name[i + 1] == ':')
                        start = i + 2;
        }
        return start;
}

const char *frame_names_outer(const char *function) {
        const char *outer =
                strncmp(function, INNER, strlen(INNER)) == 0 ? function + strlen(INNER) : function;

        if (strncmp(outer, "__", 2) == 0)
                outer += strspn(outer, "_");
        return *outer ? outer : function;
}

int frame_names_function(const char *function, bool inlined, struct frame_names *names) {
        size_t version = strcspn(function, "@");
        const char *plain;

        if (!*function) {
                names->texts[names->count++] = UNKNOWN;
                return 0;
        }
        names->texts[names->count++] = function;
        if (version > 0 && function[version] && !keep(names, strndup(function, version)))
                return -ENOMEM;
        /* glibc's debug information has its own names, and its symbol table those that programs call */
        if (strncmp(function, INNER, strlen(INNER)) == 0)
                names->texts[names->count++] = function + strlen(INNER);
        if (frame_names_outer(function) != function)
                names->texts[names->count++] = frame_names_outer(function);
        names->sanitizer_count = names->count;
        plain = keep(names, strndup(function, filter_plain_length(function)));
        /* of an inlined function Valgrind has the name alone */
        if (plain && inlined)
                names->texts[names->count++] = plain + frame_names_own(plain);
        return plain ? 0 : -ENOMEM;
}

int frame_names_file(const char *text, struct frame_names *names) {
        const char *directory = strchr(text, '\n');
        size_t length = directory ? (size_t)(directory - text) : strlen(text);
        const char *file = keep(names, strndup(text, length));

        if (!file || (directory && !keep(names, path_under(directory + 1, file))))
                return -ENOMEM;
        names->sanitizer_count = names->count;
        names->texts[names->count++] = path_base(file);
        return 0;
}

/* /lib and /usr/lib are one directory on most machines, and either may be what a tool writes. */
int frame_names_module(const char *path, struct frame_names *names) {
        static const char *const merged[] = { "/lib/", "/lib64/", "/lib32/", "/bin/", "/sbin/" };
        bool usr = strncmp(path, "/usr/", 5) == 0;
        const char *rest = usr ? path + strlen("/usr") : path;
        char *whole;

        names->texts[names->count++] = *path ? path : UNKNOWN;
        for (size_t i = 0; i < sizeof(merged) / sizeof(*merged); i++)
                if (strncmp(rest, merged[i], strlen(merged[i])) == 0) {
                        if (usr)
                                names->texts[names->count++] = rest;
                        else if (asprintf(&whole, "/usr%s", rest) < 0 || !keep(names, whole))
                                return -ENOMEM;
                        break;
                }
        names->sanitizer_count = *path ? names->count : 0;
        return 0;
}
