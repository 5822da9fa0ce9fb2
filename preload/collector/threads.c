/*
 * Numbers and names of threads: see threads.h. Runs in the collector's one thread.
 */
#include "collector/threads.h"

#include "collector/proc.h"

#define THREAD_NAME_MAX 64u

struct thread_fresh {
        uint32_t tid;
        uint64_t start_ns;
};

uint32_t threads_add(struct trace *trace, uint32_t tid, uint64_t time) {
        struct threads *threads = &trace->threads;
        struct thread_fresh *fresh;

        if (!array_reserve(&threads->fresh, ((size_t)threads->fresh_count + 1) * sizeof(*fresh)))
                return THREAD_NONE;
        fresh = (struct thread_fresh *)threads->fresh.data + threads->fresh_count++;
        *fresh = (struct thread_fresh){ .tid = tid, .start_ns = trace_ns(trace, time) };
        return threads->count++;
}

bool threads_define(struct trace *trace, struct buffer *payload) {
        struct threads *threads = &trace->threads;
        char name[THREAD_NAME_MAX];

        for (uint32_t i = 0; i < threads->fresh_count; i++) {
                const struct thread_fresh *fresh = (const struct thread_fresh *)threads->fresh.data + i;
                size_t length = proc_thread_name(trace->watch.pid, fresh->tid, name, sizeof(name));

                if (!buffer_reserve(payload, 3 * VARINT_MAX_BYTES + THREAD_NAME_MAX))
                        return false;
                buffer_varint(payload, fresh->tid);
                buffer_varint(payload, fresh->start_ns);
                buffer_varint(payload, length);
                buffer_put(payload, name, length);
        }
        threads->fresh_count = 0;
        return true;
}
