/*
 * See sql_tables.h. One thread.
 */
#include "render/export/sql_tables.h"

#include "base/message.h"
#include "judge/heads.h"
#include "reader/domains.h"
#include "render/export/sql_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum wanted { UNWANTED, WANTED, WRITTEN };

int sql_tables_init(struct sql_tables *tables, const struct sql_numbers *numbers, FILE *stream) {
        const struct trace *trace = numbers->state->trace;

        *tables = (struct sql_tables){ .numbers = numbers, .stream = stream, .unknown = WANTED };
        tables->modules = calloc(trace->tables[TRACE_MODULES].count + 1, 1);
        tables->frames = calloc(trace->tables[TRACE_FRAMES].count + 1, 1);
        tables->stacks = calloc(trace->tables[TRACE_STACKS].count + 1, 1);
        tables->sites = calloc(trace->tables[TRACE_SITES].count + 1, 1);
        if (!tables->modules || !tables->frames || !tables->stacks || !tables->sites)
                return message_errno(ENOMEM, trace->reader->name, "cannot export");
        return 0;
}

void sql_tables_deinit(struct sql_tables *tables) {
        free(tables->modules);
        free(tables->frames);
        free(tables->stacks);
        free(tables->sites);
        *tables = (struct sql_tables){ 0 };
}

static void want(uint8_t *wanted) {
        if (*wanted == UNWANTED)
                *wanted = WANTED;
}

/* Whether it is to be written now, and will be. */
static bool take(uint8_t *wanted) {
        if (*wanted != WANTED)
                return false;
        *wanted = WRITTEN;
        return true;
}

void sql_tables_want(struct sql_tables *tables, uint32_t site) {
        const struct trace *trace = tables->numbers->state->trace;
        const struct trace_stack *stack;
        uint32_t id = trace_site(trace, site)->stack;

        want(&tables->sites[site]);
        for (; (stack = trace_stack(trace, id)) && tables->stacks[id] == UNWANTED; id = stack->parent) {
                const struct trace_frame *frame = trace_frame(trace, stack->frame);

                tables->stacks[id] = WANTED;
                if (!frame)
                        continue;
                want(&tables->frames[stack->frame]);
                if (trace_module(trace, frame->module))
                        want(&tables->modules[frame->module]);
        }
        if (!trace_stack(trace, trace_site(trace, site)->stack))
                want(&tables->stacks[0]);
}

static struct sql_rows rows_of(const struct sql_tables *tables, const char *table) {
        return sql_rows_begin(tables->stream, tables->numbers->run, table);
}

static void put_modules(struct sql_tables *tables) {
        const struct trace *trace = tables->numbers->state->trace;
        struct sql_rows rows = rows_of(tables, "modules (run, module, path, build_id)");

        for (uint32_t i = 0; i < trace->tables[TRACE_MODULES].count; i++) {
                const struct trace_module *module = trace_module(trace, i);
                char build_id[2 * MTR_BUILD_ID_MAX + 1] = "";

                if (!take(&tables->modules[i]))
                        continue;
                for (uint32_t k = 0; k < module->build_id_bytes; k++)
                        snprintf(build_id + (size_t)2 * k, 3, "%02x", module->build_id[k]);
                sql_rows_next(&rows);
                sql_rows_number(&rows, i);
                sql_rows_text(&rows, module->path);
                sql_rows_text(&rows, build_id);
        }
        sql_rows_end(&rows);
}

static void put_frame(struct sql_rows *rows, uint64_t number, const struct symbol_frame *frame,
                      const struct trace *trace, const struct trace_frame *of) {
        const struct trace_module *module = of ? trace_module(trace, of->module) : NULL;

        sql_rows_next(rows);
        sql_rows_number(rows, number);
        if (module)
                sql_rows_number(rows, of->module);
        else
                sql_rows_null(rows);
        /* in the module's file, the same in every run */
        if (of)
                sql_rows_number(rows, (module ? module->start - module->bias : 0) + of->offset);
        else
                sql_rows_null(rows);
        sql_rows_number(rows, frame->inlined);
        sql_rows_text(rows, frame->file);
        if (frame->has_line)
                sql_rows_number(rows, frame->line);
        else
                sql_rows_null(rows);
        sql_rows_text(rows, frame->function);
        sql_rows_text(rows, filter_file(frame));
}

static int put_frames(struct sql_tables *tables) {
        const struct state *state = tables->numbers->state;
        struct sql_rows rows = rows_of(
                tables, "frames (run, frame, module, address, inlined, file, line, function, source)");
        struct symbol_frames found;
        int error = symbols_lookup(state->symbols, TRACE_NO_NUMBER, &found);

        if (error == 0 && take(&tables->unknown))
                put_frame(&rows, 0, found.frames, state->trace, NULL);
        for (uint32_t i = 0; error == 0 && i < state->trace->tables[TRACE_FRAMES].count; i++) {
                if (!take(&tables->frames[i]))
                        continue;
                error = symbols_lookup(state->symbols, i, &found);
                for (size_t k = 0; error == 0 && k < found.count; k++)
                        put_frame(&rows, tables->numbers->frames[i] + k, &found.frames[k], state->trace,
                                  trace_frame(state->trace, i));
        }
        sql_rows_end(&rows);
        return error;
}

static void put_stacks(struct sql_tables *tables) {
        const struct sql_numbers *numbers = tables->numbers;
        struct sql_rows rows = rows_of(tables, "stacks (run, stack, parent, frame)");

        for (uint32_t i = 0; i <= numbers->state->trace->tables[TRACE_STACKS].count; i++) {
                const struct trace_stack *stack = trace_stack(numbers->state->trace, i);
                uint64_t innermost = sql_numbers_innermost(numbers, i);

                if (!take(&tables->stacks[i]))
                        continue;
                for (uint64_t row = numbers->stacks[i]; row <= innermost; row++) {
                        sql_rows_next(&rows);
                        sql_rows_number(&rows, row);
                        if (row > numbers->stacks[i])
                                sql_rows_number(&rows, row - 1);
                        else if (stack && stack->parent)
                                sql_rows_number(&rows, sql_numbers_innermost(numbers, stack->parent));
                        else
                                sql_rows_null(&rows);
                        sql_rows_number(&rows,
                                        stack ? sql_numbers_frame(numbers, stack->frame) + (innermost - row)
                                              : 0);
                }
        }
        sql_rows_end(&rows);
}

/* The function that gave the block, or the domain that it is of: its name has a space, a function's has none.
 */
static int put_kind(struct sql_rows *rows, const struct trace *trace, uint8_t kind) {
        const struct trace_domain *domain = domains_get(trace, domains_of_kind(kind));
        char *text;

        if (kind < MTR_KIND_DOMAIN || !domain) {
                sql_rows_text(rows, kind < MTR_KIND_COUNT ? heads_name(kind) : "unknown");
                return 0;
        }
        if (asprintf(&text, "domain %s", domain->name) < 0)
                return message_errno(ENOMEM, trace->reader->name, "cannot export");
        sql_rows_text(rows, text);
        free(text);
        return 0;
}

static int put_sites(struct sql_tables *tables) {
        const struct trace *trace = tables->numbers->state->trace;
        struct sql_rows rows = rows_of(tables, "sites (run, site, stack, frame, innermost, size, kind)");
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < trace_site_count(trace); i++) {
                const struct trace_site *site = trace_site(trace, i);
                struct sql_place place;

                if (!take(&tables->sites[i]))
                        continue;
                error = sql_numbers_answer(tables->numbers, site->stack, &place);
                if (error < 0)
                        break;
                sql_rows_next(&rows);
                sql_rows_number(&rows, i);
                sql_rows_number(&rows, place.stack);
                sql_rows_number(&rows, place.frame);
                sql_rows_number(&rows, sql_numbers_innermost(tables->numbers, site->stack));
                sql_rows_number(&rows, site->size_bytes);
                error = put_kind(&rows, trace, site->kind);
        }
        sql_rows_end(&rows);
        return error;
}

int sql_tables_put(struct sql_tables *tables) {
        int error;

        put_modules(tables);
        error = put_frames(tables);
        if (error < 0)
                return error;
        put_stacks(tables);
        return put_sites(tables);
}
