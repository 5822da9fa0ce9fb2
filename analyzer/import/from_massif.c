/*
 * The lines of massif's files but for their trees: see massif.h.
 */
#include "import/from_massif_parts.h"

#include "base/options.h"
#include "import/told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MS_MAX (UINT64_C(1) << 43)

/* A thousand instructions, or bytes, pass for a millisecond: there are a hundred moments or so, and each
 * should have one of its own. */
#define UNITS_PER_MS 1000u

int from_massif_wrong(const struct from_massif *massif) {
        return input_wrong(massif->input, "is not as massif writes it");
}

static const char *after(const char *line, const char *begin) {
        size_t length = strlen(begin);

        return strncmp(line, begin, length) == 0 ? line + length : NULL;
}

bool from_massif_is(const char *line) {
        return after(line, "desc: ") || after(line, "desc:");
}

static int take_number(const struct from_massif *massif, const char *text, uint64_t *number) {
        unsigned long long value;

        if (options_number(text, 0, UINT64_MAX, &value) < 0)
                return from_massif_wrong(massif);
        *number = value;
        return 0;
}

static int take_command(struct from_massif *massif, const char *command) {
        return told_command(massif->input, massif->writer, NULL, command,
                            &(struct writer_process){ .tool = "massif", .page_bytes = 4096 });
}

static int take_unit(struct from_massif *massif, const char *unit) {
        if (strcmp(unit, "ms") != 0 && strcmp(unit, "i") != 0 && strcmp(unit, "B") != 0)
                return from_massif_wrong(massif);
        massif->per_ms = strcmp(unit, "ms") == 0 ? 1 : UNITS_PER_MS;
        return 0;
}

/* The snapshot before is over. */
static int close_snapshot(struct from_massif *massif) {
        int error = massif->open ? from_massif_moment(massif) : 0;

        massif->open = false;
        return error;
}

static int open_snapshot(struct from_massif *massif, const char *number) {
        int error = close_snapshot(massif);

        massif->open = true;
        massif->has_tree = massif->rooted = false;
        massif->depth = 0;
        massif->found.count = 0;
        massif->heap_bytes = 0;
        return error < 0 ? error : take_number(massif, number, &massif->number);
}

static int take_time(struct from_massif *massif, const char *text) {
        int error = take_number(massif, text, &massif->time);

        if (error < 0)
                return error;
        if (massif->time / massif->per_ms > TIME_MS_MAX)
                return from_massif_wrong(massif);
        writer_at(massif->writer, massif->time / massif->per_ms);
        return 0;
}

static int take_heap(struct from_massif *massif, const char *text) {
        int error = take_number(massif, text, &massif->heap_bytes);

        return error == 0 && massif->heap_bytes > MTR_SITE_BYTES_MAX ? from_massif_wrong(massif) : error;
}

static int take_tree(struct from_massif *massif, const char *kind) {
        massif->has_tree = strcmp(kind, "empty") != 0;
        if (massif->has_tree && strcmp(kind, "detailed") != 0 && strcmp(kind, "peak") != 0)
                return from_massif_wrong(massif);
        return 0;
}

static int take_line(struct from_massif *massif) {
        static const struct {
                const char *begin;
                int (*take)(struct from_massif *massif, const char *text);
                bool in_snapshot;
        } kinds[] = {
                { "cmd: ", take_command, false },      { "time_unit: ", take_unit, false },
                { "snapshot=", open_snapshot, false }, { "time=", take_time, true },
                { "mem_heap_B=", take_heap, true },    { "heap_tree=", take_tree, true },
        };
        const char *line = massif->input->text;

        if (massif->has_tree && !from_massif_tree_is_whole(massif))
                return from_massif_node(massif);
        for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
                const char *text = after(line, kinds[i].begin);

                if (text && kinds[i].in_snapshot == massif->open)
                        return kinds[i].take(massif, text);
                if (text && kinds[i].take == open_snapshot)
                        return open_snapshot(massif, text);
        }
        /* what the allocator and the stacks take beside is not what the program asked for */
        if (*line == '#' || from_massif_is(line) ||
            (massif->open && (after(line, "mem_heap_extra_B=") || after(line, "mem_stacks_B="))))
                return 0;
        return from_massif_wrong(massif);
}

int from_massif_read(struct input *input, struct writer *writer) {
        struct from_massif *massif = calloc(1, sizeof(*massif));
        int result = 1;

        if (!massif)
                return input_no_memory(input);
        massif->input = input;
        massif->writer = writer;
        massif->per_ms = UNITS_PER_MS;
        writer_unseen(writer, "what was held between massif's snapshots; a block is all that a place held");
        while (result > 0)
                result = take_line(massif) < 0 ? -EINVAL : input_line(input);
        /* the last one may be cut */
        if (result == 0 && massif->has_tree && !from_massif_tree_is_whole(massif)) {
                massif->open = false;
                input->cut = true;
        }
        if (result == 0 && !input->cut)
                result = close_snapshot(massif);
        from_massif_tree_deinit(massif);
        from_massif_moment_deinit(massif);
        sites_deinit(&massif->sites);
        free(massif);
        return result;
}
