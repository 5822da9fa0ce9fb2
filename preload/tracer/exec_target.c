/*
 * A look at the file that an exec is to run: see exec_target.h. Runs in any thread, and in vfork children,
 * whose memory is the program's: it uses the stack alone. Its descriptor lives no longer than the look.
 */
#include "tracer/exec_target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memtrace/harmless.h>
#include <memtrace/obstacle.h>

#include "session/calls.h"
#include "tracer/tracer.h"

#define SHOWN_BYTES 256u

static int open_at(int directory, const char *path) {
        return (int)syscall(SYS_openat, directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Where execvp looks; the first that can be executed. */
static int open_in_path(const char *file) {
        const char *directories = getenv("PATH");
        char path[PATH_MAX];

        if (!directories)
                directories = "/bin:/usr/bin";
        for (;; directories++) {
                size_t length = strcspn(directories, ":"), used = length;

                if (length + strlen(file) + 2 <= sizeof(path)) {
                        memcpy(path, directories, length);
                        if (length)
                                path[used++] = '/';
                        strcpy(path + used, file);
                        if (syscall(SYS_access, path, X_OK) == 0)
                                return open_at(AT_FDCWD, path);
                }
                directories += length;
                if (!*directories)
                        return -1;
        }
}

/* Of the program, or of the interpreter of a script. */
static enum mtr_obstacle obstacle_of(const struct exec_target *target) {
        char interpreter[MTR_SCRIPT_LINE_MAX];
        enum mtr_obstacle obstacle = MTR_OBSTACLE_NONE;
        bool is_open = !target->path, is_script = true;
        int fd = is_open                                        ? target->directory
                 : target->search && !strchr(target->path, '/') ? open_in_path(target->path)
                                                                : open_at(target->directory, target->path);

        for (int i = 0; i < MTR_INTERPRETERS_MAX && fd >= 0 && is_script; i++) {
                is_script = mtr_obstacle_interpreter(fd, interpreter, sizeof(interpreter));
                if (!is_script)
                        obstacle = mtr_obstacle_of(fd);
                if (!is_open)
                        syscall(SYS_close, fd);
                is_open = false;
                fd = is_script ? open_at(AT_FDCWD, interpreter) : -1;
        }
        if (fd >= 0 && !is_open)
                syscall(SYS_close, fd);
        return obstacle;
}

const char *exec_target_obstacle(const struct exec_target *target, bool *is_asan) {
        int saved = errno;
        enum mtr_obstacle obstacle = calls_allow(CALL_LOOK) ? obstacle_of(target) : MTR_OBSTACLE_NONE;

        errno = saved;
        *is_asan = obstacle == MTR_OBSTACLE_ASAN;
        if (obstacle == MTR_OBSTACLE_NONE && !calls_allow(CALL_START))
                return "it inherits a seccomp filter that would kill for it";
        /* Where there is no loader, nothing is loaded, and nothing goes wrong. */
        return obstacle == MTR_OBSTACLE_STATIC ? NULL : mtr_obstacle_words(obstacle);
}

void exec_target_say(const struct exec_target *target, const char *obstacle) {
        char shown[SHOWN_BYTES];

        tracer_say(target->path ? mtr_harmless_text(target->path, shown, sizeof(shown)) : "a program",
                   ": cannot be traced: ", obstacle, "; it runs untraced", NULL);
}
