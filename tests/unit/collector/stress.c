/*
 * The two sides of a session at once, without a test's hand between them: threads at work, and the
 * collector's turns. What it wrote must be what they did, to the event; the thread sanitizer, helgrind and
 * drd watch. argv[1]: rounds of each thread.
 */
#include "stress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/timebase.h"
#include "stage.h"

int main(int argc, char **argv) {
        struct stage *stage = stage_new(STRESS_THREADS);
        struct stress_counts did;
        struct seen *seen;
        bool over, hurry, same;

        timebase_init(&stage->timebase, SESSION_CLOCK_MONOTONIC);
        stress_start(stage->session, stage->process, stage->rings,
                     argc > 1 ? strtoull(argv[1], NULL, 10) : 100000);
        do {
                over = stress_is_over();
                timebase_read(&stage->timebase);
                (void)trace_turn(stage->trace, &hurry);
        } while (!over);
        did = stress_join();
        seen = stage_finish(stage);
        same = seen->allocations == did.allocations && seen->frees == did.frees &&
               seen->end.foreign_frees == 0 && seen->end.lost == 0;
        printf("%" PRIu64 " allocations and %" PRIu64 " frees; seen: %" PRIu64 " and %" PRIu64 ", %" PRIu64
               " foreign frees, %" PRIu64 " lost\n",
               did.allocations, did.frees, seen->allocations, seen->frees, seen->end.foreign_frees,
               seen->end.lost);
        seen_free(seen);
        stage_free(stage);
        return same ? 0 : 1;
}
