/*
 * See heaptrack_places.h. Inlined frames are pointers of their own, with the address they are at: a stack may
 * begin among them. Numbers are hexadecimal. One thread.
 */
#include "render/export/heaptrack_places.h"

#include "base/message.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int no_memory(const struct heaptrack_places *places) {
        return message_errno(ENOMEM, places->wish->operand, "cannot export");
}

void heaptrack_places_init(struct heaptrack_places *places, const struct export_wish *wish, FILE *stream) {
        *places = (struct heaptrack_places){ .wish = wish, .stream = stream };
}

void heaptrack_places_deinit(struct heaptrack_places *places) {
        callstack_deinit(&places->callstack);
        intern_deinit(&places->strings);
        intern_deinit(&places->pointers);
        map_deinit(&places->nodes);
}

/* NULL is number 0. */
static int define_string(struct heaptrack_places *places, const char *text, uint32_t *number) {
        size_t known = places->strings.count;

        *number = 0;
        if (!text)
                return 0;
        if (intern_text(&places->strings, text, number) < 0)
                return no_memory(places);
        if (places->strings.count > known) {
                fputs("s ", places->stream);
                text_put(places->stream, text);
                fputc('\n', places->stream);
        }
        ++*number;
        return 0;
}

static int define_pointer(struct heaptrack_places *places, size_t frame, uint32_t *number) {
        const struct symbol_frame *symbol = places->callstack.frames.frames[frame];
        size_t known = places->pointers.count;
        uint32_t module, function, file = 0;
        char *line;
        int error = define_string(places, symbol->module, &module);

        if (error == 0)
                error = define_string(places, symbol->function ? symbol->function : symbol->file, &function);
        if (error == 0 && symbol->has_line)
                error = define_string(places, symbol->file, &file);
        if (error < 0)
                return error;
        if (asprintf(&line, "i %" PRIx64 " %" PRIx32 " %" PRIx32 " %" PRIx32 " %" PRIx32,
                     places->callstack.addresses[frame], module, function, file, symbol->line) < 0)
                return no_memory(places);
        error = intern_text(&places->pointers, line, number);
        if (error == 0 && places->pointers.count > known)
                fprintf(places->stream, "%s\n", line);
        free(line);
        ++*number;
        return error == 0 ? 0 : no_memory(places);
}

static int define_node(struct heaptrack_places *places, uint32_t pointer, uint32_t *node) {
        uint32_t *number = map_value(&places->nodes, (uint64_t)pointer << 32 | *node, places->node_count + 1);

        if (!number)
                return no_memory(places);
        if (*number > places->node_count) {
                places->node_count++;
                fprintf(places->stream, "t %" PRIx32 " %" PRIx32 "\n", pointer, *node);
        }
        *node = *number;
        return 0;
}

int heaptrack_places_stack(struct heaptrack_places *places, uint32_t stack, uint32_t *number) {
        uint32_t pointer;
        int error = callstack_of(places->wish, stack, &places->callstack);

        *number = 0;
        for (size_t i = places->callstack.frames.count; error == 0 && i-- > 0;) {
                error = define_pointer(places, i, &pointer);
                if (error == 0)
                        error = define_node(places, pointer, number);
        }
        return error;
}
