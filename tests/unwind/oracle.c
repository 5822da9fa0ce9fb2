/*
 * The unwinder held against libunwind in real programs. Preloaded in place of the tracer, it takes the
 * backtrace of every ORACLE_EVERY-th allocation twice, by preload/tracer/walk.c as the tracer
 * would (so the kept stack is exercised by every event), and by libunwind, and compares them frame by
 * frame. At exit it appends one line of counts to ORACLE_OUTPUT, and the first few differences.
 *
 * A backtrace that ends in a frame of no loaded file (generated code) may be shorter than
 * libunwind's, which guesses there, and one past the depth limit may keep fewer frames; anything
 * else is a difference.
 */
#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <fcntl.h>
#include <libunwind.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "session/session.h"
#include "tracer/hook.h"
#include "tracer/tracer.h"

#define SHOWN_MAX 5u

static struct { _Atomic uint64_t events, compared, frames, different, generated, cut; } counts;

static struct session *session;
static struct process *process;
static uint64_t every = 31;
static __thread struct walker *walker __attribute__((tls_model("initial-exec")));
static __thread bool inside __attribute__((tls_model("initial-exec")));
static __thread uint64_t since __attribute__((tls_model("initial-exec")));

struct next {
        void *(*malloc)(size_t);
        void *(*calloc)(size_t, size_t);
        void *(*realloc)(void *, size_t);
};

/* By need: other constructors allocate before ours. dlsym of what exists allocates nothing. */
static const struct next *resolved(void) {
        static struct next next;

        if (!next.realloc) {
                next.malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
                next.calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
                next.realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
        }
        return &next;
}

static void show(const uint64_t *ours, uint32_t our_count, const uint64_t *theirs, uint32_t their_count,
                 uint32_t same) {
        static _Atomic uint32_t shown;
        const char *path = getenv("ORACLE_OUTPUT");
        FILE *out;

        if (atomic_fetch_add(&shown, 1) >= SHOWN_MAX || !path || !(out = fopen(path, "a")))
                return;
        fprintf(out, "difference: %u frames against libunwind's %u\n", our_count, their_count);
        for (uint32_t i = same > 3 ? same - 3 : 0; i < same + 3 && (i < our_count || i < their_count); i++) {
                uint64_t ip = i < our_count ? ours[i] : theirs[i];
                Dl_info info = { 0 };

                (void)dladdr((void *)(uintptr_t)(ip - 1), &info);
                fprintf(out, "  %2u %#14lx %#14lx %s+%#lx\n", i, i < our_count ? ours[i] : 0,
                        i < their_count ? theirs[i] : 0, info.dli_fname ? info.dli_fname : "?",
                        ip - (uintptr_t)info.dli_fbase);
        }
        fclose(out);
}

/* The frames libunwind sees from `leaf` outwards. */
static uint32_t libunwind_frames(uint64_t leaf, uint64_t *ips) {
        unw_context_t context;
        unw_cursor_t cursor;
        uint32_t count = 0;
        bool found = false;

        unw_getcontext(&context);
        unw_init_local(&cursor, &context);
        do {
                unw_word_t ip;

                unw_get_reg(&cursor, UNW_REG_IP, &ip);
                found = found || ip == leaf;
                if (found && ip != 0)
                        ips[count++] = ip;
        } while (count < WALK_DEPTH_MAX && unw_step(&cursor) > 0);
        return count;
}

static void compare(uint32_t stack_id, uint64_t leaf) {
        static __thread uint64_t ours[WALK_DEPTH_MAX], theirs[WALK_DEPTH_MAX];
        uint32_t our_count = 0, their_count = libunwind_frames(leaf, theirs), same = 0;
        struct dl_find_object found;

        for (uint32_t id = stack_id; id != 0; id = stack_table_node(session, &process->stacks, id)->parent)
                ours[our_count++] =
                        stack_table_node(session, &process->stacks, id)->frame & STACK_FRAME_ADDRESS_MASK;
        counts.compared++;
        counts.frames += our_count;
        while (same < our_count && same < their_count && ours[same] == theirs[same])
                same++;
        if (same == our_count && same == their_count)
                return;
        if (same == our_count && same > 0 &&
            _dl_find_object((void *)(uintptr_t)(ours[same - 1] - 1), &found) != 0) {
                counts.generated++;
                return;
        }
        /* Deeper than the limit: the walk gives up a part of the outermost kept frames at once. */
        if (same == our_count && their_count == WALK_DEPTH_MAX && our_count >= WALK_DEPTH_MAX / 2) {
                counts.cut++;
                return;
        }
        counts.different++;
        show(ours, our_count, theirs, their_count, same);
}

static void check(uintptr_t hook_sp) {
        uint32_t stack_id;

        if (!session || inside)
                return;
        inside = true;
        if (!walker) {
                uint32_t chunk = session_chunk_take(session);

                if (chunk == CHUNK_NONE)
                        abort();
                walker = session_chunk(session, chunk);
                walk_reset(walker, session, process,
                           getpid() == gettid() ? getauxval(AT_RANDOM) & ~UINT64_C(7)
                                                : (uintptr_t)pthread_self());
        }
        stack_id = walk_backtrace(walker, &walker->levels[0], hook_sp, 0);
        counts.events++;
        if (++since >= every) {
                since = 0;
                compare(stack_id, frame_of_caller(hook_sp).ip);
        }
        inside = false;
}

#define CHECK() check((uintptr_t)__builtin_frame_address(0))

HOOK void *malloc(size_t size) {
        void *block = resolved()->malloc(size);

        CHECK();
        return block;
}

HOOK void *calloc(size_t count, size_t size) {
        void *block = resolved()->calloc(count, size);

        CHECK();
        return block;
}

HOOK void *realloc(void *old, size_t size) {
        void *block = resolved()->realloc(old, size);

        CHECK();
        return block;
}

static void report(int code, void *unused) {
        const char *path = getenv("ORACLE_OUTPUT");
        int out;

        session = NULL;
        if (!path || (out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644)) < 0)
                return;
        dprintf(out,
                "oracle: events %lu compared %lu frames %lu different %lu generated %lu cut %lu nodes %u\n",
                counts.events, counts.compared, counts.frames, counts.different, counts.generated, counts.cut,
                (unsigned)process->stacks.node_count);
        close(out);
}

__attribute__((constructor)) static void start(void) {
        static const struct options options = { .depth = WALK_DEPTH_MAX };
        struct session *fresh = session_new(&options);
        const char *value = getenv("ORACLE_EVERY");

        if (value)
                every = strtoul(value, NULL, 10);
        if (!fresh)
                abort();
        process = session_chunk(fresh, session_chunk_take(fresh));
        process->depth = WALK_DEPTH_MAX;
        on_exit(report, NULL);
        session = fresh;
}
