/*
 * See shelf.h. One thread.
 */
#include "select/shelf.h"

#include "base/array.h"
#include "base/message.h"
#include "base/options.h"
#include "base/text.h"
#include "reader/lock.h"
#include "reader/peek.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare(const void *left_pointer, const void *right_pointer) {
        const struct shelf_trace *left = left_pointer, *right = right_pointer;

        if (left->started_unix_ns != right->started_unix_ns)
                return left->started_unix_ns < right->started_unix_ns ? -1 : 1;
        return strcmp(left->path, right->path);
}

/* Names in the current directory stand alone. */
static int add(struct shelf *shelf, const char *directory, const char *name) {
        struct shelf_trace trace = { 0 };
        struct mtr_file_header header;
        int made = strcmp(directory, ".") == 0 ? asprintf(&trace.path, "%s", name)
                                               : asprintf(&trace.path, "%s/%s", directory, name);

        if (made >= 0 && !peek_header(trace.path, &header)) {
                free(trace.path);
                return 0;
        }
        if (made < 0 ||
            array_reserve(&shelf->traces, &shelf->capacity, shelf->count + 1, sizeof(trace)) < 0) {
                if (made >= 0)
                        free(trace.path);
                return message_errno(ENOMEM, directory, "cannot list its traces");
        }
        trace.started_unix_ns = header.started_unix_ns;
        shelf->traces[shelf->count++] = trace;
        return 0;
}

int shelf_open(const char *directory, struct shelf *shelf) {
        const struct dirent *entry;
        DIR *stream = opendir(directory);
        int error = 0;

        *shelf = (struct shelf){ 0 };
        if (!stream)
                return message_errno(errno, directory, "cannot look for traces");
        while (error == 0 && (entry = readdir(stream)))
                error = add(shelf, directory, entry->d_name);
        closedir(stream);
        if (shelf->count > 0)
                qsort(shelf->traces, shelf->count, sizeof(*shelf->traces), compare);
        return error;
}

void shelf_deinit(struct shelf *shelf) {
        for (size_t i = 0; i < shelf->count; i++)
                free(shelf->traces[i].path);
        free(shelf->traces);
        *shelf = (struct shelf){ 0 };
}

const char *shelf_find(const struct shelf *shelf, const char *operand) {
        bool from_end = *operand == '-';
        unsigned long long number;

        if (options_number(operand + from_end, from_end, SIZE_MAX, &number) < 0)
                return operand;
        if (from_end ? number <= shelf->count : number < shelf->count)
                return shelf->traces[from_end ? shelf->count - number : number].path;
        if (access(operand, F_OK) == 0)
                return operand;
        message("%s: there is no trace of that number: there are %zu in this directory", operand,
                shelf->count);
        return NULL;
}

int shelf_remove(const char *path, bool dry_run) {
        struct mtr_file_header header;
        bool written;
        int fd;

        if (!peek_header(path, &header)) {
                message(access(path, F_OK) == 0 ? "%s: is no trace, and is not removed" : "%s: no such file",
                        path);
                return -EINVAL;
        }
        fd = open(path, O_RDONLY | O_CLOEXEC);
        written = fd >= 0 && lock_is_held(fd);
        if (fd >= 0)
                close(fd);
        if (written) {
                message("%s: is still being written, and is not removed", path);
                return -EBUSY;
        }
        if (dry_run) {
                text_put(stdout, path);
                fputc('\n', stdout);
                return 0;
        }
        return unlink(path) < 0 ? message_errno(errno, path, "cannot be removed") : 0;
}
