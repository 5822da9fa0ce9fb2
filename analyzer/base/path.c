/*
 * See path.h.
 */
#include "base/path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *path_base(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

const char *path_tail(const char *path, unsigned directories) {
        const char *at = path + strlen(path);

        while (at > path && (at[-1] != '/' || directories-- > 0))
                at--;
        return at;
}

/* Takes the last name off `out`; false where there is none to take. */
static bool drop_last(char *out, size_t *length, bool absolute) {
        size_t floor = absolute ? 1 : 0, at = *length;

        if (at <= floor)
                return absolute; /* "/.." is "/" */
        while (at > floor && out[at - 1] != '/')
                at--;
        if (*length - at == 2 && memcmp(out + at, "..", 2) == 0)
                return false;
        *length = at > floor ? at - 1 : floor;
        return true;
}

char *path_tidy(const char *path) {
        bool absolute = path[0] == '/';
        char *out = malloc(strlen(path) + 2);
        size_t length = 0;

        if (!out)
                return NULL;
        if (absolute)
                out[length++] = '/';
        while (*path) {
                size_t name = strcspn(path, "/");

                if (name == 0 || (name == 1 && path[0] == '.')) {
                        /* nothing */
                } else if (name != 2 || memcmp(path, "..", 2) != 0 || !drop_last(out, &length, absolute)) {
                        if (length > 0 && out[length - 1] != '/')
                                out[length++] = '/';
                        memcpy(out + length, path, name);
                        length += name;
                }
                path += name + (path[name] == '/');
        }
        if (length == 0)
                out[length++] = '.';
        out[length] = '\0';
        return out;
}

char *path_under(const char *directory, const char *file) {
        char *joined = NULL, *tidy;

        if (directory && *file != '/' && asprintf(&joined, "%s/%s", directory, file) < 0)
                return NULL;
        tidy = path_tidy(joined ? joined : file);
        free(joined);
        return tidy;
}

size_t path_without(const char *name, size_t length, const char *ending) {
        size_t wanted = strlen(ending);

        return length > wanted && memcmp(name + length - wanted, ending, wanted) == 0 ? length - wanted
                                                                                      : length;
}

bool path_ends_with(const char *name, const char *ending) {
        size_t length = strlen(name);

        return path_without(name, length, ending) < length;
}

size_t path_stem(const char *name, size_t length) {
        size_t stem = path_without(name, length, ".mtr");

        return stem < length ? stem : path_without(name, length, ".json");
}
