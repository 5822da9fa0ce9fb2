/*
 * Patterns for frames, each kept once, and which of them a frame matches, asked once for each name: stacks
 * share most of their frames, and frames most of their names.
 *
 * Must not: know stacks.
 */
#ifndef ANALYZER_JUDGE_MATCHERS_H
#define ANALYZER_JUDGE_MATCHERS_H

#include "base/intern.h"
#include "base/map.h"
#include "symbols/symbols.h"

enum matcher_of {
        MATCHER_ANY,      /* a sanitizer's pattern: function, source file or module */
        MATCHER_FUNCTION, /* Valgrind's, from here on */
        MATCHER_OBJECT,
        MATCHER_SOURCE,
};

struct matcher {
        enum matcher_of of;
        uint32_t line; /* MATCHER_SOURCE; 0: any */
        /* as given; as memtrace's names have it; and, of a mangled name, what the debug information has of a
         * function that no other file can call: its own name alone, or NULL; heap */
        char *texts[3];
        bool literal[2];
};

/* Numbers of matchers, ascending. */
struct matched {
        uint32_t *numbers; /* heap */
        size_t count;
};

/* What is asked of a name. */
enum matchers_role {
        MATCHERS_FUNCTION,
        MATCHERS_INLINED,
        MATCHERS_LINKAGE,
        MATCHERS_FILE,
        MATCHERS_MODULE,
        MATCHERS_ROLES
};

struct matchers_names {
        struct intern texts;
        struct matched *matched; /* by text */
        size_t count, capacity;
};

struct matchers {
        struct matcher *items;
        size_t count, capacity;
        /* private */
        struct intern keys; /* of the items, with the same numbers */
        struct matchers_names names[MATCHERS_ROLES];
        struct map by_frame;
        struct matched *frames;
        size_t frame_count, frames_capacity;
};

void matchers_deinit(struct matchers *matchers);

/* The number of this pattern, new or known; `pattern` is not empty. 0 or -ENOMEM. */
int matchers_add(struct matchers *matchers, enum matcher_of of, const char *pattern, uint32_t line,
                 uint32_t *number);

/*
 * Which match a frame. It is known again by its address, and has to stay as it is for as long as it is asked
 * for. What is given is the matchers' own. 0 or -ENOMEM.
 */
int matchers_frame(struct matchers *matchers, const struct symbol_frame *frame, struct matched *matched);

bool matched_has(const struct matched *matched, uint32_t number);

#endif
