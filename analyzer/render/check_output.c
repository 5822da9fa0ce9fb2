/*
 * See check_output.h. Plain functions, no state.
 */
#include "render/check_output.h"

#include "base/message.h"
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *check_output_root(void) {
        const char *told = getenv("GITHUB_WORKSPACE");

        return told && *told == '/' ? path_tidy(told) : getcwd(NULL, 0);
}

/* What of the path is below the root; NULL: it is not. */
static const char *below(const char *root, const char *path) {
        size_t length = root ? strlen(root) : 0;

        while (length > 0 && root[length - 1] == '/')
                length--;
        return length > 0 && strncmp(path, root, length) == 0 && path[length] == '/' ? path + length + 1
                                                                                     : NULL;
}

/* Where it was found, or else compiled, without "..". NULL after a report. */
static char *whole_path(const struct check_output *output, const struct symbol_frame *frame) {
        const struct sources_file *file = NULL;
        char *path;

        if (output->sources && !(file = sources_get(output->sources, frame)))
                return NULL;
        path = file && file->path ? path_tidy(file->path) : path_under(frame->directory, frame->file);
        if (!path)
                message_errno(ENOMEM, frame->file, "cannot name it");
        return path;
}

char *check_output_path(const struct check_output *output, const struct symbol_frame *frame) {
        char *path = whole_path(output, frame), *own;
        const char *rest = path ? below(output->root, path) : NULL;

        if (rest)
                memmove(path, rest, strlen(rest) + 1);
        if (!path || *path != '/' || *frame->file == '/')
                return path;
        own = path_tidy(frame->file);
        if (!own) {
                message_errno(ENOMEM, frame->file, "cannot name it");
        } else if (strcmp(own, "..") == 0 || strncmp(own, "../", 3) == 0) {
                free(own);
                return path;
        }
        free(path);
        return own;
}
