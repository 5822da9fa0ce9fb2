/*
 * The malloc family as the program sees it. Each hook forwards its arguments unchanged to the next
 * definition in line, records the result, and returns it with errno as that definition left it.
 *
 * A release is recorded before the real call and an allocation after it, so that no other
 * thread can be given the address in between. Runs in any thread, re-entered by signal handlers.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <memtrace/format.h>

#include "tracer/bootstrap.h"
#include "tracer/hook.h"
#include "tracer/hook_record.h"
#include "tracer/real.h"
#include "tracer/tracer.h"

/* Where the caller's registers are: hooks are built with frame pointers, so they are three loads. */
#define HOOK_SP() ((uintptr_t)__builtin_frame_address(0))

void cfree(void *block);
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);

static inline __attribute__((always_inline)) bool forwarding(void) {
        return __builtin_expect(real_ready, 1) || real_resolve();
}

static inline __attribute__((always_inline)) void record_old(struct thread *thread, enum record_op op,
                                                             void *block) {
        hook_record_address(thread, record_first(op, 0, 0), block);
}

/* A call that returned `block`, or NULL. */
static inline __attribute__((always_inline)) void *record_alloc(void *block, size_t size,
                                                                enum mtr_site_kind kind, uintptr_t hook_sp) {
        struct thread *thread;

        if (__builtin_expect(block != NULL, 1) && (thread = tracer_thread()) != NULL)
                hook_record_block(thread, record_first(RECORD_ALLOC, kind, 0), block, size, hook_sp);
        return block;
}

static inline __attribute__((always_inline)) void record_free(void *block) {
        struct thread *thread;

        if (block && (thread = tracer_thread_for(TRACER_RELEASE)) != NULL)
                record_old(thread, RECORD_FREE, block);
}

/* The end of a realloc of `old` that returned `block`: while tracing is paused, of `old` alone. */
static inline __attribute__((always_inline)) void record_realloc_end(struct thread *thread, void *old,
                                                                     void *block, size_t size,
                                                                     enum mtr_site_kind kind,
                                                                     uintptr_t hook_sp) {
        if (block && !gate_is_paused(gate_now()))
                hook_record_block(thread, record_first(RECORD_REALLOC_DONE, kind, 0), block, size, hook_sp);
        else
                record_old(thread, block || size == 0 ? RECORD_REALLOC_FREED : RECORD_REALLOC_FAILED, old);
}

/* Whether this realloc of the right block is one that a reallocarray under way has called. That may have been
 * jumped out of, and then it is not: it lies right above its own. */
static bool is_within_array(const struct thread *thread, size_t size) {
        uintptr_t here = (uintptr_t)__builtin_frame_address(0);

        return thread->array_bytes == size && here < thread->array_sp && thread->array_sp - here < 4096;
}

/*
 * A bootstrap block, or none, moves to the real allocator when it is resized, or to another in the arena
 * where that is not known yet; it is never given back. A block of another's, before anything is known, cannot
 * be moved.
 */
static void *bootstrap_resize(void *old, size_t size, bool known) {
        size_t kept = old && bootstrap_owns(old) ? bootstrap_size(old) : 0;
        void *block;

        if (old && !bootstrap_owns(old)) {
                errno = ENOMEM;
                return NULL;
        }
        block = known ? real.malloc(size) : bootstrap_alloc(16, size);
        if (block)
                memcpy(block, old, kept < size ? kept : size);
        return block;
}

HOOK void *malloc(size_t size) {
        if (!forwarding())
                return bootstrap_alloc(16, size);
        return record_alloc(real.malloc(size), size, MTR_KIND_MALLOC, HOOK_SP());
}

HOOK void *calloc(size_t count, size_t size) {
        if (!forwarding()) {
                if (size && count > SIZE_MAX / size) {
                        errno = ENOMEM;
                        return NULL;
                }
                return bootstrap_alloc(16, count * size);
        }
        return record_alloc(real.calloc(count, size), count * size, MTR_KIND_CALLOC, HOOK_SP());
}

HOOK void free(void *block) {
        if (bootstrap_owns(block) || !forwarding())
                return;
        record_free(block);
        real.free(block);
}

HOOK void cfree(void *block) {
        if (bootstrap_owns(block) || !forwarding())
                return;
        if (!real.cfree) {
                real.first_free(block);
                return;
        }
        record_free(block);
        real.cfree(block);
}

HOOK void free_sized(void *block, size_t size) {
        if (bootstrap_owns(block) || !forwarding())
                return;
        if (!real.free_sized) {
                real.first_free(block);
                return;
        }
        record_free(block);
        real.free_sized(block, size);
}

HOOK void free_aligned_sized(void *block, size_t alignment, size_t size) {
        if (bootstrap_owns(block) || !forwarding())
                return;
        if (!real.free_aligned_sized) {
                real.first_free(block);
                return;
        }
        record_free(block);
        real.free_aligned_sized(block, alignment, size);
}

/* Without a ring. These are up to two events, of which the look for a ring counted one. */
static __attribute__((noinline, cold)) void *unrecorded_realloc(void *old, size_t size) {
        void *block = real.realloc(old, size);
        int released = old && (block || !size);
        bool paused = gate_is_paused(gate_now());

        if (!paused || (old && tracer.begun))
                tracer_lost(released + (block && !paused) - 1);
        return block;
}

HOOK void *realloc(void *old, size_t size) {
        struct thread *thread;
        void *block;
        bool known = forwarding();

        if (bootstrap_owns(old) || !known) {
                block = bootstrap_resize(old, size, known);
                return known ? record_alloc(block, size, MTR_KIND_REALLOC, HOOK_SP()) : block;
        }
        thread = tracer_thread_for(old ? TRACER_RELEASE : TRACER_ALLOCATION);
        if (!thread)
                return unrecorded_realloc(old, size);
        if (__builtin_expect(thread->array_address == (uintptr_t)old + 1, 0) &&
            is_within_array(thread, size)) {
                thread->array_address = 0;
                return real.realloc(old, size);
        }
        if (!old)
                return record_alloc(real.realloc(old, size), size, MTR_KIND_REALLOC, HOOK_SP());
        record_old(thread, RECORD_REALLOC_BEGIN, old);
        block = real.realloc(old, size);
        record_realloc_end(thread, old, block, size, MTR_KIND_REALLOC, HOOK_SP());
        return block;
}

/* glibc's reallocarray calls realloc by name, and so the hook above: told by what it was asked. */
HOOK void *reallocarray(void *old, size_t count, size_t size) {
        struct thread *thread;
        size_t bytes;
        bool overflows = __builtin_mul_overflow(count, size, &bytes), known = forwarding();
        void *block;

        if (!overflows && (bootstrap_owns(old) || !known)) {
                block = bootstrap_resize(old, bytes, known);
                return known ? record_alloc(block, bytes, MTR_KIND_REALLOCARRAY, HOOK_SP()) : block;
        }
        if (!known) {
                errno = ENOMEM;
                return NULL;
        }
        thread = tracer_thread_for(old ? TRACER_RELEASE : TRACER_ALLOCATION);
        if (!thread || overflows)
                return real.reallocarray(old, count, size);
        if (old)
                record_old(thread, RECORD_REALLOC_BEGIN, old);
        thread->array_bytes = bytes;
        thread->array_sp = (uintptr_t)__builtin_frame_address(0);
        thread->array_address = (uintptr_t)old + 1;
        block = real.reallocarray(old, count, size);
        thread->array_address = 0;
        if (!old)
                return record_alloc(block, bytes, MTR_KIND_REALLOCARRAY, HOOK_SP());
        record_realloc_end(thread, old, block, bytes, MTR_KIND_REALLOCARRAY, HOOK_SP());
        return block;
}

HOOK void *aligned_alloc(size_t alignment, size_t size) {
        if (!forwarding())
                return bootstrap_alloc(alignment, size);
        return record_alloc(real.aligned_alloc(alignment, size), size, MTR_KIND_ALIGNED_ALLOC, HOOK_SP());
}

HOOK void *memalign(size_t alignment, size_t size) {
        if (!forwarding())
                return bootstrap_alloc(alignment, size);
        return record_alloc(real.memalign(alignment, size), size, MTR_KIND_MEMALIGN, HOOK_SP());
}

HOOK int posix_memalign(void **block, size_t alignment, size_t size) {
        int error;

        if (!forwarding()) {
                void *made = bootstrap_alloc(alignment, size);

                if (made)
                        *block = made;
                return made ? 0 : ENOMEM;
        }
        error = real.posix_memalign(block, alignment, size);
        if (error == 0)
                (void)record_alloc(*block, size, MTR_KIND_POSIX_MEMALIGN, HOOK_SP());
        return error;
}

HOOK void *valloc(size_t size) {
        if (!forwarding())
                return bootstrap_alloc(4096, size);
        return record_alloc(real.valloc(size), size, MTR_KIND_VALLOC, HOOK_SP());
}

HOOK void *pvalloc(size_t size) {
        if (!forwarding())
                return bootstrap_alloc(4096, size);
        return record_alloc(real.pvalloc(size), size, MTR_KIND_PVALLOC, HOOK_SP());
}

/* Hooked only for the bootstrap's blocks. */
HOOK size_t malloc_usable_size(void *block) {
        if (bootstrap_owns(block))
                return bootstrap_size(block);
        return forwarding() ? real.malloc_usable_size(block) : 0;
}
