/*
 * Whose chunk is whose, and how many there are. The session says so itself, but a traced process can scribble
 * on it, and a chunk must neither be read through two rings nor be given back while another process has it.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_CHUNKS_H
#define MEMTRACE_COLLECTOR_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/session.h"

struct chunks {
        struct session *session;
        uint32_t count; /* of the session's chunks, as it was before anybody could scribble on it */
        uint16_t owner[CHUNK_COUNT_MAX]; /* process slot + 1; 0: none that we know of */
};
_Static_assert(SESSION_PROCESSES < UINT16_MAX, "slots + 1 fit");

static inline void chunks_init(struct chunks *chunks, struct session *session) {
        chunks->session = session;
        chunks->count = session->chunk_count < CHUNK_COUNT_MAX ? session->chunk_count : CHUNK_COUNT_MAX;
}

static inline bool chunks_has(const struct chunks *chunks, uint32_t chunk) {
        return chunk != CHUNK_NONE && chunk < chunks->count;
}

/* The chunk is this slot's from now on. False: it is no chunk, or somebody's already. */
static inline bool chunks_claim(struct chunks *chunks, uint32_t chunk, uint32_t slot) {
        if (!chunks_has(chunks, chunk) || chunks->owner[chunk] != 0)
                return false;
        chunks->owner[chunk] = (uint16_t)(slot + 1);
        return true;
}

static inline bool chunks_owns(const struct chunks *chunks, uint32_t chunk, uint32_t slot) {
        return chunks_has(chunks, chunk) && chunks->owner[chunk] == slot + 1;
}

/* Give back all that is this slot's. */
static inline void chunks_give(struct chunks *chunks, uint32_t slot) {
        for (uint32_t chunk = 1; chunk < chunks->count; chunk++) {
                if (chunks->owner[chunk] == slot + 1) {
                        chunks->owner[chunk] = 0;
                        session_chunk_give(chunks->session, chunk);
                }
        }
}

#endif
