/*
 * See together.h; together_sum.c adds the parts up. Only parts whose sum may be above what is known to be
 * reached are cut finer, those with the highest sums first: they raise what is known to be reached, so that
 * few of the others are left. One thread.
 */
#include "judge/together.h"

#include "base/array.h"
#include "base/message.h"
#include "replay/groups.h"
#include "replay/moment.h"
#include "state/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_FIRST 256u
#define PIECES 64u       /* that a part is cut into */
#define CHOSEN_FIRST 64u /* parts in the first round; and so many times more in each after it */
#define CHOSEN_GROWTH 4u

static int no_memory(const char *path) {
        return message_errno(ENOMEM, path, "cannot add it up with others");
}

struct measuring {
        struct together_part *parts;
        uint64_t live_bytes; /* at the end of the part before */
        size_t next;         /* the part that is being told */
        bool *unsure;
};

static int take(void *context, size_t part, uint32_t group, const struct groups_held *held) {
        struct measuring *measuring = context;

        (void)group;
        measuring->parts[part].low_bytes = held->least_bytes;
        measuring->parts[part].high_bytes = held->most_bytes;
        measuring->live_bytes = held->end_bytes;
        measuring->next = part + 1;
        return 0;
}

static int end(void *context, size_t part, bool unsure) {
        struct measuring *measuring = context;

        *measuring->unsure |= unsure;
        if (measuring->next == part + 1)
                return 0;
        measuring->parts[part].low_bytes = measuring->parts[part].high_bytes = measuring->live_bytes;
        measuring->next = part + 1;
        return 0;
}

/* The least and the most of each of the run's parts. */
static int measure(struct trace *trace, struct together_run *run, bool *unsure) {
        struct groups_end *ends = calloc(run->part_count, sizeof(*ends));
        struct measuring measuring = { .parts = run->parts, .unsure = unsure };
        const struct groups_cut cut = { NULL, 1, ends, run->part_count };
        const struct groups_taker taker = { take, end, &measuring };
        int error;

        if (!ends)
                return no_memory(run->path);
        for (size_t i = 0; i < run->part_count; i++)
                ends[i] = groups_end_units(run->parts[i].end_units);
        error = state_failed(run->path, groups_tell(trace, &cut, &taker));
        run->parts[run->part_count - 1].low_bytes = 0;
        free(ends);
        return error;
}

/* Equal parts, and one of the last unit. */
static int cut_first(struct together_run *run, uint64_t last_units) {
        uint64_t count = last_units < PARTS_FIRST ? last_units : PARTS_FIRST;

        run->parts = calloc(count + 1, sizeof(*run->parts));
        if (!run->parts)
                return no_memory(run->path);
        for (uint64_t i = 0; i < count; i++)
                run->parts[i].end_units = last_units * (i + 1) / count - 1;
        run->parts[count].end_units = last_units;
        run->part_count = count + 1;
        return 0;
}

int together_add(struct together *together, struct trace *trace) {
        struct together_run *run;
        int error = 0;

        if (array_reserve(&together->runs, &together->capacity, together->count + 1,
                          sizeof(*together->runs)) < 0)
                return no_memory(trace->reader->name);
        run = &together->runs[together->count++];
        *run = (struct together_run){
                .path = strdup(trace->reader->name),
                .start_units = trace->reader->header.started_unix_ns / MTR_TIME_UNIT_NS,
        };
        if (!run->path)
                error = no_memory(trace->reader->name);
        if (error == 0)
                error = cut_first(run, moment_last_ns(trace) / MTR_TIME_UNIT_NS);
        return error == 0 ? measure(trace, run, &together->unsure) : error;
}

void together_deinit(struct together *together) {
        for (size_t i = 0; i < together->count; i++) {
                free(together->runs[i].path);
                free(together->runs[i].parts);
        }
        free(together->runs);
        *together = (struct together){ 0 };
}

static size_t count_parts(const struct together *together) {
        size_t count = 0;

        for (size_t i = 0; i < together->count; i++)
                count += together->runs[i].part_count;
        return count;
}

/* Whether more may have been held in the part than is known to be reached; or the highest was, but it is not
 * told when. */
static bool is_open(const struct together_run *run, size_t part, const struct together_peak *peak) {
        uint64_t begin = together_begin(run, part), units = peak->unix_units - run->start_units;

        return run->parts[part].low_bytes != run->parts[part].high_bytes &&
               run->parts[part].end_units > begin &&
               (run->parts[part].sum_bytes > peak->low_bytes ||
                (units >= begin && units <= run->parts[part].end_units));
}

static int order_by_sum(const void *left, const void *right) {
        uint64_t one = (*(struct together_part *const *)left)->sum_bytes;
        uint64_t other = (*(struct together_part *const *)right)->sum_bytes;

        return one > other ? -1 : one < other;
}

/* How many pieces of parts there will be, up to `most` parts and what there is room for; 0: none is left. */
static int choose(struct together *together, const struct together_peak *peak, size_t most, size_t *pieces) {
        size_t all = count_parts(together), count = 0;
        struct together_part **open = calloc(all, sizeof(struct together_part *));

        *pieces = 0;
        if (!open)
                return -ENOMEM;
        for (size_t i = 0; i < together->count; i++)
                for (size_t k = 0; k < together->runs[i].part_count; k++)
                        if (is_open(&together->runs[i], k, peak))
                                open[count++] = &together->runs[i].parts[k];
        qsort(open, count, sizeof(*open), order_by_sum);
        for (size_t i = 0; i < count && i < most && all + *pieces + PIECES <= TOGETHER_PARTS_MAX; i++) {
                open[i]->pieces = PIECES;
                *pieces += PIECES;
        }
        free(open);
        return 0;
}

/* 0: none of the run's parts is chosen. */
static size_t count_pieces(const struct together_run *run) {
        size_t count = 0;

        for (size_t i = 0; i < run->part_count; i++)
                count += run->parts[i].pieces;
        return count;
}

static int cut_finer(struct together_run *run, size_t pieces) {
        struct together_part *parts = calloc(run->part_count + pieces, sizeof(*parts));
        size_t count = 0;

        if (!parts)
                return no_memory(run->path);
        for (size_t i = 0; i < run->part_count; i++) {
                uint64_t begin = together_begin(run, i), units = run->parts[i].end_units - begin + 1;
                uint64_t wanted = run->parts[i].pieces ? run->parts[i].pieces : 1;

                wanted = wanted < units ? wanted : units;
                for (uint64_t k = 0; k < wanted; k++)
                        parts[count++].end_units = begin + units * (k + 1) / wanted - 1;
        }
        free(run->parts);
        run->parts = parts;
        run->part_count = count;
        return 0;
}

static int refine(struct together *together) {
        for (size_t i = 0; i < together->count; i++) {
                struct together_run *run = &together->runs[i];
                size_t pieces = count_pieces(run);
                struct trace *trace;
                int error;

                if (pieces == 0)
                        continue;
                error = cut_finer(run, pieces);
                if (error == 0)
                        error = state_failed(run->path, trace_open(run->path, &trace));
                if (error < 0)
                        return error;
                error = domain_choice_take(together->domains, trace);
                if (error == 0)
                        error = measure(trace, run, &together->unsure);
                trace_free(trace);
                if (error < 0)
                        return error;
        }
        return 0;
}

int together_find(struct together *together, struct together_peak *peak) {
        for (size_t most = CHOSEN_FIRST;; most *= CHOSEN_GROWTH) {
                size_t pieces = 0;
                int error = together_sum(together, peak);

                if (error == 0)
                        error = choose(together, peak, most, &pieces);
                if (error < 0)
                        return no_memory(together->runs[0].path);
                if (pieces == 0)
                        return 0;
                error = refine(together);
                if (error < 0)
                        return error;
        }
}

bool together_time(const struct together *together, const struct together_peak *peak, size_t run,
                   uint64_t *time_ns) {
        const struct together_run *of = &together->runs[run];
        /* beyond everything where the process had not begun */
        uint64_t units = peak->unix_units - of->start_units;

        *time_ns = units * MTR_TIME_UNIT_NS;
        return units <= of->parts[of->part_count - 1].end_units;
}
