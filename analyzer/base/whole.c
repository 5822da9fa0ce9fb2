/*
 * See whole.h.
 */
#include "base/whole.h"

#include "base/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse_existing(const char *path) {
        message("%s: exists, and is not overwritten", path);
        return -EEXIST;
}

/* A file system that cannot rename without replacing gets the check of whole_begin alone. */
static int give_name(const char *temporary, const char *path) {
        if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
                return 0;
        if (errno == EINVAL || errno == ENOSYS)
                return rename(temporary, path);
        return -1;
}

static void forget(struct whole *whole) {
        free(whole->temporary);
        free(whole->path);
        *whole = (struct whole){ 0 };
}

int whole_begin(struct whole *whole, const char *path) {
        struct stat status;
        int fd = -1, error;

        *whole = (struct whole){ 0 };
        if (lstat(path, &status) == 0)
                return refuse_existing(path);
        whole->path = strdup(path);
        if (asprintf(&whole->temporary, "%s.%d.part", path, (int)getpid()) < 0)
                whole->temporary = NULL;
        if (!whole->path || !whole->temporary)
                errno = ENOMEM;
        else
                fd = open(whole->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd >= 0 && !(whole->stream = fdopen(fd, "w"))) {
                close(fd);
                unlink(whole->temporary);
        }
        if (whole->stream)
                return 0;
        error = message_errno(errno, path, "cannot create");
        forget(whole);
        return error;
}

int whole_finish(struct whole *whole) {
        int error = 0;

        errno = EIO; /* what an earlier write failed with is no longer known */
        if (ferror(whole->stream) || fflush(whole->stream) != 0)
                error = errno;
        /* some file systems tell only now that there was no room */
        if (fclose(whole->stream) != 0 && error == 0)
                error = errno;
        whole->stream = NULL;
        if (error == 0 && give_name(whole->temporary, whole->path) == 0) {
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

void whole_abandon(struct whole *whole) {
        if (whole->stream)
                fclose(whole->stream);
        unlink(whole->temporary);
        forget(whole);
}
