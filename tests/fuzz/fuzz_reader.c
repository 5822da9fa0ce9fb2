/*
 * Everything the analyzer does with bytes from outside, short of opening the modules they name:
 * read, replay to moments of every kind and between two, follow what is held over time, add up, and print as
 * text, as JSON and as a page; of the heap, and of other domains.
 * Built for libFuzzer where there is one (-Dfuzz), and always with replay_main.c as an ordinary test.
 *
 * The checksums of the input are made right first: otherwise no mutation would get past them.
 */
#include "aggregate/aggregate.h"
#include "aggregate/summary.h"
#include "base/message.h"
#include "history_check.h"
#include "page_check.h"
#include "reader/trace.h"
#include "render_check.h"
#include "replay/by_domain.h"
#include "replay/lifetimes.h"
#include "replay/range.h"

#include <memtrace/crc32c.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

/* Small, so that bombs end soon; large enough that both budgets are met and not met. */
static const struct reader_limits limits = { .raw_bytes = 32u << 20, .definition_bytes = 8u << 20 };

/* Makes every checksum of a copy right, as far as its lengths can be followed. */
static uint8_t *seal(const uint8_t *data, size_t length) {
        uint8_t *copy = malloc(length + 1);
        struct mtr_file_header *header = (void *)copy;
        size_t at = sizeof(*header);

        if (!copy)
                abort();
        memcpy(copy, data, length);
        if (length < sizeof(*header))
                return copy;
        header->checksum = mtr_crc32c(header, offsetof(struct mtr_file_header, checksum));
        while (length - at >= sizeof(struct mtr_block_header)) {
                struct mtr_block_header block;

                memcpy(&block, copy + at, sizeof(block));
                if (block.stored_bytes > length - at - sizeof(block))
                        break;
                block.payload_checksum = mtr_crc32c(copy + at + sizeof(block), block.stored_bytes);
                block.header_checksum =
                        mtr_crc32c(&block, offsetof(struct mtr_block_header, header_checksum));
                memcpy(copy + at, &block, sizeof(block));
                at += sizeof(block) + block.stored_bytes;
        }
        return copy;
}

/* What the trace names exists on no machine: a fuzzer has no business in /usr/lib. */
static void forget_modules(struct trace *trace) {
        for (uint32_t i = 0; i < trace->tables[TRACE_MODULES].count; i++) {
                char *path = trace_module(trace, i)->path;

                if (path && path[0] == '/')
                        path[0] = '_';
        }
}

static void print(struct trace *trace, const struct replay *replay, struct charge *charge,
                  struct filter *filter, size_t turn) {
        struct summary summary;
        struct aggregate aggregate;

        if (summary_make(trace, &summary) != 0)
                return;
        /* two keys a moment: every pair of them would be most of the test's time */
        for (size_t i = 0; i < 2; i++) {
                enum aggregate_by by = trace->beyond_heap && i == 0
                                               ? AGGREGATE_DOMAIN
                                               : (enum aggregate_by)((turn + 3 * i) % (AGGREGATE_SIZE + 1));
                struct report report = render_check_report(&summary, &aggregate);
                struct aggregate_wish wish = {
                        .cost = (enum aggregate_cost)((turn + i) % (AGGREGATE_TEMPORARY + 1)),
                        .by = by,
                        .cumulative = i == 1 && by <= AGGREGATE_MODULE,
                        .filter = turn % 3 == 0 ? filter : NULL,
                };

                if (aggregate_make(replay, charge, &wish, &aggregate) < 0)
                        break;
                render_check(&report);
                aggregate_deinit(&aggregate);
        }
        summary_deinit(&summary);
}

static void print_calls(struct trace *trace, const struct replay *replay, struct charge *charge,
                        struct filter *filter, size_t turn) {
        const struct aggregate_wish wish = {
                .cost = (enum aggregate_cost)(turn % (AGGREGATE_TEMPORARY + 1)),
                .by = (enum aggregate_by)(turn % (AGGREGATE_MODULE + 1)),
                .paths = true,
                .filter = turn % 3 == 0 ? filter : NULL,
        };
        struct summary summary;
        struct aggregate paths;
        struct report report = render_check_report(&summary, &paths);

        if (summary_make(trace, &summary) != 0)
                return;
        if (aggregate_make(replay, charge, &wish, &paths) == 0) {
                render_check_calls(&report);
                aggregate_deinit(&paths);
        }
        summary_deinit(&summary);
}

static void look(struct trace *trace) {
        static const char *const whens[] = { "peak", "end", "start", "50%", "3ms", "kept", "phase#2" };

        for (size_t i = 0; i < sizeof(whens) / sizeof(*whens); i++) {
                struct symbols *symbols = symbols_new(trace);
                struct charge *charge = symbols ? charge_new(trace, symbols, CHARGE_USER, NULL) : NULL;
                struct filter filter = { .all_frames = i % 2 };
                struct replay replay;
                struct moment moment;
                uint64_t time_ns;

                if (filter_add(&filter, FILTER_EXCLUDE, "*[a-f]*:1") < 0 ||
                    filter_add(&filter, FILTER_FUNCTION, "*") < 0)
                        abort();
                if (charge && moment_read(whens[i], &moment) == 0 &&
                    moment_replay(trace, moment, i % 2 ? REPLAY_FROM_BEGINNING : REPLAY_FROM_CHECKPOINT,
                                  &replay, &time_ns) == 0) {
                        print(trace, &replay, charge, &filter, i);
                        print_calls(trace, &replay, charge, &filter, i);
                        replay_deinit(&replay);
                }
                filter_deinit(&filter);
                charge_free(charge);
                symbols_free(symbols);
        }
}

/* A site holds more than before, or less, never both. */
static void look_between(struct trace *trace) {
        static const char *const whens[] = { "start", "kept", "2ms", "peak", "end" };
        static const enum replay_from ways[3] = { REPLAY_FROM_CHECKPOINT, REPLAY_BY_THREAD,
                                                  REPLAY_FROM_BEGINNING };

        for (size_t i = 0; i + 1 < sizeof(whens) / sizeof(*whens); i++) {
                struct moment from, to;
                struct range range;

                if (moment_read(whens[i], &from) != 0 || moment_read(whens[i + 1], &to) != 0)
                        abort();
                if (range_replay(trace, &from, &to, ways[i % 3], NULL, &range) != 0)
                        continue;
                for (size_t k = 0; k < range.more.site_count; k++)
                        if (range.more.sites[k].live_blocks > 0 && range.less.sites[k].live_blocks > 0)
                                abort();
                range_deinit(&range);
        }
}

/* Blocks by how long they lived: no more are known than are told of. */
static void look_at_lives(struct trace *trace) {
        struct lifetimes lifetimes;

        if (lifetimes_read(trace, &lifetimes) != 0)
                return;
        for (uint32_t i = 0; i < lifetimes.site_count; i++) {
                size_t count;

                if (lifetimes.sites[i].unknown > lifetimes.sites[i].frees)
                        abort();
                lifetimes_classes(&lifetimes, i, &count);
                if (count > MTR_AGE_CLASS_MAX + 1)
                        abort();
        }
        lifetimes_deinit(&lifetimes);
}

/* The heap, the domains of odd numbers, or all. */
static void take(struct trace *trace, bool heap, bool others) {
        bool taken[DOMAINS_MOST] = { heap };

        for (size_t i = 1; i < DOMAINS_MOST; i++)
                taken[i] = others && (heap || i % 2 == 1);
        if (domains_take(trace, taken) != 0)
                abort();
}

static struct replay_site *replay_sites(struct trace *trace) {
        struct replay_site *sites;
        struct replay replay;

        if (replay_init(&replay, trace) != 0)
                abort();
        if (replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING) != 0) {
                replay_deinit(&replay);
                return NULL;
        }
        sites = replay.sites;
        replay.sites = NULL;
        replay_deinit(&replay);
        return sites;
}

/* What is taken of a site is what it is among all, and nothing is of any other. */
static void look_at_domains(struct trace *trace) {
        struct trace_domain_end ends[DOMAINS_MOST];
        struct replay_site *all, *some;
        uint64_t damages;

        take(trace, true, true);
        all = replay_sites(trace);
        damages = trace->reader->damage_count;
        for (int others = 0; all && others < 2; others++) {
                take(trace, !others, others);
                some = replay_sites(trace);
                for (uint32_t i = 0;
                     some && damages == trace->reader->damage_count && i < trace_site_count(trace); i++)
                        if (domains_take_site(trace, i) ? memcmp(&some[i], &all[i], sizeof(*all)) != 0
                                                        : some[i].allocations + some[i].live_blocks > 0)
                                abort();
                free(some);
        }
        free(all);
        if (by_domain_read(trace, ends) != 0)
                return;
        for (size_t i = 0; i < DOMAINS_MOST; i++)
                if (ends[i].live_bytes > ends[i].peak_bytes)
                        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        uint8_t *sealed = seal(data, length);
        int fd = memfd_create("fuzz", MFD_CLOEXEC);
        struct reader *reader;
        struct trace *trace;

        message_silence();
        if (fd < 0 || write(fd, sealed, length) != (ssize_t)length)
                abort();
        free(sealed);
        if (reader_open_fd(fd, "fuzz", &limits, &reader) != 0) {
                close(fd);
                return 0;
        }
        if (trace_load(reader, &trace) != 0)
                return 0;
        forget_modules(trace);
        look(trace);
        look_between(trace);
        look_at_lives(trace);
        page_check(trace);
        history_check(trace);
        if (trace->domains) {
                look_at_domains(trace);
                look(trace);
                look_between(trace);
                look_at_lives(trace);
                page_check(trace);
                history_check(trace);
        }
        trace_free(trace);
        return 0;
}
