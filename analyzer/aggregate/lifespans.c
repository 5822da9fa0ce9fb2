/*
 * See lifespans.h. One thread.
 */
#include "aggregate/lifespans.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "reader/lives.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const lifespans_sort_names[] = { "frees", "mean", "never", "size", "place", NULL };

struct making {
        const struct replay *replay;
        const struct lifetimes *lifetimes;
        struct lifespans *out;
        bool *met; /* by site: whether it is in `all` */
};

/* Room for a class among those that the span has; they lie close together. */
static int reach_class(struct lifespan *span, uint32_t age_class) {
        uint32_t first = span->first_class, end = first + span->class_count;
        uint64_t *classes;

        if (span->class_count > 0 && age_class >= first && age_class < end)
                return 0;
        first = span->class_count == 0 || age_class < first ? age_class : first;
        end = age_class >= end ? age_class + 1 : end;
        classes = calloc(end - first, sizeof(*classes));
        if (!classes)
                return -ENOMEM;
        if (span->class_count > 0)
                memcpy(classes + (span->first_class - first), span->classes,
                       span->class_count * sizeof(*classes));
        free(span->classes);
        span->classes = classes;
        span->first_class = first;
        span->class_count = end - first;
        return 0;
}

static int add_site(const struct making *making, struct lifespan *span, uint32_t site) {
        const struct lifetimes_site *from = &making->lifetimes->sites[site];
        const struct replay_site *counts = &making->replay->sites[site];
        struct lifetimes_site *to = &span->told;
        const struct lifetimes_class *classes;
        size_t count;

        to->frees = saturate_add(to->frees, from->frees);
        to->unknown = saturate_add(to->unknown, from->unknown);
        to->other_thread = saturate_add(to->other_thread, from->other_thread);
        to->temporary = saturate_add(to->temporary, from->temporary);
        to->lived_ms = saturate_add(to->lived_ms, from->lived_ms);
        /* with parts lost, more may be live than was seen to be allocated */
        if (counts->allocations > counts->live_blocks)
                span->frees = saturate_add(span->frees, counts->allocations - counts->live_blocks);
        span->never_freed = saturate_add(span->never_freed, counts->live_blocks);
        classes = lifetimes_classes(making->lifetimes, site, &count);
        for (size_t i = 0; i < count; i++) {
                uint64_t *frees;

                if (reach_class(span, classes[i].age_class) < 0)
                        return -ENOMEM;
                frees = &span->classes[classes[i].age_class - span->first_class];
                *frees = saturate_add(*frees, classes[i].frees);
        }
        return 0;
}

static int add(void *context, uint32_t node, uint32_t site) {
        struct making *making = context;
        struct lifespans *out = making->out;

        if (node >= out->count) {
                if (array_reserve(&out->spans, &out->capacity, (size_t)node + 1, sizeof(*out->spans)) < 0)
                        return -ENOMEM;
                memset(out->spans + out->count, 0, (node + 1 - out->count) * sizeof(*out->spans));
                out->count = (size_t)node + 1;
        }
        /* a stack that is charged to several frames is one in all */
        if (!making->met[site]) {
                making->met[site] = true;
                if (add_site(making, &out->all, site) < 0)
                        return -ENOMEM;
        }
        return add_site(making, &out->spans[node], site);
}

double lifespan_mean_ms(const struct lifespan *span) {
        uint64_t known = lifespan_known(span);

        return known > 0 ? (double)span->told.lived_ms / (double)known : 0;
}

uint64_t lifespan_below_ms(const struct lifespan *span, unsigned percent) {
        unsigned __int128 wanted = (unsigned __int128)lifespan_known(span) * percent, sum = 0;

        for (uint32_t i = 0; i < span->class_count; i++) {
                sum += span->classes[i];
                if (span->classes[i] > 0 && sum * 100 >= wanted)
                        return saturate_add(lives_most_ms(span->first_class + i), 1);
        }
        return 0;
}

/* The larger number first. */
static int compare_numbers(double left, double right) {
        return left < right ? 1 : left > right ? -1 : 0;
}

static int order(const void *left_pointer, const void *right_pointer, void *context) {
        const struct lifespans *lifespans = context;
        const struct lifespan *left = lifespans_of(lifespans, left_pointer);
        const struct lifespan *right = lifespans_of(lifespans, right_pointer);
        int result = 0;

        if (lifespans->sort == LIFESPANS_BY_MEAN)
                result = compare_numbers(lifespan_mean_ms(left), lifespan_mean_ms(right));
        else if (lifespans->sort == LIFESPANS_BY_NEVER)
                result = compare_numbers((double)left->never_freed, (double)right->never_freed);
        if (result == 0 && lifespans->sort <= LIFESPANS_BY_NEVER)
                result = compare_numbers((double)left->frees, (double)right->frees);
        return result ? result : aggregate_order(left_pointer, right_pointer, (void *)&lifespans->aggregate);
}

int lifespans_make(const struct replay *replay, const struct lifetimes *lifetimes, struct charge *charge,
                   const struct aggregate_wish *wish, enum lifespans_sort sort, struct lifespans *out) {
        struct making making = { .replay = replay, .lifetimes = lifetimes, .out = out };
        const struct aggregate_also also = { add, &making };
        struct aggregate_wish whole = *wish;
        int error;

        *out = (struct lifespans){ .sort = sort };
        whole.cost = AGGREGATE_TOTAL;
        whole.sort = sort == LIFESPANS_BY_PLACE ? AGGREGATE_BY_PLACE : AGGREGATE_BY_SIZE;
        whole.also = &also;
        making.met = calloc(replay->site_count + 1, sizeof(*making.met));
        error = making.met ? aggregate_make(replay, charge, &whole, &out->aggregate)
                           : message_errno(ENOMEM, replay->trace->reader->name, "cannot add its lives up");
        free(making.met);
        if (error < 0) {
                lifespans_deinit(out);
                return error;
        }
        out->aggregate.wish.also = NULL;
        if (out->aggregate.count > 0)
                qsort_r(out->aggregate.entries, out->aggregate.count, sizeof(*out->aggregate.entries), order,
                        out);
        return 0;
}

void lifespans_deinit(struct lifespans *lifespans) {
        for (size_t i = 0; i < lifespans->count; i++)
                free(lifespans->spans[i].classes);
        free(lifespans->spans);
        free(lifespans->all.classes);
        aggregate_deinit(&lifespans->aggregate);
        *lifespans = (struct lifespans){ 0 };
}
