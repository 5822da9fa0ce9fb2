/*
 * A program that calls everything of memtrace.h, compiled by matrix.py as C and as C++. It prints whether it
 * is traced. Must not need more of the standard library than printf.
 */
#include <stdio.h>

#include <memtrace/memtrace.h>

static int answer(int early) {
        MEMTRACE_SCOPE("answer");
        MEMTRACE_SCOPE("answer, twice in a block");

        if (early)
                return 1;
        memtrace_mark("late");
        return 2;
}

/* 0 where nothing is traced, and then nothing happens. */
static int reports(void) {
        const unsigned domain = memtrace_domain("pool");
        char blocks[2];

        memtrace_report_alloc(domain, blocks, 16);
        memtrace_report_realloc(domain, blocks, blocks + 1, 32);
        memtrace_report_free(domain, blocks + 1);
        memtrace_report_clear(domain);
        return memtrace_domain("pool") == domain && (domain != 0) == memtrace_is_tracing();
}

#ifdef __cplusplus
static void held(void) {
        memtrace::scope outer("held");
        const memtrace::scope inner{ "held, inner" };
}
#endif

int main(void) {
        size_t current, peak;
        void *frames[4];

        printf("tracing %d\n", memtrace_is_tracing());
        memtrace_thread_name("main thread");
        if (memtrace_get_traced_memory(&current, &peak) != memtrace_is_tracing() || current > peak)
                return 2;
        memtrace_reset_peak();
        memtrace_clear();
        if ((memtrace_get_overhead() != 0) != memtrace_is_tracing() ||
            memtrace_object_traceback(&current, frames, 4) != 0)
                return 3;
        memtrace_stop();
        if (memtrace_is_tracing())
                return 4;
        memtrace_start();
        memtrace_scope_begin("all");
        memtrace_mark("begun");
        memtrace_snapshot("state");
#ifdef __cplusplus
        held();
#endif
        memtrace_scope_end("all");
        if (!reports())
                return 5;
        return answer(1) + answer(0) == 3 ? 0 : 1;
}
