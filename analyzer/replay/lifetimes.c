/*
 * See lifetimes.h. One thread.
 */
#include "replay/lifetimes.h"

#include "base/array.h"
#include "base/map.h"
#include "base/message.h"
#include "base/saturate.h"
#include "reader/domains.h"
#include "reader/lives.h"
#include "reader/records.h"

#include <errno.h>
#include <stdlib.h>

/* What a class takes at most: itself and its slots, in tables that were just enlarged. */
#define CLASS_COST_BYTES (2 * sizeof(struct lifetimes_class) + 4 * sizeof(struct map_slot))

static int no_memory(const struct trace *trace) {
        return message_errno(ENOMEM, trace->reader->name, "cannot add its lives up");
}

/* Each row of a block. */
static int each_row(struct trace *trace, size_t index,
                    int (*take)(void *context, const struct lives_row *row), void *context) {
        struct cursor payload, body;
        const uint8_t *data;
        size_t length_bytes;
        uint32_t type;
        int error = reader_payload(trace->reader, index, &data, &length_bytes);

        if (error != 0)
                return error;
        payload = cursor_over(data, length_bytes);
        while (error == 0 && records_next(&payload, &type, &body)) {
                const char *wrong;
                struct lives lives;

                if (type != MTR_LIVES || lives_begin(&lives, body))
                        continue;
                /* a site that nobody knows any more was defined in a lost block */
                while (error == 0 && lives_next(&lives, &wrong))
                        if (lives.row.site < trace->sites_after[index] &&
                            domains_take_site(trace, (uint32_t)lives.row.site))
                                error = take(context, &lives.row);
        }
        return error;
}

/* Each row of the blocks that can be read, until `take` gives anything but 0. */
static int each(struct trace *trace, int (*take)(void *context, const struct lives_row *row), void *context) {
        for (size_t i = 0; i < trace->reader->block_count; i++) {
                int error = each_row(trace, i, take, context);

                if (error != 0 && error != READER_E_BLOCK)
                        return error;
        }
        return 0;
}

struct reading {
        struct trace *trace;
        struct lifetimes *lifetimes;
        struct map by_class; /* (site, age class) to its index */
};

static int add_class(struct reading *reading, const struct lives_row *row) {
        struct lifetimes *lifetimes = reading->lifetimes;
        uint32_t *index = map_value(&reading->by_class, row->site << 8 | row->age_class,
                                    (uint32_t)lifetimes->class_count);

        if (!index || array_reserve(&lifetimes->classes, &lifetimes->classes_capacity,
                                    lifetimes->class_count + 1, sizeof(*lifetimes->classes)) < 0)
                return no_memory(reading->trace);
        if (*index == lifetimes->class_count) {
                if (lifetimes->class_count >=
                            reading->trace->reader->limits.definition_bytes / CLASS_COST_BYTES ||
                    lifetimes->class_count == UINT32_MAX)
                        return READER_E_BUDGET;
                lifetimes->classes[lifetimes->class_count++] =
                        (struct lifetimes_class){ (uint32_t)row->site, (uint32_t)row->age_class, 0 };
        }
        lifetimes->classes[*index].frees = saturate_add(lifetimes->classes[*index].frees, row->frees);
        return 0;
}

static void add_row(struct lifetimes_site *site, const struct lives_row *row) {
        site->frees = saturate_add(site->frees, row->frees);
        if (row->distance == MTR_DISTANCE_UNKNOWN) {
                site->unknown = saturate_add(site->unknown, row->frees);
                return;
        }
        site->lived_ms = saturate_add(site->lived_ms, row->lived_ms);
        if (row->distance == MTR_DISTANCE_OTHER)
                site->other_thread = saturate_add(site->other_thread, row->frees);
        if (row->distance == 0)
                site->temporary = saturate_add(site->temporary, row->frees);
}

static int take_row(void *context, const struct lives_row *row) {
        struct reading *reading = context;

        add_row(&reading->lifetimes->sites[row->site], row);
        add_row(&reading->lifetimes->all, row);
        return row->distance == MTR_DISTANCE_UNKNOWN ? 0 : add_class(reading, row);
}

static int compare_classes(const void *left_pointer, const void *right_pointer) {
        const struct lifetimes_class *left = left_pointer, *right = right_pointer;

        if (left->site != right->site)
                return left->site < right->site ? -1 : 1;
        return left->age_class < right->age_class ? -1 : left->age_class > right->age_class;
}

int lifetimes_read(struct trace *trace, struct lifetimes *lifetimes) {
        struct reading reading = { .trace = trace, .lifetimes = lifetimes };
        int error;

        *lifetimes = (struct lifetimes){ .site_count = trace_site_count(trace) };
        lifetimes->sites = calloc(lifetimes->site_count + 1, sizeof(*lifetimes->sites));
        error = lifetimes->sites ? each(trace, take_row, &reading) : no_memory(trace);
        map_deinit(&reading.by_class);
        if (error != 0) {
                lifetimes_deinit(lifetimes);
                return error;
        }
        if (lifetimes->class_count > 0)
                qsort(lifetimes->classes, lifetimes->class_count, sizeof(*lifetimes->classes),
                      compare_classes);
        return 0;
}

void lifetimes_deinit(struct lifetimes *lifetimes) {
        free(lifetimes->sites);
        free(lifetimes->classes);
        *lifetimes = (struct lifetimes){ 0 };
}

const struct lifetimes_class *lifetimes_classes(const struct lifetimes *lifetimes, uint32_t site,
                                                size_t *count) {
        size_t first = 0, end = lifetimes->class_count;

        while (first < end) {
                size_t middle = first + (end - first) / 2;

                if (lifetimes->classes[middle].site < site)
                        first = middle + 1;
                else
                        end = middle;
        }
        for (end = first; end < lifetimes->class_count && lifetimes->classes[end].site == site;)
                end++;
        *count = end - first;
        return *count > 0 ? lifetimes->classes + first : NULL;
}

struct widening {
        struct replay *replay;
        unsigned most;
};

static int take_near(void *context, const struct lives_row *row) {
        const struct widening *widening = context;
        uint64_t *temporary = &widening->replay->sites[row->site].temporary;

        if (row->distance <= widening->most)
                *temporary = saturate_add(*temporary, row->frees);
        return 0;
}

int lifetimes_widen_temporary(struct replay *replay, unsigned most) {
        struct widening widening = { replay, most };

        for (size_t i = 0; i < replay->site_count; i++)
                replay->sites[i].temporary = 0;
        return each(replay->trace, take_near, &widening);
}
