/*
 * See snapshot.h. Walks the file's members; what they mean is for snapshot_facts.c and snapshot_rows.c. One
 * thread.
 */
#include "state/snapshot.h"

#include "base/array.h"
#include "base/jsontext.h"
#include "base/message.h"
#include "base/whole.h"
#include "state/snapshot_parts.h"

#include <memtrace/crc32c.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (2ull << 30)
#define BEGIN_BYTES 64 /* looked at to tell what a file is */
#define SCHEMA "schema"

const char *const snapshot_kinds[] = {
        [MOMENT_PEAK] = "peak",   [MOMENT_END] = "end",   [MOMENT_START] = "start", [MOMENT_TIME] = "time",
        [MOMENT_SHARE] = "share", [MOMENT_MARK] = "mark", [MOMENT_MARK + 1] = NULL,
};

static int take_checksum(struct snapshot *snapshot, const json_t *value);

static const struct member {
        const char *name;
        snapshot_take *take;
        bool rows; /* an array, taken row by row */
        bool optional;
} members[] = {
        { "moment", snapshot_take_moment, false, false },
        { "process", snapshot_take_process, false, false },
        { "totals", snapshot_take_totals, false, false },
        { "has_end", snapshot_take_end, false, false },
        { "unseen", snapshot_take_unseen, false, false },
        { "damage", snapshot_take_damage, false, false },
        { "processes", snapshot_take_merged, true, true },
        { "domains", snapshot_take_domain, true, true },
        { "scopes", snapshot_take_scopes, false, true },
        { "modules", snapshot_take_module, true, false },
        { "frames", snapshot_take_frame, true, false },
        { "stacks", snapshot_take_stack, true, false },
        { "sites", snapshot_take_site, true, false },
        { "unsure_blocks", snapshot_take_unsure, false, true },
        { "threads", snapshot_take_thread, true, true },
        { "thread_sites", snapshot_take_pair, true, true },
        { SNAPSHOT_CHECKSUM, take_checksum, false, true },
};

#define MEMBER_COUNT (sizeof(members) / sizeof(*members))

static int wrong_syntax(const struct snapshot *snapshot, const struct jsontext *text, const char *wrong) {
        message("%s: line %zu: %s", snapshot->name, jsontext_line(text), wrong);
        return -EINVAL;
}

static int take_value(struct snapshot *snapshot, struct jsontext *text, snapshot_take *take) {
        json_t *value = jsontext_value(text);
        int error;

        if (!value)
                return wrong_syntax(snapshot, text, text->wrong);
        error = take ? take(snapshot, value) : 0;
        json_decref(value);
        return error;
}

static int take_rows(struct snapshot *snapshot, struct jsontext *text, snapshot_take *take) {
        int error = 0;

        if (jsontext_take(text, ']'))
                return 0;
        for (snapshot->row = 0; error == 0; snapshot->row++) {
                error = take_value(snapshot, text, take);
                if (error == 0 && jsontext_take(text, ']'))
                        break;
                if (error == 0 && !jsontext_take(text, ','))
                        error = wrong_syntax(snapshot, text, "neither ',' nor ']' after a row");
        }
        snapshot->row = SNAPSHOT_NO_ROW;
        return error;
}

/* What this memtrace does not know is passed over. */
static int take_member(struct snapshot *snapshot, struct jsontext *text, const char *name, unsigned *seen) {
        const struct member *member = members;

        while (member < members + MEMBER_COUNT && strcmp(member->name, name) != 0)
                member++;
        if (member == members + MEMBER_COUNT)
                return jsontext_take(text, '[') ? take_rows(snapshot, text, NULL)
                                                : take_value(snapshot, text, NULL);
        snapshot->member = member->name;
        if (snapshot->checked)
                return snapshot_wrong(snapshot, "stands behind the checksum");
        if (*seen & 1u << (member - members))
                return snapshot_wrong(snapshot, "is there twice");
        *seen |= 1u << (member - members);
        if (!member->rows)
                return take_value(snapshot, text, member->take);
        if (!jsontext_take(text, '['))
                return snapshot_wrong(snapshot, "is not an array");
        return take_rows(snapshot, text, member->take);
}

/* Bytes that changed since they were written, should they make sense all the same. */
static int take_checksum(struct snapshot *snapshot, const json_t *value) {
        uint64_t told = 0;
        int error = snapshot_number(snapshot, value, "it", UINT32_MAX, &told);

        if (error == 0 && told != mtr_crc32c(snapshot->text, snapshot->before_bytes))
                error = snapshot_wrong(snapshot, "what stands before it was changed since it was saved");
        snapshot->checked = true;
        return error;
}

static int take_schema(struct snapshot *snapshot, const json_t *value) {
        const char *schema = json_string_value(value);

        if (schema && strcmp(schema, SNAPSHOT_SCHEMA) == 0)
                return 0;
        if (schema)
                message("%s: its schema is %.100s, not " SNAPSHOT_SCHEMA, snapshot->name, schema);
        else
                message("%s: its schema is not a name", snapshot->name);
        return -EINVAL;
}

/* A member's name and the colon behind it. */
static int take_name(struct snapshot *snapshot, struct jsontext *text, json_t **name) {
        *name = jsontext_value(text);
        if (!*name)
                return wrong_syntax(snapshot, text, text->wrong);
        if (json_is_string(*name) && jsontext_take(text, ':'))
                return 0;
        json_decref(*name);
        return wrong_syntax(snapshot, text, "not a name and ':'");
}

static int take_members(struct snapshot *snapshot, struct jsontext *text) {
        unsigned seen = 0;
        bool first = true;

        if (!jsontext_take(text, '{'))
                return wrong_syntax(snapshot, text, "not an object");
        do {
                json_t *name;
                int error;

                snapshot->before_bytes = jsontext_at_end(text) ? 0 : (size_t)(text->at - text->start);
                error = take_name(snapshot, text, &name);
                if (error < 0)
                        return error;
                if (first && strcmp(json_string_value(name), SCHEMA) == 0) {
                        error = take_value(snapshot, text, take_schema);
                } else if (first) {
                        message("%s: JSON, but no snapshot: it does not begin with its schema",
                                snapshot->name);
                        error = -EINVAL;
                } else {
                        error = take_member(snapshot, text, json_string_value(name), &seen);
                }
                json_decref(name);
                if (error < 0)
                        return error;
                snapshot->member = NULL;
                first = false;
        } while (jsontext_take(text, ','));
        if (!jsontext_take(text, '}') || !jsontext_at_end(text))
                return wrong_syntax(snapshot, text, "not the end of the snapshot");
        for (size_t i = 0; i < MEMBER_COUNT; i++)
                if (!(seen & 1u << i) && !members[i].optional)
                        return snapshot_wrong(snapshot, "it has no %s", members[i].name);
        return 0;
}

int snapshot_begin(struct snapshot *snapshot) {
        struct reader *reader = calloc(1, sizeof(*reader));
        struct trace *trace = calloc(1, sizeof(*trace));

        if (reader) {
                reader->fd = -1;
                reader->name = strdup(snapshot->name);
        }
        if (trace) {
                trace->sites_after = calloc(1, sizeof(*trace->sites_after));
                trace->reader = reader;
                snapshot->trace = trace;
        } else {
                reader_free(reader);
        }
        /* even an empty table is a real one */
        if (!trace || !reader || !reader->name || !trace->sites_after ||
            array_reserve(&snapshot->names, &snapshot->names_capacity, 1, sizeof(*snapshot->names)) < 0 ||
            array_reserve(&snapshot->sites, &snapshot->sites_capacity, 1, sizeof(*snapshot->sites)) < 0 ||
            array_reserve(&snapshot->high_bytes, &snapshot->high_capacity, 1, sizeof(*snapshot->high_bytes)) <
                    0)
                return snapshot_no_memory(snapshot);
        return 0;
}

void snapshot_deinit(struct snapshot *snapshot) {
        for (size_t i = 0; snapshot->names && i < snapshot->trace->tables[TRACE_FRAMES].count; i++)
                free((void *)snapshot->names[i].frames);
        free(snapshot->names);
        intern_deinit(&snapshot->texts);
        free(snapshot->sites);
        free(snapshot->high_bytes);
        free(snapshot->pairs);
        free(snapshot->when);
        summary_processes_free(snapshot->processes, snapshot->process_count);
}

int snapshot_load(const char *text, size_t length_bytes, const char *name, struct state *state) {
        struct snapshot snapshot = { .name = name, .text = text, .row = SNAPSHOT_NO_ROW };
        struct jsontext walk = jsontext_over(text, length_bytes);
        int error = snapshot_begin(&snapshot);

        if (error == 0)
                error = take_members(&snapshot, &walk);
        if (error == 0)
                error = snapshot_link(&snapshot);
        snapshot.member = NULL;
        snapshot.row = SNAPSHOT_NO_ROW;
        if (error == 0)
                error = snapshot_make(&snapshot, state);
        snapshot_deinit(&snapshot);
        state->trace = snapshot.trace;
        if (error < 0)
                state_close(state);
        return error;
}

bool snapshot_is(const char *path) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        char bytes[BEGIN_BYTES];
        struct stat status;
        struct jsontext text;
        ssize_t got = -1;

        if (fd < 0)
                return false;
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
                got = pread(fd, bytes, sizeof(bytes), 0);
        close(fd);
        text = jsontext_over(bytes, got > 0 ? (size_t)got : 0);
        return jsontext_take(&text, '{');
}

int snapshot_open(const char *path, struct state *state) {
        size_t length_bytes = 0;
        char *text = whole_read(path, FILE_BYTES_MAX, &length_bytes);
        int error = text ? snapshot_load(text, length_bytes, path, state) : -EIO;

        free(text);
        return error;
}
