/*
 * memtrace verify TRACE...: whether the file is whole, and whether its events add up to what its
 * headers, checkpoints and end say.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/text.h"
#include "commands/verify.h"
#include "replay/by_thread.h"
#include "replay/lifetimes.h"
#include "replay/spans.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum index { QUIET };

static const struct option_spec specs[] = {
        [QUIET] = { "quiet", 'q', NULL, "print nothing about traces that are whole", NULL },
        { 0 },
};

static const struct option_group options = { specs, options_take_flag };
static const struct option_group *const groups[] = { &options, NULL };

static const struct options_about about = {
        .command = "verify",
        .usage = "verify [OPTIONS] TRACE...",
        .summary = "Say whether a trace is whole, and what is damaged where it is not.",
        .groups = groups,
};

void verify_begin_line(const char *name, const char *domain) {
        static const char word[] = "domain ";

        text_put(stdout, name);
        fputs(": ", stdout);
        if (!domain)
                return;
        if (strncmp(domain, word, strlen(word)) != 0) /* one without a name is called by it and its number */
                fputs(word, stdout);
        text_put(stdout, domain);
        fputs(": ", stdout);
}

static uint64_t list_damage(const struct reader *reader) {
        for (size_t i = 0; i < reader->damage_listed; i++) {
                const struct reader_damage *damage = &reader->damages[i];

                verify_begin_line(reader->name, NULL);
                printf("damaged at byte %" PRIu64 ", ", damage->offset_bytes);
                if (damage->length_bytes > 0)
                        printf("%" PRIu64 " bytes, ", damage->length_bytes);
                if (damage->more_blocks > 0)
                        printf("blocks %u to %u, ", damage->sequence, damage->sequence + damage->more_blocks);
                else if (damage->reason != READER_DAMAGE_HEADER)
                        printf("block %u, ", damage->sequence);
                printf("%s%s%s\n", reader_damage_text(damage->reason), *damage->detail ? ": " : "",
                       damage->detail);
        }
        if (reader->damage_count > reader->damage_listed) {
                verify_begin_line(reader->name, NULL);
                printf("damaged at %" PRIu64 " more places\n", reader->damage_count - reader->damage_listed);
        }
        return reader->damage_count;
}

/* Events that stand in no block that can be read, as the headers around the gaps tell. */
static uint64_t missing_events(const struct reader *reader) {
        uint64_t expected = 0, missing = 0;

        for (size_t i = 0; i < reader->block_count; i++) {
                const struct reader_block *block = &reader->blocks[i];

                if (block->header.events_before > expected)
                        missing += block->header.events_before - expected;
                if (!block->whole)
                        missing += block->header.event_count;
                expected = block->header.events_before + block->header.event_count;
        }
        return missing;
}

/* Each header's count of what came before, where nothing is missing in between. */
static uint64_t compare_counts(const struct reader *reader) {
        uint64_t expected = 0;

        for (size_t i = 0; i < reader->block_count; i++) {
                const struct mtr_block_header *header = &reader->blocks[i].header;

                if (!reader->blocks[i].after_loss && header->events_before != expected) {
                        verify_begin_line(reader->name, NULL);
                        printf("block %u: %" PRIu64 " events before it, its header says %" PRIu64 "\n",
                               header->sequence, expected, header->events_before);
                        return 1;
                }
                expected = header->events_before + header->event_count;
        }
        return 0;
}

bool verify_differs(const char *name, const char *domain, const char *what, const char *by, uint64_t found,
                    uint64_t end) {
        if (found == end)
                return false;
        verify_begin_line(name, domain);
        printf("%s: %" PRIu64 " by %s, %" PRIu64 " by the end record\n", what, found, by, end);
        return true;
}

unsigned verify_ends(const char *name, const char *domain, const struct trace_domain_end *found,
                     const struct trace_domain_end *end) {
        const struct {
                const char *what;
                uint64_t found, end;
        } figures[] = {
                { "allocations", found->allocations, end->allocations },
                { "frees", found->frees, end->frees },
                { "temporary", found->temporary, end->temporary },
                { "allocated bytes", found->allocated_bytes, end->allocated_bytes },
                { "peak bytes", found->peak_bytes, end->peak_bytes },
                { "live bytes", found->live_bytes, end->live_bytes },
                { "live blocks", found->live_blocks, end->live_blocks },
        };
        unsigned wrong = 0;

        for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
                wrong += verify_differs(name, domain, figures[i].what, "the events", figures[i].found,
                                        figures[i].end);
        return wrong;
}

/* Every total of the end against the replay; the number that differ. */
static unsigned compare_end(const struct replay_totals *totals, const struct mtr_end *end, const char *name) {
        const struct trace_domain_end found = {
                .allocations = totals->allocations,
                .frees = totals->frees,
                .temporary = totals->temporary,
                .allocated_bytes = totals->allocated_bytes,
                .peak_bytes = totals->peak_bytes,
                .live_bytes = totals->live_bytes,
                .live_blocks = totals->live_blocks,
        };
        const struct trace_domain_end told = {
                .allocations = end->allocations,
                .frees = end->frees,
                .temporary = end->temporary,
                .allocated_bytes = end->allocated_bytes,
                .peak_bytes = end->peak_bytes,
                .live_bytes = end->live_bytes,
                .live_blocks = end->live_blocks,
        };

        return verify_ends(name, NULL, &found, &told);
}

/* Frees by who allocated and how long it lived, where nothing is missing; how many things cannot be. */
static unsigned compare_lives(const struct replay *replay, const struct lifetimes *lifetimes,
                              const char *name) {
        const struct trace *trace = replay->trace;
        const struct mtr_end *end = &trace->facts.end;
        size_t sites = 0;
        unsigned wrong = 0;

        if (!trace->facts.tells_owners || trace->reader->damage_count > 0)
                return 0;
        if (replay->by_thread->misfits > 0) {
                verify_begin_line(name, NULL);
                printf("%" PRIu64 " frees are of a thread's blocks that it does not hold\n",
                       replay->by_thread->misfits);
                wrong++;
        }
        for (size_t i = 0; i < replay->site_count; i++)
                sites += lifetimes->sites[i].frees >
                         replay->sites[i].allocations - replay->sites[i].live_blocks;
        if (sites > 0) {
                verify_begin_line(name, NULL);
                printf("more blocks have lived than were freed, at %zu sites\n", sites);
                wrong++;
        }
        if (trace->facts.has_end) {
                wrong += verify_differs(name, NULL, "frees", "their lives", lifetimes->all.frees, end->frees);
                wrong += verify_differs(name, NULL, "temporary", "their lives", lifetimes->all.temporary,
                                        end->temporary);
        }
        return wrong;
}

static uint64_t compare(const struct replay *replay, const struct lifetimes *lifetimes) {
        const struct trace *trace = replay->trace;
        const char *name = trace->reader->name;
        uint64_t wrong = replay->mismatches + (replay->bad_events > 0);

        if (replay->mismatches > 0) {
                verify_begin_line(name, NULL);
                printf("contradicts itself at %" PRIu64 " places, first: %s\n", replay->mismatches,
                       replay->first_mismatch);
        }
        if (replay->bad_events > 0) {
                verify_begin_line(name, NULL);
                printf("%" PRIu64 " events cannot be (a free where nothing is live, an unknown site)\n",
                       replay->bad_events);
        }
        if (!trace->facts.has_process) {
                verify_begin_line(name, NULL);
                puts("does not say which program it is of");
                wrong++;
        }
        if (!trace->facts.has_end && !trace->reader->running) {
                verify_begin_line(name, NULL);
                puts("has no end: the tracer was cut off");
                wrong++;
        }
        if (trace_is_complete(trace))
                wrong += verify_differs(name, NULL, "lost events", "the events", trace->facts.lost_events,
                                        trace->facts.end.lost);
        /* What could not be written is in the end's totals, and declared lost. */
        if (trace->facts.lost_by_reason[MTR_LOSS_WRITE] == 0) {
                if (trace_is_complete(trace))
                        wrong += compare_end(&replay->totals, &trace->facts.end, name);
                wrong += compare_lives(replay, lifetimes, name);
        }
        return wrong;
}

/* Scopes of which the program told one half alone: a mistake of the program's, and no damage. */
static int list_open_scopes(const struct trace *trace) {
        struct span *spans = calloc(trace->scope_count + 1, sizeof(*spans));
        size_t ends = 0, begins = 0, count;

        if (!spans || spans_pair(trace, spans, &count) < 0) {
                free(spans);
                return message_errno(ENOMEM, trace->reader->name, "cannot pair its scopes");
        }
        for (size_t i = count; i > 0; i--) {
                ends += !spans[i - 1].has_begin;
                begins += !spans[i - 1].has_end;
        }
        free(spans);
        if (ends + begins > 0) {
                verify_begin_line(trace->reader->name, NULL);
                printf("scope ends without a begin: %zu; begins without an end: %zu\n", ends, begins);
        }
        return 0;
}

/* From the beginning to the end. Results as of replay_to; both are the caller's to deinit on success alone.
 */
static int run_all(struct trace *trace, struct replay *replay, struct lifetimes *lifetimes) {
        int error = replay_init(replay, trace);

        if (error != 0)
                return error;
        error = replay_to(replay, replay_end(trace),
                          trace->facts.tells_owners ? REPLAY_BY_THREAD : REPLAY_FROM_BEGINNING);
        if (error == 0)
                error = lifetimes_read(trace, lifetimes);
        if (error != 0)
                replay_deinit(replay);
        return error;
}

/* COMMAND_OK, COMMAND_FAILED or COMMAND_UNUSABLE for one trace. */
static int verify(const char *path, bool quiet) {
        struct lifetimes lifetimes;
        struct replay replay;
        struct trace *trace;
        uint64_t wrong, events;
        int error;

        if (state_open_trace(path, &trace) < 0)
                return COMMAND_UNUSABLE;
        error = run_all(trace, &replay, &lifetimes);
        if (error != 0) {
                (void)state_failed(path, error);
                trace_free(trace);
                return COMMAND_UNUSABLE;
        }
        wrong = list_damage(trace->reader) + compare_counts(trace->reader) + compare(&replay, &lifetimes);
        events = replay.totals.allocations + replay.totals.frees;
        error = state_failed(path, verify_domains(trace, &replay, quiet, &wrong, &events));
        if (error == 0 && !quiet)
                error = list_open_scopes(trace);
        if (wrong > 0 || !quiet) {
                verify_begin_line(path, NULL);
                printf("%s: %zu blocks, %" PRIu64 " events", wrong ? "DAMAGED" : "whole",
                       trace->reader->block_count, events);
                if (missing_events(trace->reader) > 0)
                        printf(", %" PRIu64 " events missing", missing_events(trace->reader));
                printf(", %" PRIu64 " lost while tracing\n",
                       trace->facts.has_end ? trace->facts.end.lost : trace->facts.lost_events);
        }
        lifetimes_deinit(&lifetimes);
        replay_deinit(&replay);
        trace_free(trace);
        return error < 0 ? COMMAND_UNUSABLE : wrong ? COMMAND_FAILED : COMMAND_OK;
}

static int run(int argc, char **argv) {
        bool quiet = false;
        int first, worst = COMMAND_OK;
        int result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, (void *[]){ &quiet }, &first);

        if (result != 0)
                return result == OPTIONS_HELPED ? COMMAND_OK : COMMAND_UNUSABLE;
        if (first == argc) {
                message("verify: which trace? see memtrace verify --help");
                return COMMAND_UNUSABLE;
        }
        for (int i = first; i < argc; i++) {
                result = verify(argv[i], quiet);
                if (result > worst)
                        worst = result;
        }
        return worst;
}

const struct command command_verify = { &about, run };
