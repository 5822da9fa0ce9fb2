/*
 * See baseline_name.h. Plain functions, no state.
 */
#include "judge/baseline_name.h"

#include "base/path.h"

#include <stdbool.h>
#include <stddef.h>
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

char *baseline_name_source(const char *file, const char *module) {
        size_t common;

        if (*file != '/') {
                while (strncmp(file, "../", 3) == 0)
                        file += 3;
                return strdup(file);
        }
        if (is_of_system(file))
                return strdup(file);
        common = common_directories(file, module ? module : "");
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

char *baseline_name_function(const char *function) {
        const char *clone = strstr(function, " [clone ");
        size_t length = clone ? (size_t)(clone - function) : strlen(function), shorter;

        while ((shorter = without_copy(function, length)) < length)
                length = shorter;
        return strndup(function, length);
}
