/*
 * Definitions into dense tables. A record's items are written behind the table's end and
 * counted only when the whole record has decoded, so a bad record leaves nothing behind.
 */
#include "reader/records.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

const char records_no_memory[] = "no memory";

static const char wrong_end[] = "a definition is cut short";
static const char wrong_count[] = "a record defines more than it holds";
static const char wrong_number[] = "a definition refers to what is not defined";
static const char over_budget[] = "more is defined than the reader has room for";

static const size_t item_bytes[TRACE_KIND_COUNT] = {
        [TRACE_MODULES] = sizeof(struct trace_module), [TRACE_FRAMES] = sizeof(struct trace_frame),
        [TRACE_STACKS] = sizeof(struct trace_stack),   [TRACE_THREADS] = sizeof(struct trace_thread),
        [TRACE_SITES] = sizeof(struct trace_site),
};

/* Room for `count` more, within the budget and with numbers that fit. */
static const char *make_room(struct trace *trace, enum trace_kind kind, uint64_t count) {
        struct trace_table *table = &trace->tables[kind];
        uint64_t wanted_bytes = count * item_bytes[kind];

        if (count > UINT32_MAX - 2 - table->count ||
            wanted_bytes > trace->reader->limits.definition_bytes - trace->definition_bytes)
                return over_budget;
        /* one more, so that even an empty table is a real one */
        if (array_reserve(&table->items, &table->capacity, table->count + count + 1, item_bytes[kind]) < 0)
                return records_no_memory;
        memset((char *)table->items + table->count * item_bytes[kind], 0, wanted_bytes);
        trace->definition_bytes += wanted_bytes;
        return NULL;
}

/* Reads the count every definition record begins with; `least_bytes`: what one item takes at least. */
static const char *begin(struct trace *trace, struct cursor *cursor, enum trace_kind kind, size_t least_bytes,
                         uint64_t *count) {
        if (!cursor_varint(cursor, count))
                return wrong_end;
        if (*count > cursor_left(cursor) / least_bytes)
                return wrong_count;
        return make_room(trace, kind, *count);
}

/* What a lost block defined, as far as we know: a place without a name, for each number it took. */
static void fill_hole(struct trace *trace, enum trace_kind kind, uint64_t count) {
        struct trace_table *table = &trace->tables[kind];

        for (uint64_t i = table->count; i < table->count + count; i++) {
                if (kind == TRACE_FRAMES)
                        ((struct trace_frame *)table->items)[i].module = TRACE_NO_MODULE;
                if (kind == TRACE_STACKS)
                        ((struct trace_stack *)table->items)[i].frame = TRACE_NO_NUMBER;
        }
        table->count += count;
}

const char *record_numbering(struct trace *trace, struct cursor *cursor) {
        uint64_t before[TRACE_KIND_COUNT];

        for (size_t i = 0; i < TRACE_KIND_COUNT; i++) {
                const char *wrong;

                if (!cursor_varint_max(cursor, UINT32_MAX - 2, &before[i]))
                        return wrong_end;
                if (before[i] < trace->tables[i].count ||
                    (trace->numbering_known && before[i] > trace->tables[i].count))
                        return "its definitions are numbered otherwise than those before";
                wrong = make_room(trace, (enum trace_kind)i, before[i] - trace->tables[i].count);
                if (wrong)
                        return wrong;
        }
        for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
                fill_hole(trace, (enum trace_kind)i, before[i] - trace->tables[i].count);
        trace->numbering_known = true;
        return NULL;
}

const char *record_string(struct trace *trace, struct cursor *cursor, uint64_t limit, char **text,
                          size_t *length_bytes) {
        const uint8_t *bytes;
        uint64_t length;

        if (!cursor_varint(cursor, &length) || length > limit || !(bytes = cursor_bytes(cursor, length)))
                return "a string is cut short or too long";
        if (length > trace->reader->limits.definition_bytes - trace->definition_bytes)
                return over_budget;
        trace->definition_bytes += length;
        free(*text);
        *text = malloc(length + 1);
        if (!*text)
                return records_no_memory;
        memcpy(*text, bytes, length);
        (*text)[length] = '\0';
        if (length_bytes)
                *length_bytes = length;
        return NULL;
}

static const char *one_module(struct trace *trace, struct cursor *cursor, struct trace_module *module) {
        uint64_t length, bias, generation, build_id_bytes;

        if (!cursor_varint(cursor, &module->start) || !cursor_varint(cursor, &length) ||
            !cursor_svarint(cursor, &bias) || !cursor_varint_max(cursor, UINT32_MAX, &generation) ||
            !cursor_varint_max(cursor, MTR_BUILD_ID_MAX, &build_id_bytes) ||
            !cursor_copy(cursor, module->build_id, build_id_bytes))
                return wrong_end;
        if (__builtin_add_overflow(module->start, length, &module->end))
                return "a module ends beyond all addresses";
        module->bias = module->start + bias;
        module->generation = (uint32_t)generation;
        module->build_id_bytes = (uint32_t)build_id_bytes;
        return record_string(trace, cursor, MTR_STRING_MAX, &module->path, NULL);
}

const char *record_modules(struct trace *trace, struct cursor *cursor) {
        struct trace_table *table = &trace->tables[TRACE_MODULES];
        struct trace_module *modules;
        const char *wrong;
        uint64_t count;

        if (!trace->numbering_known)
                return NULL;
        wrong = begin(trace, cursor, TRACE_MODULES, 6, &count);
        if (wrong)
                return wrong;
        modules = (struct trace_module *)table->items + table->count;
        for (uint64_t i = 0; !wrong && i < count; i++)
                wrong = one_module(trace, cursor, &modules[i]);
        for (uint64_t i = 0; wrong && i < count; i++)
                free(modules[i].path);
        if (!wrong)
                table->count += count;
        return wrong;
}

const char *record_frames(struct trace *trace, struct cursor *cursor) {
        struct trace_table *table = &trace->tables[TRACE_FRAMES];
        struct trace_frame *frames;
        uint64_t count, value, offset = 0;
        const char *wrong;

        if (!trace->numbering_known)
                return NULL;
        wrong = begin(trace, cursor, TRACE_FRAMES, 2, &count);
        if (wrong)
                return wrong;
        frames = (struct trace_frame *)table->items + table->count;
        for (uint64_t i = 0; i < count; i++) {
                if (!cursor_varint(cursor, &value))
                        return wrong_end;
                if (value > trace->tables[TRACE_MODULES].count)
                        return wrong_number;
                frames[i].module = value == 0 ? TRACE_NO_MODULE : (uint32_t)value - 1;
        }
        for (uint64_t i = 0; i < count; i++) {
                if (!cursor_svarint(cursor, &value))
                        return wrong_end;
                offset += value;
                frames[i].offset = offset >> 1;
                frames[i].exact = offset & 1;
        }
        table->count += count;
        return NULL;
}

const char *record_stacks(struct trace *trace, struct cursor *cursor) {
        struct trace_table *table = &trace->tables[TRACE_STACKS];
        struct trace_stack *stacks;
        uint64_t count, value;
        const char *wrong;

        if (!trace->numbering_known)
                return NULL;
        wrong = begin(trace, cursor, TRACE_STACKS, 2, &count);
        if (wrong)
                return wrong;
        stacks = (struct trace_stack *)table->items + table->count;
        for (uint64_t i = 0; i < count; i++) {
                uint64_t id = table->count + i + 1;

                if (!cursor_varint(cursor, &value))
                        return wrong_end;
                /* a parent at or after its child would make a ring of a stack */
                if (value == 0 || value > id)
                        return wrong_number;
                stacks[i].parent = (uint32_t)(id - value);
        }
        for (uint64_t i = 0; i < count; i++) {
                if (!cursor_varint(cursor, &value))
                        return wrong_end;
                if (value >= trace->tables[TRACE_FRAMES].count)
                        return wrong_number;
                stacks[i].frame = (uint32_t)value;
        }
        table->count += count;
        return NULL;
}

const char *record_threads(struct trace *trace, struct cursor *cursor) {
        struct trace_table *table = &trace->tables[TRACE_THREADS];
        struct trace_thread *threads;
        const char *wrong;
        uint64_t count;

        if (!trace->numbering_known)
                return NULL;
        wrong = begin(trace, cursor, TRACE_THREADS, 3, &count);
        if (wrong)
                return wrong;
        threads = (struct trace_thread *)table->items + table->count;
        for (uint64_t i = 0; !wrong && i < count; i++) {
                if (!cursor_varint(cursor, &threads[i].tid) ||
                    !cursor_varint(cursor, &threads[i].start_time_ns))
                        wrong = wrong_end;
                else
                        wrong = record_string(trace, cursor, MTR_STRING_MAX, &threads[i].name, NULL);
        }
        for (uint64_t i = 0; wrong && i < count; i++)
                free(threads[i].name);
        if (!wrong)
                table->count += count;
        return wrong;
}

static const char *one_thread_name(struct trace *trace, struct cursor *cursor, uint64_t *thread,
                                   char **name) {
        const char *wrong;
        size_t length;

        if (!cursor_varint(cursor, thread) || *thread >= trace->tables[TRACE_THREADS].count)
                return wrong_number;
        wrong = record_string(trace, cursor, MTR_MARK_NAME_MAX, name, &length);
        if (!wrong && (length == 0 || strlen(*name) != length))
                wrong = "a thread was given no name, or one with a NUL";
        return wrong;
}

const char *record_thread_names(struct trace *trace, struct cursor *cursor) {
        struct trace_thread *threads = trace->tables[TRACE_THREADS].items;
        uint64_t count, thread;
        const char *wrong = NULL;

        if (!trace->numbering_known)
                return NULL;
        if (!cursor_varint(cursor, &count) || count > cursor_left(cursor) / 3)
                return wrong_count;
        for (uint64_t i = 0; !wrong && i < count; i++) {
                char *name = NULL;

                wrong = one_thread_name(trace, cursor, &thread, &name);
                if (!wrong) {
                        free(threads[thread].name);
                        threads[thread].name = name;
                } else {
                        free(name);
                }
        }
        return wrong;
}

const char *record_sites(struct trace *trace, struct cursor *cursor) {
        struct trace_table *table = &trace->tables[TRACE_SITES];
        struct trace_site *sites;
        uint64_t count, value, stack = 0;
        const uint8_t *kinds;
        const char *wrong;

        if (!trace->numbering_known)
                return NULL;
        wrong = begin(trace, cursor, TRACE_SITES, 3, &count);
        if (wrong)
                return wrong;
        sites = (struct trace_site *)table->items + table->count;
        for (uint64_t i = 0; i < count; i++) {
                if (!cursor_svarint(cursor, &value))
                        return wrong_end;
                stack += value;
                if (stack > trace->tables[TRACE_STACKS].count)
                        return wrong_number;
                sites[i].stack = (uint32_t)stack;
        }
        for (uint64_t i = 0; i < count; i++)
                if (!cursor_varint_max(cursor, MTR_SITE_BYTES_MAX, &sites[i].size_bytes))
                        return "an allocation is larger than any memory, or cut short";
        kinds = cursor_bytes(cursor, count);
        if (!kinds)
                return wrong_end;
        for (uint64_t i = 0; i < count; i++)
                sites[i].kind = kinds[i];
        table->count += count;
        return NULL;
}
