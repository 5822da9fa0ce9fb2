/*
 * See callgrind.h. A function is told by module, file and name, an inlined one like any other; costs and
 * calls stand at their lines. Names are written once, and by number from then on. One thread.
 */
#include "render/export/callgrind.h"

#include "base/message.h"
#include "base/text.h"
#include "render/export/callcosts.h"
#include "render/export/stacks.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define OUTSIDE "(stacks begin)" /* who calls functions with which some stacks begin and others do not */

struct names {
        struct intern known;
        size_t written;
};

struct writing {
        const struct callcosts *costs;
        FILE *stream;
        struct names modules, files, functions;
};

static int put_name(FILE *stream, struct names *names, const char *key, const char *name) {
        uint32_t number;

        if (intern_text(&names->known, name, &number) < 0)
                return -ENOMEM;
        fprintf(stream, "%s(%" PRIu32 ")", key, number + 1);
        if (number == names->written) {
                fputc(' ', stream);
                text_put(stream, name);
                names->written++;
        }
        fputc('\n', stream);
        return 0;
}

static const char *module_of(const struct symbol_frame *frame) {
        return frame->module && *frame->module ? frame->module : "???";
}

static const char *function_of(const struct symbol_frame *frame) {
        return frame->function && *frame->function ? frame->function : "<unknown>";
}

static int put_function(struct writing *writing, const struct symbol_frame *frame) {
        fputc('\n', writing->stream);
        if (put_name(writing->stream, &writing->modules, "ob=", module_of(frame)) < 0 ||
            put_name(writing->stream, &writing->files, "fl=", filter_file(frame)) < 0)
                return -ENOMEM;
        return put_name(writing->stream, &writing->functions, "fn=", function_of(frame));
}

/* Module and file of whom is called only where they are others: of a file in the current directory
 * callgrind_annotate makes two, one by its whole path, when they are repeated. */
static int put_callee(struct writing *writing, const struct symbol_frame *caller,
                      const struct symbol_frame *callee) {
        const char *module = module_of(callee), *file = filter_file(callee);

        if (strcmp(module, module_of(caller)) != 0 &&
            put_name(writing->stream, &writing->modules, "cob=", module) < 0)
                return -ENOMEM;
        if (strcmp(file, filter_file(caller)) != 0 &&
            put_name(writing->stream, &writing->files, "cfi=", file) < 0)
                return -ENOMEM;
        return put_name(writing->stream, &writing->functions, "cfn=", function_of(callee));
}

/* The first number is what --cost asks for; the readers sort by it. */
static void put_sum(const struct writing *writing, struct callcosts_sum sum) {
        bool blocks = export_counts(writing->costs->wish);

        fprintf(writing->stream, " %" PRIu64 " %" PRIu64 "\n", blocks ? sum.blocks : sum.size_bytes,
                blocks ? sum.size_bytes : sum.blocks);
}

static int put_call(struct writing *writing, const struct symbol_frame *caller, uint32_t line,
                    uint32_t callee, uint64_t count, struct callcosts_sum cost) {
        const struct symbol_frame *frame = writing->costs->functions[callee].frame;

        if (put_callee(writing, caller, frame) < 0)
                return -ENOMEM;
        fprintf(writing->stream, "calls=%" PRIu64 " %" PRIu32 "\n%" PRIu32, count,
                frame->has_line ? frame->line : 0, line);
        put_sum(writing, cost);
        return 0;
}

static void put_head(const struct writing *writing) {
        static const char *const words[] = {
                [AGGREGATE_LIVE] = "held at the moment",
                [AGGREGATE_LEAKED] = "held at the end",
                [AGGREGATE_TOTAL] = "allocated",
                [AGGREGATE_COUNT] = "allocated",
                [AGGREGATE_TEMPORARY] = "freed before the next allocation",
        };
        const struct export_wish *wish = writing->costs->wish;
        FILE *stream = writing->stream;

        fprintf(stream, "# callgrind format\nversion: 1\ncreator: memtrace %s\npid: %" PRIu32 "\ncmd: ",
                MEMTRACE_VERSION, wish->state->summary.pid);
        text_put(stream, wish->state->summary.command);
        fprintf(stream, "\npositions: line\nevent: Bytes : Bytes %s\nevent: Blocks : Blocks %s\nevents: %s\n",
                words[wish->cost], words[wish->cost], export_counts(wish) ? "Blocks Bytes" : "Bytes Blocks");
        fputs("summary:", stream);
        put_sum(writing, writing->costs->total);
}

/* A function's cost is what calls to it cost, so where stacks begin with one that is called too, a call leads
 * to it as well. */
static int put_outside(struct writing *writing) {
        static const struct symbol_frame outside = { .file = "???", .has_line = true, .function = OUTSIDE };
        const struct callcosts *costs = writing->costs;
        bool begun = false;
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < costs->function_count; i++) {
                const struct callcosts_function *function = &costs->functions[i];

                if (!function->called || function->begins.blocks == 0)
                        continue;
                if (!begun)
                        error = put_function(writing, &outside);
                begun = true;
                if (error == 0)
                        error = put_call(writing, &outside, 0, i, function->begins.blocks, function->begins);
        }
        return error;
}

static int put_lines(struct writing *writing) {
        const struct callcosts *costs = writing->costs;
        uint32_t last = CALLCOSTS_NOBODY;
        size_t next_call = 0;
        int error = 0;

        for (size_t i = 0; error == 0 && i < costs->line_count; i++) {
                const struct callcosts_line *line = &costs->lines[i];
                const struct symbol_frame *function = costs->functions[line->function].frame;

                if (line->function != last)
                        error = put_function(writing, function);
                last = line->function;
                /* also where it is nothing: callgrind_annotate complains of files without any */
                fprintf(writing->stream, "%" PRIu32, line->line);
                put_sum(writing, line->self);
                for (; error == 0 && next_call < costs->call_count && costs->calls[next_call].line == i;
                     next_call++) {
                        const struct callcosts_call *call = &costs->calls[next_call];

                        error = put_call(writing, function, line->line, call->callee, call->count,
                                         call->cost);
                }
        }
        return error;
}

static int write_callgrind(const struct export_wish *wish, FILE *stream) {
        struct callcosts costs;
        struct writing writing = { .costs = &costs, .stream = stream };
        int error = callcosts_make(wish, &costs);

        if (error == 0) {
                put_head(&writing);
                error = put_outside(&writing);
                if (error == 0)
                        error = put_lines(&writing);
                if (error < 0)
                        message_errno(ENOMEM, wish->operand, "cannot keep its names");
                fputs("\ntotals:", stream);
                put_sum(&writing, costs.total);
        }
        intern_deinit(&writing.modules.known);
        intern_deinit(&writing.files.known);
        intern_deinit(&writing.functions.known);
        callcosts_deinit(&costs);
        return error;
}

const struct export_format export_callgrind = {
        .about = "callgrind_annotate and KCachegrind",
        .write = write_callgrind,
        .one = true,
};
