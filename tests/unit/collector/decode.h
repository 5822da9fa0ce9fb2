/*
 * Parts of the decoder of traces (see stage.h): what reads bytes, and the records of lives and owners. It
 * shares no code with the analyzer.
 */
#ifndef MEMTRACE_TESTS_COLLECTOR_DECODE_H
#define MEMTRACE_TESTS_COLLECTOR_DECODE_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "stage.h"

struct reader {
        const uint8_t *at, *end;
};

static inline uint64_t varint(struct reader *reader) {
        uint64_t value = 0;

        for (unsigned shift = 0;; shift += 7) {
                cr_assert_lt(reader->at, reader->end, "a varint runs over its record");
                cr_assert_lt(shift, 64);
                value |= (uint64_t)(*reader->at & 0x7f) << shift;
                if (!(*reader->at++ & 0x80))
                        return value;
        }
}

static inline int64_t svarint(struct reader *reader) {
        uint64_t value = varint(reader);

        return (int64_t)(value >> 1 ^ -(value & 1));
}

static inline void *more(void *array, uint32_t count, uint64_t extra, size_t size) {
        void *grown = realloc(array, (count + extra + 1) * size);

        cr_assert_not_null(grown);
        memset((char *)grown + count * size, 0, (extra + 1) * size);
        return grown;
}

/* One record each, into `seen`; that of owners belongs to the events read last. */
void decode_owners(struct seen *seen, struct reader *reader, const struct mtr_block_header *header);
void decode_lives(struct seen *seen, struct reader *reader);

/* A name of 1 to MTR_MARK_NAME_MAX bytes. */
void decode_name(struct reader *reader, char name[MTR_MARK_NAME_MAX + 1]);

/* One record of a moment or scope, and one of threads' names. */
void decode_mark(struct seen *seen, struct reader *reader, const struct mtr_block_header *header,
                 uint32_t type);
void decode_thread_names(struct seen *seen, struct reader *reader);

/* The domain whose site it is, 0: the heap; one of its events; and the blocks of all that are live. */
uint32_t decode_domain_of(const struct seen *seen, uint64_t site);
void decode_domain_event(struct seen *seen, uint32_t domain, enum mtr_event event, uint64_t size);
uint64_t decode_domains_blocks(const struct seen *seen);

/* One record of domains' names, and one of their ends. */
void decode_domains(struct seen *seen, struct reader *reader);
void decode_domain_ends(struct seen *seen, struct reader *reader);

/* Assert that each domain with a site has a name. */
void decode_domains_named(const struct seen *seen);

/* Assert of a whole trace that each domain's end tells what its events do. */
void decode_domains_add_up(const struct seen *seen);

/* Assert of a whole trace that each thread's blocks by site, as owners tell them, never come to less than
 * none, and that lives tell of all frees, and of all the time that the blocks of a site lived. */
void decode_lives_add_up(const struct seen *seen);

#endif
