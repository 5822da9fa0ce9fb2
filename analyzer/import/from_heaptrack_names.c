/*
 * What an interpreted file calls its frames. One that heaptrack found no line for is its module and function,
 * and one without a function its module alone, told apart by their stacks: its address is that of one run,
 * and no file has it. See from_heaptrack_parts.h.
 */
#include "import/from_heaptrack_parts.h"

#include "base/path.h"
#include "import/fields.h"
#include "import/told.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define INLINED_MAX 64u

/* The names of one frame, with texts of their own. */
struct names {
        struct trace_name items[INLINED_MAX];
        char *files[INLINED_MAX];
        size_t count;
};

static int wrong_string(const struct from_heaptrack *heaptrack) {
        return input_wrong(heaptrack->input, "a string is cut short or not defined");
}

static int wrong_frame(const struct from_heaptrack *heaptrack) {
        return input_wrong(heaptrack->input, "a frame is not as heaptrack writes it");
}

int from_heaptrack_string(struct from_heaptrack *heaptrack, const char *at) {
        const struct input *input = heaptrack->input;
        uint64_t length = (uint64_t)(input->text + input->length_bytes - at);
        uint32_t number;
        char *text;
        int error;

        if (heaptrack->version >= 3 &&
            (!fields_hex(&at, &length) || length > (uint64_t)(input->text + input->length_bytes - at)))
                return wrong_string(heaptrack);
        error = input_spend(heaptrack->input, length + 64);
        if (error < 0)
                return error;
        text = strndup(at, length < FROM_HEAPTRACK_TEXT_BYTES ? length : FROM_HEAPTRACK_TEXT_BYTES);
        error = text ? intern_text(&heaptrack->texts, text, &number) : -ENOMEM;
        free(text);
        if (error < 0)
                return input_no_memory(input);
        error = from_heaptrack_add(heaptrack, &heaptrack->strings, number);
        return error < 0 ? error : from_heaptrack_add(heaptrack, &heaptrack->string_modules, 0);
}

/* Number 0 and an empty text are none. */
static int text_of(const struct from_heaptrack *heaptrack, uint64_t number, const char **text) {
        *text = NULL;
        if (number > heaptrack->strings.count)
                return wrong_string(heaptrack);
        if (number > 0)
                *text = intern_get(&heaptrack->texts, heaptrack->strings.items[number - 1]);
        if (*text && !**text)
                *text = NULL;
        return 0;
}

static uint32_t module_of(struct from_heaptrack *heaptrack, uint64_t string, const char *path) {
        uint32_t *number = &heaptrack->string_modules.items[string - 1];

        if (*number == 0)
                *number = writer_module(heaptrack->writer, 0, 0, 0, path) + 1;
        return *number - 1;
}

/* One function, file and line. */
static int take_name(struct from_heaptrack *heaptrack, struct names *names, const char *module,
                     uint64_t function, uint64_t file, uint64_t line) {
        struct trace_name *name = &names->items[names->count];
        const char *path;
        int error = text_of(heaptrack, function, &name->function);

        if (error == 0)
                error = text_of(heaptrack, file, &path);
        if (error < 0)
                return error;
        name->has_line = path;
        name->line = (uint32_t)line;
        name->file = names->files[names->count] = path ? path_tidy(path) : told_place(module, name->function);
        if (!name->file)
                return input_no_memory(heaptrack->input);
        names->count++;
        return 0;
}

static int take_names(struct from_heaptrack *heaptrack, const char *at, const char *module,
                      struct names *names) {
        uint64_t function, file, line;
        int error = 0;

        while (error == 0 && *at && names->count < INLINED_MAX) {
                if (!fields_hex(&at, &function))
                        return wrong_frame(heaptrack);
                file = line = 0;
                /* where there is no line, the function stands alone */
                if (*at && (!fields_hex(&at, &file) || !fields_hex_max(&at, UINT32_MAX, &line)))
                        return wrong_frame(heaptrack);
                error = take_name(heaptrack, names, module, function, file, line);
        }
        if (error == 0 && names->count == 0 && module)
                error = take_name(heaptrack, names, module, 0, 0, 0);
        return error;
}

int from_heaptrack_frame(struct from_heaptrack *heaptrack, const char *at) {
        struct names names = { .count = 0 };
        uint64_t address, string;
        const char *path;
        int error;

        if (!fields_hex(&at, &address) || !fields_hex(&at, &string))
                return wrong_frame(heaptrack);
        error = text_of(heaptrack, string, &path);
        if (error == 0)
                error = take_names(heaptrack, at, path, &names);
        if (error == 0)
                error = input_spend(heaptrack->input, 64);
        if (error == 0) {
                uint32_t module = path              ? module_of(heaptrack, string, path)
                                  : names.count > 0 ? writer_module(heaptrack->writer, 0, 0, 0, "")
                                                    : TRACE_NO_MODULE;

                writer_frame(heaptrack->writer, module, address & UINT64_MAX >> 1);
                if (names.count > 0)
                        writer_name_frame(heaptrack->writer, names.items, names.count);
                heaptrack->frame_count++;
        }
        for (size_t i = 0; i < names.count; i++)
                free(names.files[i]);
        return error;
}

void from_heaptrack_names_deinit(struct from_heaptrack *heaptrack) {
        free(heaptrack->strings.items);
        free(heaptrack->string_modules.items);
        intern_deinit(&heaptrack->texts);
}
