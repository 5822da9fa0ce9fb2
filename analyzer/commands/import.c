/*
 * memtrace import FILE: another tool's file as a trace.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/path.h"
#include "base/whole.h"
#include "import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum index { OUTPUT };

static const struct option_spec specs[] = {
        [OUTPUT] = { "output", 'o', "FILE", "the trace (FILE's name with .mtr, here)", NULL },
        { 0 },
};

static int take_option(void *context, size_t index, const char *value) {
        const char **output = context;

        if ((enum index)index != OUTPUT || !*value) {
                message("import: --output needs a name");
                return -EINVAL;
        }
        *output = value;
        return 0;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &own_options, NULL };

static const struct options_about about = {
        .command = "import",
        .usage = "import [OPTIONS] FILE",
        .summary = "Make a trace of a file of heaptrack's or massif's.",
        .groups = groups,
};

/* "dir/heaptrack.app.12.zst" becomes "heaptrack.app.12.mtr". */
static char *default_name(const char *path) {
        const char *base = path_base(path);
        size_t length = strlen(base);
        char *name;

        length = path_without(base, length, ".gz");
        length = path_without(base, length, ".zst");
        return asprintf(&name, "%.*s.mtr", (int)length, base) < 0 ? NULL : name;
}

static int import_into(FILE *in, const char *path, uint64_t file_bytes, const char *output) {
        char *name = output ? strdup(output) : default_name(path);
        struct whole whole;
        int error = name ? whole_begin(&whole, name) : message_errno(ENOMEM, path, "cannot import");

        if (error == 0)
                error = whole_end(&whole, import_trace(in, path, file_bytes, whole.stream));
        if (error == 0 && !output)
                message("imported as %s", name);
        free(name);
        return error;
}

/* A plain file, so that nothing makes us wait. NULL after a report. */
static FILE *open_plain(const char *path, uint64_t *file_bytes) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat status;
        FILE *stream;

        if (fd < 0 || fstat(fd, &status) < 0) {
                message_errno(errno, path, "cannot open");
        } else if (!S_ISREG(status.st_mode)) {
                message("%s: is not a plain file", path);
        } else {
                *file_bytes = (uint64_t)status.st_size;
                stream = fdopen(fd, "r");
                if (stream)
                        return stream;
                message_errno(errno, path, "cannot open");
        }
        if (fd >= 0)
                close(fd);
        return NULL;
}

static int run(int argc, char **argv) {
        const char *output = NULL;
        void *const contexts[] = { &output };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);
        uint64_t file_bytes;
        FILE *in;

        if (result == 0 && argc - first != 1) {
                message("import: one file is needed; see memtrace import --help");
                result = -EINVAL;
        }
        if (result == 0) {
                in = open_plain(argv[first], &file_bytes);
                result = in ? import_into(in, argv[first], file_bytes, output) : -EINVAL;
                if (in)
                        fclose(in);
        }
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_import = { &about, run };
