/*
 * See moment.h; when.c reads what the user wrote.
 */
#include "replay/moment.h"

#include "base/memo.h"
#include "base/message.h"
#include "base/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A block may turn out spoilt on the way: the one that claims the moment, or the checkpoint to begin with.
 * Each try leaves such blocks out.
 */
#define TRIES 4
#define NAMES_SHOWN 6u
#define MARKS_LISTED 100u /* looked at to find so many names */

uint64_t moment_last_ns(const struct trace *trace) {
        const struct reader *reader = trace->reader;
        uint64_t last_ns = trace->facts.has_end ? trace->facts.end.time_ns : 0;

        for (size_t i = 0; i < reader->block_count; i++)
                if (reader->blocks[i].whole && reader->blocks[i].header.last_time_ns > last_ns)
                        last_ns = reader->blocks[i].header.last_time_ns;
        return last_ns;
}

/* Times are shown in whole units, so what is shown of the end must not lie beyond it. */
static uint64_t last_units(const struct trace *trace) {
        uint64_t last_ns = moment_last_ns(trace);

        return last_ns / MTR_TIME_UNIT_NS + (last_ns % MTR_TIME_UNIT_NS > 0);
}

static bool occurred_before(const struct trace *trace, size_t number) {
        for (size_t i = 0; i < number; i++)
                if (strcmp(trace->marks[i].name, trace->marks[number].name) == 0)
                        return true;
        return false;
}

static void list_marks(const struct trace *trace, FILE *stream) {
        size_t shown = 0, i;

        for (i = 0; i < trace->mark_count && i < MARKS_LISTED && shown < NAMES_SHOWN; i++)
                if (!occurred_before(trace, i))
                        fprintf(stream, "%s@%s", shown++ ? ", " : "the marks ", trace->marks[i].name);
        fputs(shown == 0 ? "marks, of which it has none" : i < trace->mark_count ? ", ..." : "", stream);
}

/* No such moment: one line that says what there is. */
static int refuse(const struct trace *trace, const struct moment *moment, const char *why) {
        uint64_t units = last_units(trace);
        char *marks = NULL;
        size_t length;
        FILE *stream = memo_stream(&marks, &length);

        if (stream) {
                list_marks(trace, stream);
                if (fclose(stream) != 0) {
                        free(marks);
                        marks = NULL;
                }
        }
        message("%s: @%s %s: possible are @start, @peak, @end, times up to @%" PRIu64 ".%03" PRIu64
                "s, shares (@50%%) and %s",
                trace->reader->name, moment->when, why, units / 1000, units % 1000, marks ? marks : "marks");
        free(marks);
        return -EINVAL;
}

/* The `number`th mark whose name is the first `length` bytes of `name`. */
static const struct trace_mark *find_mark(const struct trace *trace, const char *name, size_t length,
                                          unsigned long long number) {
        for (size_t i = 0; i < trace->mark_count; i++) {
                const struct trace_mark *mark = &trace->marks[i];

                if (strncmp(mark->name, name, length) == 0 && !mark->name[length] && --number == 0)
                        return mark;
        }
        return NULL;
}

static const struct trace_mark *find_named(const struct trace *trace, const char *when) {
        const struct trace_mark *mark = NULL;
        const char *hash = strrchr(when, '#');
        unsigned long long number;

        /* a name that itself ends like that can be had by its own #1 */
        if (hash && options_number(hash + 1, 1, SIZE_MAX, &number) == 0)
                mark = find_mark(trace, when, (size_t)(hash - when), number);
        return mark ? mark : find_mark(trace, when, strlen(when), 1);
}

static int locate_time(struct trace *trace, const struct moment *moment, struct replay_instant *instant,
                       uint64_t *time_ns) {
        uint64_t last_ns = moment_last_ns(trace);

        *time_ns = moment->value;
        if (moment->kind == MOMENT_SHARE) {
                if (moment->value > MOMENT_WHOLE)
                        return refuse(trace, moment, "is past the end");
                *time_ns = last_ns / MOMENT_WHOLE * moment->value +
                           last_ns % MOMENT_WHOLE * moment->value / MOMENT_WHOLE;
        } else if (moment->value / MTR_TIME_UNIT_NS + (moment->value % MTR_TIME_UNIT_NS > 0) >
                   last_units(trace)) {
                return refuse(trace, moment, "is past the end");
        }
        return replay_at(trace, *time_ns, instant);
}

int moment_locate(struct trace *trace, const struct moment *moment, struct replay_instant *instant,
                  uint64_t *time_ns) {
        const struct trace_mark *mark;
        struct replay_peak peak;
        int error;

        switch (moment->kind) {
        case MOMENT_PEAK:
                error = replay_peak(trace, &peak);
                *instant = peak.instant;
                *time_ns = peak.time_ns;
                if (error != 0 || peak.found)
                        return error;
                break; /* without any event the end is as good */
        case MOMENT_END:
                break;
        case MOMENT_START:
                *instant = (struct replay_instant){ 0, 0 };
                *time_ns = 0;
                return 0;
        case MOMENT_TIME:
        case MOMENT_SHARE:
                return locate_time(trace, moment, instant, time_ns);
        case MOMENT_MARK:
                mark = find_named(trace, moment->when);
                if (!mark)
                        return refuse(trace, moment, "is no moment of it");
                *instant = (struct replay_instant){ mark->block, mark->event };
                *time_ns = mark->time_ns;
                return 0;
        }
        *instant = replay_end(trace);
        *time_ns = moment_last_ns(trace);
        return 0;
}

/* The other moment of moment_replay_both. */
struct stop {
        struct replay_watch watch;
        struct moment moment;
        struct replay *replay;
        uint64_t *time_ns;
};

static int copy_sites(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                      struct events_run *run) {
        const struct stop *stop = (const struct stop *)watch;

        (void)at;
        (void)run;
        memcpy(stop->replay->sites, replay->sites, replay->site_count * sizeof(*replay->sites));
        replay_watch_end(watch);
        return 0;
}

static int attempt(struct trace *trace, const struct moment *moment, enum replay_from from,
                   struct replay *replay, uint64_t *time_ns, struct stop *stop) {
        struct replay_instant instant, before;
        int error = moment_locate(trace, moment, &instant, time_ns);

        if (error == 0 && stop)
                error = moment_locate(trace, &stop->moment, &before, stop->time_ns);
        if (error == 0)
                error = replay_init(replay, trace);
        if (error == 0 && stop)
                error = replay_init(stop->replay, trace);
        if (error == 0 && stop) {
                stop->watch.next = before;
                replay->watch = &stop->watch;
        }
        if (error == 0)
                error = replay_to(replay, instant, from);
        replay->watch = NULL;
        return error;
}

static int replay_moment(struct trace *trace, const struct moment *moment, enum replay_from from,
                         struct replay *replay, uint64_t *time_ns, struct stop *stop) {
        for (int i = 0;; i++) {
                uint64_t damages;
                int error;

                *replay = (struct replay){ 0 };
                if (stop)
                        *stop->replay = (struct replay){ 0 };
                damages = trace->reader->damage_count;
                error = attempt(trace, moment, from, replay, time_ns, stop);
                if (error == 0 && (trace->reader->damage_count == damages || i == TRIES))
                        return 0;
                replay_deinit(replay);
                if (stop)
                        replay_deinit(stop->replay);
                if (error != 0)
                        return error;
        }
}

int moment_replay(struct trace *trace, struct moment moment, enum replay_from from, struct replay *replay,
                  uint64_t *time_ns) {
        return replay_moment(trace, &moment, from, replay, time_ns, NULL);
}

int moment_replay_both(struct trace *trace, struct moment first, struct replay *before, uint64_t *before_ns,
                       struct moment last, struct replay *replay, uint64_t *time_ns) {
        struct stop stop = { { .next_units = UINT64_MAX, .reached = copy_sites }, first, before, before_ns };

        return replay_moment(trace, &last, REPLAY_FROM_BEGINNING, replay, time_ns, &stop);
}
