/*
 * The report's table as CSV: a line of names, then one line an entry.
 */
#include "render/render.h"

#include "base/message.h"
#include "render/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int add_frame(void *context, const struct symbol_frame *frame) {
        fprintf(context, "%s%s", ftell(context) > 0 ? ";" : "", frame->file);
        if (frame->has_line)
                fprintf(context, ":%u", frame->line);
        return 0;
}

static int put_frames(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        char *text = NULL;
        size_t length = 0;
        FILE *memory = open_memstream(&text, &length);
        int error = memory ? render_frames(report, entry, add_frame, memory) : 0;

        if (!memory || fclose(memory) != 0)
                error = message_errno(ENOMEM, "report", "cannot print");
        if (error == 0)
                error = fields_text(text, ",", stream);
        free(text);
        return error;
}

static int put_entry(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        enum aggregate_by by = report->aggregate->wish.by;
        int error = 0;

        if (by == AGGREGATE_SIZE) {
                fprintf(stream, "%" PRIu64 ",%" PRIu64 ",", entry->least_bytes, entry->end_bytes);
        } else {
                error = fields_text(entry->file, ",", stream);
                if (entry->has_line)
                        fprintf(stream, "%u", entry->line);
                fputc(',', stream);
                if (error == 0)
                        error = fields_text(entry->function, ",", stream);
                if (error == 0)
                        error = fields_text(entry->module, ",", stream);
        }
        if (error == 0 && by == AGGREGATE_TRACEBACK)
                error = put_frames(report, entry, stream);
        fprintf(stream, "%" PRIu64 ",%" PRIu64 ",", entry->size_bytes, entry->count);
        if (entry->count > 0)
                fprintf(stream, "%.15g", (double)entry->size_bytes / (double)entry->count);
        fputs("\r\n", stream);
        return error;
}

int render_report_csv(const struct report *report, FILE *stream) {
        enum aggregate_by by = report->aggregate->wish.by;
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        int error = 0;

        fputs(by == AGGREGATE_SIZE ? "from,below," : "file,line,function,module,", stream);
        fputs(by == AGGREGATE_TRACEBACK ? "frames," : "", stream);
        fputs("size,count,average\r\n", stream);
        while (error == 0 && (entry = render_next(report, &walk)))
                error = put_entry(report, entry, stream);
        return error;
}
