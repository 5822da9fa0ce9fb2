/*
 * Frames to names, with a cache for each frame and one object for each file (the same library
 * loaded twice is one). One thread.
 */
#include "symbols/symbols.h"

#include "base/array.h"
#include "base/intern.h"
#include "base/message.h"
#include "base/path.h"
#include "symbols/object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct module_state {
        bool opened;
        struct object *object; /* NULL: no such file here */
        uint32_t same_as;      /* the module that owns the object */
};

struct symbols {
        const struct trace *trace;
        struct module_state *modules;
        struct symbol_frames *cache; /* by frame; count 0: not looked up yet */
        struct intern texts;
        struct symbol_frame unknown;
        bool no_memory;
};

/* What object_lines_at adds to. */
struct collect {
        struct symbols *symbols;
        const struct trace_module *module;
        struct symbol_frame *frames;
        size_t count, capacity;
};

static void free_names(const struct trace *trace, struct symbol_frames *names) {
        for (size_t i = 0; names && i < trace->tables[TRACE_FRAMES].count; i++)
                free((void *)names[i].frames);
        free(names);
}

struct symbols *symbols_new_known(const struct trace *trace, struct symbol_frames *names,
                                  struct intern texts) {
        struct symbols *symbols = names ? calloc(1, sizeof(*symbols)) : NULL;

        if (symbols) {
                *symbols = (struct symbols){
                        .trace = trace, .cache = names, .texts = texts, .unknown.file = "<unknown>"
                };
                symbols->modules = calloc(trace->tables[TRACE_MODULES].count + 1, sizeof(*symbols->modules));
                if (symbols->modules)
                        return symbols;
                symbols_free(symbols);
        } else {
                free_names(trace, names);
                intern_deinit(&texts);
        }
        message("%s: no memory for its symbols", trace->reader->name);
        return NULL;
}

struct symbols *symbols_new(const struct trace *trace) {
        return symbols_new_known(trace,
                                 calloc(trace->tables[TRACE_FRAMES].count + 1, sizeof(struct symbol_frames)),
                                 (struct intern){ 0 });
}

void symbols_free(struct symbols *symbols) {
        if (!symbols)
                return;
        for (uint32_t i = 0; symbols->modules && i < symbols->trace->tables[TRACE_MODULES].count; i++)
                if (symbols->modules[i].same_as == i)
                        object_free(symbols->modules[i].object);
        free_names(symbols->trace, symbols->cache);
        free(symbols->modules);
        intern_deinit(&symbols->texts);
        free(symbols);
}

static const char *keep_text(struct symbols *symbols, const char *text) {
        uint32_t number;

        if (intern_text(&symbols->texts, text, &number) < 0) {
                symbols->no_memory = true;
                return "";
        }
        return intern_get(&symbols->texts, number);
}

static const char *keep_and_free(struct symbols *symbols, char *text) {
        const char *kept = text ? keep_text(symbols, text) : "";

        symbols->no_memory |= !text;
        free(text);
        return kept;
}

static bool is_same_file(const struct trace_module *left, const struct trace_module *right) {
        return left->path && right->path && strcmp(left->path, right->path) == 0 &&
               left->build_id_bytes == right->build_id_bytes &&
               memcmp(left->build_id, right->build_id, left->build_id_bytes) == 0;
}

static struct object *open_module(struct symbols *symbols, uint32_t number) {
        const struct trace_module *module = trace_module(symbols->trace, number);
        struct module_state *state = &symbols->modules[number];

        if (state->opened)
                return state->object;
        state->opened = true;
        state->same_as = number;
        if (!module->path || !*module->path)
                return NULL;
        for (uint32_t i = 0; i < symbols->trace->tables[TRACE_MODULES].count; i++) {
                if (i != number && symbols->modules[i].opened &&
                    is_same_file(module, trace_module(symbols->trace, i))) {
                        *state = symbols->modules[i];
                        return state->object;
                }
        }
        if (object_open(module->path, module->build_id, module->build_id_bytes, &state->object) ==
            OBJECT_DIFFERENT)
                message("%s: not the file that was traced (its build-id differs); its places are shown as "
                        "offsets",
                        module->path);
        return state->object;
}

/* elfutils puts the compile directory before what lies in it itself, and before nothing else. */
static bool begins_with(const char *file, const char *directory) {
        size_t length = strlen(directory);

        return strncmp(file, directory, length) == 0 && file[length] == '/';
}

static int collect_line(void *context, const struct object_line *line) {
        struct collect *collect = context;
        struct symbols *symbols = collect->symbols;
        struct symbol_frame *frame;

        if (array_reserve(&collect->frames, &collect->capacity, collect->count + 1,
                          sizeof(*collect->frames)) < 0)
                return -ENOMEM;
        frame = &collect->frames[collect->count++];
        *frame = (struct symbol_frame){ .module = collect->module->path };
        if (line->function) {
                frame->function = keep_and_free(symbols, object_demangle(line->function, true));
                frame->linkage = keep_text(symbols, line->function);
        }
        if (line->file) {
                frame->file = keep_and_free(symbols, path_tidy(line->file));
                frame->line = line->line;
                frame->declared_line = line->declared_line;
                frame->has_line = true;
                if (line->directory && line->file[0] != '/' && !begins_with(line->file, line->directory))
                        frame->directory = keep_text(symbols, line->directory);
        }
        return 0;
}

/* The place of what has no line: what a person can still find with nm or addr2line. */
static int collect_offset(struct collect *collect, struct object *object, uint64_t address, uint64_t shown) {
        struct symbols *symbols = collect->symbols;
        const struct object_symbol *symbol = object ? object_symbol_at(object, address) : NULL;
        const char *base = path_base(collect->module->path ? collect->module->path : "");
        char *plain = symbol ? object_demangle(symbol->name, false) : NULL;
        struct symbol_frame *frame;
        char *text = NULL;

        /* from a line table without its line, or nothing at all so far */
        if (collect->count == 0 && collect_line(collect, &(struct object_line){ 0 }) < 0)
                return -ENOMEM;
        frame = &collect->frames[collect->count - 1];
        if (plain && !frame->function) {
                frame->function = keep_and_free(symbols, object_demangle(symbol->name, true));
                frame->linkage = keep_text(symbols, symbol->name);
        }
        if (asprintf(&text, plain ? "%s:%s+0x%" PRIx64 : "%s%s+0x%" PRIx64, *base ? base : "<unknown>",
                     plain ? plain : "", symbol ? shown - symbol->address : shown) < 0)
                text = NULL;
        for (size_t i = 0; text && i < collect->count; i++)
                if (!collect->frames[i].file)
                        collect->frames[i].file = keep_text(symbols, text);
        free(plain);
        free(text);
        return text ? 0 : -ENOMEM;
}

/* As addr2line takes it. */
static uint64_t shown_address(const struct trace_module *module, const struct trace_frame *frame) {
        return module->start + frame->offset - module->bias;
}

/* A return address may already be of the next line. */
static uint64_t looked_up_address(const struct trace_frame *frame, uint64_t shown) {
        return frame->exact ? shown : shown - 1;
}

/* As the trace itself has it. */
static int take_names(const struct trace_module *module, const struct trace_name *names, size_t count,
                      struct symbol_frames *out) {
        struct symbol_frame *frames = calloc(count, sizeof(*frames));

        if (!frames)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                frames[i] = (struct symbol_frame){
                        .file = names[i].file,
                        .directory = names[i].directory,
                        .function = names[i].function,
                        .module = module->path,
                        .line = names[i].line,
                        .has_line = names[i].has_line,
                        .inlined = i + 1 < count,
                };
        *out = (struct symbol_frames){ frames, count };
        return 0;
}

static int look_up(struct symbols *symbols, const struct trace_frame *frame, struct symbol_frames *out) {
        struct collect collect = { .symbols = symbols,
                                   .module = trace_module(symbols->trace, frame->module) };
        struct object *object = open_module(symbols, frame->module);
        uint64_t shown = shown_address(collect.module, frame), address = looked_up_address(frame, shown);
        int result;

        result = object ? object_lines_at(object, address, collect_line, &collect) : 0;
        for (size_t i = 0; result >= 0 && i < collect.count; i++)
                if (!collect.frames[i].file)
                        result = 0;
        if (result == 0)
                result = collect_offset(&collect, object, address, shown);
        for (size_t i = 0; i + 1 < collect.count; i++)
                collect.frames[i].inlined = true;
        *out = (struct symbol_frames){ collect.frames, collect.count };
        return result < 0 || symbols->no_memory ? -ENOMEM : 0;
}

int symbols_lookup(struct symbols *symbols, uint32_t number, struct symbol_frames *out) {
        const struct trace_frame *frame = trace_frame(symbols->trace, number);
        const struct trace_name *names;
        struct symbol_frames *cached;
        size_t count;
        int error = 0;

        if (!frame || !trace_module(symbols->trace, frame->module)) {
                *out = (struct symbol_frames){ &symbols->unknown, 1 };
                return 0;
        }
        cached = &symbols->cache[number];
        names = trace_names(symbols->trace, number, &count);
        if (cached->count == 0)
                error = names ? take_names(trace_module(symbols->trace, frame->module), names, count, cached)
                              : look_up(symbols, frame, cached);
        *out = *cached;
        return error < 0 ? message_errno(-error, symbols->trace->reader->name, "cannot look up its symbols")
                         : 0;
}

bool symbols_code_at(const struct symbols *symbols, uint32_t module, uint64_t address,
                     struct symbols_code *code) {
        const struct object *object = symbols->modules[module].object;
        uint64_t bias = trace_module(symbols->trace, module)->bias;
        struct object_code found;

        if (!object || !object_code_at(object, address - bias, &found))
                return false;
        *code = (struct symbols_code){ found.start + bias, found.end + bias, found.offset_bytes };
        return true;
}

/* Which frame of the trace it is of, and as which of that one's it is inlined; false: of none. */
static bool find_frame(const struct symbols *symbols, const struct symbol_frame *wanted, uint32_t *number,
                       size_t *inlined) {
        for (uint32_t i = 0; i < symbols->trace->tables[TRACE_FRAMES].count; i++) {
                const struct symbol_frames *known = &symbols->cache[i];

                for (size_t k = 0; k < known->count; k++)
                        if (&known->frames[k] == wanted) {
                                *number = i;
                                *inlined = k;
                                return true;
                        }
        }
        return false;
}

bool symbols_extent(struct symbols *symbols, const struct symbol_frame *wanted, uint32_t *first_line,
                    uint32_t *last_line) {
        struct object_extent extent;
        const struct trace_frame *frame;
        struct object *object;
        uint32_t number;
        size_t inlined, names;
        char *file;
        bool same;

        if (!wanted->has_line || !find_frame(symbols, wanted, &number, &inlined) ||
            trace_names(symbols->trace, number, &names))
                return false;
        frame = trace_frame(symbols->trace, number);
        object = open_module(symbols, frame->module);
        if (!object ||
            !object_extent_at(
                    object,
                    looked_up_address(frame,
                                      shown_address(trace_module(symbols->trace, frame->module), frame)),
                    inlined, &extent))
                return false;
        file = path_tidy(extent.file);
        same = file && strcmp(file, wanted->file) == 0;
        free(file);
        *first_line = extent.first_line;
        *last_line = extent.last_line;
        return same;
}
