/*
 * The trees of massif's files: each line is a node, indented by its depth, with how many nodes are below it,
 * bytes, and the frame that is one call further out than the node above. See from_massif_parts.h.
 */
#include "import/from_massif_parts.h"

#include "base/array.h"
#include "base/path.h"
#include "import/told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX (1u << 24)

/* What a label says: "0x1091B9: grow (prog.c:5)", "0x52: inflate (in /lib/libz.so)", "0x7: ???". */
struct label {
        uint64_t address;
        char *function, *file, *module; /* NULL: not known */
        uint32_t line;
};

bool from_massif_tree_is_whole(const struct from_massif *massif) {
        return massif->rooted && massif->depth == 0 && massif->nodes[0].children == 0;
}

/* "prog.c:5" loses its line; false: it has none. */
static bool cut_line(char *text, uint32_t *line) {
        char *colon = strrchr(text, ':'), *end;
        unsigned long value;

        if (!colon || colon == text || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
                return false;
        errno = 0;
        value = strtoul(colon + 1, &end, 10);
        if (errno || value > UINT32_MAX)
                return false;
        *colon = '\0';
        *line = (uint32_t)value;
        return true;
}

/* Takes `text` apart where it stands. */
static bool parse_label(char *text, struct label *label) {
        char *end, *place;
        size_t digits;

        *label = (struct label){ .address = 0 };
        if (strncmp(text, "0x", 2) != 0)
                return false;
        digits = strspn(text + 2, "0123456789abcdefABCDEF");
        if (digits == 0 || digits > 16 || strncmp(text + 2 + digits, ": ", 2) != 0)
                return false;
        label->address = strtoull(text, &end, 16);
        label->function = end + 2;
        place = strrchr(label->function, '(');
        if (place && place > label->function && place[-1] == ' ' && text[strlen(text) - 1] == ')') {
                place[-1] = '\0';
                place++;
                place[strlen(place) - 1] = '\0';
                if (strncmp(place, "in ", 3) == 0)
                        label->module = place + 3;
                else if (cut_line(place, &label->line))
                        label->file = place;
        }
        if (!*label->function || strcmp(label->function, "???") == 0)
                label->function = NULL;
        return true;
}

static int module_of(struct from_massif *massif, const char *path, uint32_t *module) {
        uint32_t number, *known;

        if (intern_text(&massif->labels, path, &number) < 0)
                return input_no_memory(massif->input);
        known = sites_value(&massif->modules, massif->input, number);
        if (!known)
                return -EINVAL;
        if (*known == SITES_NONE)
                *known = writer_module(massif->writer, 0, 0, 0, path);
        *module = *known;
        return 0;
}

/* The texts of a name are cut to what the format has room for. */
static void cut_text(char *text) {
        if (text && strlen(text) > MTR_NAME_MAX / 2)
                text[MTR_NAME_MAX / 2] = '\0';
}

static int write_frame(struct from_massif *massif, struct label *label, uint32_t *frame) {
        const char *path = label->module ? label->module : "";
        struct trace_name name = { .function = label->function, .line = label->line };
        char *place;
        uint32_t module = 0;
        int error;

        cut_text(label->function);
        cut_text(label->file);
        cut_text(label->module);
        error = module_of(massif, path, &module);
        if (error < 0)
                return error;
        place = label->file ? path_tidy(label->file) : told_place(path, label->function);
        if (!place)
                return input_no_memory(massif->input);
        name.file = place;
        name.has_line = label->file;
        *frame = writer_frame(massif->writer, module, label->address & UINT64_MAX >> 1);
        writer_name_frame(massif->writer, &name, 1);
        free(place);
        return 0;
}

/* The frame of a label, the same for the same text. */
static int frame_of(struct from_massif *massif, const char *text, uint32_t *frame) {
        struct label label;
        uint32_t number;
        char *copy;
        int error = input_spend(massif->input, strlen(text) + 96);

        if (error < 0)
                return error;
        if (intern_text(&massif->labels, text, &number) < 0 ||
            array_reserve(&massif->frames, &massif->frames_capacity, massif->labels.count,
                          sizeof(*massif->frames)) < 0)
                return input_no_memory(massif->input);
        for (; massif->frames_count < massif->labels.count; massif->frames_count++)
                massif->frames[massif->frames_count] = 0;
        if (massif->frames[number] > 0) {
                *frame = massif->frames[number] - 1;
                return 0;
        }
        copy = strdup(text);
        if (!copy)
                return input_no_memory(massif->input);
        error = parse_label(copy, &label) ? write_frame(massif, &label, frame) : from_massif_wrong(massif);
        free(copy);
        if (error == 0)
                massif->frames[number] = *frame + 1;
        return error;
}

/* The stack of the open nodes down to `depth`: the deepest is the outermost call. */
static int stack_of(struct from_massif *massif, size_t depth, uint32_t *stack) {
        *stack = 0;
        for (size_t i = depth; i > 0; i--) {
                uint32_t frame = massif->nodes[i].frame;
                uint32_t *known = sites_value(&massif->stacks, massif->input, (uint64_t)*stack << 32 | frame);

                if (!known)
                        return -EINVAL;
                if (*known == SITES_NONE)
                        *known = writer_stack(massif->writer, *stack, frame);
                *stack = *known;
        }
        return 0;
}

static int find(struct from_massif *massif, size_t depth, uint64_t bytes) {
        struct from_massif_places *found = &massif->found;
        struct from_massif_held held = { .bytes = bytes };
        int error = bytes > 0 ? stack_of(massif, depth, &held.stack) : 0;

        if (error < 0 || bytes == 0)
                return error;
        error = sites_number(&massif->sites, massif->input, massif->writer, held.stack, bytes, &held.site);
        if (error < 0)
                return error;
        if (array_reserve(&found->items, &found->capacity, found->count + 1, sizeof(*found->items)) < 0)
                return input_no_memory(massif->input);
        found->items[found->count++] = held;
        return 0;
}

/* Nodes whose children are all there are closed. */
static void close_nodes(struct from_massif *massif) {
        while (massif->depth > 0 && massif->nodes[massif->depth].children == 0)
                massif->depth--;
}

/* "n2: 1500 rest" */
static bool parse_node(char *text, uint64_t *children, uint64_t *bytes, char **label) {
        char *end;

        if (text[0] != 'n' || text[1] < '0' || text[1] > '9')
                return false;
        *children = strtoull(text + 1, &end, 10);
        if (strncmp(end, ": ", 2) != 0 || end[2] < '0' || end[2] > '9' || *children > NODES_MAX)
                return false;
        *bytes = strtoull(end + 2, &end, 10);
        if (*end != ' ' || *bytes > MTR_SITE_BYTES_MAX)
                return false;
        *label = end + 1;
        return true;
}

int from_massif_node(struct from_massif *massif) {
        char *text = massif->input->text, *label;
        size_t depth = strspn(text, " ");
        uint64_t children, bytes;
        bool is_place;
        int error = 0;

        if (!parse_node(text + depth, &children, &bytes, &label))
                return from_massif_wrong(massif);
        if (depth != (massif->rooted ? massif->depth + 1 : 0) || depth >= MTR_STACK_DEPTH_MAX)
                return input_wrong(massif->input, "a place is not where its tree has one");
        if (depth > 0)
                massif->nodes[massif->depth].children--;
        /* many small ones together are a place that nobody knows, under what they have in common */
        is_place = depth > 0 && strncmp(label, "in ", 3) != 0;
        massif->nodes[depth] = (struct from_massif_node){ children, 0 };
        if (is_place)
                error = frame_of(massif, label, &massif->nodes[depth].frame);
        else if (depth > 0 && children > 0)
                error = from_massif_wrong(massif);
        if (error == 0 && children == 0)
                error = find(massif, is_place ? depth : depth > 0 ? depth - 1 : 0, bytes);
        massif->depth = depth;
        massif->rooted = true;
        close_nodes(massif);
        return error;
}

void from_massif_tree_deinit(struct from_massif *massif) {
        free(massif->found.items);
        free(massif->frames);
        intern_deinit(&massif->labels);
        map_deinit(&massif->modules);
        map_deinit(&massif->stacks);
}
