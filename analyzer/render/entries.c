/*
 * Which entries of a report are shown, and which frames of a traceback: the same in every format.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct aggregate_entry *render_next(const struct report *report, struct render_walk *walk) {
        const struct aggregate *aggregate = report->aggregate;

        while (walk->at < aggregate->count && aggregate->entries[walk->at].size_bytes < report->least_bytes)
                walk->at++;
        if (walk->at == aggregate->count || walk->shown == report->limit)
                return NULL;
        walk->shown++;
        return &aggregate->entries[walk->at++];
}

int render_frames(const struct report *report, const struct aggregate_entry *entry,
                  int (*put)(void *context, const struct symbol_frame *frame), void *context) {
        const struct aggregate_node *nodes = report->aggregate->nodes;
        size_t count = nodes[entry->node].depth,
               shown = count < report->frame_limit ? count : report->frame_limit;
        const struct symbol_frame **frames = calloc(shown, sizeof(*frames));
        uint32_t node = entry->node;
        int result = 0;

        if (!frames)
                return message_errno(ENOMEM, "report", "cannot print");
        for (size_t i = 0; i < shown; i++, node = nodes[node].parent)
                frames[report->most_recent_first ? i : shown - 1 - i] = nodes[node].frame;
        for (size_t i = 0; result == 0 && i < shown; i++)
                result = put(context, frames[i]);
        free(frames);
        return result;
}

struct traceback {
        const struct report *report;
        FILE *stream;
};

static int put_frame(void *context, const struct symbol_frame *frame) {
        const struct traceback *traceback = context;
        FILE *stream = traceback->stream;
        char rest[40] = "\"";

        if (frame->has_line || !frame->module) /* <unknown> is at line 0 */
                snprintf(rest, sizeof(rest), "\", line %u", frame->line);
        fputs("  File \"", stream);
        terminal_put_place(stream, frame->file, strlen("  File \"") + strlen(rest));
        fprintf(stream, "%s\n", rest);
        return render_source_line(traceback->report, frame, stream);
}

int render_traceback(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        struct traceback traceback = { report, stream };

        return render_frames(report, entry, put_frame, &traceback);
}
