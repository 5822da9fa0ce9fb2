/*
 * See massif_tree.h. A node is a place under the one it was called by, which in massif's trees is the inner
 * one. One thread.
 */
#include "render/export/massif_tree.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define SHARE_OF 100u /* what holds less than one part of so many is told in sum, as by massif */
/* Frames of a stack, the innermost. ms_print recurses, and Perl warns of each snapshot where that is a
 * hundred deep. massif-visualizer would take any, but lines are indented, so what is n deep takes n * n
 * bytes. */
#define DEPTH_MAX 90u

static int no_memory(const struct massif_tree *tree) {
        return message_errno(ENOMEM, tree->wish->operand, "cannot make its heap trees");
}

static int add_node(struct massif_tree *tree, uint32_t parent, uint32_t place) {
        if (tree->count == UINT32_MAX ||
            array_reserve(&tree->nodes, &tree->capacity, tree->count + 1, sizeof(*tree->nodes)) < 0)
                return no_memory(tree);
        tree->nodes[tree->count++] = (struct massif_tree_node){ .parent = parent, .place = place };
        return 0;
}

int massif_tree_init(struct massif_tree *tree, const struct export_wish *wish) {
        *tree = (struct massif_tree){ .wish = wish };
        return add_node(tree, 0, 0);
}

void massif_tree_deinit(struct massif_tree *tree) {
        callstack_deinit(&tree->callstack);
        intern_deinit(&tree->places);
        map_deinit(&tree->known);
        map_deinit(&tree->map);
        free(tree->nodes);
        free(tree->order);
        *tree = (struct massif_tree){ 0 };
}

/* As massif has it. Its reader takes what follows a # for a comment. */
static char *describe(const struct symbol_frame *frame, uint64_t address) {
        const char *function = frame->function ? frame->function : "???";
        const char *module = frame->function && frame->module ? frame->module : frame->file;
        char *text;
        int length = frame->has_line
                             ? asprintf(&text, "0x%" PRIX64 ": %s (%s:%" PRIu32 ")", address, function,
                                        frame->file, frame->line)
                             : asprintf(&text, "0x%" PRIX64 ": %s (in %s)", address, function, module);

        for (char *letter = length < 0 ? NULL : text; letter && *letter; letter++)
                if (*letter == '#')
                        *letter = ':';
        return length < 0 ? NULL : text;
}

static int define_place(struct massif_tree *tree, size_t frame, uint32_t *place) {
        char *text = describe(tree->callstack.frames.frames[frame], tree->callstack.addresses[frame]);
        int error = text ? intern_text(&tree->places, text, place) : -ENOMEM;

        free(text);
        return error < 0 ? no_memory(tree) : 0;
}

/* What has a name is one thing in memory, with one address. */
static int place_of(struct massif_tree *tree, size_t frame, uint32_t *place) {
        const struct symbol_frame *symbol = tree->callstack.frames.frames[frame];
        uint32_t *known;
        int error = 0;

        if (!symbol->module)
                return define_place(tree, frame, place);
        known = map_value(&tree->known, (uintptr_t)symbol, UINT32_MAX);
        if (!known)
                return no_memory(tree);
        if (*known == UINT32_MAX)
                error = define_place(tree, frame, known);
        *place = *known;
        return error;
}

/* The child of a node that the frame is. */
static int descend(struct massif_tree *tree, uint32_t *node, size_t frame) {
        uint32_t place = 0, *child;
        int error = place_of(tree, frame, &place);

        if (error < 0)
                return error;
        child = map_value(&tree->map, (uint64_t)*node << 32 | place, (uint32_t)tree->count);
        if (!child)
                return no_memory(tree);
        if (*child == tree->count)
                error = add_node(tree, *node, place);
        *node = *child;
        return error;
}

int massif_tree_add(struct massif_tree *tree, uint32_t stack, uint64_t bytes) {
        uint32_t node = 0;
        size_t depth;
        int error = callstack_of(tree->wish, stack, &tree->callstack);

        depth = tree->callstack.frames.count < DEPTH_MAX ? tree->callstack.frames.count : DEPTH_MAX;
        for (size_t i = 0; error == 0; i++) {
                tree->nodes[node].bytes = saturate_add(tree->nodes[node].bytes, bytes);
                if (i == depth)
                        break;
                error = descend(tree, &node, i);
        }
        return error;
}

static int by_parent(const void *left, const void *right, void *context) {
        const struct massif_tree_node *nodes = context;
        uint32_t one = *(const uint32_t *)left, other = *(const uint32_t *)right;

        if (nodes[one].parent != nodes[other].parent)
                return nodes[one].parent < nodes[other].parent ? -1 : 1;
        if (nodes[one].bytes != nodes[other].bytes)
                return nodes[one].bytes > nodes[other].bytes ? -1 : 1;
        return one < other ? -1 : 1;
}

static int sort(struct massif_tree *tree) {
        free(tree->order);
        tree->order = calloc(tree->count, sizeof(*tree->order));
        if (!tree->order)
                return no_memory(tree);
        for (uint32_t i = 1; i < tree->count; i++)
                tree->order[i - 1] = i;
        qsort_r(tree->order, tree->count - 1, sizeof(*tree->order), by_parent, tree->nodes);
        for (size_t i = tree->count - 1; i-- > 0;) {
                struct massif_tree_node *parent = &tree->nodes[tree->nodes[tree->order[i]].parent];

                parent->first_child = (uint32_t)i;
                parent->child_count++;
        }
        return 0;
}

/* How many of a node's children are told, each for itself. */
static uint32_t count_large(const struct massif_tree *tree, const struct massif_tree_node *node) {
        uint32_t count = 0;

        while (count < node->child_count &&
               tree->nodes[tree->order[node->first_child + count]].bytes >=
                       tree->nodes[0].bytes / SHARE_OF + (tree->nodes[0].bytes % SHARE_OF > 0))
                count++;
        return count;
}

static void write_small(const struct massif_tree *tree, const struct massif_tree_node *node, uint32_t large,
                        int depth, FILE *stream) {
        uint32_t count = node->child_count - large;
        uint64_t bytes = 0;

        for (uint32_t i = large; i < node->child_count; i++)
                bytes = saturate_add(bytes, tree->nodes[tree->order[node->first_child + i]].bytes);
        fprintf(stream, "%*sn0: %" PRIu64 " in %" PRIu32 " %s below massif's threshold (1.00%%)\n", depth, "",
                bytes, count, count == 1 ? "place," : "places, all");
}

/* No deeper than DEPTH_MAX. */
static void write_node(const struct massif_tree *tree, uint32_t number, int depth, FILE *stream) {
        const struct massif_tree_node *node = &tree->nodes[number];
        uint32_t large = count_large(tree, node);

        fprintf(stream, "%*sn%" PRIu32 ": %" PRIu64 " ", depth, "", large + (large < node->child_count),
                node->bytes);
        text_put(stream, number ? intern_get(&tree->places, node->place)
                                : "(heap allocation functions) malloc/new/new[], --alloc-fns, etc.");
        fputc('\n', stream);
        for (uint32_t i = 0; i < large; i++)
                write_node(tree, tree->order[node->first_child + i], depth + 1, stream);
        if (large < node->child_count)
                write_small(tree, node, large, depth + 1, stream);
}

int massif_tree_write(struct massif_tree *tree, FILE *stream) {
        int error = sort(tree);

        if (error < 0)
                return error;
        write_node(tree, 0, 0, stream);
        map_deinit(&tree->map);
        tree->count = 0;
        return add_node(tree, 0, 0);
}
