/*
 * See whole.h. One thread.
 */
#include "base/whole.h"

#include "base/message.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".part"

/* What the process would leave behind if it ended now. */
struct unfinished {
        const char *temporary; /* a whole's */
        pid_t pid;
        struct unfinished *next;
};

static struct unfinished *all_unfinished;

static void leave_nothing(void) {
        for (const struct unfinished *one = all_unfinished; one; one = one->next)
                if (one->pid == getpid())
                        unlink(one->temporary);
}

/* False: no memory. */
static bool note(const char *temporary) {
        static bool registered;
        struct unfinished *made = malloc(sizeof(*made));

        if (!registered)
                registered = atexit(leave_nothing) == 0;
        if (!made || !registered) {
                free(made);
                return false;
        }
        *made = (struct unfinished){ temporary, getpid(), all_unfinished };
        all_unfinished = made;
        return true;
}

static void strike(const char *temporary) {
        for (struct unfinished **at = &all_unfinished, *found; (found = *at); at = &found->next)
                if (found->temporary == temporary) {
                        *at = found->next;
                        free(found);
                        return;
                }
}

static int refuse_existing(const char *path) {
        message("%s: exists, and is not overwritten", path);
        return -EEXIST;
}

/* A file system that cannot rename without replacing gets the check of whole_begin alone. */
static int give_name(const struct whole *whole) {
        if (whole->replaces)
                return rename(whole->temporary, whole->path);
        if (renameat2(AT_FDCWD, whole->temporary, AT_FDCWD, whole->path, RENAME_NOREPLACE) == 0)
                return 0;
        if (errno == EINVAL || errno == ENOSYS)
                return rename(whole->temporary, whole->path);
        return -1;
}

static void forget(struct whole *whole) {
        strike(whole->temporary);
        free(whole->temporary);
        free(whole->path);
        *whole = (struct whole){ 0 };
}

/* Whether the name is one that somebody gives a file `base` until it is done. */
static bool is_temporary(const char *name, const char *base) {
        size_t length = strlen(base), digits;

        if (strncmp(name, base, length) != 0 || name[length] != '.')
                return false;
        digits = strspn(name + length + 1, "0123456789");
        return digits > 0 && strcmp(name + length + 1 + digits, TEMPORARY) == 0;
}

/* Whoever is at work on it holds its lock. */
static void remove_leftover(int directory, const char *name) {
        int fd = openat(directory, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct stat status;

        if (fd < 0)
                return;
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0)
                unlinkat(directory, name, 0);
        close(fd);
}

/* What those who were killed while they wrote this file left of it. */
static void remove_leftovers(const char *path) {
        const char *base = path_base(path);
        char *directory = base == path ? strdup(".") : strndup(path, (size_t)(base - path));
        DIR *stream = directory ? opendir(directory) : NULL;
        const struct dirent *entry;

        while (stream && (entry = readdir(stream)))
                if (is_temporary(entry->d_name, base))
                        remove_leftover(dirfd(stream), entry->d_name);
        if (stream)
                closedir(stream);
        free(directory);
}

/* Creates a file and holds its lock, if locks are to be had. */
static int create(const char *temporary, mode_t mode) {
        struct stat status;
        int fd;

        for (;;) {
                fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
                if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &status) < 0 || status.st_nlink > 0)
                        return fd;
                close(fd); /* somebody took it for a leftover before it was locked */
        }
}

/* Takes its own name over; NULL: no memory. */
static int begin(struct whole *whole, char *path, mode_t mode) {
        int fd = -1, error;

        whole->path = path;
        if (!path || asprintf(&whole->temporary, "%s.%d" TEMPORARY, path, (int)getpid()) < 0)
                whole->temporary = NULL;
        if (!whole->temporary || !note(whole->temporary))
                errno = ENOMEM;
        else {
                remove_leftovers(path);
                fd = create(whole->temporary, mode);
        }
        if (fd >= 0 && !(whole->stream = fdopen(fd, "w"))) {
                close(fd);
                unlink(whole->temporary);
        }
        if (whole->stream)
                return 0;
        error = message_errno(errno, path ? path : "report", "cannot create");
        forget(whole);
        return error;
}

int whole_begin(struct whole *whole, const char *path) {
        struct stat status;

        *whole = (struct whole){ 0 };
        if (lstat(path, &status) == 0)
                return refuse_existing(path);
        return begin(whole, strdup(path), 0666);
}

int whole_begin_again(struct whole *whole, const char *path) {
        struct stat status;
        char *target;

        *whole = (struct whole){ .replaces = true };
        if (stat(path, &status) < 0)
                return errno == ENOENT ? begin(whole, strdup(path), 0666)
                                       : message_errno(errno, path, "cannot write");
        if (!S_ISREG(status.st_mode)) {
                message("%s: is not a plain file, and is not replaced", path);
                return -EINVAL;
        }
        target = realpath(path, NULL);
        return target || errno == ENOMEM ? begin(whole, target, status.st_mode & 0777)
                                         : message_errno(errno, path, "cannot write");
}

int whole_flush(FILE *stream) {
        bool failed = ferror(stream);

        /* what an earlier write failed with is not kept, but one more most likely fails with the same */
        if ((failed && fputc('\n', stream) == EOF) || fflush(stream) != 0)
                return -errno;
        return failed ? -EIO : 0;
}

int whole_finish(struct whole *whole) {
        int error = -whole_flush(whole->stream);

        /* some file systems tell only now that there was no room */
        if (fclose(whole->stream) != 0 && error == 0)
                error = errno;
        whole->stream = NULL;
        if (error == 0 && give_name(whole) == 0) {
                forget(whole);
                return 0;
        }
        if (error == 0 && errno == EEXIST)
                error = refuse_existing(whole->path);
        else
                error = message_errno(error ? error : errno, whole->path, "cannot write");
        whole_abandon(whole);
        return error;
}

int whole_begin_or_stdout(struct whole *whole, const char *path) {
        if (strcmp(path, "-") != 0)
                return whole_begin(whole, path);
        *whole = (struct whole){ .stream = stdout };
        return 0;
}

int whole_end(struct whole *whole, int error) {
        if (!whole->path)
                return error;
        if (error == 0)
                return whole_finish(whole);
        whole_abandon(whole);
        return error;
}

void whole_abandon(struct whole *whole) {
        if (whole->stream)
                fclose(whole->stream);
        unlink(whole->temporary);
        forget(whole);
}

bool whole_same(const char *one, const char *other) {
        struct stat first, second;

        return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
               first.st_ino == second.st_ino;
}

char *whole_read(const char *path, uint64_t most_bytes, size_t *length_bytes) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
        struct stat status;
        char *text = NULL;

        *length_bytes = 0;
        if (!file || fstat(fd, &status) < 0) {
                message_errno(errno, path, "cannot open");
        } else if (!S_ISREG(status.st_mode)) {
                message("%s: is not a plain file", path);
        } else if ((uint64_t)status.st_size > most_bytes) {
                message("%s: has %lld bytes, and more than %llu are not read", path,
                        (long long)status.st_size, (unsigned long long)most_bytes);
        } else if (!(text = malloc((size_t)status.st_size + 1))) {
                message_errno(ENOMEM, path, "cannot read");
        } else {
                *length_bytes = fread(text, 1, (size_t)status.st_size, file);
                text[*length_bytes] = '\0';
                if (ferror(file)) {
                        message_errno(errno, path, "cannot read");
                        free(text);
                        text = NULL;
                }
        }
        if (file)
                fclose(file);
        else if (fd >= 0)
                close(fd);
        return text;
}
