/*
 * What the reader of heaptrack's files knows so far. For import/from_heaptrack*.c alone.
 */
#ifndef ANALYZER_IMPORT_FROM_HEAPTRACK_PARTS_H
#define ANALYZER_IMPORT_FROM_HEAPTRACK_PARTS_H

#include "base/intern.h"
#include "import/from_heaptrack.h"
#include "import/sites.h"

#define FROM_HEAPTRACK_TEXT_BYTES (MTR_NAME_MAX / 2) /* what is longer is cut, so that two make a name */

/* A numbered list; all zero: empty. */
struct from_heaptrack_list {
        uint32_t *items;
        size_t count, capacity;
};

/* A file as it is mapped. */
struct from_heaptrack_module {
        uint64_t start, end;
        uint32_t number; /* in the trace */
};

struct from_heaptrack {
        struct input *input;
        struct writer *writer;
        uint64_t version;
        char *exe, *command, *tool;
        uint64_t page_bytes;
        uint64_t foreign_frees;

        struct from_heaptrack_list depths; /* by stack - 1: how many frames it has */
        struct sites sites;

        /* interpreted */
        struct intern texts;
        struct from_heaptrack_list strings, string_modules; /* text; module + 1, or 0: none yet */
        uint32_t frame_count;                               /* by number - 1 they are the trace's frames */
        struct from_heaptrack_list infos;                   /* the site */
        uint32_t last_info;                                 /* of the event before, if it was an allocation */

        /* with addresses */
        bool raw;
        struct from_heaptrack_module *modules;
        size_t module_count, module_capacity;
        struct map frames; /* by address */
        struct map blocks; /* by address: the site, or none */
        uint64_t last_address;
};

int from_heaptrack_add(struct from_heaptrack *heaptrack, struct from_heaptrack_list *list, uint32_t item);

/* A stack of the next number. */
int from_heaptrack_stack(struct from_heaptrack *heaptrack, uint32_t frame, uint64_t parent);

int from_heaptrack_allocated(struct from_heaptrack *heaptrack, uint32_t site);
int from_heaptrack_released(struct from_heaptrack *heaptrack, uint32_t site, bool temporary);

/* heaptrack_raw.c: lines whose numbers are addresses. 0 or a negative errno already reported. */
int from_heaptrack_raw_module(struct from_heaptrack *heaptrack, const char *at);
int from_heaptrack_raw_stack(struct from_heaptrack *heaptrack, const char *at);
int from_heaptrack_raw_allocation(struct from_heaptrack *heaptrack, const char *at);
int from_heaptrack_raw_free(struct from_heaptrack *heaptrack, const char *at);
void from_heaptrack_raw_deinit(struct from_heaptrack *heaptrack);

/* heaptrack_names.c: strings, and frames with what they are called. */
int from_heaptrack_string(struct from_heaptrack *heaptrack, const char *at);
int from_heaptrack_frame(struct from_heaptrack *heaptrack, const char *at);
void from_heaptrack_names_deinit(struct from_heaptrack *heaptrack);

#endif
