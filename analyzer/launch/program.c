/*
 * See program.h. A wrong guess costs a message, never the program.
 */
#include "launch/program.h"

#include <memtrace/obstacle.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool is_file(const char *path) {
        struct stat status;

        return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int judge(const char *path) {
        if (access(path, F_OK) < 0)
                return PROGRAM_NOT_FOUND;
        return is_file(path) && access(path, X_OK) == 0 ? 0 : PROGRAM_NOT_EXECUTABLE;
}

int program_find(const char *name, char **path) {
        const char *directories = getenv("PATH");
        int outcome = PROGRAM_NOT_FOUND;

        if (strchr(name, '/')) {
                outcome = judge(name);
                *path = outcome == 0 ? strdup(name) : NULL;
                return outcome == 0 && !*path ? PROGRAM_NOT_EXECUTABLE : outcome;
        }
        if (!directories)
                directories = "/bin:/usr/bin";
        while (*name) {
                size_t length = strcspn(directories, ":");
                int judged;

                if (asprintf(path, "%.*s%s%s", (int)length, directories, length ? "/" : "", name) < 0)
                        break;
                judged = judge(*path);
                if (judged == 0)
                        return 0;
                free(*path);
                if (judged == PROGRAM_NOT_EXECUTABLE)
                        outcome = judged;
                directories += length;
                if (!*directories++)
                        break;
        }
        *path = NULL;
        return outcome;
}

/* Whether the kernel would run it with other rights than ours, which switches preloading off. */
static bool gains_rights(const char *path, const struct stat *status) {
        bool is_root = getuid() == 0;

        if (status->st_mode & S_ISUID && status->st_uid != getuid())
                return true;
        if ((status->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && status->st_gid != getgid())
                return true;
        return !is_root && getxattr(path, "security.capability", NULL, 0) > 0;
}

static enum mtr_obstacle inspect_file(int fd) {
        enum mtr_obstacle obstacle = mtr_obstacle_of(fd);

        return obstacle == MTR_OBSTACLE_ASAN &&
                               mtr_obstacle_asan_bears(getenv("ASAN_OPTIONS"), getenv("LD_PRELOAD"))
                       ? MTR_OBSTACLE_NONE
                       : obstacle;
}

const char *program_obstacle(const char *path) {
        char interpreter[MTR_SCRIPT_LINE_MAX];

        for (int i = 0; i < MTR_INTERPRETERS_MAX; i++) {
                const char *obstacle = NULL;
                struct stat status;
                bool is_script;
                int fd = open(path, O_RDONLY | O_CLOEXEC);

                if (fd < 0)
                        return NULL; /* may be run, may not be read: nothing is known */
                is_script = mtr_obstacle_interpreter(fd, interpreter, sizeof(interpreter));
                if (!is_script && fstat(fd, &status) == 0 && gains_rights(path, &status))
                        obstacle = "it runs with other rights than yours (setuid, setgid or capabilities)";
                else if (!is_script)
                        obstacle = mtr_obstacle_words(inspect_file(fd));
                close(fd);
                if (!is_script)
                        return obstacle;
                path = interpreter;
        }
        return NULL;
}
