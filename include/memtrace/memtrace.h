/*
 * The API for programs that tell memtrace about themselves: installed, and all that a program needs.
 *
 * There is nothing to link with. Each function here is inline and looks for its counterpart in
 * libmemtrace.so, a weak symbol: where the library is not preloaded that is one test and one branch, and
 * nothing else happens. Compile with the flags of `pkg-config --cflags memtrace`. C99 and later with GNU or
 * standard language mode, C++11 and later; gcc and clang.
 *
 * What holds for all of them unless they say otherwise:
 * - Any thread may call them, also in a signal handler, after fork, and before main. They take no lock,
 *   allocate nothing in the program and keep errno.
 * - They do not tell whether anything was recorded, so that a program does the same whether it is traced or
 *   not. What could not be recorded is counted, and the trace tells of it.
 * - A name is a NUL-terminated string of 1 to MEMTRACE_NAME_MAX bytes, best UTF-8. It is copied before the
 * call returns. A longer one is cut; NULL and "" are no name, and the call does nothing.
 *
 * Must not: need anything of libmemtrace.so at link time, or declare what the library does not export.
 */
#ifndef MEMTRACE_MEMTRACE_H
#define MEMTRACE_MEMTRACE_H

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stddef.h>

/* The longest name that is kept whole, in bytes without its NUL. */
#define MEMTRACE_NAME_MAX 255

/*
 * A function of the library: weak, so that its address is NULL where the library is not loaded. The number in
 * its name changes if ever its arguments do. Not for use by programs.
 */
#define MEMTRACE_WEAK_ __attribute__((weak, visibility("default")))
#define MEMTRACE_INLINE_ static inline __attribute__((always_inline, unused))

/*
 * The address of such a function. Code that is not position-independent would take it for a constant, which
 * the linker makes 0 for good: it has to be asked for by way of the global offset table.
 */
#if defined(__x86_64__) && !defined(__PIC__)
#define MEMTRACE_ADDRESS_(function)                                                                          \
        __extension__({                                                                                      \
                __typeof__(&function) memtrace_address_;                                                     \
                __asm__(".weak " #function "\n\tmovq " #function "@GOTPCREL(%%rip), %0"                      \
                        : "=r"(memtrace_address_));                                                          \
                memtrace_address_;                                                                           \
        })
#else
#define MEMTRACE_ADDRESS_(function) (&function)
#endif

#ifdef __cplusplus
extern "C" {
#endif

MEMTRACE_WEAK_ bool memtrace_v1_is_tracing(void);

/* Whether the library is preloaded and records what this process allocates now. */
MEMTRACE_INLINE_ bool memtrace_is_tracing(void) {
        bool (*const is_tracing)(void) = MEMTRACE_ADDRESS_(memtrace_v1_is_tracing);

        return is_tracing && is_tracing();
}

MEMTRACE_WEAK_ void memtrace_v1_start(void);
MEMTRACE_WEAK_ void memtrace_v1_stop(void);

/*
 * Record from here on what this process allocates, in all its threads, or no longer. What was allocated
 * meanwhile stays unknown, and its release is counted as one of memory that is not traced; what was recorded
 * before a stop is followed to its release. So what the trace says of the blocks it knows is exact
 * throughout. Children forked later begin as their parent is then. With MEMTRACE_ENABLE=0 a process begins
 * stopped.
 */
MEMTRACE_INLINE_ void memtrace_start(void) {
        void (*const start)(void) = MEMTRACE_ADDRESS_(memtrace_v1_start);

        if (start)
                start();
}

MEMTRACE_INLINE_ void memtrace_stop(void) {
        void (*const stop)(void) = MEMTRACE_ADDRESS_(memtrace_v1_stop);

        if (stop)
                stop();
}

MEMTRACE_WEAK_ bool memtrace_v1_get_traced_memory(size_t *current, size_t *peak);
MEMTRACE_WEAK_ void memtrace_v1_reset_peak(void);
MEMTRACE_WEAK_ void memtrace_v1_clear(void);
MEMTRACE_WEAK_ size_t memtrace_v1_get_overhead(void);
MEMTRACE_WEAK_ size_t memtrace_v1_object_traceback(const void *object, void **frames, size_t frames_max);

/*
 * Bytes that are allocated and traced now, and the most there were since the start or memtrace_reset_peak:
 * exactly as of this call, in the order of this thread's events. Either pointer may be NULL. False, and 0 for
 * both, where that is not known: not traced, the heap not seen, or no answer within a second.
 *
 * These four ask the process beside this one that writes the trace, and wait for its answer: some 50
 * microseconds, and up to 20 ms where another thread is interrupted in an allocation.
 */
MEMTRACE_INLINE_ bool memtrace_get_traced_memory(size_t *current, size_t *peak) {
        bool (*const get)(size_t *, size_t *) = MEMTRACE_ADDRESS_(memtrace_v1_get_traced_memory);

        if (get)
                return get(current, peak);
        if (current)
                *current = 0;
        if (peak)
                *peak = 0;
        return false;
}

/* From here on the peak is counted anew, from what is held now. The trace keeps its own. Does not wait. */
MEMTRACE_INLINE_ void memtrace_reset_peak(void) {
        void (*const reset)(void) = MEMTRACE_ADDRESS_(memtrace_v1_reset_peak);

        if (reset)
                reset();
}

/*
 * Forget what is held now: in the trace these blocks end here, so that they are no leaks and no part of what
 * is held. When the program frees them it frees what is not traced, which the trace counts. The peak is
 * counted anew. Does not wait.
 */
MEMTRACE_INLINE_ void memtrace_clear(void) {
        void (*const clear)(void) = MEMTRACE_ADDRESS_(memtrace_v1_clear);

        if (clear)
                clear();
}

/*
 * Bytes of memory that tracing takes now, in this process and beside it: of the memory that both share, what
 * is in use, and what the process beside it has of its own. Forked processes have them together. 0: not
 * known.
 */
MEMTRACE_INLINE_ size_t memtrace_get_overhead(void) {
        size_t (*const get)(void) = MEMTRACE_ADDRESS_(memtrace_v1_get_overhead);

        return get ? get() : 0;
}

/*
 * Where a live block was allocated: up to `frames_max` return addresses into `frames`, the caller of malloc
 * first, as backtrace(3) has them. How many; 0 for what is no live block's beginning, and where nothing is
 * known.
 */
MEMTRACE_INLINE_ size_t memtrace_object_traceback(const void *object, void **frames, size_t frames_max) {
        size_t (*const get)(const void *, void **, size_t) = MEMTRACE_ADDRESS_(memtrace_v1_object_traceback);

        return get ? get(object, frames, frames_max) : 0;
}

/* Not for use by programs: calls a function of the library that takes a name. */
#define MEMTRACE_NAME_(function, name)                                                                       \
        do {                                                                                                 \
                void (*const memtrace_function_)(const char *) = MEMTRACE_ADDRESS_(function);                \
                                                                                                             \
                if (memtrace_function_)                                                                      \
                        memtrace_function_(name);                                                            \
        } while (0)

MEMTRACE_WEAK_ unsigned memtrace_v1_domain(const char *name);
MEMTRACE_WEAK_ void memtrace_v1_report_alloc(unsigned domain, const void *block, size_t size);
MEMTRACE_WEAK_ void memtrace_v1_report_realloc(unsigned domain, const void *old, const void *block,
                                               size_t size);
MEMTRACE_WEAK_ void memtrace_v1_report_free(unsigned domain, const void *block);
MEMTRACE_WEAK_ void memtrace_v1_report_clear(unsigned domain);

/*
 * The number of a domain: a heap of the program's own beside that of malloc, whose blocks it reports by the
 * functions below. A pool, an arena, a code cache, memory of a device. The same name has the same number in a
 * process and its fork children; to be asked for once and kept. 0, of which reports say nothing, without the
 * library and for no name. There are 240; stderr then says that what is reported of further ones is lost.
 */
MEMTRACE_INLINE_ unsigned memtrace_domain(const char *name) {
        unsigned (*const number_of)(const char *) = MEMTRACE_ADDRESS_(memtrace_v1_domain);

        return number_of ? number_of(name) : 0;
}

/* Not for use by programs: keeps the call before it from being a jump, which would leave the caller out of
 * the backtrace. */
#define MEMTRACE_STAY_() __asm__ __volatile__("")

/*
 * A block of a domain was given, with this call's backtrace. Blocks of a domain are told apart by their
 * addresses, of which 48 bits count: they need not be memory. What lies in malloc's blocks is counted here
 * and there, each heap by itself. NULL: nothing was. Call it after the pool has the block and before others
 * get it.
 */
MEMTRACE_INLINE_ void memtrace_report_alloc(unsigned domain, const void *block, size_t size) {
        void (*const report)(unsigned, const void *, size_t) = MEMTRACE_ADDRESS_(memtrace_v1_report_alloc);

        if (report)
                report(domain, block, size);
        MEMTRACE_STAY_();
}

/*
 * A block of a domain was resized, whether or not it moved; `old` NULL: it is a new one, `block` NULL: that
 * failed, and nothing happened. Where blocks move, call it before the old address can be given out again, as
 * under the pool's lock; or report a free before and an allocation after.
 */
MEMTRACE_INLINE_ void memtrace_report_realloc(unsigned domain, const void *old, const void *block,
                                              size_t size) {
        void (*const report)(unsigned, const void *, const void *, size_t) =
                MEMTRACE_ADDRESS_(memtrace_v1_report_realloc);

        if (report)
                report(domain, old, block, size);
        MEMTRACE_STAY_();
}

/*
 * A block of a domain is given back. Call it before the pool has the block, when another thread can be given
 * it. NULL: nothing. What is not live in the domain is counted, as is what is reported as allocated twice.
 */
MEMTRACE_INLINE_ void memtrace_report_free(unsigned domain, const void *block) {
        void (*const report)(unsigned, const void *) = MEMTRACE_ADDRESS_(memtrace_v1_report_free);

        if (report)
                report(domain, block);
}

/* All blocks of a domain are given back: an arena is reset, a pool destroyed. No thread may use it meanwhile.
 */
MEMTRACE_INLINE_ void memtrace_report_clear(unsigned domain) {
        void (*const report)(unsigned) = MEMTRACE_ADDRESS_(memtrace_v1_report_clear);

        if (report)
                report(domain);
}

MEMTRACE_WEAK_ void memtrace_v1_mark(const char *name);
MEMTRACE_WEAK_ void memtrace_v1_snapshot(const char *name);
MEMTRACE_WEAK_ void memtrace_v1_scope_begin(const char *name);
MEMTRACE_WEAK_ void memtrace_v1_scope_end(const char *name);
MEMTRACE_WEAK_ void memtrace_v1_thread_name(const char *name);

/*
 * Give this moment a name, by which it can be asked for: memtrace report TRACE@NAME. It stands exactly
 * between what this thread allocated before it and after it. A name may be used again: NAME#2 is the second
 * of it.
 */
MEMTRACE_INLINE_ void memtrace_mark(const char *name) {
        MEMTRACE_NAME_(memtrace_v1_mark, name);
}

/*
 * The same, of a moment that is to be looked at by itself: the trace keeps the state there where that saves
 * reading it up to there, so it opens fast. Costs the program no more than a mark.
 */
MEMTRACE_INLINE_ void memtrace_snapshot(const char *name) {
        MEMTRACE_NAME_(memtrace_v1_snapshot, name);
}

/*
 * Begin and end a part of the run, in this thread. Parts may be nested, and repeated. An end belongs to the
 * last begin of its name by the same thread that has none. Where either is missing, reports say so: what is
 * begun in one thread and ended in another, or in a fork child, are two halves.
 */
MEMTRACE_INLINE_ void memtrace_scope_begin(const char *name) {
        MEMTRACE_NAME_(memtrace_v1_scope_begin, name);
}

MEMTRACE_INLINE_ void memtrace_scope_end(const char *name) {
        MEMTRACE_NAME_(memtrace_v1_scope_end, name);
}

/*
 * What reports call this thread from now on and in hindsight, in place of the name that the system has for
 * it. The system's is left alone: it is that of pthread_setname_np, and reports show it where nothing else is
 * told.
 */
MEMTRACE_INLINE_ void memtrace_thread_name(const char *name) {
        MEMTRACE_NAME_(memtrace_v1_thread_name, name);
}

#ifdef __cplusplus
}
#endif

#define MEMTRACE_JOIN_(a, b) a##b
#define MEMTRACE_JOINED_(a, b) MEMTRACE_JOIN_(a, b)

#ifdef __cplusplus

namespace memtrace {

/* A scope for as long as the object lives. The name is borrowed, and has to live as long. Not to be copied or
 * moved. */
class scope {
      public:
        explicit scope(const char *name) noexcept : name_(name) {
                memtrace_scope_begin(name_);
        }
        ~scope() {
                memtrace_scope_end(name_);
        }
        scope(const scope &) = delete;
        scope &operator=(const scope &) = delete;

      private:
        const char *name_;
};

} // namespace memtrace

/* A scope from here to the end of the enclosing block, however that is left. The name as memtrace::scope's.
 */
#define MEMTRACE_SCOPE(name)                                                                                 \
        const ::memtrace::scope MEMTRACE_JOINED_(memtrace_scope_, __LINE__) {                                \
                name                                                                                         \
        }

#else

/* Not for use by programs: MEMTRACE_SCOPE's begin and end. */
MEMTRACE_INLINE_ const char *memtrace_scope_enter_(const char *name) {
        memtrace_scope_begin(name);
        return name;
}

MEMTRACE_INLINE_ void memtrace_scope_leave_(const char *const *name) {
        memtrace_scope_end(*name);
}

/*
 * A scope from here to the end of the enclosing block: left by its end, break, return or goto, but not by
 * longjmp. A declaration, so not right after a label or an if without braces. The name is borrowed, and has
 * to live as long.
 */
#define MEMTRACE_SCOPE(name)                                                                                 \
        const char *const MEMTRACE_JOINED_(memtrace_scope_, __LINE__)                                        \
                __attribute__((cleanup(memtrace_scope_leave_), unused)) = memtrace_scope_enter_(name)

#endif

#endif
