/*
 * See series.h. One thread.
 */
#include "select/series.h"

#include "base/message.h"
#include "base/path.h"
#include "select/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct making {
        const struct grouping *grouping;
        struct selection *selection;
        struct series *series;
        struct state_wish wish;
};

/* Takes an operand apart; *path is heap. 0 or a negative errno already reported. */
static int read_operand(const struct making *making, const char *operand, char **path,
                        struct moment *moment) {
        if (*operand != '@' || access(operand, F_OK) == 0)
                return moment_parse(operand, making->wish.fallback, path, moment);
        if (!making->series->path) {
                message("%s: %s is a moment; a trace has to stand before it", making->grouping->command,
                        operand);
                return -EINVAL;
        }
        if (moment_read(operand, moment) < 0)
                return -EINVAL;
        *path = strdup(making->series->path);
        return *path ? 0 : message_errno(ENOMEM, operand, "cannot open");
}

/* The state that the operand names. Takes the path over. */
static int reach(struct making *making, const char *operand, char *path, const struct moment *moment,
                 struct state **state) {
        struct series *series = making->series;
        struct state_wish wish = making->wish;
        bool known = series->path && strcmp(series->path, path) == 0;
        int error;

        free(series->path);
        series->path = path;
        if (known) {
                *state = &series->states[series->state_count - 1];
                return state_move(moment, &wish, *state);
        }
        *state = &series->states[series->state_count];
        error = state_open(operand, &wish, *state);
        series->state_count += error == 0;
        return error;
}

static int add_state(struct making *making, struct state *state) {
        struct series *series = making->series;
        const struct match_run run = match_run_of(state->trace);
        struct tally tally;
        int error = grouping_allows(making->grouping, &state->moment);

        if (error == 0)
                error = tally_make(state, making->grouping, making->selection, &tally);
        if (error < 0)
                return error;
        if (series->point_count == 0)
                compare_init(&series->comparison, &tally.aggregate.wish, series->comparison.state_count);
        error = compare_add(&series->comparison, &tally.aggregate, &run);
        series->points[series->point_count++] = (struct series_point){
                .name = state->trace->reader->name,
                .summary = &state->summary,
                .moment = state->moment,
                .time_ns = state->range.to_ns,
                .size_bytes = tally.aggregate.size_bytes,
                .blocks = tally.aggregate.blocks,
        };
        tally_deinit(&tally);
        return error;
}

static int add_operand(struct making *making, const char *operand) {
        struct moment moment;
        struct state *state;
        char *path;
        int error = read_operand(making, operand, &path, &moment);

        if (error < 0)
                return error;
        error = reach(making, operand, path, &moment, &state);
        return error < 0 ? error : add_state(making, state);
}

static void tell_programs(const struct series *series, const char *command) {
        const struct series_point *first = &series->points[0];

        for (size_t i = 1; i < series->point_count; i++) {
                const struct series_point *other = &series->points[i];

                if (strcmp(path_base(first->summary->program), path_base(other->summary->program)) == 0)
                        continue;
                message("%s: %s is of %s and %s of %s: different programs, compared all the same", command,
                        first->name, path_base(first->summary->program), other->name,
                        path_base(other->summary->program));
                return;
        }
}

int series_make(char *const *operands, size_t count, const struct grouping *grouping,
                struct selection *selection, struct series *series) {
        struct making making = {
                .grouping = grouping,
                .selection = selection,
                .series = series,
                .wish.fallback = grouping_moment(grouping, false),
        };
        int error = 0;

        selection->domains.several = true;
        tally_wish(grouping, selection, &making.wish);
        *series = (struct series){ .comparison.state_count = count };
        series->states = calloc(count, sizeof(*series->states));
        series->points = calloc(count, sizeof(*series->points));
        if (!series->states || !series->points)
                error = message_errno(ENOMEM, grouping->command, "cannot compare");
        for (size_t i = 0; error == 0 && i < count; i++)
                error = add_operand(&making, operands[i]);
        if (error == 0)
                error = domain_choice_end(&selection->domains);
        if (error != 0) {
                series_deinit(series);
                return error;
        }
        tell_programs(series, grouping->command);
        selection_tell_unmatched(selection);
        return 0;
}

void series_deinit(struct series *series) {
        compare_deinit(&series->comparison);
        for (size_t i = 0; i < series->state_count; i++)
                state_close(&series->states[i]);
        free(series->states);
        free(series->points);
        free(series->path);
        *series = (struct series){ 0 };
}

uint64_t series_most_bytes(const struct series *series) {
        uint64_t most = 0;

        for (size_t i = 0; i < series->point_count; i++)
                if (series->points[i].size_bytes > most)
                        most = series->points[i].size_bytes;
        return most;
}
