/*
 * See family.h. Pids are used again, so a child is one that says so and began while its parent ran. One
 * thread.
 */
#include "select/family.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"
#include "reader/peek.h"
#include "replay/moment.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trace beside the parent's. */
struct relative {
        char *path;
        uint32_t pid, parent_pid;
        uint64_t start_unix_ns, end_unix_ns;
        bool taken;
};

struct search {
        struct relative *found;
        size_t count, capacity;
        uint64_t from_unix_ns;
};

/* Whether a file is a trace that is not older than the parent's. */
static bool is_candidate(const struct search *search, const char *path) {
        struct mtr_file_header header;

        return peek_header(path, &header) && header.started_unix_ns >= search->from_unix_ns;
}

static int look_at(struct search *search, char *path) {
        struct relative *relative;
        struct trace *trace;
        int error;

        if (!is_candidate(search, path)) {
                free(path);
                return 0;
        }
        error = trace_open(path, &trace);
        if (error != 0) {
                free(path);
                return error == -ENOMEM ? error : 0; /* whatever it is, it is no child that could be drawn */
        }
        if (array_reserve(&search->found, &search->capacity, search->count + 1, sizeof(*relative)) < 0) {
                error = message_errno(ENOMEM, path, "cannot look for children");
                free(path);
        } else {
                relative = &search->found[search->count++];
                *relative = (struct relative){
                        .path = path,
                        .pid = trace->facts.process.pid,
                        .parent_pid = trace->facts.process.ppid,
                        .start_unix_ns = trace->reader->header.started_unix_ns,
                        .end_unix_ns = trace->reader->header.started_unix_ns + moment_last_ns(trace),
                };
        }
        trace_free(trace);
        return error;
}

static int look_around(struct search *search, const char *path) {
        const char *base = path_base(path);
        char *directory = strndup(path, (size_t)(base - path)), *beside;
        DIR *stream = directory ? opendir(*directory ? directory : ".") : NULL;
        const struct dirent *entry;
        int error = stream ? 0 : message_errno(directory ? errno : ENOMEM, path, "cannot look beside it");

        while (error == 0 && (entry = readdir(stream))) {
                if (strcmp(entry->d_name, base) == 0)
                        continue;
                error = asprintf(&beside, "%s%s", directory, entry->d_name) < 0
                                ? message_errno(ENOMEM, path, "cannot look beside it")
                                : look_at(search, beside);
        }
        if (stream)
                closedir(stream);
        free(directory);
        return error;
}

static int by_start(const void *left, const void *right) {
        const struct relative *one = left, *other = right;

        if (one->start_unix_ns != other->start_unix_ns)
                return one->start_unix_ns < other->start_unix_ns ? -1 : 1;
        return strcmp(one->path, other->path);
}

static int take(struct family *family, struct relative *relative) {
        if (array_reserve(&family->paths, &family->capacity, family->count + 1, sizeof(*family->paths)) < 0)
                return message_errno(ENOMEM, relative->path, "cannot look for children");
        family->paths[family->count++] = relative->path;
        relative->path = NULL;
        relative->taken = true;
        return 0;
}

/* By when they began, parents stand before their children. */
static int take_children(const struct search *search, const struct relative *parent, struct family *family) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < search->count; i++) {
                struct relative *child = &search->found[i];

                if (child->taken || child->parent_pid != parent->pid ||
                    child->start_unix_ns < parent->start_unix_ns ||
                    child->start_unix_ns > parent->end_unix_ns)
                        continue;
                error = take(family, child);
                if (error == 0)
                        error = take_children(search, child, family);
        }
        return error;
}

int family_find(const char *path, const struct trace *trace, struct family *family) {
        const struct relative parent = {
                .pid = trace->facts.process.pid,
                .start_unix_ns = trace->reader->header.started_unix_ns,
                .end_unix_ns = trace->reader->header.started_unix_ns + moment_last_ns(trace),
        };
        struct search search = { .from_unix_ns = parent.start_unix_ns };
        int error;

        *family = (struct family){ 0 };
        if (!trace->facts.has_process)
                return 0;
        error = look_around(&search, path);
        if (error == 0 && search.count > 0) {
                qsort(search.found, search.count, sizeof(*search.found), by_start);
                error = take_children(&search, &parent, family);
        }
        for (size_t i = 0; i < search.count; i++)
                free(search.found[i].path);
        free(search.found);
        return error;
}

void family_deinit(struct family *family) {
        for (size_t i = 0; i < family->count; i++)
                free(family->paths[i]);
        free(family->paths);
        *family = (struct family){ 0 };
}
