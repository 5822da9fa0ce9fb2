/*
 * See check_samples.h. Aborts where there is no memory.
 */
#include "check_samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct symbol_frame frames[] = {
        { .file = "src/main.c",
          .directory = "/build",
          .function = "main",
          .module = "/bin/server",
          .line = 10,
          .has_line = true },
        { .file = "../src/cache.c",
          .directory = "/build/out",
          .function = "cache_put",
          .module = "/bin/server",
          .line = 42,
          .has_line = true },
        { .file = "libc.so.6:strdup+0x1d", .function = "strdup", .module = "/lib/libc.so.6" },
        { .file = "/opt/dep/a b/dep.cpp",
          .function = "dep::Pool<int>::get(unsigned long)",
          .module = "/opt/dep/libdep.so",
          .line = 7,
          .has_line = true },
        { .file = "server+0x2f00", .module = "/bin/server" },
        { .file = "../sysdeps/start.h",
          .directory = "./csu",
          .function = "__libc_start_call_main",
          .module = "/lib/libc.so.6",
          .line = 58,
          .has_line = true },
        { .file = "<unknown>" },
};

enum { MAIN, PUT, STRDUP, DEP, OFFSET, START, UNKNOWN };

static void *need(void *memory) {
        if (!memory)
                abort();
        return memory;
}

static char *copy(const char *text) {
        return need(strdup(text));
}

static struct check_amount bytes_in(uint64_t bytes, uint64_t count) {
        return (struct check_amount){ .has_bytes = true, .has_count = true, .bytes = bytes, .count = count };
}

static struct check_amount bytes(uint64_t bytes) {
        return (struct check_amount){ .has_bytes = true, .bytes = bytes };
}

static struct check_amount counted(uint64_t count) {
        return (struct check_amount){ .has_count = true, .count = count };
}

static struct check *add(struct checks *checks, enum check_kind kind, enum check_verdict verdict,
                         const char *subject, const char *origin, struct check_amount actual,
                         struct check_amount limit) {
        struct check *check = need(checks_add(checks, kind));

        check->verdict = verdict;
        check->subject = copy(subject);
        check->origin = copy(origin);
        check->actual = actual;
        check->limit = limit;
        return check;
}

/* With a stack of the frames of those numbers, the most recent first. */
static struct check_finding *find(struct check *check, const char *place, struct check_amount actual,
                                  const struct symbol_frame *all, const int *stack, size_t depth,
                                  size_t charged) {
        struct check_finding *finding = need(check_add_finding(check));

        finding->place = copy(place);
        finding->actual = actual;
        finding->frames = need(calloc(depth, sizeof(*finding->frames)));
        finding->frame_count = depth;
        finding->charged = charged;
        for (size_t i = 0; i < depth; i++)
                finding->frames[i] = &all[stack[i]];
        finding->frame = finding->frames[charged];
        check->finding_total++;
        return finding;
}

static void add_leaks(struct checks *checks) {
        static const int put[] = { STRDUP, PUT, MAIN }, dep[] = { DEP, MAIN, START },
                         bare[] = { OFFSET, START, UNKNOWN }, within[] = { DEP, OFFSET, MAIN };
        struct check *check = add(checks, CHECK_LEAK, CHECK_FAILED, "", "--max-leak 4K,10",
                                  bytes_in(18432, 20), bytes_in(4096, 10));

        find(check, "../src/cache.c:42", bytes_in(12288, 3), frames, put, 3, 1);
        find(check, "/opt/dep/a b/dep.cpp:7", bytes_in(6000, 1), frames, dep, 3, 0);
        find(check, "server+0x2f00", bytes_in(144, 16), frames, bare, 3, 0);
        find(check, "server+0x2f00", bytes_in(0, 1), frames, within, 3, 1);
        check = add(checks, CHECK_LEAK, CHECK_FAILED, "server (12)", "memtrace.check.json:7",
                    bytes_in(12288, 3), bytes(10240));
        check->each = true;
        check->glob = copy("*/src/cache*");
        find(check, "../src/cache.c:42", bytes_in(12288, 3), frames, put, 3, 1);
}

static void add_changes(struct checks *checks) {
        static const int put[] = { STRDUP, PUT, MAIN }, dep[] = { DEP, MAIN };
        static const uint64_t least[] = { 8192, 4096, 4196, 4296, 4396, 4496,
                                          4596, 4696, 4796, 4896, 4996, 5096 };
        struct check *check =
                add(checks, CHECK_BASELINE, CHECK_FAILED, "", "--max-growth 1K", bytes(8192), bytes(1024));
        struct check_finding *finding;
        struct check_trend *trend;

        check->each = true;
        check->note = copy("better than the baseline: 2 places hold 4096 B less");
        finding = find(check, "../src/cache.c:42", bytes_in(12288, 3), frames, put, 3, 1);
        finding->before = bytes_in(4096, 1);
        find(check, "/opt/dep/a b/dep.cpp:7", bytes_in(6000, 1), frames, dep, 2, 0);
        check = add(checks, CHECK_GROWTH, CHECK_FAILED, "", "--min-slope 16B", bytes(100), bytes(16));
        check->unit = copy("mark request");
        check->place_count = 20;
        finding = find(check, "../src/cache.c:42", bytes(5096), frames, put, 3, 1);
        finding->trend = trend = need(calloc(1, sizeof(*trend)));
        *trend = (struct check_trend){ .slope = 100,
                                       .slope_low = 99.5,
                                       .slope_high = 2048,
                                       .confidence = 0.95,
                                       .p = 0.00012,
                                       .p_adjusted = 0.0024,
                                       .repetitions = 12,
                                       .warm_up = 1,
                                       .blocks = 11,
                                       .block_length = 1 };
        trend->least_bytes = need(malloc(sizeof(least)));
        memcpy(trend->least_bytes, least, sizeof(least));
        finding = find(check, "/opt/dep/a b/dep.cpp:7", bytes(1), frames, dep, 2, 0);
        finding->undecided = true;
        finding->why = copy("4 repetitions hold anything there; 9 are needed");
}

static void add_others(struct checks *checks) {
        struct check *check;

        add(checks, CHECK_PEAK, CHECK_PASSED, "", "--max-peak 64M", bytes_in(12897485, 340), bytes(67108864));
        add(checks, CHECK_TOTAL, CHECK_FAILED, "", "--max-total 10M", bytes_in(10485761, 1), bytes(10485760));
        add(checks, CHECK_PEAK, CHECK_PASSED, "", "memtrace.check.json:3", bytes_in(12897485, 340),
            bytes(134217728))
                ->note = copy("no file or module here matches");
        check = add(checks, CHECK_ALLOCS, CHECK_PASSED, "", "--max-allocs 1000 --each", counted(999),
                    counted(1000));
        check->each = true;
        add(checks, CHECK_TEMPORARY, CHECK_FAILED, "", "--max-temporary 10%",
            (struct check_amount){ .has_count = true, .count = 1234, .has_share = true, .share = 0.1000001 },
            (struct check_amount){ .has_share = true, .share = 0.1 });
        check = add(checks, CHECK_GROWTH, CHECK_UNDECIDED, "worker", "--growth", (struct check_amount){ 0 },
                    bytes(16));
        check->why = copy("5 repetitions after the warm-up; 9 are needed");
}

struct checks check_samples_rich(void) {
        struct checks checks = { 0 };

        add_leaks(&checks);
        add_others(&checks);
        add_changes(&checks);
        checks.traces = need(calloc(1, sizeof(*checks.traces)));
        checks.trace_count = 1;
        checks.traces[0] = copy("run/server.mtr");
        checks.suppressed_bytes = 1234;
        checks.suppressed_blocks = 3;
        checks.suppressions = need(calloc(2, sizeof(*checks.suppressions)));
        checks.suppression_count = 2;
        checks.suppressions[0] =
                (struct check_suppression){ copy("leak:libfoo"), copy("leaks.supp:3"), 1234, 3, true };
        checks.suppressions[1] =
                (struct check_suppression){ copy("{ old }"), copy("leaks.supp:12"), 0, 0, false };
        return checks;
}

struct checks check_samples_passed(void) {
        struct checks checks = { 0 };

        add(&checks, CHECK_LEAK, CHECK_PASSED, "", "--max-leak 0", bytes_in(0, 0), bytes(0));
        return checks;
}

/* What would break out of each format, if anything does. */
#define HOSTILE                                                                                              \
        "a<b>&\"'::error "                                                                                   \
        "file=x%0A,y:z\n::stop]]>\33[31m\x01\x7f\xff\xc0\xef\xbf\xbe\xe2\x80\xae\\u0041`$(x)"

static void add_worst_trend(struct check_finding *finding) {
        struct check_trend *trend = finding->trend = need(calloc(1, sizeof(*trend)));

        *trend = (struct check_trend){ .slope = INFINITY, .slope_low = NAN, .p = 1e-300, .repetitions = 2 };
        trend->least_bytes = need(calloc(2, sizeof(*trend->least_bytes)));
        trend->least_bytes[1] = UINT64_MAX;
}

struct checks check_samples_hostile(void) {
        static const struct symbol_frame bad[] = {
                { .file = HOSTILE,
                  .directory = HOSTILE,
                  .function = HOSTILE,
                  .module = HOSTILE,
                  .line = 1,
                  .has_line = true },
                { .file = "/" HOSTILE, .function = HOSTILE, .line = UINT32_MAX, .has_line = true },
                { .file = "", .function = "", .module = "", .line = 0, .has_line = true },
        };
        static const int stack[] = { 0, 1, 2 }, empty[] = { 2 };
        static struct domain_glob globs[] = { { .glob = HOSTILE }, { .glob = HOSTILE } };
        static const struct domain_choice domains = { .globs = globs, .count = 2 };
        struct check_finding *finding;
        struct checks checks = { .domains = &domains };

        for (int kind = 0; kind < CHECK_KINDS; kind++)
                for (int verdict = CHECK_PASSED; verdict <= CHECK_UNDECIDED; verdict++) {
                        struct check *check =
                                add(&checks, (enum check_kind)kind, (enum check_verdict)verdict, HOSTILE,
                                    HOSTILE, bytes_in(UINT64_MAX, UINT64_MAX), bytes_in(UINT64_MAX - 1, 0));

                        check->glob = copy(HOSTILE);
                        check->why = copy(HOSTILE);
                        check->note = copy(HOSTILE);
                        check->unit = copy(HOSTILE);
                        check->each = verdict % 2;
                        finding = find(check, HOSTILE, bytes_in(UINT64_MAX, UINT64_MAX), bad, stack, 3, 0);
                        finding->domain = HOSTILE;
                        if (kind == CHECK_GROWTH)
                                add_worst_trend(finding);
                        find(check, "", bytes_in(0, 0), bad, empty, 1, 0)->undecided = true;
                }
        checks.traces = need(calloc(1, sizeof(*checks.traces)));
        checks.trace_count = 1;
        checks.traces[0] = copy(HOSTILE);
        checks.suppressions = need(calloc(1, sizeof(*checks.suppressions)));
        checks.suppression_count = 1;
        checks.suppressions[0] = (struct check_suppression){ copy(HOSTILE), copy(HOSTILE), 0, 0, false };
        return checks;
}

struct checks check_samples_many(size_t count) {
        static const int put[] = { STRDUP, PUT, MAIN };
        struct checks checks = { 0 };

        for (int kind = CHECK_LEAK; kind <= CHECK_PEAK; kind++) {
                struct check *check = add(&checks, (enum check_kind)kind, CHECK_FAILED, "",
                                          kind ? "--max-peak 0" : "--max-leak 0", bytes(count), bytes(0));

                check->each = true;
                for (size_t i = 0; i < count; i++) {
                        char place[40];

                        snprintf(place, sizeof(place), "src/%zu.c:1", i);
                        find(check, place, bytes(count - i), frames, put, 3, 1);
                }
        }
        return checks;
}
