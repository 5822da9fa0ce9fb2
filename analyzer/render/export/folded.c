/*
 * See folded.h. The readers know no quoting: what would end a frame or a line is another letter there.
 */
#include "render/export/folded.h"

#include "render/export/stacks.h"

#include <inttypes.h>

struct folding {
        const struct export_wish *wish;
        FILE *stream;
};

static void put_name(FILE *stream, const char *name) {
        for (; *name; name++)
                fputc(*name == ';'                                   ? ':'
                      : (unsigned char)*name < 0x20 || *name == 0x7f ? '?'
                                                                     : *name,
                      stream);
}

static int put(void *context, const struct export_stack *stack) {
        const struct folding *folding = context;
        uint64_t value = export_cost(folding->wish, stack);

        if (value == 0)
                return 0;
        for (size_t i = stack->frame_count; i-- > 0;) {
                const struct symbol_frame *frame = stack->frames[i];

                put_name(folding->stream, frame->function ? frame->function : frame->file);
                fputc(i > 0 ? ';' : ' ', folding->stream);
        }
        fprintf(folding->stream, "%" PRIu64 "\n", value);
        return 0;
}

static int write_folded(const struct export_wish *wish, FILE *stream) {
        return export_stacks(wish, put, &(struct folding){ wish, stream });
}

const struct export_format export_folded = {
        .about = "flamegraph.pl and inferno",
        .write = write_folded,
        .one = true,
};
