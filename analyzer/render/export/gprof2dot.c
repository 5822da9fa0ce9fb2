/*
 * See gprof2dot.h. Its reader adds up a stack's cost at each pair of a caller and its callee, and takes
 * functions by their number, so what is called alike stays apart by file. Stacks are written as they are
 * walked, functions behind them, when all are known. One thread.
 */
#include "render/export/gprof2dot.h"

#include "aggregate/key.h"
#include "base/message.h"
#include "base/path.h"
#include "render/export/stacks.h"
#include "render/values.h"

#include <errno.h>
#include <inttypes.h>

struct writing {
        const struct export_wish *wish;
        FILE *stream;
        struct keys keys; /* functions */
        bool begun;
};

static int put_stack(void *context, const struct export_stack *stack) {
        struct writing *writing = context;
        uint64_t cost = export_cost(writing->wish, stack);

        if (cost == 0)
                return 0;
        fputs(writing->begun ? ",\n{\"callchain\":[" : "\n{\"callchain\":[", writing->stream);
        writing->begun = true;
        for (size_t i = 0; i < stack->frame_count; i++) {
                uint32_t function;

                if (keys_place(&writing->keys, stack->frames[i], &function) < 0)
                        return message_errno(ENOMEM, writing->wish->operand, "cannot tell its functions");
                fprintf(writing->stream, i > 0 ? ",%" PRIu32 : "%" PRIu32, function);
        }
        fprintf(writing->stream, "],\"cost\":[%" PRIu64 "]}", values_capped(cost));
        return 0;
}

static json_t *function(const struct symbol_frame *frame) {
        const char *module = frame->module && *frame->module ? path_base(frame->module) : "<unknown>";
        const char *name = frame->function && *frame->function ? frame->function : filter_file(frame);

        return json_pack("{s:o, s:o}", "name", values_text(name), "module", values_text(module));
}

static int put_functions(const struct writing *writing) {
        for (size_t i = 0; i < writing->keys.place_count; i++) {
                fputs(i > 0 ? ",\n" : "\n", writing->stream);
                if (values_put(function(writing->keys.places[i]), JSON_COMPACT | JSON_PRESERVE_ORDER,
                               writing->stream) < 0)
                        return message_errno(ENOMEM, writing->wish->operand, "cannot write its functions");
        }
        return 0;
}

static int write_gprof2dot(const struct export_wish *wish, FILE *stream) {
        struct writing writing = { .wish = wish, .stream = stream, .keys.by = AGGREGATE_FUNCTION };
        bool blocks = export_counts(wish);
        int error;

        fprintf(stream, "{\"version\":0,\"costs\":[{\"description\":\"%s %s\",\"unit\":\"%s\"}],\"events\":[",
                aggregate_cost_names[wish->cost], blocks ? "blocks" : "bytes", blocks ? "blocks" : "bytes");
        error = export_stacks(wish, put_stack, &writing);
        if (error == 0) {
                fputs("],\"functions\":[", stream);
                error = put_functions(&writing);
                fputs("]}\n", stream);
        }
        keys_deinit(&writing.keys);
        return error;
}

const struct export_format export_gprof2dot = {
        .about = "gprof2dot",
        .write = write_gprof2dot,
        .one = true,
};
