/*
 * See pprof_tables.h. A module's number + 1 is its mapping's id. One thread.
 */
#include "render/export/pprof_tables.h"

#include "base/path.h"
#include "base/text.h"
#include "profile.pb-c.h"
#include "render/snapshot_values.h"

#include <stdlib.h>
#include <string.h>

struct pprof_used {
        bool functions, lines;
        uint64_t low, high; /* addresses; high is 0 where there is none */
};

/* What protobuf-c writes to. */
struct sink {
        ProtobufCBuffer base;
        struct gzip *gzip;
};

static void append(ProtobufCBuffer *buffer, size_t length_bytes, const uint8_t *bytes) {
        gzip_put(((struct sink *)buffer)->gzip, bytes, length_bytes);
}

void pprof_tables_init(struct pprof_tables *tables, const struct trace *trace, const struct symbols *symbols,
                       struct gzip *gzip) {
        *tables = (struct pprof_tables){ .trace = trace, .symbols = symbols, .gzip = gzip };
        tables->used = calloc(trace->tables[TRACE_MODULES].count + 1, sizeof(*tables->used));
        tables->no_memory = !tables->used;
        pprof_tables_text(tables, ""); /* the first, by the format */
}

void pprof_tables_deinit(struct pprof_tables *tables) {
        intern_deinit(&tables->texts);
        map_deinit(&tables->functions);
        map_deinit(&tables->locations);
        free(tables->used);
}

void pprof_tables_put(struct pprof_tables *tables, const Pprof__Profile *piece) {
        struct sink sink = { { append }, tables->gzip };

        protobuf_c_message_pack_to_buffer(&piece->base, &sink.base);
}

int64_t pprof_tables_text(struct pprof_tables *tables, const char *text) {
        char *harmless = text_escape(text, strlen(text));
        size_t known = tables->texts.count;
        uint32_t number = 0;

        if (!harmless || intern_text(&tables->texts, harmless, &number) < 0) {
                tables->no_memory = true;
        } else if (tables->texts.count > known) {
                Pprof__Profile piece = PPROF__PROFILE__INIT;

                piece.n_string_table = 1;
                piece.string_table = &harmless;
                pprof_tables_put(tables, &piece);
        }
        free(harmless);
        return number;
}

/* The id of what has that key; *is_new where it is to be written. */
static uint32_t number(struct pprof_tables *tables, struct map *map, uint64_t key, bool *is_new) {
        size_t known = map->count;
        uint32_t *id = map_value(map, key, (uint32_t)known + 1);

        tables->no_memory |= !id;
        *is_new = map->count > known;
        return id ? *id : 0;
}

/* As the other writers of profiles name sources: whole paths, where they are known. */
static int64_t file_name(struct pprof_tables *tables, const struct symbol_frame *frame) {
        char *path;
        int64_t text;

        if (!frame->has_line)
                return 0;
        path = path_under(frame->directory, frame->file);
        tables->no_memory |= !path;
        text = path ? pprof_tables_text(tables, path) : 0;
        free(path);
        return text;
}

/* One for each name and file: what the linker calls it where that is known, for that tells overloads apart.
 */
static uint64_t function(struct pprof_tables *tables, const struct symbol_frame *frame) {
        int64_t name = pprof_tables_text(tables, frame->function ? frame->function : frame->file);
        int64_t file = file_name(tables, frame);
        bool is_new;
        uint32_t id = number(tables, &tables->functions, (uint64_t)name << 32 | (uint64_t)file, &is_new);

        if (is_new) {
                Pprof__Function made = PPROF__FUNCTION__INIT;
                Pprof__Profile piece = PPROF__PROFILE__INIT;

                made.id = id;
                made.name = name;
                made.system_name = frame->linkage ? pprof_tables_text(tables, frame->linkage) : 0;
                made.filename = file;
                made.start_line = frame->declared_line;
                piece.n_function = 1;
                piece.function = &(Pprof__Function *){ &made };
                pprof_tables_put(tables, &piece);
        }
        return id;
}

/* Before a return address, as the readers want it: what is called from is there. */
static void place(struct pprof_tables *tables, uint32_t number, Pprof__Location *location) {
        const struct trace_frame *frame = trace_frame(tables->trace, number);
        const struct trace_module *module = frame ? trace_module(tables->trace, frame->module) : NULL;

        if (!frame)
                return;
        location->address = (module ? module->start : 0) + frame->offset;
        if (!frame->exact && frame->offset > 0)
                location->address--;
        if (module)
                location->mapping_id = (uint64_t)frame->module + 1;
}

static void note_used(struct pprof_tables *tables, const Pprof__Location *location,
                      const struct symbol_frame *frame) {
        struct pprof_used *used;

        if (location->mapping_id == 0 || !tables->used)
                return;
        used = &tables->used[location->mapping_id - 1];
        used->functions |= frame->function != NULL;
        used->lines |= frame->has_line;
        if (used->high == 0 || location->address < used->low)
                used->low = location->address;
        if (location->address > used->high)
                used->high = location->address;
}

static void put_location(struct pprof_tables *tables, Pprof__Location *location,
                         const struct symbol_frame *frames, size_t count) {
        Pprof__Line *lines = calloc(count, sizeof(*lines));
        Pprof__Profile piece = PPROF__PROFILE__INIT;

        location->line = calloc(count, sizeof(Pprof__Line *));
        location->n_line = count;
        if (lines && location->line) {
                for (size_t i = 0; i < count; i++) {
                        pprof__line__init(&lines[i]);
                        lines[i].function_id = function(tables, &frames[i]);
                        lines[i].line = frames[i].line;
                        location->line[i] = &lines[i];
                        note_used(tables, location, &frames[i]);
                }
                piece.n_location = 1;
                piece.location = &location;
                pprof_tables_put(tables, &piece);
        } else {
                tables->no_memory = true;
        }
        free(location->line);
        free(lines);
}

uint64_t pprof_tables_location(struct pprof_tables *tables, uint32_t frame,
                               const struct symbol_frames *frames, size_t from) {
        Pprof__Location location = PPROF__LOCATION__INIT;
        bool is_new;

        location.id = number(tables, &tables->locations, (uint64_t)frame << 32 | from, &is_new);
        if (is_new) {
                place(tables, frame, &location);
                put_location(tables, &location, frames->frames + from, frames->count - from);
        }
        return location.id;
}

/* What is run of a file, if all that is told of is there: pprof wants no more of it. Else the whole of it. */
static struct symbols_code mapped(const struct pprof_tables *tables, uint32_t number) {
        const struct trace_module *module = trace_module(tables->trace, number);
        const struct pprof_used *used = &tables->used[number];
        struct symbols_code code;

        if (used->high > 0 && symbols_code_at(tables->symbols, number, used->low, &code) &&
            used->high < code.end)
                return code;
        return (struct symbols_code){ module->start, module->end, 0 };
}

static void put_mapping(struct pprof_tables *tables, uint32_t number) {
        const struct trace_module *module = trace_module(tables->trace, number);
        const struct symbols_code code = mapped(tables, number);
        json_t *build_id = snapshot_hexadecimal(module->build_id, module->build_id_bytes);
        Pprof__Mapping mapping = PPROF__MAPPING__INIT;
        Pprof__Profile piece = PPROF__PROFILE__INIT;

        mapping.id = (uint64_t)number + 1;
        mapping.memory_start = code.start;
        mapping.memory_limit = code.end;
        mapping.file_offset = code.offset_bytes;
        mapping.filename = pprof_tables_text(tables, module->path ? module->path : "");
        mapping.build_id = build_id ? pprof_tables_text(tables, json_string_value(build_id)) : 0;
        mapping.has_functions = tables->used[number].functions;
        mapping.has_filenames = mapping.has_line_numbers = tables->used[number].lines;
        mapping.has_inline_frames = tables->used[number].lines;
        piece.n_mapping = 1;
        piece.mapping = &(Pprof__Mapping *){ &mapping };
        pprof_tables_put(tables, &piece);
        tables->no_memory |= !build_id;
        json_decref(build_id);
}

static bool is_program(const struct trace *trace, uint32_t module) {
        const char *path = trace_module(trace, module)->path;

        return path && *path && trace->facts.exe && strcmp(path, trace->facts.exe) == 0;
}

/* The program stands first, whatever its number: readers take the first for it. */
void pprof_tables_put_mappings(struct pprof_tables *tables) {
        uint32_t count = (uint32_t)tables->trace->tables[TRACE_MODULES].count;

        for (int program = 1; tables->used && program >= 0; program--)
                for (uint32_t i = 0; i < count; i++)
                        if (is_program(tables->trace, i) == program)
                                put_mapping(tables, i);
}
