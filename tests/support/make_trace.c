/*
 * make_trace SCENARIO FILE [N]: writes one of the traces that the command tests read. Nothing in
 * them depends on the machine: their modules name files that do not exist.
 *
 * pool:SCENARIO is the same in a domain of that name, among events of the heap: what is told of the domain
 * must be what is told of the heap of heap:SCENARIO, which defines the same and has no such events.
 */
#include "make_shapes.h"
#include "make_story.h"
#include "make_threads.h"
#include "trace_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u

struct names {
        uint32_t app, libc;
        uint32_t parse, load, main_frame;
};

/* A program of two modules with three stacks: main, main>load, main>load>parse>libc. */
static struct names begin(struct tb *tb, uint32_t stacks[3]) {
        static const uint8_t build_id[20] = "an absent build id!";
        struct names names;

        tb_process(tb, "/nonexistent/bin/app", "app\1--input\1two words");
        names.app = tb_module(tb, 0x400000, 0x500000, 0, build_id, sizeof(build_id), "/nonexistent/bin/app");
        names.libc = tb_module(tb, 0x7f0000000000, 0x7f0000200000, 0x7f0000000000, NULL, 0,
                               "/nonexistent/lib/libc.so.6");
        tb_thread(tb, 1234, "app");
        names.main_frame = tb_frame(tb, names.app, 0x1010, false);
        names.load = tb_frame(tb, names.app, 0x2020, false);
        names.parse = tb_frame(tb, names.app, 0x3030, false);
        stacks[0] = tb_stack(tb, 0, names.main_frame);
        stacks[1] = tb_stack(tb, stacks[0], names.load);
        stacks[2] =
                tb_stack(tb, tb_stack(tb, stacks[1], names.parse), tb_frame(tb, names.libc, 0x5050, false));
        return names;
}

/*
 * Known figures: peak 1000*10 + 24*100 + 4096 = 16496 B after 5 ms in block 0, with every block
 * held; block 1 frees 90 of the 24s and the 4096; leaked 10000 + 240 in 20 blocks.
 */
static void small(struct tb *tb) {
        uint32_t stacks[3], tens, twentyfours, page;

        begin(tb, stacks);
        tens = tb_site(tb, stacks[0], 1000, MTR_KIND_MALLOC);
        twentyfours = tb_site(tb, stacks[2], 24, MTR_KIND_MALLOC);
        page = tb_site(tb, stacks[1], 4096, MTR_KIND_CALLOC);
        for (int i = 0; i < 10; i++)
                tb_alloc(tb, tens);
        tb_at(tb, 2 * MS + 5);
        for (int i = 0; i < 100; i++)
                tb_alloc(tb, twentyfours);
        tb_at(tb, 5 * MS);
        tb_alloc(tb, page);
        tb_rss(tb, 2048);
        tb_block(tb);
        tb_at(tb, 9 * MS);
        tb_release(tb, page, true);
        tb_block(tb);
        tb_checkpoint(tb);
        for (int i = 0; i < 90; i++)
                tb_release(tb, twentyfours, false);
        tb_at(tb, 12 * MS);
        tb_rss(tb, 4096);
        if (tb->domain > 0)
                tb->domains[tb->domain].foreign_frees = 3;
        else
                tb->end.foreign_frees = 3;
}

/* Moments named: before anything, among events, twice, between blocks, and as hostile as a name may be. */
static void marks(struct tb *tb) {
        uint32_t stacks[3], one, two;

        begin(tb, stacks);
        one = tb_site(tb, stacks[0], 1000, MTR_KIND_MALLOC);
        two = tb_site(tb, stacks[1], 10, MTR_KIND_MALLOC);
        tb_mark(tb, MTR_MARK, "begun");
        tb_alloc(tb, one);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, two);
        tb_mark(tb, MTR_MARK, "phase");
        tb_alloc(tb, two);
        tb_at(tb, 3 * MS + 7);
        tb_mark(tb, MTR_SNAPSHOT, "kept");
        tb_block(tb);
        tb_mark(tb, MTR_MARK, "phase");
        tb_checkpoint(tb);
        tb_at(tb, 4 * MS);
        tb_release(tb, one, false);
        tb_alloc(tb, two);
        tb_mark(tb, MTR_MARK, "\33[31mred\n");
        tb_mark(tb, MTR_MARK, "peak");
        tb_at(tb, 6 * MS);
        tb_release(tb, two, false);
        tb_mark(tb, MTR_MARK, "phase#2");
}

/* Ten blocks in frames of 4, 1, 2 and 3; each defines a site of its own, every second has a checkpoint. */
static void frames(struct tb *tb) {
        static const uint32_t frame_blocks[10] = { 4, 4, 4, 4, 1, 2, 2, 3, 3, 3 };
        uint32_t stacks[3], module = begin(tb, stacks).app;

        for (uint32_t i = 0; i < 10; i++) {
                uint32_t frame, site;

                if (i > 0)
                        tb_block(tb);
                tb->frame_blocks = frame_blocks[i];
                if (i % 2 == 1)
                        tb_checkpoint(tb);
                frame = tb_frame(tb, module, 0x4000 + 8 * i, false);
                site = tb_site(tb, tb_stack(tb, stacks[i % 3], frame), 100 + i, MTR_KIND_MALLOC);
                tb_at(tb, (i + 1) * MS);
                for (int k = 0; k < 20; k++)
                        tb_alloc(tb, site);
                for (int k = 0; k < 5; k++)
                        tb_release(tb, site, k % 2);
        }
}

/* Stacks in which frames occur again, and places of one size: 2, 3 and 4 calls of sizes from 16 to 4096. */
static void recursive(struct tb *tb) {
        uint32_t stacks[3], walk, visit, last;
        struct names names = begin(tb, stacks);

        walk = tb_frame(tb, names.app, 0x6010, false);
        visit = tb_frame(tb, names.app, 0x6020, false);
        last = stacks[0];
        for (uint32_t depth = 0; depth < 5; depth++) {
                uint32_t end, site;

                last = tb_stack(tb, tb_stack(tb, last, walk), depth % 2 ? visit : walk);
                end = tb_stack(tb, last, names.parse);
                site = tb_site(tb, end, 16u << depth * 2, MTR_KIND_MALLOC);
                for (uint32_t i = 0; i < 2 + depth % 3; i++)
                        tb_alloc(tb, site);
                tb_release(tb, site, depth % 2);
                tb_alloc(tb, tb_site(tb, last, 100, MTR_KIND_CALLOC));
                tb_alloc(tb, tb_site(tb, end, 0, MTR_KIND_MALLOC));
        }
        /* they compare by where they part, not by how they end */
        tb_alloc(tb, tb_site(tb, tb_stack(tb, tb_stack(tb, stacks[0], walk), visit), 100, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, tb_stack(tb, tb_stack(tb, stacks[0], visit), walk), 100, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, stacks[1], 100, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, stacks[2], 100, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, 0, 100, MTR_KIND_MALLOC));
}

static void story(struct tb *tb) {
        uint32_t stacks[3];

        begin(tb, stacks);
        make_story(tb, stacks);
}

/* begin, and what tells of threads and lives, by `make`. */
static void with_threads(struct tb *tb, void (*make)(struct tb *tb, const uint32_t stacks[3])) {
        uint32_t stacks[3];

        tb->process_flags = MTR_PROCESS_OWNERS;
        begin(tb, stacks);
        make(tb, stacks);
}

/* A block of each row that a histogram can have up to 16 KiB. */
static void sizes(struct tb *tb, const uint32_t stacks[3]) {
        tb_mark(tb, MTR_MARK, "a/\xc3\xa9");
        tb_alloc(tb, tb_site(tb, stacks[1], 0, MTR_KIND_MALLOC));
        for (uint32_t size_bytes = 1; size_bytes <= 8192; size_bytes *= 2)
                tb_alloc(tb, tb_site(tb, stacks[0], size_bytes, MTR_KIND_MALLOC));
}

static void hostile(struct tb *tb) {
        uint32_t module, site;

        tb_process(tb, "/tmp/\33[31mred\n", "evil\1\33]0;title\7\1</script>\1\xff\xfe");
        module =
                tb_module(tb, 0x1000, 0x2000, 0x1000, NULL, 0, "/nonexistent/\33[2Jlib\r\nfake: size=1 B.so");
        site = tb_site(tb, tb_stack(tb, 0, tb_frame(tb, module, 0x10, false)), 8, MTR_KIND_MALLOC);
        tb_alloc(tb, site);
        tb_unseen(tb, "half\33[7m of it\n");
}

/* Names that take more or fewer columns than bytes, and do not fit on a line. */
static void wide(struct tb *tb) {
        static const char *const paths[] = {
                "/nonexistent/lib/a-name-of-only-ascii-which-goes-on-and-on-and-on-and-on.so",
                "/nonexistent/lib/e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301 with accents "
                "e\u0301e\u0301e\u0301e\u0301.so",
                "/nonexistent/lib/"
                "\u6f22\u5b57\u304b\u306a\u6f22\u5b57\u304b\u306a\u6f22\u5b57\u304b\u306a.so",
                "/nonexistent/lib/\33[31mred\33[0m \xff\xfe\xff\xfe\xff\xfe of bytes.so",
        };

        tb_process(tb, "/nonexistent/bin/wide", "wide\1--of\1a long row of words that goes on and on and on");
        for (uint32_t i = 0; i < 4; i++) {
                uint32_t low = 0x1000 * (i + 1);
                uint32_t module = tb_module(tb, low, low + 0x1000, low, NULL, 0, paths[i]);

                tb_alloc(tb, tb_site(tb, tb_stack(tb, 0, tb_frame(tb, module, 0x10, false)), 8u << i,
                                     MTR_KIND_MALLOC));
        }
}

/* `count` events over sites of many stacks, in blocks as a collector would write them. */
static void large(struct tb *tb, unsigned long count) {
        uint32_t stacks[3], sites[4096], module;
        uint64_t random = 88172645463325252u;

        module = begin(tb, stacks).app;
        for (int i = 0; i < 4096; i++)
                sites[i] = tb_site(
                        tb,
                        tb_stack(tb, stacks[i % 2], tb_frame(tb, module, 0x4000u + 8u * (unsigned)i, false)),
                        16u + (unsigned)i % 500, MTR_KIND_MALLOC);
        for (unsigned long i = 0; i < count; i++) {
                uint32_t site;

                random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                site = sites[random % 64 < 56 ? random / 64 % 128 : random / 64 % 4096];
                tb_at(tb, i * 100);
                if (tb->site_books[site].live == 0 || random >> 60 < 8)
                        tb_alloc(tb, site);
                else
                        tb_release(tb, site, random >> 60 > 12);
                if (i % (1u << 19) == (1u << 19) - 1) {
                        tb_block(tb);
                        tb_checkpoint(tb);
                }
        }
}

static void finish(struct tb *tb, const char *path) {
        tb_write(tb, path);
        tb_free(tb);
}

int main(int argc, char **argv) {
        const char *scenario = argc > 2 ? argv[1] : "";
        struct tb *tb = tb_new(1234, strcmp(scenario, "small-stored") == 0 ? MTR_STORED : MTR_ZSTD);

        if (strncmp(scenario, "pool:", 5) == 0 || strncmp(scenario, "heap:", 5) == 0) {
                tb->domain = *scenario == 'p' ? 3 : 0;
                tb->noise = true;
                if (tb->domain > 0)
                        tb_domain(tb, tb->domain, "pool");
                scenario += 5;
        }
        tb->numbering = strcmp(scenario, "no-numbering") != 0;
        tb->frame_blocks = strcmp(scenario, "small-frame") == 0 ? MTR_FRAME_BLOCKS_MAX : 0;
        if (strncmp(scenario, "small", 5) == 0) {
                small(tb);
                tb_end(tb, MTR_END_EXITED, 7);
        } else if (strcmp(scenario, "frames") == 0) {
                frames(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "marks") == 0) {
                marks(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "story") == 0) {
                story(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "no-numbering") == 0) {
                small(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "killed") == 0) {
                small(tb);
                tb_end(tb, MTR_END_SIGNALED, 9);
        } else if (strcmp(scenario, "no-end") == 0) {
                small(tb);
                tb_block(tb);
        } else if (strcmp(scenario, "lossy") == 0) {
                small(tb);
                tb_loss(tb, 17, MTR_LOSS_OVERFLOW);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "wrong-end") == 0) {
                small(tb);
                tb->end.allocations++;
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "wrong-domain") == 0) {
                small(tb);
                tb->domains[tb->domain].allocations++;
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "wrong-peak") == 0) {
                small(tb);
                tb->header.peak_bytes++;
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "wrong-count") == 0) {
                small(tb);
                tb->header.events_before++;
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "below-zero") == 0) {
                small(tb);
                tb_event_raw(tb, 2 << 2 | MTR_FREE);
                tb->header.event_count++;
                tb->end.frees++;
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "empty") == 0) {
                tb_process(tb, "/nonexistent/bin/app", "");
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "unseen") == 0) {
                small(tb);
                tb_unseen(tb, "app brings its own malloc");
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "recursive") == 0) {
                recursive(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "hostile") == 0) {
                hostile(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "wide") == 0) {
                wide(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "sizes") == 0) {
                with_threads(tb, sizes);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "threads") == 0) {
                with_threads(tb, make_threads);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "threads-walk") == 0) {
                with_threads(tb, make_threads_walk);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "threads-cut") == 0) {
                with_threads(tb, make_threads);
        } else if (strcmp(scenario, "threads-short") == 0) {
                with_threads(tb, make_threads);
                tb_release(tb, 2, true); /* of which no lives tell */
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "threads-unsure") == 0) {
                with_threads(tb, make_threads);
                tb_owner(tb, UINT32_MAX); /* the worker's or the nameless one's */
                tb_release(tb, 1, false);
                tb_lives(tb, 2, MTR_DISTANCE_UNKNOWN, 0, 1, 0);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "threads-stranger") == 0) {
                with_threads(tb, make_threads);
                tb_owner(tb, 0);
                tb_release(tb, 2, false);
                tb_lives(tb, 2, MTR_DISTANCE_OTHER, 0, 1, 0);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "threads-long") == 0) {
                with_threads(tb, make_threads);
                tb_lives(tb, 2, 3, 5, 3, 15);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "markup") == 0) {
                make_shapes_markup(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "deep") == 0) {
                make_shapes_deep(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "scopes") == 0) {
                make_shapes_scopes(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "temporaries") == 0) {
                make_shapes_temporaries(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "vast") == 0) {
                make_shapes_vast(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "instant") == 0) {
                make_shapes_instant(tb);
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "places") == 0 && argc == 4) {
                make_shapes_places(tb, strtoul(argv[3], NULL, 10));
                tb_end(tb, MTR_END_EXITED, 0);
        } else if (strcmp(scenario, "large") == 0 && argc == 4) {
                large(tb, strtoul(argv[3], NULL, 10));
                tb_end(tb, MTR_END_EXITED, 0);
        } else {
                fprintf(stderr, "make_trace: SCENARIO FILE [N]\n");
                tb_free(tb);
                return 2;
        }
        finish(tb, argv[2]);
        return 0;
}
