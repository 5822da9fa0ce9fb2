/*
 * The trace file as blocks: opens it, finds every block whose header and payload agree with
 * their checksums, and hands out payloads. Knows nothing of what stands in a payload.
 *
 * Nothing in the file is trusted: lengths are capped, what a checksum does not vouch for is
 * skipped by looking for the next block, and what was lost on the way is listed. One budget
 * bounds all decompression. The file may still grow: what was there at opening is read.
 *
 * Where a zstd frame reaches over several blocks, a block that cannot be had takes those with it
 * that go on with its frame. Payloads in file order are each decompressed once; one that stands
 * further back costs its frame once more, up to MTR_FRAME_RAW_MAX.
 *
 * Must not: keep more than one payload and one frame's window, map the file (a file that shrinks would raise
 * SIGBUS), or print anything but a fatal error.
 */
#ifndef ANALYZER_READER_READER_H
#define ANALYZER_READER_READER_H

#include <memtrace/format.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For the direct caller, who alone knows what to say. */
enum reader_error {
        READER_E_EMPTY = 1,   /* no bytes at all */
        READER_E_NOT_A_TRACE, /* other bytes than a trace begins with */
        READER_E_VERSION,     /* a trace, of a version this reader does not know */
        READER_E_HEADER,      /* a trace whose first bytes are damaged or cut */
        READER_E_BLOCK,       /* the asked payload cannot be had; listed as damage */
        READER_E_BUDGET,      /* the decompression budget is spent */
};

enum reader_damage_reason {
        READER_DAMAGE_CUT,     /* the file ends inside a block */
        READER_DAMAGE_HEADER,  /* bytes that are no block */
        READER_DAMAGE_PAYLOAD, /* a payload that does not match its checksum */
        READER_DAMAGE_MISSING, /* a gap in the blocks' numbers */
        READER_DAMAGE_CONTENT, /* checksums hold, what they cover makes no sense */
        READER_DAMAGE_FRAME,   /* whole, but it continues the frame of a block that is lost */
        READER_DAMAGE_COUNT
};

struct reader_damage {
        enum reader_damage_reason reason;
        uint64_t offset_bytes; /* where in the file */
        uint64_t length_bytes; /* how much of it */
        uint32_t sequence;     /* the block, where known */
        uint32_t more_blocks;  /* READER_DAMAGE_FRAME: so many after it are lost in the same way */
        char detail[64];       /* what exactly, for READER_DAMAGE_CONTENT */
};

struct reader_block {
        uint64_t offset_bytes; /* of the payload */
        struct mtr_block_header header;
        size_t frame_first; /* index of the block that its zstd frame begins in */
        bool whole;         /* checksums agree and nothing odd was met inside */
        bool after_loss;    /* blocks between this and the one before are gone or spoilt */
};

struct reader_limits {
        uint64_t raw_bytes;        /* all payloads ever decompressed, each as often as it was */
        uint64_t definition_bytes; /* memory for what the trace defines */
};

struct reader {
        int fd;
        char *name;
        struct reader_limits limits;
        uint64_t file_bytes;
        struct mtr_file_header header;
        bool running; /* the traced program still runs: the file's end is not its end */

        struct reader_block *blocks; /* those with a sound header, in file order */
        size_t block_count, block_capacity;

        struct reader_damage *damages; /* the first READER_DAMAGE_LISTED */
        size_t damage_listed, damage_capacity;
        uint64_t damage_count;

        /* private: the one payload held */
        uint8_t *stored, *raw;
        size_t stored_capacity, raw_capacity;
        uint64_t raw_spent_bytes;
        void *decompressor;
        size_t unpacked_end; /* index after the block that the decompressor last unpacked; 0: none */
        bool frame_ended;    /* with that block */
};

#define READER_DAMAGE_LISTED 100

/* 0; a negative errno already reported; or a READER_E_*. Waits for a dead program's collector. */
int reader_open(const char *path, struct reader **out);

/* The same on an open file, which stays the caller's until this succeeds. NULL limits: the defaults. */
int reader_open_fd(int fd, const char *name, const struct reader_limits *limits, struct reader **out);

void reader_free(struct reader *reader);

/*
 * The payload of blocks[index], valid until the next call. 0, READER_E_BLOCK (not whole, or now
 * found not to be), READER_E_BUDGET, or a negative errno already reported.
 */
int reader_payload(struct reader *reader, size_t index, const uint8_t **data, size_t *length_bytes);

/* What a caller found wrong inside a payload: the block counts as damaged from here on. */
void reader_spoil(struct reader *reader, size_t index, const char *detail);

/* blocks[index] goes on with a block that cannot be had; for the reader's own files, like what follows. */
void reader_lose(struct reader *reader, size_t index);

/* Adds to the list. */
void reader_note_damage(struct reader *reader, const struct reader_damage *damage);

/* "cannot be read: ..." for a READER_E_*. */
const char *reader_error_text(int error);

const char *reader_damage_text(enum reader_damage_reason reason);

/* Finds the blocks: see scan.c. For reader_open_fd alone. */
int reader_scan(struct reader *reader);

/* Reads exactly that much, or says -EIO without a report where the file is shorter. */
int reader_read_at(struct reader *reader, void *into, size_t length_bytes, uint64_t offset_bytes);

/* A payload of this block into reader->stored. 0 or negative errno. */
int reader_read_stored(struct reader *reader, const struct reader_block *block);

#endif
