/*
 * One traced process: its chunk of the session. Holds what the collector has to know of it (identity, rings,
 * modules, domains, how it ends), the questions asked of it, and the root of its stack table.
 *
 * Written by the process's own tracer except where a field names the collector.
 */
#ifndef MEMTRACE_SESSION_PROCESS_H
#define MEMTRACE_SESSION_PROCESS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include "session/question.h"
#include "session/session.h"
#include "session/stack_table.h"

#define PROCESS_RINGS CHUNK_COUNT_MAX
#define PROCESS_RULE_CHUNKS 2u
#define PROCESS_MODULES 1024u
#define PROCESS_STRINGS_BYTES (192u << 10)
#define PROCESS_NAME_MAX 256u
#define PROCESS_DOMAINS 240u
#define PROCESS_DOMAIN_NAME_MAX 255u
#define MODULE_BUILD_ID_MAX 32u

/* A loaded ELF file, noted when the first frame in it is seen. Never changes once ready. */
struct module {
        uint64_t start;         /* lowest mapped address */
        uint64_t end;           /* one past the highest */
        uint64_t bias;          /* l_addr: added to an address in the file */
        uint64_t link_map;      /* the tracer's: tells what was loaded at start and stays */
        uint32_t generation;    /* how many modules noted before it overlap it */
        uint32_t path;          /* offset of a NUL-terminated string in `strings`; "" is the executable */
        _Atomic uint32_t ready; /* releases all of the above */
        uint32_t build_id_bytes;
        uint8_t build_id[MODULE_BUILD_ID_MAX];
};

/* What the program calls a domain: stored before the domain's first record in this process. */
struct domain_name {
        _Atomic uint32_t ready; /* releases the text */
        char text[PROCESS_DOMAIN_NAME_MAX + 1];
};

/*
 * Who serves a process that has registered. A collector that is about to leave and a child that sees it
 * leave both try to move it from UNSERVED, by CAS: one of them does.
 */
enum process_service {
        PROCESS_UNSERVED = 0,
        PROCESS_TAKEN = 1,     /* collector: it opens the trace */
        PROCESS_WITHDRAWN = 2, /* tracer: it begins a session of its own, and leaves this entry */
        PROCESS_SERVED = 3,    /* collector: the trace is open and the process is watched */
        PROCESS_REFUSED = 4,   /* collector: it has no memory; as withdrawn */
};

#define PROCESS_WANTED_PAUSED 1u
#define PROCESS_WANTED_NEXT 2u

struct process {
        /* Constant once the slot is READY. */
        uint32_t pid;
        uint32_t ppid;
        uint32_t forked;             /* began as a fork child */
        uint32_t depth;              /* frames kept */
        uint64_t started;            /* session time of attaching */
        char name[PROCESS_NAME_MAX]; /* program name, where /proc is not there to ask */
        uint32_t unseen;             /* in `strings`: what of its heap is not seen, in words; 0: nothing */
        uint32_t blind;              /* that is all of it */

        /* Losses that belong to no ring. */
        alignas(64) _Atomic uint64_t lost_memory; /* events without a ring (MTR_LOSS_MEMORY) */

        /* The end. `end_how` releases `end_code`. */
        alignas(64) _Atomic uint32_t end_how; /* enum mtr_end_how: EXITED once exit was entered; else 0 */
        _Atomic int32_t end_code;
        _Atomic uint32_t exec;    /* tracer: an exec is under way; 0 again when it failed */
        _Atomic uint32_t service; /* enum process_service, a futex a fork child waits on */
        _Atomic uint32_t flush;   /* tracer: advanced to ask that all so far be written, then session_wake */
        _Atomic uint32_t flushed; /* collector: the last `flush` that was met; a futex */
        _Atomic uint32_t
                unwritten; /* collector, before `flushed`: the errno for which the trace is not whole */

        /* What another process wants of this one: see collector/control.h. */
        _Atomic uint32_t wanted; /* collector: advanced by PROCESS_WANTED_NEXT, and whether to pause */
        _Atomic uint32_t obeyed; /* tracer: the last `wanted` that was done */
        _Atomic uint32_t paused; /* tracer: as the gate is */

        /* Threads that ask, and the collector: see question.h. */
        alignas(64) struct question questions[QUESTIONS];

        /* Rings: entries below ring_count are set. */
        alignas(64) _Atomic uint32_t ring_count;
        _Atomic uint32_t rings[PROCESS_RINGS]; /* chunk of a struct ring */

        /* The tracer's rules of unwinding; the collector only gives them back. */
        _Atomic uint32_t rule_chunks[PROCESS_RULE_CHUNKS];

        alignas(64) _Atomic uint32_t module_count; /* claimed entries; each has its own `ready` */
        struct module modules[PROCESS_MODULES];
        _Atomic uint32_t strings_used;
        char strings[PROCESS_STRINGS_BYTES]; /* [0] is NUL: offset 0 is "" */

        struct domain_name domains[PROCESS_DOMAINS]; /* by number - 1 */

        struct stack_table stacks;
};
_Static_assert(sizeof(struct process) <= CHUNK_BYTES, "a process is one chunk");

#endif
