/*
 * See picture.h. PNG is made by librsvg's own program, so that nothing here depends on a library that draws.
 * One thread.
 */
#include "select/picture.h"

#include "base/message.h"
#include "base/path.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH_LEAST 300
#define WIDTH_MOST 10000
#define CONVERTER "rsvg-convert"

enum index { OUTPUT, TITLE, WIDTH };

static const struct option_spec specs[] = {
        [OUTPUT] = { "output", 'o', "FILE", "where to: a name ending in .svg or .png, or - for stdout",
                     NULL },
        [TITLE] = { "title", 0, "TEXT", "what stands above it; the program's command line if not given",
                    NULL },
        [WIDTH] = { "width", 0, "PIXELS", "how wide it is, 300 to 10000", NULL },
        { 0 },
};

static int take(void *context, size_t index, const char *value) {
        struct picture *picture = context;
        unsigned long long width;

        switch ((enum index)index) {
        case OUTPUT:
                picture->output = value;
                return 0;
        case TITLE:
                picture->title = value;
                return 0;
        case WIDTH:
                if (options_number(value, WIDTH_LEAST, WIDTH_MOST, &width) < 0) {
                        message("%s: --width %s is not a number of pixels from %d to %d", picture->command,
                                value, WIDTH_LEAST, WIDTH_MOST);
                        return -EINVAL;
                }
                picture->width = (unsigned)width;
                return 0;
        }
        return -EINVAL;
}

const struct option_group picture_options = { specs, take };

int picture_settle(struct picture *picture) {
        const char *output = picture->output;

        picture->png = output && path_ends_with(output, ".png");
        if (!output || picture->png || strcmp(output, "-") == 0 || path_ends_with(output, ".svg"))
                return 0;
        message("%s: --output %s ends neither in .svg nor in .png", picture->command, output);
        return -EINVAL;
}

static char *default_name(const char *subject, const char *kind) {
        const char *base = path_base(subject);
        char *name;

        return asprintf(&name, "%.*s.%s.svg", (int)path_stem(base, strcspn(base, "@")), base, kind) < 0
                       ? NULL
                       : name;
}

int picture_begin(struct picture_file *file, const struct picture *picture, const char *subject,
                  const char *kind) {
        int error;

        *file = (struct picture_file){ .picture = picture };
        file->name = picture->output ? strdup(picture->output) : default_name(subject, kind);
        if (!file->name)
                return message_errno(ENOMEM, subject, "cannot draw");
        file->stream = stdout;
        if (strcmp(file->name, "-") == 0)
                return 0;
        error = whole_begin(&file->whole, file->name);
        if (error < 0) {
                free(file->name);
                return error;
        }
        file->stream = picture->png ? tmpfile() : file->whole.stream;
        if (file->stream)
                return 0;
        error = message_errno(errno, file->name, "cannot draw");
        whole_abandon(&file->whole);
        free(file->name);
        return error;
}

/* 0 or a positive errno. */
static int spawn(FILE *input, FILE *output, pid_t *pid) {
        char *const arguments[] = { (char *)CONVERTER, (char *)"--unlimited", NULL };
        posix_spawn_file_actions_t actions;
        int error = posix_spawn_file_actions_init(&actions);

        if (error != 0)
                return error;
        error = posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO);
        if (error == 0)
                error = posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO);
        if (error == 0)
                error = posix_spawnp(pid, CONVERTER, &actions, NULL, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
        return error;
}

static int convert(struct picture_file *file) {
        pid_t pid, ended;
        int error = -whole_flush(file->stream), status;

        if (error == 0 && lseek(fileno(file->stream), 0, SEEK_SET) < 0)
                error = errno;
        if (error != 0)
                return message_errno(error, file->name, "cannot draw");
        error = spawn(file->stream, file->whole.stream, &pid);
        if (error != 0) {
                message("%s: PNG is made by " CONVERTER " of librsvg, which cannot be run: %s", file->name,
                        strerror(error));
                return -error;
        }
        while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
                ;
        if (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return 0;
        message("%s: " CONVERTER " made no PNG of it", file->name);
        return -EIO;
}

int picture_end(struct picture_file *file, int error) {
        if (file->whole.stream) {
                if (error == 0 && file->picture->png)
                        error = convert(file);
                if (file->stream != file->whole.stream)
                        fclose(file->stream);
                error = whole_end(&file->whole, error);
        }
        if (error == 0 && !file->picture->output)
                message("saved as %s", file->name);
        free(file->name);
        return error;
}
