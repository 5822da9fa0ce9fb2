/*
 * The trace file: every byte of it, shared by the collector (which writes) and the
 * analyzer (which reads). docs/format.md tells the same in prose; a second reader can be
 * written from either.
 *
 * A trace is a file header followed by blocks, append-only. A block is a fixed header and a
 * payload (usually compressed by zstd). The payload is a sequence of records, each a
 * struct mtr_record and `length` bytes. All integers are little-endian and unaligned inside
 * payloads; "varint" is unsigned LEB128 of at most 64 bits; "svarint" is a zigzag varint.
 *
 * Events refer to allocation sites by number, never to addresses. Definitions (modules,
 * frames, stacks, sites, threads) are numbered densely over the whole file in order of
 * first use, and stand in a block no later than the first event that needs them. The event
 * stream's own state (thread, time) starts anew in each block, so a damaged block takes only its own
 * events and definitions with it, and those of the blocks that continue its zstd frame.
 *
 * Must not: contain anything that depends on the host's compiler; change without a new
 * MTR_VERSION and a trace of the old one under tests/golden/.
 */
#ifndef MEMTRACE_FORMAT_H
#define MEMTRACE_FORMAT_H

#include <stdint.h>

#define MTR_MAGIC "MEMTRACE"
#define MTR_VERSION 1u
#define MTR_BLOCK_MAGIC 0x4252544du /* "MTRB" */

/* Caps a reader may rely on and a writer keeps: what exceeds them is damage. */
#define MTR_BLOCK_PAYLOAD_MAX (16u << 20) /* stored or raw bytes of one payload */
#define MTR_SITE_BYTES_MAX                                                                                   \
        (UINT64_C(1) << 56)    /* more than any address space holds: a size beyond is damage */
#define MTR_STRING_MAX 4096u   /* one path, one name */
#define MTR_MARK_NAME_MAX 255u /* of a mark or a snapshot */
#define MTR_BREAK_AT                                                                                         \
        "break-at" /* the mark, or the snapshot, where a process first held more than it was to */
#define MTR_NAME_MAX (16u << 10)  /* one text of MTR_FRAME_NAMES */
#define MTR_ARGV_MAX (128u << 10) /* all of argv, longer ones are cut */
#define MTR_BUILD_ID_MAX 64u
#define MTR_STACK_DEPTH_MAX 1024u

/* First bytes of the file. */
struct mtr_file_header {
        uint8_t magic[8];         /* MTR_MAGIC, no terminator */
        uint32_t version;         /* MTR_VERSION */
        uint32_t header_bytes;    /* sizeof(struct mtr_file_header); blocks start there */
        uint64_t started_unix_ns; /* CLOCK_REALTIME at the trace's time zero */
        uint32_t pid;             /* of the traced process, in its own pid namespace */
        uint32_t checksum;        /* CRC-32C of all bytes before this field */
};
_Static_assert(sizeof(struct mtr_file_header) == 32, "pinned");

enum mtr_compression { MTR_STORED = 0, MTR_ZSTD = 1 };

enum mtr_block_flags {
        MTR_BLOCK_CHECKPOINT = 1, /* the payload holds an MTR_CHECKPOINT record */
        MTR_BLOCK_END = 2,        /* the payload holds an MTR_END record; the last such wins */
        MTR_BLOCK_CONTINUES = 4,  /* the payload goes on with the zstd frame of the block before */
};

/*
 * Blocks are written often, so that little is lost when everything dies at once, and small blocks by
 * themselves compress badly. So a zstd frame may reach over several blocks: each block's part of it is
 * flushed (every byte of its payload can be had from it and the parts before), the frame is not
 * necessarily ended, and a block that continues one cannot be read without the blocks from
 * the frame's first on. The caps bound what a damaged block takes with it, and a seek. A block
 * that continues one follows the one before in sequence, both are MTR_ZSTD, and the frame has not ended.
 */
#define MTR_FRAME_RAW_MAX (8u << 20) /* raw bytes of all payloads in one frame, where it has several */
#define MTR_FRAME_BLOCKS_MAX 64u     /* blocks in one frame */
#define MTR_FRAME_WINDOW_LOG_MAX 23u /* zstd's window of a frame */

/*
 * Times are nanoseconds since the trace's time zero, monotonic. `live_*_begin` and
 * `peak_*` let a reader find the peak, or draw the curve, from headers alone.
 * Live bytes are what the program asked for: foreign blocks are never in them, nor those of a domain
 * but the heap.
 */
struct mtr_block_header {
        uint32_t magic;             /* MTR_BLOCK_MAGIC */
        uint32_t header_bytes;      /* sizeof(struct mtr_block_header), payload follows */
        uint32_t sequence;          /* 0, 1, 2, ... without gaps */
        uint32_t flags;             /* enum mtr_block_flags */
        uint32_t compression;       /* enum mtr_compression */
        uint32_t stored_bytes;      /* payload bytes in the file */
        uint32_t raw_bytes;         /* payload bytes after decompression */
        uint32_t payload_checksum;  /* CRC-32C of the stored payload */
        uint64_t first_time_ns;     /* time at the block's first event */
        uint64_t last_time_ns;      /* time at its last */
        uint64_t event_count;       /* allocations + frees in this block, of all domains */
        uint64_t events_before;     /* the same in all blocks before */
        uint64_t live_bytes_begin;  /* live bytes before the first event */
        uint64_t live_blocks_begin; /* live blocks before the first event */
        uint64_t peak_bytes;        /* highest live bytes at any point of this block */
        uint64_t peak_event;        /* events into this block after which it is first held; 0: at its begin */
        uint64_t peak_time_ns;      /* when, to MTR_TIME_UNIT_NS; first_time_ns where peak_event is 0 */
        uint32_t reserved;          /* 0 */
        uint32_t header_checksum;   /* CRC-32C of all header bytes before this field */
};
_Static_assert(sizeof(struct mtr_block_header) == 112, "pinned");

/* A record of the payload. An unknown type is skipped by its length. */
struct mtr_record {
        uint32_t type;   /* enum mtr_record_type */
        uint32_t length; /* bytes that follow */
};
_Static_assert(sizeof(struct mtr_record) == 8, "pinned");

/*
 * Definitions stand before what uses them: a block's records are in this order, but for MTR_NUMBERING, and
 * for marks, snapshots and scopes, which stand in the order in which they were set.
 */
enum mtr_record_type {
        MTR_PROCESS = 1,
        MTR_MODULES = 2,
        MTR_FRAMES = 3,
        MTR_STACKS = 4,
        MTR_THREADS = 5,
        MTR_SITES = 6,
        MTR_CHECKPOINT = 7,
        MTR_EVENTS = 8,
        MTR_RSS = 9,
        MTR_LOSS = 10,
        MTR_END = 11,
        MTR_MARK = 12,      /* a moment the program named */
        MTR_SNAPSHOT = 13,  /* one it named to have it kept by itself */
        MTR_NUMBERING = 14, /* first in its block */
        MTR_UNSEEN = 15,
        MTR_OWNERS = 16,      /* of the frees in this block's MTR_EVENTS that are another thread's */
        MTR_LIVES = 17,       /* how long what was freed had lived; in some blocks and in that with MTR_END */
        MTR_SCOPE_BEGIN = 18, /* a thread begins a part of the run that the program named */
        MTR_SCOPE_END = 19,
        MTR_THREAD_NAMES = 20, /* that the program gave its threads itself */
        MTR_FRAME_NAMES = 21,  /* what frames are called, where that is not to be had from their modules */
        MTR_DOMAINS = 22,      /* names of the program's own heaps */
        MTR_DOMAIN_ENDS = 23, /* what MTR_END says of the heap, of each of these; in the block with MTR_END */
};

/*
 * MTR_PROCESS, first block: this struct, then four strings, each varint length and bytes:
 * exe, cwd, argv (each argument followed by NUL; empty when withheld), tracer version.
 */
struct mtr_process {
        uint32_t pid;
        uint32_t ppid;
        uint64_t started_unix_ns;
        uint32_t page_bytes;
        uint32_t depth_limit; /* frames kept of a stack, the innermost ones */
        uint32_t flags;       /* enum mtr_process_flags */
        uint32_t reserved;    /* 0 */
};
_Static_assert(sizeof(struct mtr_process) == 32, "pinned");

enum mtr_process_flags {
        MTR_PROCESS_FORKED = 1,        /* began as a fork child: inherited blocks are foreign */
        MTR_PROCESS_ARGV_WITHHELD = 2, /* MEMTRACE_ARGV=0 */
        MTR_PROCESS_OWNERS = 4,        /* MTR_OWNERS and MTR_LIVES tell of every free */
        MTR_PROCESS_IMPORTED = 8,      /* made from another tool's file, which the tracer version names */
};

/*
 * MTR_NUMBERING: five varints, how many modules, frames, stacks, threads and sites stand in all
 * blocks before this one. A reader that lost a block numbers what follows by it.
 *
 * MTR_MODULES: varint count, then count modules, numbered on from the last defined:
 * varint start, varint end - start (the load range), svarint bias - start (add `bias` to an
 * address in the ELF file to get one in memory), varint generation (how many other modules
 * had an overlapping range before), varint build-id length and its bytes, varint path length
 * and its bytes (empty only when unknown).
 *
 * MTR_FRAMES: varint count, then `count` varints module + 1 (0: in no module), then `count`
 * svarints, each the difference of this frame's offset from the previous frame's offset in this
 * record (the first from 0). offset = (address - module start, or the address where there is no
 * module) * 2 + exact. exact = 0: a return address (look up address - 1); exact = 1: the very
 * instruction (interrupted by a signal).
 *
 * MTR_STACKS: varint count, then `count` varints id - parent, then `count` varints frame.
 * A stack is a node of a tree: its innermost frame and the parent stack it was called from. Id 0
 * is the empty stack and never defined; the ids defined count on from 1. parent < id.
 *
 * MTR_THREADS: varint count, then each: varint tid, varint start time_ns, varint name
 * length and its bytes. Numbered on from 0. The name is the last known (/proc/PID/task/TID/comm).
 * A later definition may repeat a tid: the kernel reuses them.
 *
 * MTR_SITES: varint count, then `count` svarints stack - previous stack in this record (the
 * first from 0), then `count` varints size_bytes, then `count` bytes enum mtr_site_kind. Numbered
 * on from 0.
 *
 * MTR_CHECKPOINT: state before this block's first event: varint count of sites with live blocks,
 * then `count` varints site - previous site (the first from 0), then `count` varints live blocks.
 *
 * MTR_EVENTS: varints v until the record ends. v & 3 is enum mtr_event, v >> 2 its argument.
 * Each block begins with thread 0 and time first_time_ns / MTR_TIME_UNIT_NS.
 *
 * MTR_RSS: varint count, then each: varint time in MTR_TIME_UNIT_NS - previous (the first from
 * 0), varint resident set in KiB.
 *
 * MTR_LOSS: varint time_ns, varint events lost, varint enum mtr_loss_reason.
 *
 * MTR_MARK, MTR_SNAPSHOT: one moment each: varint event (how many of this block's events stand before
 * it), varint time_ns, varint name length (1 to MTR_MARK_NAME_MAX) and its bytes, none of them 0. In a block
 * neither event nor time_ns runs back from one to the next. Names may repeat.
 *
 * MTR_SCOPE_BEGIN, MTR_SCOPE_END: as MTR_MARK, then varint thread. Scopes are in order among themselves. An
 * end is of the last begin of that name by that thread which has none yet; either may stand alone, where the
 * program says so or the trace is cut.
 *
 * MTR_THREAD_NAMES: varint count, then each: varint thread, varint name length (1 to MTR_MARK_NAME_MAX) and
 * its bytes, none of them 0. It takes the place of the name in MTR_THREADS; of several the last.
 *
 * MTR_UNSEEN: varint length and its bytes: what of the program's heap the tracer cannot see, in words.
 *
 * MTR_OWNERS: the frees of this block's MTR_EVENTS that end a block which another thread allocated than the
 * one that the stream stands at. varint count, then `count` varints: the events (allocations and frees) of
 * this block before that free, minus those before the previous row's (the first from 0), ascending; then
 * `count` varints: the allocating thread + 1, 0 where it is not known. Every other free ends a block of the
 * stream's thread.
 *
 * MTR_LIVES: the frees since the last such record in the file, whichever blocks they stand in, added up by
 * (site, distance, age class). varint count, then columns of `count` each: varint site - previous site in
 * this record (the first from 0), varint enum mtr_distance, varint age class, varint frees (1 or more),
 * varint milliseconds that they lived in all, less frees times the least of the age class. Rows ascend by
 * (site, distance, age class), no two alike. Of `ms` milliseconds, by which the stream's time advanced
 * between allocation and free, the age class is ms itself below 4, else 4 * (b - 1) + ((ms >> (b - 2)) & 3)
 * where b is the number of the highest bit set.
 *
 * MTR_FRAME_NAMES: varint count of texts, then each: varint length (1 to MTR_NAME_MAX) and its bytes, none of
 * them 0. Then varint count of frames that are named here, then each: varint frame - previous frame in this
 * record (the first from 0), varint count of names (1 or more), then each name, the innermost inlined
 * function's first, as four varints: file + 1, directory + 1, function + 1 (numbers of this record's texts;
 * 0: not known, which no file is), line + 1 (0: not known, and the file's text is the whole place). A frame
 * that is named has a module, and is not looked up in it.
 *
 * MTR_DOMAINS: varint count, then each: varint domain (1 to MTR_DOMAIN_MAX), varint name length (1 to
 * MTR_MARK_NAME_MAX) and its bytes, none of them 0. In the block of the domain's first event, or earlier.
 *
 * MTR_DOMAIN_ENDS: varint count, then each, ascending by domain: varint domain, then nine varints:
 * allocations, frees, temporary, allocated_bytes, peak_bytes, live_bytes, live_blocks, foreign_frees, and
 * allocations of an address that was live in the domain, each of which ended the older block. Of several the
 * last.
 */
#define MTR_TIME_UNIT_NS 1000000u

enum mtr_event {
        MTR_ALLOC = 0,          /* argument: site. One block of its size is live from here */
        MTR_FREE = 1,           /* argument: site. One block of that site ends */
        MTR_FREE_TEMPORARY = 2, /* the same, before its thread made another allocation */
        MTR_CONTROL = 3,        /* argument & 1: 0 thread switch, argument >> 1 is the thread;
                                 * 1 time advance, argument >> 1 in MTR_TIME_UNIT_NS */
};

/* How many allocations the allocating thread made between a block's allocation and its free by the same
 * thread. 0 is a temporary, and numbers below MTR_DISTANCE_FAR are exact. */
enum mtr_distance {
        MTR_DISTANCE_FAR = 15,     /* that many or more */
        MTR_DISTANCE_OTHER = 16,   /* another thread freed it */
        MTR_DISTANCE_UNKNOWN = 17, /* nobody knows who allocated it, and when */
};
#define MTR_AGE_CLASS_MAX 251u /* that of 2^64 - 1 milliseconds */

/* The function a site's blocks came from. A successful realloc is a free and an alloc. */
enum mtr_site_kind {
        MTR_KIND_MALLOC = 0,
        MTR_KIND_CALLOC = 1,
        MTR_KIND_REALLOC = 2,
        MTR_KIND_REALLOCARRAY = 3,
        MTR_KIND_ALIGNED_ALLOC = 4,
        MTR_KIND_MEMALIGN = 5,
        MTR_KIND_POSIX_MEMALIGN = 6,
        MTR_KIND_VALLOC = 7,
        MTR_KIND_PVALLOC = 8,
};
#define MTR_KIND_COUNT 9u

/*
 * A site whose kind is this or more is of a domain of the program's own: kind - MTR_KIND_DOMAIN + 1. The heap
 * is domain 0. Its blocks are in no number of a block's header and of MTR_END but events, lost and
 * unknown_stacks.
 */
#define MTR_KIND_DOMAIN 16u
#define MTR_DOMAIN_MAX (255u - MTR_KIND_DOMAIN + 1)

enum mtr_loss_reason {
        MTR_LOSS_OVERFLOW = 1,  /* MEMTRACE_OVERFLOW=drop and a ring was full */
        MTR_LOSS_COLLECTOR = 2, /* the collector was gone or stopped */
        MTR_LOSS_MEMORY = 3,    /* no room for another thread's ring or another process */
        MTR_LOSS_ABANDONED = 4, /* a record begun and never finished */
        MTR_LOSS_WRITE = 5,     /* the trace could not be written (disk full, quota, EIO) */
};

/* MTR_END: how it ended, and totals a reader checks its own replay against. */
struct mtr_end {
        uint64_t time_ns;
        uint32_t how;                 /* enum mtr_end_how */
        int32_t code;                 /* exit code, or signal number */
        uint64_t allocations;         /* calls that returned a block */
        uint64_t frees;               /* of blocks of this trace (a realloc's release is one) */
        uint64_t allocated_bytes;     /* all ever allocated */
        uint64_t peak_bytes;          /* highest live bytes */
        uint64_t live_bytes;          /* at the end */
        uint64_t live_blocks;         /* at the end */
        uint64_t temporary;           /* frees that were MTR_FREE_TEMPORARY */
        uint64_t foreign_frees;       /* frees of blocks this trace never saw allocated */
        uint64_t lost;                /* sum of MTR_LOSS */
        uint64_t unknown_stacks;      /* allocations recorded without a stack */
        uint64_t collector_cpu_ns;    /* the tracer's own cost: CPU of the sibling process */
        uint64_t collector_rss_bytes; /* its peak resident set */
};
_Static_assert(sizeof(struct mtr_end) == 112, "pinned");

enum mtr_end_how {
        MTR_END_UNKNOWN = 0,  /* gone, nobody could tell how */
        MTR_END_EXITED = 1,   /* code: exit code */
        MTR_END_SIGNALED = 2, /* code: signal */
        MTR_END_EXEC = 3,     /* replaced by another program; that one has its own trace */
        MTR_END_STOPPED = 4,  /* the tracer stopped before the program (see MTR_LOSS) */
};

#endif
