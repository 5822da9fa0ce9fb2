/*
 * See baseline.h. One thread.
 */
#include "judge/baseline.h"

#include "base/array.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/saturate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void baseline_init(struct baseline *baseline, enum aggregate_by by) {
        *baseline = (struct baseline){ .by = by, .keys.by = by };
}

void baseline_deinit(struct baseline *baseline) {
        for (size_t i = 0; i < baseline->part_count; i++) {
                free(baseline->parts[i].programs);
                free(baseline->parts[i].rows);
                map_deinit(&baseline->parts[i].by_place);
        }
        free(baseline->parts);
        baseline_domains_deinit(&baseline->domains);
        keys_deinit(&baseline->keys);
        *baseline = (struct baseline){ 0 };
}

struct baseline_part *baseline_add_part(struct baseline *baseline) {
        if (array_reserve(&baseline->parts, &baseline->parts_capacity, baseline->part_count + 1,
                          sizeof(*baseline->parts)) < 0)
                return NULL;
        baseline->parts[baseline->part_count] = (struct baseline_part){ 0 };
        return &baseline->parts[baseline->part_count++];
}

int baseline_add_program(struct baseline *baseline, struct baseline_part *part, const char *program) {
        const char *own;
        size_t at = 0;

        while (at < part->program_count && strcmp(part->programs[at], program) < 0)
                at++;
        if (at < part->program_count && strcmp(part->programs[at], program) == 0)
                return -EEXIST;
        if (intern_own(&baseline->keys.texts, program, &own) < 0 ||
            array_reserve(&part->programs, &part->programs_capacity, part->program_count + 1,
                          sizeof(*part->programs)) < 0)
                return -ENOMEM;
        memmove(&part->programs[at + 1], &part->programs[at],
                (part->program_count++ - at) * sizeof(*part->programs));
        part->programs[at] = own;
        return 0;
}

/* Whichever stack came first, the row is the same. */
static const char *lesser(const char *left, const char *right) {
        return aggregate_order_texts(left, right) <= 0 ? left : right;
}

int baseline_add_row(struct baseline *baseline, struct baseline_part *part, const struct baseline_row *row,
                     bool *known) {
        struct aggregate_entry entry = { .line = row->line, .has_line = row->has_line };
        struct baseline_row *mine;
        uint32_t *number;
        uint64_t key;

        if (intern_own(&baseline->keys.texts, row->file, &entry.file) < 0 ||
            intern_own(&baseline->keys.texts, row->function, &entry.function) < 0 ||
            intern_own(&baseline->keys.texts, row->module, &entry.module) < 0 ||
            keys_key(&baseline->keys, &entry, &key) < 0 ||
            !(number = map_value(&part->by_place, key, (uint32_t)part->count)) ||
            array_reserve(&part->rows, &part->capacity, part->count + 1, sizeof(*part->rows)) < 0)
                return -ENOMEM;
        mine = &part->rows[*number];
        *known = *number < part->count;
        if (!*known) {
                part->count++;
                *mine = *row;
                mine->file = entry.file;
                mine->function = entry.function;
                mine->module = entry.module;
                return 0;
        }
        mine->function = lesser(mine->function, entry.function);
        mine->module = lesser(mine->module, entry.module);
        mine->bytes = saturate_add(mine->bytes, row->bytes);
        mine->blocks = saturate_add(mine->blocks, row->blocks);
        if (row->stack_bytes > mine->stack_bytes) {
                mine->stack = row->stack;
                mine->stack_bytes = row->stack_bytes;
        }
        return 0;
}

/* How many programs two parts have in common. */
static size_t common_programs(const struct baseline_part *left, const struct baseline_part *right) {
        size_t common = 0, at = 0;

        for (size_t i = 0; i < left->program_count; i++) {
                while (at < right->program_count && strcmp(right->programs[at], left->programs[i]) < 0)
                        at++;
                common += at < right->program_count && strcmp(right->programs[at], left->programs[i]) == 0;
        }
        return common;
}

const struct baseline_part *baseline_find(const struct baseline *baseline, const struct baseline_part *of,
                                          bool exact) {
        const struct baseline_part *best = NULL;
        size_t most = 0;

        for (size_t i = 0; i < baseline->part_count; i++) {
                const struct baseline_part *part = &baseline->parts[i];
                size_t common = common_programs(part, of);

                if (common == of->program_count && common == part->program_count)
                        return part;
                if (common >= most) {
                        best = common > most ? part : NULL; /* of several, nobody could tell */
                        most = common;
                }
        }
        return exact ? NULL : best;
}

static int copy_part(struct baseline *baseline, const struct baseline_part *from) {
        struct baseline_part *part = baseline_add_part(baseline);
        bool known;

        if (!part)
                return -ENOMEM;
        for (size_t i = 0; i < from->program_count; i++)
                if (baseline_add_program(baseline, part, from->programs[i]) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < from->count; i++)
                if (baseline_add_row(baseline, part, &from->rows[i], &known) < 0)
                        return -ENOMEM;
        return 0;
}

int baseline_keep(struct baseline *baseline, const struct baseline *earlier, bool exact) {
        size_t own_count = baseline->part_count;

        for (size_t i = 0; i < earlier->part_count; i++) {
                bool replaced = false;

                for (size_t k = 0; k < own_count; k++)
                        replaced |= baseline_find(earlier, &baseline->parts[k], exact) == &earlier->parts[i];
                if (!replaced && copy_part(baseline, &earlier->parts[i]) < 0)
                        return message_errno(ENOMEM, "check", "cannot keep a baseline");
        }
        return 0;
}

static int compare_rows(const void *left_pointer, const void *right_pointer) {
        const struct baseline_row *left = left_pointer, *right = right_pointer;
        int order = aggregate_order_texts(left->file, right->file);

        if (order == 0 && left->line != right->line)
                order = left->line < right->line ? -1 : 1;
        if (order == 0)
                order = aggregate_order_texts(left->function, right->function);
        return order ? order : aggregate_order_texts(left->module, right->module);
}

int baseline_order_parts(const struct baseline_part *left, const struct baseline_part *right) {
        for (size_t i = 0; i < left->program_count && i < right->program_count; i++) {
                int order = strcmp(left->programs[i], right->programs[i]);

                if (order)
                        return order;
        }
        return left->program_count < right->program_count ? -1 : left->program_count > right->program_count;
}

static int compare_parts(const void *left, const void *right) {
        return baseline_order_parts(left, right);
}

void baseline_sort(struct baseline *baseline) {
        if (baseline->part_count > 0)
                qsort(baseline->parts, baseline->part_count, sizeof(*baseline->parts), compare_parts);
        for (size_t i = 0; i < baseline->part_count; i++) {
                struct baseline_part *part = &baseline->parts[i];

                map_deinit(&part->by_place); /* of rows as they stood */
                if (part->count > 0)
                        qsort(part->rows, part->count, sizeof(*part->rows), compare_rows);
        }
}

char *baseline_programs(const struct baseline_part *part) {
        size_t length = 0;
        char *text = NULL;
        FILE *stream = memo_stream(&text, &length);

        if (!stream)
                return NULL;
        for (size_t i = 0; i < part->program_count; i++)
                fprintf(stream, "%s%s", i ? ", " : "", part->programs[i]);
        return fclose(stream) == 0 ? text : NULL;
}
