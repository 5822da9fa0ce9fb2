/*
 * A family for MEMTRACE_FOLLOW: one fork child that allocates and ends, and one child for each way
 * of exec, which runs a shell that shows its LD_PRELOAD.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT "echo \"$LD_PRELOAD\""
static char *arguments[] = { "sh", "-c", SCRIPT, NULL };

static int run(int way) {
        switch (way) {
        case 0:
                return execve("/bin/sh", arguments, environ);
        case 1:
                return execv("/bin/sh", arguments);
        case 2:
                return execvp("sh", arguments);
        case 3:
                return execvpe("sh", arguments, environ);
        case 4:
                return execl("/bin/sh", "sh", "-c", SCRIPT, (char *)NULL);
        case 5:
                return execlp("sh", "sh", "-c", SCRIPT, (char *)NULL);
        case 6:
                return execle("/bin/sh", "sh", "-c", SCRIPT, (char *)NULL, environ);
        case 7:
                return fexecve(open("/bin/sh", O_RDONLY | O_CLOEXEC), arguments, environ);
        default:
                return -1;
        }
}

static int wait_for(pid_t child) {
        int status;

        return waitpid(child, &status, 0) != child || status != 0;
}

int main(void) {
        int failed = 0;
        pid_t child = fork();

        if (child == 0) {
                free(malloc(100));
                _exit(0);
        }
        failed |= wait_for(child);
        for (int way = 0; way < 8; way++) {
                child = vfork();
                if (child == 0) {
                        run(way);
                        _exit(1);
                }
                failed |= wait_for(child);
        }
        failed |= posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ) != 0 || wait_for(child);
        failed |= posix_spawnp(&child, "sh", NULL, NULL, arguments, environ) != 0 || wait_for(child);
        return failed;
}
