/* Whose blocks were freed and how they had lived, decoded from the format's description alone: see decode.h.
 */
#include "decode.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "collector/text.h"

void decode_owners(struct seen *seen, struct reader *reader, const struct mtr_block_header *header) {
        uint64_t count = varint(reader), event = 0;
        uint32_t first = seen->event_count - (uint32_t)header->event_count;
        uint32_t *rows = calloc(count + 1, sizeof(*rows));

        cr_assert_gt(count, 0);
        for (uint64_t i = 0; i < count; i++) {
                uint64_t step = varint(reader);

                cr_assert(i == 0 || step > 0, "rows ascend");
                event += step;
                cr_assert_lt(event, header->event_count);
                rows[i] = first + (uint32_t)event;
        }
        for (uint64_t i = 0; i < count; i++) {
                struct seen_event *of = &seen->events[rows[i]];
                uint64_t thread = varint(reader);

                cr_assert_neq(of->event, MTR_ALLOC);
                cr_assert(thread > 0 && thread <= seen->thread_count, "who allocated it is known");
                cr_assert_neq(thread - 1, of->thread, "its own thread's is not listed");
                of->owner = thread - 1;
        }
        cr_assert_eq(reader->at, reader->end);
        seen->owner_count += (uint32_t)count;
        free(rows);
}

static uint64_t age_class_of(uint64_t ms) {
        uint64_t top = 63;

        if (ms < 4)
                return ms;
        while (!(ms >> top))
                top--;
        return 4 * (top - 1) + ((ms >> (top - 2)) & 3);
}

static uint64_t least_of(uint64_t age_class) {
        uint64_t ms = 0, step = 1;

        for (uint64_t i = 0; i < age_class; i++, ms += step)
                step = i >= 8 && i % 4 == 0 ? step * 2 : step;
        return ms;
}

void decode_lives(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader), site = 0;
        struct seen_life *rows;

        cr_assert_gt(count, 0);
        seen->lives = more(seen->lives, seen->life_count, count, sizeof(*seen->lives));
        rows = &seen->lives[seen->life_count];
        for (uint64_t i = 0; i < count; i++) {
                rows[i].site = site += varint(reader);
                cr_assert_lt(site, seen->site_count);
        }
        for (uint64_t i = 0; i < count; i++)
                cr_assert_leq(rows[i].distance = varint(reader), MTR_DISTANCE_UNKNOWN);
        for (uint64_t i = 0; i < count; i++)
                cr_assert_leq(rows[i].age_class = varint(reader), MTR_AGE_CLASS_MAX);
        for (uint64_t i = 0; i < count; i++)
                cr_assert_gt(rows[i].frees = varint(reader), 0);
        for (uint64_t i = 0; i < count; i++) {
                rows[i].ms = varint(reader) + rows[i].frees * least_of(rows[i].age_class);
                cr_assert_eq(age_class_of(rows[i].ms / rows[i].frees), rows[i].age_class,
                             "the mean is of the class that all are of");
                cr_assert(i == 0 || rows[i - 1].site < rows[i].site ||
                                  (rows[i - 1].site == rows[i].site &&
                                   (rows[i - 1].distance < rows[i].distance ||
                                    (rows[i - 1].distance == rows[i].distance &&
                                     rows[i - 1].age_class < rows[i].age_class))),
                          "rows ascend");
        }
        cr_assert_eq(reader->at, reader->end);
        seen->life_count += (uint32_t)count;
        seen->lives_count++;
}

void decode_lives_add_up(const struct seen *seen) {
        uint64_t *live = calloc((size_t)seen->site_count * seen->thread_count + 1, sizeof(*live));
        uint64_t *frees = calloc(seen->site_count + 1, sizeof(*frees));
        int64_t *ms = calloc(seen->site_count + 1, sizeof(*ms));
        uint64_t temporary = 0, other = 0;

        for (uint32_t i = 0; i < seen->event_count; i++) {
                const struct seen_event *event = &seen->events[i];
                uint64_t *of = &live[event->site * seen->thread_count + event->owner];

                if (event->event == MTR_ALLOC) {
                        ++*of;
                        ms[event->site] += (int64_t)event->unit;
                        continue;
                }
                cr_assert_gt(*of, 0, "thread %lu has a block of site %lu to lose", event->owner, event->site);
                --*of;
                frees[event->site]++;
                ms[event->site] -= (int64_t)event->unit;
                other += event->owner != event->thread;
        }
        cr_assert_eq(other, seen->owner_count);
        for (uint32_t i = 0; i < seen->life_count; i++) {
                const struct seen_life *life = &seen->lives[i];

                temporary += life->distance == 0 ? life->frees : 0;
                frees[life->site] -= life->frees;
                ms[life->site] += (int64_t)life->ms;
        }
        for (uint32_t i = 0; i < MTR_DOMAIN_MAX; i++)
                temporary -= seen->domains[i].books.temporary;
        cr_assert_eq(temporary, seen->temporary);
        for (uint32_t site = 0; site < seen->site_count; site++) {
                cr_assert_eq(frees[site], 0, "lives tell of all frees of a site");
                if (seen->live[site] == 0)
                        cr_assert_eq(ms[site], 0, "and how long its blocks had lived");
        }
        free(live);
        free(frees);
        free(ms);
}

const char *seen_lives(const struct seen *seen) {
        static char lives[4096];
        struct text text = text_in(lives, sizeof(lives));

        for (uint32_t i = 0; i < seen->life_count; i++) {
                text_string(&text, i ? " " : "");
                text_number(&text, seen->lives[i].distance);
                text_string(&text, ":");
                text_number(&text, seen->lives[i].age_class);
                text_string(&text, "x");
                text_number(&text, seen->lives[i].frees);
                text_string(&text, "=");
                text_number(&text, seen->lives[i].ms);
        }
        return lives;
}

const char *seen_owners(const struct seen *seen) {
        static char owners[4096];
        struct text text = text_in(owners, sizeof(owners));

        for (uint32_t i = 0; i < seen->event_count; i++) {
                if (seen->events[i].event == MTR_ALLOC)
                        continue;
                text_string(&text, text.length ? " " : "");
                text_number(&text, seen->events[i].owner);
        }
        return owners;
}
