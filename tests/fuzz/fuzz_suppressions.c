/*
 * Suppression files and the names of frames from anywhere: read, held against a stack, and what is suggested
 * for that stack read back, which must suppress it. The input is the file up to a NUL, and then a frame in
 * each line: a byte for what is known of it, and its name.
 */
#include "base/message.h"
#include "judge/suggest.h"
#include "judge/suppressions.h"
#include "memtrace/format.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

enum known {
        KNOWN_FUNCTION = 1,
        KNOWN_MODULE = 2,
        KNOWN_LINE = 4,
        KNOWN_DIRECTORY = 8,
        KNOWN_INLINED = 16,
        KNOWN_RUNTIME = 32
};

/* Cuts `text` into names, which the frames borrow. */
static size_t make_frames(char *text, struct symbol_frame *frames) {
        size_t count = 0;
        char *rest = text, *line;

        while (count < FRAMES_MAX && (line = strsep(&rest, "\n"))) {
                unsigned known = (unsigned char)*line;
                const char *name = *line ? line + 1 : line;

                frames[count++] = (struct symbol_frame){
                        .file = name,
                        .directory = known & KNOWN_DIRECTORY ? "/src" : NULL,
                        .function = known & KNOWN_FUNCTION ? name : NULL,
                        .module = known & KNOWN_MODULE ? known & KNOWN_RUNTIME ? "libc.so.6" : name : NULL,
                        .line = known & KNOWN_LINE ? 7 : 0,
                        .has_line = known & KNOWN_LINE,
                        .inlined = known & KNOWN_INLINED,
                };
        }
        return count;
}

static uint32_t match(struct suppressions *suppressions, const struct symbol_frame *const *stack,
                      size_t count, uint8_t kind) {
        uint32_t number;

        if (suppressions_match(suppressions, stack, count, kind, &number) != 0)
                abort();
        if (number != SUPPRESSIONS_NONE)
                suppressions_use(suppressions, number, 1, 1);
        return number;
}

static void suggest(const struct symbol_frame *const *stack, size_t count, size_t charged, uint8_t kind) {
        struct suppressions suppressions = { 0 };
        struct suggest suggest = { 0 };
        size_t length;
        char *text;
        FILE *stream = open_memstream(&text, &length);

        if (!stream || suggest_add(&suggest, stack[charged]->file, stack, count, charged, kind, 1, 1) != 0 ||
            suggest_write(&suggest, stream) != 0 || fclose(stream) != 0 ||
            suppressions_read_text(&suppressions, text, length, "suggested", false) != 0)
                abort();
        if (suggest.unknown_blocks == 0 && match(&suppressions, stack, count, kind) != 0)
                abort();
        suppressions_deinit(&suppressions);
        suggest_deinit(&suggest);
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        const struct symbol_frame *stack[FRAMES_MAX];
        struct symbol_frame frames[FRAMES_MAX];
        struct suppressions suppressions = { 0 };
        size_t text_length = strnlen((const char *)data, length), count;
        uint8_t kind = (uint8_t)(text_length % (MTR_KIND_COUNT + 1));
        char *names = strndup((const char *)data + text_length + (text_length < length),
                              length - text_length - (text_length < length));

        message_silence();
        if (!names)
                abort();
        if (kind == MTR_KIND_COUNT)
                kind = HEADS_KIND_UNKNOWN;
        count = make_frames(names, frames);
        for (size_t i = 0; i < count; i++)
                stack[i] = &frames[i];
        /* what was read before the first fault is asked all the same */
        suppressions_read_text(&suppressions, (const char *)data, text_length, "fuzz", false);
        match(&suppressions, stack, count, kind);
        suppressions_deinit(&suppressions);
        for (size_t charged = 0; charged < count; charged += 7)
                suggest(stack, count, charged, kind);
        free(names);
        return 0;
}
