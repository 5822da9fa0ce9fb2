/*
 * See csv.h. Fields are as in the reports' CSV; of a stack's frames two columns tell, with as many items
 * each.
 */
#include "render/export/csv.h"

#include "base/memo.h"
#include "base/message.h"
#include "render/export/stacks.h"
#include "render/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct csv_writing {
        const struct export_wish *wish;
        FILE *stream;
};

typedef void put_item(FILE *stream, const struct symbol_frame *frame);

/* What would end an item is written as what would end a line is. */
static void put_name(FILE *stream, const char *name) {
        for (; *name; name++)
                if (*name == ';')
                        fputs("\\x3b", stream);
                else
                        fputc(*name, stream);
}

static void put_place(FILE *stream, const struct symbol_frame *frame) {
        put_name(stream, frame->file);
        if (frame->has_line)
                fprintf(stream, ":%" PRIu32, frame->line);
}

static void put_function(FILE *stream, const struct symbol_frame *frame) {
        put_name(stream, frame->function ? frame->function : "");
}

/* One field: the oldest frame first, as reports have them. */
static int put_items(const struct csv_writing *writing, const struct export_stack *stack, put_item *put,
                     const char *behind) {
        char *text = NULL;
        size_t length_bytes = 0;
        FILE *memory = memo_stream(&text, &length_bytes);
        int error = 0;

        for (size_t i = stack->frame_count; memory && i-- > 0;) {
                put(memory, stack->frames[i]);
                fputs(i > 0 ? ";" : "", memory);
        }
        if (!memory || fclose(memory) != 0)
                error = message_errno(ENOMEM, writing->wish->operand, "cannot export");
        if (error == 0)
                error = fields_text(text, behind, writing->stream);
        free(text);
        return error;
}

static int put_names(const struct csv_writing *writing, const struct symbol_frame *frame) {
        int error = fields_text(frame->file, ",", writing->stream);

        if (frame->has_line)
                fprintf(writing->stream, "%" PRIu32, frame->line);
        fputc(',', writing->stream);
        if (error == 0)
                error = fields_text(frame->function, ",", writing->stream);
        return error < 0 ? error : fields_text(frame->module, ",", writing->stream);
}

static int put_stack(void *context, const struct export_stack *stack) {
        const struct csv_writing *writing = context;
        int error;

        fprintf(writing->stream, "%" PRIu32 ",", stack->id);
        error = put_names(writing, stack->frames[0]);
        fprintf(writing->stream, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",",
                stack->live_bytes, stack->live_blocks, stack->allocated_bytes, stack->allocations,
                stack->temporary_bytes, stack->temporary);
        if (error == 0)
                error = put_items(writing, stack, put_place, ",");
        return error < 0 ? error : put_items(writing, stack, put_function, "\r\n");
}

static int write_csv(const struct export_wish *wish, FILE *stream) {
        fputs("stack,file,line,function,module,live_bytes,live_blocks,allocated_bytes,allocations,"
              "temporary_bytes,temporary,frames,functions\r\n",
              stream);
        return export_stacks(wish, put_stack, &(struct csv_writing){ wish, stream });
}

const struct export_format export_csv = {
        .about = "spreadsheets and data frames",
        .write = write_csv,
};
