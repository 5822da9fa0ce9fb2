/*
 * See heaptrack.h. The format is of version 1, which every heaptrack since 1.0 reads; its numbers are
 * hexadecimal. Events name an "allocation info", a size and a stack, as ours name sites, so memory is that of
 * sites.
 *
 * Its reader takes a free for that of a temporary where the event before it is the allocation of the same
 * info. So that it counts those that we do, frees between the two wait for a moment, no longer than the time
 * between two of heaptrack's own stamps, and a free of an older block of the site names a second info of the
 * same size and stack. What it cannot be told is a temporary after an allocation of another thread. One
 * thread.
 */
#include "render/export/heaptrack.h"

#include "base/message.h"
#include "base/text.h"
#include "render/export/heaptrack_places.h"
#include "replay/moment.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define WRITTEN_BY 0x10400u /* the heaptrack whose files these are like */
#define FORMAT 1u
#define WAITING_UNITS 10u

struct info {
        uint64_t live_blocks, waiting; /* frees that are not written yet */
        uint32_t trace;                /* its stack's number in the file */
        uint32_t number, second;       /* of the file's infos; 0: not there */
};

struct heaptrack {
        struct replay_listener listener;
        const struct export_wish *wish;
        FILE *stream;
        struct heaptrack_places places;
        struct info *infos; /* by site */
        uint32_t info_count;
        uint64_t units, told_units; /* now, and as the file has it */
        struct info *last;          /* which the last event allocated; NULL: it was no allocation */
        struct info **waiting;      /* those with frees that wait, each once; has room for all */
        size_t waiting_count;
        uint64_t waiting_units; /* since when */
};

static uint32_t define_info(struct heaptrack *heaptrack, const struct info *info) {
        const struct trace_site *site =
                trace_site(heaptrack->wish->state->trace, (uint32_t)(info - heaptrack->infos));

        fprintf(heaptrack->stream, "a %" PRIx64 " %" PRIx32 "\n", site->size_bytes, info->trace);
        return heaptrack->info_count++;
}

static void put_time(struct heaptrack *heaptrack) {
        if (heaptrack->told_units == heaptrack->units)
                return;
        heaptrack->told_units = heaptrack->units;
        fprintf(heaptrack->stream, "c %" PRIx64 "\n", heaptrack->units);
}

static void put_free(struct heaptrack *heaptrack, struct info *info) {
        if (info == heaptrack->last && info->second == 0)
                info->second = define_info(heaptrack, info);
        fprintf(heaptrack->stream, "- %" PRIx32 "\n", info == heaptrack->last ? info->second : info->number);
        heaptrack->last = NULL;
}

static void put_waiting(struct heaptrack *heaptrack) {
        for (size_t i = 0; i < heaptrack->waiting_count; i++)
                for (struct info *info = heaptrack->waiting[i]; info->waiting > 0; info->waiting--)
                        put_free(heaptrack, info);
        heaptrack->waiting_count = 0;
        put_time(heaptrack);
}

static void take_time(struct replay_listener *listener, uint64_t units) {
        struct heaptrack *heaptrack = (struct heaptrack *)listener;

        if (units <= heaptrack->units) /* less: in a crafted trace */
                return;
        heaptrack->units = units;
        if (heaptrack->waiting_count == 0 || units - heaptrack->waiting_units >= WAITING_UNITS)
                put_waiting(heaptrack);
}

static void take_free(struct heaptrack *heaptrack, struct info *info, bool temporary) {
        if (temporary && info == heaptrack->last) {
                put_time(heaptrack);
                fprintf(heaptrack->stream, "- %" PRIx32 "\n", info->number);
                heaptrack->last = NULL;
                put_waiting(heaptrack);
                return;
        }
        if (!heaptrack->last) {
                put_free(heaptrack, info);
                return;
        }
        if (heaptrack->waiting_count == 0)
                heaptrack->waiting_units = heaptrack->units;
        if (info->waiting++ == 0)
                heaptrack->waiting[heaptrack->waiting_count++] = info;
}

static void take_event(struct replay_listener *listener, uint32_t site, enum mtr_event event) {
        struct heaptrack *heaptrack = (struct heaptrack *)listener;
        struct info *info = &heaptrack->infos[site];

        if (info->number == 0)
                return;
        if (event != MTR_ALLOC) {
                if (info->live_blocks == 0) /* what only a checkpoint tells of */
                        return;
                info->live_blocks--;
                take_free(heaptrack, info, event == MTR_FREE_TEMPORARY);
                return;
        }
        put_waiting(heaptrack);
        info->live_blocks++;
        heaptrack->last = info;
        fprintf(heaptrack->stream, "+ %" PRIx32 "\n", info->number);
}

/* Number 0 is never named again: to heaptrack's reader any free of it after another one is of a temporary. */
static int define_infos(struct heaptrack *heaptrack) {
        const struct trace *trace = heaptrack->wish->state->trace;
        const struct replay *replay = &heaptrack->wish->state->range.more;
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < replay->site_count; i++) {
                struct info *info = &heaptrack->infos[i];

                if (replay->sites[i].allocations == 0)
                        continue;
                error = heaptrack_places_stack(&heaptrack->places, trace_site(trace, i)->stack, &info->trace);
                if (error == 0 && heaptrack->info_count == 0)
                        define_info(heaptrack, info);
                if (error == 0)
                        info->number = define_info(heaptrack, info);
        }
        return error;
}

static uint32_t page_bytes(const struct trace *trace) {
        return trace->facts.process.page_bytes ? trace->facts.process.page_bytes : 4096;
}

/* How much memory the machine has, the trace does not tell. */
static void write_head(const struct heaptrack *heaptrack) {
        const struct state *state = heaptrack->wish->state;

        fprintf(heaptrack->stream, "v %x %x\nX ", WRITTEN_BY, FORMAT);
        text_put(heaptrack->stream, state->summary.command);
        fprintf(heaptrack->stream, "\nI %" PRIx32 " 0\n", page_bytes(state->trace));
}

static int write_events(struct heaptrack *heaptrack) {
        struct trace *trace = heaptrack->wish->state->trace;
        struct replay replay;
        int error = replay_init(&replay, trace);

        if (error < 0)
                return error;
        replay.listener = &heaptrack->listener;
        error = state_failed(heaptrack->wish->operand,
                             replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING));
        replay_deinit(&replay);
        if (error < 0)
                return error;
        put_waiting(heaptrack);
        take_time(&heaptrack->listener, moment_last_ns(trace) / MTR_TIME_UNIT_NS);
        fprintf(heaptrack->stream, "R %" PRIx64 "\n", trace->facts.peak_rss_bytes / page_bytes(trace));
        return 0;
}

/* Events of which some are missing in between, which would free what was never allocated. */
static bool has_gaps(const struct reader *reader) {
        for (size_t i = 0; i < reader->block_count; i++)
                if (reader->blocks[i].whole && reader->blocks[i].after_loss)
                        return true;
        return false;
}

static int write_heaptrack(const struct export_wish *wish, FILE *stream) {
        struct heaptrack heaptrack = { { take_time, take_event }, .wish = wish, .stream = stream };
        const struct trace *trace = wish->state->trace;
        int error;

        if (has_gaps(trace->reader)) {
                message("%s: parts in its middle are lost, which heaptrack's format cannot tell",
                        wish->operand);
                return -EINVAL;
        }
        heaptrack.infos = calloc(trace_site_count(trace) + 1, sizeof(*heaptrack.infos));
        heaptrack.waiting = calloc(trace_site_count(trace) + 1, sizeof(struct info *));
        if (!heaptrack.infos || !heaptrack.waiting) {
                error = message_errno(ENOMEM, wish->operand, "cannot export");
        } else {
                heaptrack_places_init(&heaptrack.places, wish, stream);
                write_head(&heaptrack);
                error = define_infos(&heaptrack);
                if (error == 0)
                        error = write_events(&heaptrack);
                heaptrack_places_deinit(&heaptrack.places);
        }
        free(heaptrack.infos);
        free(heaptrack.waiting);
        return error;
}

const struct export_format export_heaptrack = {
        .about = "heaptrack_print and heaptrack's window",
        .write = write_heaptrack,
        .history = true,
};
