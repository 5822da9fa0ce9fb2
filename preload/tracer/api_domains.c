/*
 * memtrace.h's functions that report blocks of the program's own heaps. A domain is named once, in a table
 * that fork copies, so that a name has one number in a whole family of processes; each process tells the
 * collector the name before the first record that has the number.
 *
 * Run in any thread of the program, also in a signal handler. No lock: nobody waits for who has begun to
 * write a name down, but writes the same once more. Must not: change errno, or allocate.
 */
#include <stddef.h>

#include <memtrace/format.h>

#include "tracer/hook.h"
#include "tracer/hook_record.h"
#include "tracer/name.h"

/* Of names for which there is no room: what it reports is lost. */
#define DOMAIN_NONE (PROCESS_DOMAINS + 1u)

unsigned memtrace_v1_domain(const char *name);
void memtrace_v1_report_alloc(unsigned domain, const void *block, size_t size);
void memtrace_v1_report_realloc(unsigned domain, const void *old, const void *block, size_t size);
void memtrace_v1_report_free(unsigned domain, const void *block);
void memtrace_v1_report_clear(unsigned domain);

/* Who claims an entry stores its hash; all else is the same whoever stores it. */
static struct known {
        _Atomic uint64_t hash;  /* of the name, 0: nobody's yet */
        _Atomic uint32_t ready; /* releases the text */
        char text[PROCESS_DOMAIN_NAME_MAX + 1];
} known[PROCESS_DOMAINS];
static _Atomic bool said_full;

/* FNV-1a, with its bits mixed: two names of one hash would be one domain. */
static uint64_t hash_of(const struct name *name) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (uint32_t i = 0; i < name->length; i++)
                hash = (hash ^ name_byte(name, i)) * UINT64_C(0x100000001b3);
        hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
        hash ^= hash >> 32;
        return hash ? hash : 1;
}

/* The entry of a hash, claimed where there is none; NULL: all are others'. */
static struct known *entry_of(uint64_t hash) {
        for (uint32_t i = 0; i < PROCESS_DOMAINS; i++) {
                uint64_t found = atomic_load_explicit(&known[i].hash, memory_order_relaxed);

                if (found == 0 &&
                    atomic_compare_exchange_strong_explicit(&known[i].hash, &found, hash,
                                                            memory_order_relaxed, memory_order_relaxed))
                        return &known[i];
                if (found == hash)
                        return &known[i];
        }
        return NULL;
}

static void say_full(void) {
        if (tracer_thread_for(TRACER_WORD) && !atomic_exchange(&said_full, true))
                tracer_say("more than 240 domains: what is reported of further ones is lost", NULL);
}

HOOK unsigned memtrace_v1_domain(const char *text) {
        const struct name name = name_of(text);
        struct known *entry;

        if (name.length == 0)
                return 0;
        entry = entry_of(hash_of(&name));
        if (!entry) {
                say_full();
                return DOMAIN_NONE;
        }
        if (!atomic_load_explicit(&entry->ready, memory_order_relaxed)) {
                for (uint32_t i = 0; i < name.length; i++)
                        __atomic_store_n(&entry->text[i], (char)name_byte(&name, i), __ATOMIC_RELAXED);
                /* Release pairs with introduce's acquire. */
                atomic_store_explicit(&entry->ready, 1, memory_order_release);
        }
        return (unsigned)(entry - known) + 1;
}

/* Have the collector know the name before a record of the domain is published. */
static __attribute__((noinline)) void introduce(unsigned domain) {
        struct domain_name *told = &tracer.process->domains[domain - 1];
        struct known *entry = &known[domain - 1];

        /* Acquire pairs with the release above: whoever gave the program its number had the whole name. */
        if (!atomic_load_explicit(&entry->ready, memory_order_acquire))
                return;
        for (uint32_t i = 0; i < PROCESS_DOMAIN_NAME_MAX; i++)
                __atomic_store_n(&told->text[i], __atomic_load_n(&entry->text[i], __ATOMIC_RELAXED),
                                 __ATOMIC_RELAXED);
        /* Release pairs with the collector's acquire, and with that of other threads, whose records go
         * through other rings. */
        atomic_store_explicit(&told->ready, 1, memory_order_release);
}

/* Whether a report of a domain can be recorded; what cannot is lost. */
static inline __attribute__((always_inline)) bool is_known(unsigned domain) {
        if (__builtin_expect(domain > PROCESS_DOMAINS, 0)) {
                tracer_lost(1);
                return false;
        }
        if (__builtin_expect(
                    !atomic_load_explicit(&tracer.process->domains[domain - 1].ready, memory_order_acquire),
                    0))
                introduce(domain);
        return true;
}

static inline __attribute__((always_inline)) void report_alloc(unsigned domain, const void *block,
                                                               size_t size) {
        struct thread *thread;

        if (domain == 0 || !block || (thread = tracer_thread_for(TRACER_REPORT)) == NULL || !is_known(domain))
                return;
        if (__builtin_expect(size > MTR_SITE_BYTES_MAX, 0))
                tracer_lost(1);
        else
                hook_record_block(thread, record_report(RECORD_REPORT_ALLOC, domain, 0), block, size,
                                  (uintptr_t)__builtin_frame_address(0));
}

static inline __attribute__((always_inline)) void report_free(unsigned domain, const void *block) {
        struct thread *thread;

        if (domain == 0 || !block || (thread = tracer_thread_for(TRACER_REPORT_END)) == NULL ||
            !is_known(domain))
                return;
        hook_record_address(thread, record_report(RECORD_REPORT_FREE, domain, 0), block);
}

HOOK void memtrace_v1_report_alloc(unsigned domain, const void *block, size_t size) {
        report_alloc(domain, block, size);
}

HOOK void memtrace_v1_report_free(unsigned domain, const void *block) {
        report_free(domain, block);
}

HOOK void memtrace_v1_report_realloc(unsigned domain, const void *old, const void *block, size_t size) {
        if (!block)
                return;
        report_free(domain, old);
        report_alloc(domain, block, size);
}

HOOK void memtrace_v1_report_clear(unsigned domain) {
        const uintptr_t hook_sp = (uintptr_t)__builtin_frame_address(0);
        struct thread *thread;

        if (domain == 0 || (thread = tracer_thread_for(TRACER_REPORT_END)) == NULL || !is_known(domain))
                return;
        /* What other threads reported before is older than this, by any reading of the clock. */
        __asm__ volatile("lfence" ::: "memory");
        (void)nesting_enter(thread, hook_sp);
        emit(thread, record_report(RECORD_REPORT_CLEAR, domain, 0) | RECORD_SIZED, 0, 0, true);
        nesting_leave(thread, hook_sp);
}
