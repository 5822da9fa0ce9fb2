/*
 * See program.h. Reads the few bytes of the ELF file that matter; a wrong guess costs a message,
 * never the program.
 */
#include "launch/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* As the kernel: a script's interpreter may be a script, a few times. */
#define INTERPRETERS_MAX 4
#define HEADERS_MAX 256

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

static const char *inspect_elf(int fd) {
        Elf64_Ehdr header;
        Elf64_Phdr program;

        if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
                return NULL;
        if (header.e_ident[EI_CLASS] == ELFCLASS32)
                return "it is a 32-bit program";
        if (header.e_machine != EM_X86_64)
                return "it is built for another processor";
        if (header.e_phentsize != sizeof(program))
                return NULL;
        for (unsigned i = 0; i < header.e_phnum && i < HEADERS_MAX; i++) {
                off_t at = (off_t)(header.e_phoff + (uint64_t)i * sizeof(program));

                if (pread(fd, &program, sizeof(program), at) != (ssize_t)sizeof(program))
                        return NULL;
                if (program.p_type == PT_INTERP)
                        return NULL;
        }
        return "it is statically linked";
}

/* The interpreter of "#!" and the line behind it, without arguments. */
static bool take_interpreter(char *line, char *path, size_t path_bytes) {
        char *at = line + 2;
        size_t length;

        at += strspn(at, " \t");
        length = strcspn(at, " \t\n");
        if (length == 0 || length >= path_bytes)
                return false;
        memcpy(path, at, length);
        path[length] = '\0';
        return true;
}

const char *program_obstacle(const char *path) {
        char interpreter[256];

        for (int i = 0; i < INTERPRETERS_MAX; i++) {
                char first[258] = "";
                const char *obstacle = NULL;
                struct stat status;
                int fd = open(path, O_RDONLY | O_CLOEXEC);

                if (fd < 0)
                        return NULL; /* may be run, may not be read: nothing is known */
                if (fstat(fd, &status) < 0 || pread(fd, first, sizeof(first) - 1, 0) < 2)
                        first[0] = '\0';
                else if (first[0] != '#' && gains_rights(path, &status))
                        obstacle = "it runs with other rights than yours (setuid, setgid or capabilities)";
                else if (memcmp(first, ELFMAG, SELFMAG) == 0)
                        obstacle = inspect_elf(fd);
                close(fd);
                if (memcmp(first, "#!", 2) != 0 || !take_interpreter(first, interpreter, sizeof(interpreter)))
                        return obstacle;
                path = interpreter;
        }
        return NULL;
}
