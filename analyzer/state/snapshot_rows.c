/*
 * A snapshot's tables: modules, frames with their names, stacks and sites, a row each. A row may have more
 * columns than are known here. One thread.
 */
#include "state/snapshot_parts.h"

#include "base/array.h"

#include <string.h>

void *snapshot_add_row(struct snapshot *snapshot, enum trace_kind kind, size_t row_bytes) {
        struct trace_table *table = &snapshot->trace->tables[kind];

        if (array_reserve(&table->items, &table->capacity, table->count + 1, row_bytes) < 0)
                return NULL;
        return memset((char *)table->items + table->count * row_bytes, 0, row_bytes);
}

/* [path, build-id, whether it stands for several builds if that is there] */
int snapshot_take_module(struct snapshot *snapshot, const json_t *row) {
        const json_t *several = json_array_get(row, 2);
        struct trace_module *module = snapshot_add_row(snapshot, TRACE_MODULES, sizeof(*module));
        size_t build_id_bytes;
        int error;

        if (!module)
                return snapshot_no_memory(snapshot);
        error = snapshot_bytes(snapshot, json_array_get(row, 1), "the build-id", sizeof(module->build_id),
                               module->build_id, &build_id_bytes);
        if (error == 0 && several && !json_is_boolean(several))
                error = snapshot_wrong(snapshot, "several builds is neither true nor false");
        if (error == 0)
                error = snapshot_text(snapshot, json_array_get(row, 0), "the path", &module->path);
        if (error < 0)
                return error;
        module->build_id_bytes = (uint32_t)build_id_bytes;
        module->several_builds = json_is_true(several);
        snapshot->trace->tables[TRACE_MODULES].count++;
        return 0;
}

/* A name that is kept with the others; NULL where the file says null. */
static int keep_text(struct snapshot *snapshot, const json_t *value, const char *what, const char **kept) {
        uint32_t number;
        char *text;
        int error;

        *kept = NULL;
        if (json_is_null(value))
                return 0;
        error = snapshot_text(snapshot, value, what, &text);
        if (error < 0)
                return error;
        error = intern_text(&snapshot->texts, text, &number);
        free(text);
        if (error < 0)
                return snapshot_no_memory(snapshot);
        *kept = intern_get(&snapshot->texts, number);
        return 0;
}

/* [file, line or null, function or null, directory if any] */
static int take_name(struct snapshot *snapshot, const json_t *row, struct symbol_frame *name) {
        const json_t *line_value = json_array_get(row, 1), *directory = json_array_get(row, 3);
        uint64_t line = 0;
        int error = keep_text(snapshot, json_array_get(row, 0), "the file", &name->file);

        if (error == 0 && !name->file)
                error = snapshot_wrong(snapshot, "a frame without a file");
        if (error == 0)
                error = keep_text(snapshot, json_array_get(row, 2), "the function", &name->function);
        if (error == 0 && directory)
                error = keep_text(snapshot, directory, "the directory", &name->directory);
        if (error < 0 || json_is_null(line_value))
                return error;
        error = snapshot_number(snapshot, line_value, "the line", UINT32_MAX, &line);
        name->line = (uint32_t)line;
        name->has_line = true;
        return error;
}

static int take_names(struct snapshot *snapshot, const json_t *array, struct symbol_frames *names) {
        size_t count = json_array_size(array);
        struct symbol_frame *frames = calloc(count + 1, sizeof(*frames));
        int error = 0;

        if (!frames)
                return snapshot_no_memory(snapshot);
        for (size_t i = 0; error == 0 && i < count; i++) {
                error = take_name(snapshot, json_array_get(array, i), &frames[i]);
                frames[i].inlined = i + 1 < count;
        }
        if (error < 0)
                free(frames);
        else
                *names = (struct symbol_frames){ frames, count };
        return error;
}

/* "0x401010" */
static int take_address(const struct snapshot *snapshot, const json_t *value, uint64_t *address) {
        const char *text = json_string_value(value);
        size_t length = text ? strlen(text) : 0;

        if (length < 3 || length > 18 || strncmp(text, "0x", 2) != 0 ||
            strspn(text + 2, "0123456789abcdef") != length - 2)
                return snapshot_wrong(snapshot, "the address is not one like \"0x401010\"");
        *address = strtoull(text + 2, NULL, 16);
        return 0;
}

int snapshot_take_frame(struct snapshot *snapshot, const json_t *row) {
        const json_t *module = json_array_get(row, 0), *exact = json_array_get(row, 2),
                     *names = json_array_get(row, 3);
        struct trace_frame *frame = snapshot_add_row(snapshot, TRACE_FRAMES, sizeof(*frame));
        size_t *count = &snapshot->trace->tables[TRACE_FRAMES].count;
        uint64_t number = TRACE_NO_MODULE;
        int error = 0;

        if (!frame || array_reserve(&snapshot->names, &snapshot->names_capacity, *count + 1,
                                    sizeof(*snapshot->names)) < 0)
                return snapshot_no_memory(snapshot);
        if (!json_is_null(module))
                error = snapshot_number(snapshot, module, "the module", TRACE_NO_MODULE - 1, &number);
        if (error == 0)
                error = take_address(snapshot, json_array_get(row, 1), &frame->offset);
        if (error == 0 && !json_is_boolean(exact))
                error = snapshot_wrong(snapshot, "exact is neither true nor false");
        if (error == 0 && (!json_is_array(names) || (json_array_size(names) == 0) != json_is_null(module)))
                error = snapshot_wrong(snapshot, "names are there where, and only where, there is a module");
        if (error == 0)
                error = take_names(snapshot, names, &snapshot->names[*count]);
        if (error < 0)
                return error;
        frame->module = (uint32_t)number;
        frame->exact = json_is_true(exact);
        ++*count;
        return 0;
}

int snapshot_take_stack(struct snapshot *snapshot, const json_t *row) {
        const json_t *frame = json_array_get(row, 1);
        struct trace_stack *stack = snapshot_add_row(snapshot, TRACE_STACKS, sizeof(*stack));
        size_t *count = &snapshot->trace->tables[TRACE_STACKS].count;
        uint64_t parent, number = TRACE_NO_NUMBER;
        int error;

        if (!stack)
                return snapshot_no_memory(snapshot);
        /* a parent at or after its child would make a ring of a stack; they are numbered from 1 */
        error = snapshot_number(snapshot, json_array_get(row, 0), "the parent", *count, &parent);
        if (error == 0 && !json_is_null(frame))
                error = snapshot_number(snapshot, frame, "the frame", TRACE_NO_NUMBER - 1, &number);
        if (error < 0)
                return error;
        *stack = (struct trace_stack){ (uint32_t)parent, (uint32_t)number };
        ++*count;
        return 0;
}

int snapshot_columns(const struct snapshot *snapshot, const json_t *row,
                     const struct snapshot_column *columns, size_t count) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < count; i++)
                error = snapshot_number(snapshot, json_array_get(row, i), columns[i].what, columns[i].most,
                                        columns[i].to);
        return error;
}

int snapshot_take_site(struct snapshot *snapshot, const json_t *row) {
        struct trace_site *site = snapshot_add_row(snapshot, TRACE_SITES, sizeof(*site));
        size_t *count = &snapshot->trace->tables[TRACE_SITES].count;
        struct replay_site held = { 0 };
        uint64_t stack, kind, high_bytes = 0;
        const struct snapshot_column columns[] = {
                { "the stack", UINT32_MAX, &stack },
                { "the size", MTR_SITE_BYTES_MAX, &held.size_bytes },
                { "the kind", UINT8_MAX, &kind },
                { "live blocks", UINT64_MAX, &held.live_blocks },
                { "allocations", UINT64_MAX, &held.allocations },
                { "temporary", UINT64_MAX, &held.temporary },
                { "the highest heap", UINT64_MAX, &high_bytes },
        };
        const size_t known = sizeof(columns) / sizeof(*columns);
        int error;

        if (!site ||
            array_reserve(&snapshot->sites, &snapshot->sites_capacity, *count + 1, sizeof(*snapshot->sites)) <
                    0 ||
            array_reserve(&snapshot->high_bytes, &snapshot->high_capacity, *count + 1,
                          sizeof(*snapshot->high_bytes)) < 0)
                return snapshot_no_memory(snapshot);
        snapshot->highs |= json_array_size(row) >= known;
        error = snapshot_columns(snapshot, row, columns, known - (json_array_size(row) < known));
        if (error < 0)
                return error;
        *site = (struct trace_site){ held.size_bytes, (uint32_t)stack, (uint8_t)kind };
        snapshot->high_bytes[*count] = high_bytes;
        snapshot->sites[(*count)++] = held;
        return 0;
}

int snapshot_wrong_link(struct snapshot *snapshot, const char *member, size_t row, const char *what) {
        snapshot->member = member;
        snapshot->row = row;
        return snapshot_wrong(snapshot, "there is no such %s", what);
}

int snapshot_link(struct snapshot *snapshot) {
        struct trace *trace = snapshot->trace;
        uint32_t i;

        for (i = 0; i < trace->tables[TRACE_FRAMES].count; i++) {
                const struct trace_module *module = trace_module(trace, trace_frame(trace, i)->module);
                const struct symbol_frames *names = &snapshot->names[i];

                if (!module && names->count > 0)
                        return snapshot_wrong_link(snapshot, "frames", i, "module");
                for (size_t k = 0; k < names->count; k++)
                        ((struct symbol_frame *)names->frames)[k].module = module->path;
        }
        for (i = 1; i <= trace->tables[TRACE_STACKS].count; i++) {
                uint32_t frame = trace_stack(trace, i)->frame;

                if (frame != TRACE_NO_NUMBER && !trace_frame(trace, frame))
                        return snapshot_wrong_link(snapshot, "stacks", i - 1, "frame");
        }
        for (i = 0; i < trace->tables[TRACE_SITES].count; i++)
                if (trace_site(trace, i)->stack > trace->tables[TRACE_STACKS].count)
                        return snapshot_wrong_link(snapshot, "sites", i, "stack");
        return snapshot_link_domains(snapshot);
}
