/*
 * See check_kinds.h. Plain functions, no state.
 */
#include "render/check_kinds.h"

#include <stdbool.h>
#include <string.h>

#define TRACE "TRACE" /* in advice */

const struct check_kinds_kind check_kinds[CHECK_KINDS] = {
        [CHECK_LEAK] = { "MT001",
                         "MemoryLeaked",
                         "leak",
                         "More memory was held at the end than the limit allows.",
                         "Bytes and blocks that were allocated and never freed by the end of the run, "
                         "without "
                         "those that suppressions name, beside the limit.",
                         { { "Nothing in this run freed these blocks. All stacks",
                             "memtrace report TRACE --cost leaked --by traceback" },
                           { "Meant to live as long as the program? This prints suppressions",
                             "memtrace check --suggest" } } },
        [CHECK_PEAK] = { "MT002",
                         "PeakExceeded",
                         "peak",
                         "More memory was held at one time than the limit allows.",
                         "The most bytes that were held at one time in the run, beside the limit.",
                         { { "Who held it then", "memtrace report TRACE@peak --by traceback" },
                           { "When that was", "memtrace plot TRACE -o plot.svg" } } },
        [CHECK_TOTAL] = { "MT003",
                          "TotalExceeded",
                          "total",
                          "More memory was allocated in all than the limit allows.",
                          "All bytes that were ever allocated in the run, freed or not, beside the limit.",
                          { { "Who allocated it", "memtrace report TRACE --cost total --by traceback" } } },
        [CHECK_ALLOCS] = { "MT004",
                           "AllocationsExceeded",
                           "allocations",
                           "There were more allocations than the limit allows.",
                           "The number of all calls in the run that returned a block, beside the limit.",
                           { { "Who called", "memtrace report TRACE --cost count --by traceback" } } },
        [CHECK_TEMPORARY] = { "MT005",
                              "TemporaryExceeded",
                              "temporary allocations",
                              "There were more temporary allocations than the limit allows.",
                              "The number of blocks that were freed before the same thread allocated again, "
                              "or "
                              "their share of all allocations, beside the limit.",
                              { { "Who called", "memtrace report TRACE --cost temporary --by traceback" },
                                { "How long blocks lived", "memtrace lifetimes TRACE" } } },
        [CHECK_BASELINE] = { "MT006",
                             "GrownSinceBaseline",
                             "growth since the baseline",
                             "More memory is held than in the baseline, by more than the limit allows.",
                             "What each place holds, beside what it held in the baseline.",
                             { { "Every stack now", "memtrace report TRACE --cost leaked --by traceback" },
                               { "Meant to grow? This takes the run as the new baseline",
                                 "memtrace check --update-baseline" } } },
        [CHECK_GROWTH] = { "MT007",
                           "GrowsSteadily",
                           "steady growth",
                           "Memory grows with each repetition of the program's work.",
                           "What each place never fell below within each repetition, over the repetitions "
                           "after "
                           "the warm-up: Theil and Sen's slope, and Mann and Kendall's test for a trend.",
                           { { "Each repetition leaves something behind. All stacks",
                               "memtrace growth TRACE --by traceback" },
                             { "Over time", "memtrace plot TRACE --slope -o plot.svg" } } },
};

/* What a shell takes as one word and nothing else. */
static bool is_plain_word(const char *word) {
        return *word && *word != '-' &&
               word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-")] ==
                       '\0';
}

const char *check_kinds_trace(const struct checks *checks) {
        return checks->trace_count == 1 && is_plain_word(checks->traces[0]) ? checks->traces[0] : TRACE;
}

void check_kinds_advice(const struct check_kinds_kind *kind, const char *trace, bool markdown, FILE *stream) {
        const char *quote = markdown ? "`" : "";

        for (size_t i = 0; i < sizeof(kind->advice) / sizeof(*kind->advice) && kind->advice[i].words; i++) {
                const char *command = kind->advice[i].command, *at = strstr(command, TRACE);

                fprintf(stream, "%s%s: %s", i > 0 && markdown ? "\n" : "", kind->advice[i].words, quote);
                if (at) {
                        fprintf(stream, "%.*s%s", (int)(at - command), command, trace);
                        command = at + strlen(TRACE);
                }
                fprintf(stream, "%s%s\n", command, quote);
        }
}
