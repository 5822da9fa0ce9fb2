/*
 * See massif.h. The run is cut into equal parts: a snapshot at the end of each, and one at the peak. Memory
 * is that of sites and stacks. One thread.
 */
#include "render/export/massif.h"

#include "base/message.h"
#include "base/saturate.h"
#include "base/text.h"
#include "render/export/massif_tree.h"
#include "replay/slices.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define SLICES 98u         /* with the begin and the peak, a hundred snapshots */
#define DETAILED_EVERY 10u /* as massif */

struct massif {
        const struct export_wish *wish;
        FILE *stream;
        const struct slices *slices;
        uint64_t *live_blocks; /* by site */
        uint64_t *held_bytes;  /* by stack, of the snapshot being written */
        size_t stop;           /* the next one to be written */
        size_t peak;           /* the slice that has it; SIZE_MAX: nothing is ever held */
        unsigned number;       /* of the next snapshot */
        struct massif_tree tree;
};

static void write_head(const struct massif *massif, uint64_t time_ns, uint64_t bytes, const char *tree) {
        fprintf(massif->stream,
                "#-----------\nsnapshot=%u\n#-----------\ntime=%" PRIu64 "\nmem_heap_B=%" PRIu64
                "\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=%s\n",
                massif->number, time_ns / MTR_TIME_UNIT_NS, bytes, tree);
}

/* What each stack holds, and all of them. */
static uint64_t sum_up(struct massif *massif) {
        const struct trace *trace = massif->wish->state->trace;
        size_t stack_count = trace->tables[TRACE_STACKS].count + 1;
        uint64_t sum = 0;

        for (size_t i = 0; i < stack_count; i++)
                massif->held_bytes[i] = 0;
        for (uint32_t i = 0; i < trace_site_count(trace); i++) {
                const struct trace_site *site = trace_site(trace, i);
                uint64_t bytes = saturate_times(massif->live_blocks[i], site->size_bytes);
                uint64_t *held = &massif->held_bytes[site->stack < stack_count ? site->stack : 0];

                *held = saturate_add(*held, bytes);
                sum = saturate_add(sum, bytes);
        }
        return sum;
}

static int write_tree(struct massif *massif) {
        size_t stack_count = massif->wish->state->trace->tables[TRACE_STACKS].count + 1;
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < stack_count; i++)
                if (massif->held_bytes[i] > 0)
                        error = massif_tree_add(&massif->tree, i, massif->held_bytes[i]);
        return error == 0 ? massif_tree_write(&massif->tree, massif->stream) : error;
}

static bool same_instant(const struct slices_slice *slice) {
        return slice->peak.block == slice->end.block && slice->peak.event == slice->end.event;
}

/* The snapshot at a stop, if it is to have one. */
static int write_stop(struct massif *massif, size_t stop) {
        size_t k = stop / 2;
        const struct slices_slice *slice = &massif->slices->items[k];
        bool ends = stop == SLICES_STOP_END(k), peak = massif->peak == k && (!ends || same_instant(slice));
        bool last = ends && k == massif->slices->count - 1, detailed;
        uint64_t bytes;

        if (!ends && (!peak || same_instant(slice)))
                return 0;
        bytes = sum_up(massif);
        detailed = peak || last || massif->number % DETAILED_EVERY == DETAILED_EVERY - 1;
        write_head(massif, ends ? slice->end_ns : slice->peak_ns, bytes,
                   peak       ? "peak"
                   : detailed ? "detailed"
                              : "empty");
        massif->number++;
        return detailed ? write_tree(massif) : 0;
}

static int write_up_to(struct massif *massif, size_t stop) {
        int error = 0;

        while (error == 0 && massif->stop < stop)
                error = write_stop(massif, massif->stop++);
        return error;
}

static int take(void *context, size_t stop, uint32_t site, uint32_t thread, int64_t blocks) {
        struct massif *massif = context;
        int error = write_up_to(massif, stop);

        (void)thread;
        massif->live_blocks[site] += (uint64_t)blocks;
        return error;
}

static void find_peak(struct massif *massif) {
        const struct slices *slices = massif->slices;
        uint64_t peak_bytes = 0;

        massif->peak = SIZE_MAX;
        for (size_t i = 0; i < slices->count; i++)
                if (slices->items[i].peak_bytes > peak_bytes) {
                        peak_bytes = slices->items[i].peak_bytes;
                        massif->peak = i;
                }
}

static int write_slices(struct massif *massif) {
        struct state *state = massif->wish->state;
        const struct slices_taker taker = { take, massif };
        int error;

        fputs("desc: (none)\ncmd: ", massif->stream);
        text_put(massif->stream, state->summary.command);
        fputs("\ntime_unit: ms\n", massif->stream);
        write_head(massif, 0, 0, "empty");
        massif->number++;
        error = massif_tree_init(&massif->tree, massif->wish);
        if (error < 0)
                return error;
        error = state_failed(massif->wish->operand, slices_tell(state->trace, massif->slices, false, &taker));
        if (error == 0)
                error = write_up_to(massif, 2 * massif->slices->count);
        massif_tree_deinit(&massif->tree);
        return error;
}

static int write_massif(const struct export_wish *wish, FILE *stream) {
        struct trace *trace = wish->state->trace;
        struct slices slices;
        struct massif massif = { .wish = wish, .stream = stream, .slices = &slices };
        int error = state_failed(wish->operand, slices_find(trace, SLICES, &slices));

        if (error < 0)
                return error;
        find_peak(&massif);
        massif.live_blocks = calloc(trace_site_count(trace) + 1, sizeof(*massif.live_blocks));
        massif.held_bytes = calloc(trace->tables[TRACE_STACKS].count + 1, sizeof(*massif.held_bytes));
        if (massif.live_blocks && massif.held_bytes)
                error = write_slices(&massif);
        else
                error = message_errno(ENOMEM, wish->operand, "cannot export");
        free(massif.live_blocks);
        free(massif.held_bytes);
        slices_deinit(&slices);
        return error;
}

const struct export_format export_massif = {
        .about = "ms_print",
        .write = write_massif,
        .history = true,
};
