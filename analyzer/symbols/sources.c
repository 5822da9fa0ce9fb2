/*
 * See sources.h. One thread.
 */
#include "symbols/sources.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void unload(struct sources_file *file) {
        free(file->path);
        free(file->text);
        free(file->line_ends);
        *file = (struct sources_file){ 0 };
}

static void unload_all(struct sources *sources) {
        for (size_t i = 0; i < sources->file_count; i++)
                unload(&sources->files[i]);
        sources->kept_bytes = 0;
}

void sources_deinit(struct sources *sources) {
        unload_all(sources);
        free(sources->files);
        for (size_t i = 0; i < sources->rule_count; i++) {
                free(sources->rules[i].old);
                free(sources->rules[i].new);
        }
        free(sources->rules);
        intern_deinit(&sources->names);
        intern_deinit(&sources->told);
        *sources = (struct sources){ 0 };
}

int sources_add(struct sources *sources, const char *given) {
        const char *equals = strchr(given, '=');
        struct sources_rule rule = { 0 };
        char *old;

        if (!*given || equals == given || (equals && !equals[1])) {
                message("--source-dir %s is neither a directory nor OLD=NEW", given);
                return -EINVAL;
        }
        if (equals) {
                old = strndup(given, (size_t)(equals - given));
                rule.old = old ? path_tidy(old) : NULL;
                free(old);
        }
        rule.new = strdup(equals ? equals + 1 : given);
        if (!rule.new || (equals && !rule.old) ||
            array_reserve(&sources->rules, &sources->rule_capacity, sources->rule_count + 1,
                          sizeof(*sources->rules)) < 0) {
                free(rule.old);
                free(rule.new);
                return message_errno(ENOMEM, given, "cannot keep it");
        }
        sources->rules[sources->rule_count++] = rule;
        return 0;
}

/* All of the file, once it is known to be one. 0, -ENOMEM, or 1 with `why`. */
static int read_all(int fd, struct sources_file *file, size_t *length_bytes) {
        size_t capacity = 0, used = 0;

        for (;;) {
                ssize_t got;

                if (array_reserve(&file->text, &capacity, used + 65536, 1) < 0)
                        return -ENOMEM;
                got = read(fd, file->text + used, capacity - used);
                if (got < 0)
                        file->why = strerrordesc_np(errno);
                if (got <= 0)
                        break;
                used += (size_t)got;
                if (used > SOURCES_FILE_BYTES_MAX) {
                        file->why = "it is too large";
                        break;
                }
        }
        *length_bytes = used;
        return file->why ? 1 : 0;
}

/* A last line without a line feed is one too. */
static int index_lines(struct sources_file *file, size_t length_bytes) {
        size_t capacity = 0;

        for (size_t at = 0; at < length_bytes;) {
                const char *end = memchr(file->text + at, '\n', length_bytes - at);

                if (array_reserve(&file->line_ends, &capacity, file->line_count + 1,
                                  sizeof(*file->line_ends)) < 0)
                        return -ENOMEM;
                at = end ? (size_t)(end - file->text) : length_bytes;
                file->line_ends[file->line_count++] = (uint32_t)at++;
        }
        return 0;
}

static int load_from(int fd, struct sources *sources, struct sources_file *file) {
        size_t length_bytes = 0;
        int error = read_all(fd, file, &length_bytes);

        if (error == 0)
                error = index_lines(file, length_bytes);
        sources->kept_bytes += length_bytes + file->line_count * sizeof(*file->line_ends);
        if (error == 0)
                return 0;
        free(file->text);
        free(file->line_ends);
        file->text = NULL;
        file->line_ends = NULL;
        file->line_count = 0;
        return error < 0 ? error : 0;
}

/*
 * 1: the search ends here, `file` has what was found; 0: there is nothing at that path; -ENOMEM. Looked at
 * before it is opened: opening alone makes some devices do things.
 */
static int try_path(struct sources *sources, const char *path, struct sources_file *file) {
        struct stat status;
        int fd, error;

        if (stat(path, &status) < 0)
                return 0;
        file->path = strdup(path);
        if (!file->path)
                return -ENOMEM;
        if (!S_ISREG(status.st_mode)) {
                file->why = "it is not a plain file";
                return 1;
        }
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &status) < 0) {
                file->why = strerrordesc_np(errno);
                error = 0;
        } else if (!S_ISREG(status.st_mode)) {
                file->why = "it is not a plain file";
                error = 0;
        } else {
                file->modified = status.st_mtim;
                error = load_from(fd, sources, file);
        }
        if (fd >= 0)
                close(fd);
        return error < 0 ? error : 1;
}

static int try_joined(struct sources *sources, const char *directory, const char *rest,
                      struct sources_file *file) {
        char *path;
        int result;

        if (asprintf(&path, "%s/%s", directory, rest) < 0)
                return -ENOMEM;
        result = try_path(sources, path, file);
        free(path);
        return result;
}

/* As much of the path's end as leads to something below the directory. */
static int try_below(struct sources *sources, const char *directory, const char *path,
                     struct sources_file *file) {
        int result = 0;

        while (result == 0 && path) {
                path += strspn(path, "/");
                if (strncmp(path, "../", 3) != 0)
                        result = try_joined(sources, directory, path, file);
                path = strchr(path, '/');
        }
        return result;
}

static int try_rule(struct sources *sources, const struct sources_rule *rule, const char *path,
                    struct sources_file *file) {
        size_t length;

        if (!rule->old)
                return try_below(sources, rule->new, path, file);
        length = strlen(rule->old);
        if (strncmp(path, rule->old, length) != 0)
                return 0;
        if (strcmp(rule->old, "/") == 0)
                length = 0;
        return path[length] == '/' ? try_joined(sources, rule->new, path + length + 1, file) : 0;
}

/* `path` is where it was compiled, `name` as the debug information has it. */
static int find(struct sources *sources, const char *path, const char *name, struct sources_file *file) {
        int result = 0;

        if (strlen(path) >= PATH_MAX)
                return 0;
        for (size_t i = 0; result == 0 && i < sources->rule_count; i++) {
                result = try_rule(sources, &sources->rules[i], path, file);
                if (result == 0 && strcmp(path, name) != 0 && sources->rules[i].old)
                        result = try_rule(sources, &sources->rules[i], name, file);
        }
        if (result == 0)
                result = try_path(sources, path, file);
        return result == 0 ? try_path(sources, name, file) : result;
}

static int load(struct sources *sources, const struct symbol_frame *frame, struct sources_file *file) {
        char *path = path_under(frame->directory, frame->file); /* where it was compiled */
        int result;

        if (!path)
                return -ENOMEM;
        if (sources->kept_bytes > SOURCES_KEPT_BYTES_MAX)
                unload_all(sources);
        result = find(sources, path, frame->file, file);
        free(path);
        if (result == 0)
                file->why = "it is not here";
        file->loaded = true;
        return result < 0 ? result : 0;
}

const struct sources_file *sources_get(struct sources *sources, const struct symbol_frame *frame) {
        uint32_t number = 0;
        char *name;
        int error = asprintf(&name, "%s\n%s", frame->directory ? frame->directory : "", frame->file);

        if (error >= 0) {
                error = intern_text(&sources->names, name, &number);
                free(name);
        }
        if (error == 0)
                error = array_reserve(&sources->files, &sources->file_capacity, sources->names.count,
                                      sizeof(*sources->files));
        if (error == 0) {
                while (sources->file_count < sources->names.count)
                        sources->files[sources->file_count++] = (struct sources_file){ 0 };
                if (!sources->files[number].loaded)
                        error = load(sources, frame, &sources->files[number]);
        }
        if (error == 0)
                return &sources->files[number];
        message_errno(ENOMEM, frame->file, "cannot read it");
        return NULL;
}

const char *sources_line(const struct sources_file *file, uint32_t number, size_t *length_bytes) {
        size_t start;

        if (number == 0 || number > file->line_count)
                return NULL;
        start = number > 1 ? file->line_ends[number - 2] + 1u : 0;
        *length_bytes = file->line_ends[number - 1] - start;
        if (*length_bytes > 0 && file->text[start + *length_bytes - 1] == '\r')
                --*length_bytes;
        return file->text + start;
}
