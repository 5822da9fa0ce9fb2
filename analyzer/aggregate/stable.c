/*
 * See stable.h. Plain functions, no state.
 */
#include "aggregate/stable.h"

#include "base/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where nobody builds. */
static const char *const system_directories[] = { "/usr/include/", "/usr/lib/", "/usr/local/include/" };

/* What the compiler puts behind the name of a copy, a number following, or nothing. */
static const char *const copies[] = {
        ".part", ".constprop", ".isra", ".cold", ".lto_priv", ".llvm", ".clone"
};

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static bool is_of_system(const char *file) {
        for (size_t i = 0; i < LENGTH(system_directories); i++)
                if (strncmp(file, system_directories[i], strlen(system_directories[i])) == 0)
                        return true;
        return false;
}

/* How much of a path is directories that another one is in, too. */
static size_t common_directories(const char *path, const char *other) {
        size_t common = 0;

        for (size_t i = 0; path[i] && path[i] == other[i]; i++)
                if (path[i] == '/')
                        common = i + 1;
        return common;
}

static char *name_relative(const char *file, const char *directory, const char *module) {
        const char *name = file;
        char *whole, *shorter = NULL;
        size_t common;

        while (strncmp(name, "../", 3) == 0)
                name += 3;
        whole = directory ? path_under(directory, file) : NULL;
        common = whole ? common_directories(whole, module) : 0;
        if (common > 1 && strlen(whole + common) < strlen(name))
                shorter = strdup(whole + common);
        free(whole);
        return shorter ? shorter : strdup(name);
}

char *stable_source(const char *file, const char *directory, const char *module) {
        size_t common;

        if (!module)
                module = "";
        if (*file != '/')
                return name_relative(file, directory, module);
        if (is_of_system(file))
                return strdup(file);
        common = common_directories(file, module);
        return strdup(common > 1 ? file + common : path_tail(file, 1));
}

/* How long a name is without one such ending; `length` where it has none. */
static size_t without_copy(const char *name, size_t length) {
        size_t end = length, number;

        while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9')
                end--;
        number = length - end;
        if (number > 0 && (end == 0 || name[--end] != '.'))
                return length;
        for (size_t i = 0; i < LENGTH(copies); i++) {
                size_t wanted = strlen(copies[i]);

                if (end > wanted && memcmp(name + end - wanted, copies[i], wanted) == 0)
                        return end - wanted;
        }
        return length;
}

char *stable_function(const char *function) {
        const char *clone = strstr(function, " [clone ");
        size_t length = clone ? (size_t)(clone - function) : strlen(function), shorter;

        while ((shorter = without_copy(function, length)) < length)
                length = shorter;
        return strndup(function, length);
}

char *stable_without_line(const char *module, const char *function) {
        char *file;

        if (!module)
                module = "<unknown>";
        if (!function)
                return strdup(module);
        return asprintf(&file, "%s:%s", module, function) < 0 ? NULL : file;
}
