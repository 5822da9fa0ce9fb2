/* Draws flame graphs and looks at what comes out: see render_check.h. */
#include "render_check.h"

#include "render/flamegraph.h"

#include <stdlib.h>
#include <string.h>

/* What a picture of ours is made of, behind "<" and "&"; the script stands by itself. */
static const char *const tags[] = { "?xml ", "svg ",   "/svg>",  "title>",  "/title>",
                                    "desc>", "/desc>", "style>", "/style>", "g ",
                                    "/g>",   "rect ",  "text ",  "/text>",  "script><![CDATA[" };
static const char *const entities[] = { "amp;", "lt;", "gt;", "quot;", "#39;" };

static void begins_with_one(const char *text, const char *const *words, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (strncmp(text, words[i], strlen(words[i])) == 0)
                        return;
        abort();
}

/* Up to the script: no markup, quote or control character but ours, and each group, title and text closed. */
static void check_svg(const char *text) {
        const char *end = strstr(text, "<script>");
        long open = 0;

        if (!end)
                abort();
        for (const char *at = text; at < end; at++) {
                if (((unsigned char)*at < 0x20 && *at != '\n') || *at == 0x7f)
                        abort();
                if (*at == '<') {
                        begins_with_one(at + 1, tags, sizeof(tags) / sizeof(*tags));
                        open += strncmp(at + 1, "g ", 2) == 0;
                        open -= strncmp(at + 1, "/g>", 3) == 0;
                } else if (*at == '&') {
                        begins_with_one(at + 1, entities, sizeof(entities) / sizeof(*entities));
                }
        }
        if (open != 0)
                abort();
}

/* Nobody has more than what he stands on, and children stand beside each other. */
static void check_frames(const struct flame *flame) {
        for (uint32_t i = 0; i < flame->count; i++) {
                const struct flame_frame *frame = &flame->frames[i], *parent = &flame->frames[frame->parent];

                if ((i > 0 && frame->parent >= i) || frame->width > parent->width ||
                    frame->all.size_bytes > parent->all.size_bytes ||
                    frame->earlier.count > parent->earlier.count || frame->depth > flame->depth ||
                    frame->self.size_bytes > frame->all.size_bytes)
                        abort();
        }
}

static void check_flame(const struct report *report, bool inverted, bool difference) {
        const struct aggregate *paths = report->aggregate;
        const struct flame_wish wish = { .by = paths->wish.by,
                                         .inverted = inverted,
                                         .fold_recursion = difference,
                                         .by_count = difference };
        struct flamegraph graph = { .title = report->summary->command,
                                    .subtitle = report->summary->command,
                                    .width = FLAMEGRAPH_WIDTH,
                                    .difference = difference };
        struct flame flame;
        char *text;
        size_t length;
        FILE *stream = open_memstream(&text, &length);

        flame_init(&flame, &wish);
        for (size_t i = 0; i < paths->count; i++) {
                const struct aggregate_entry *entry = &paths->entries[i];
                const struct compare_value now = { entry->size_bytes, entry->count };
                const struct compare_value earlier = { difference ? entry->count : 0, entry->line };

                if (flame_add(&flame, paths, entry->node, now, earlier) < 0)
                        abort();
        }
        if (!stream || flame_finish(&flame, inverted ? 0.1 : 0, difference ? 4 : 1000) < 0)
                abort();
        check_frames(&flame);
        graph.flame = &flame;
        if ((flame.frames[FLAME_ROOT].width > 0 && flamegraph_svg(&graph, stream) < 0) || fclose(stream) != 0)
                abort();
        if (length > 0)
                check_svg(text);
        flame_deinit(&flame);
        free(text);
}

void render_check_flames(const struct report *report) {
        for (int kind = 0; kind < 4; kind++)
                check_flame(report, kind % 2, kind / 2);
}
