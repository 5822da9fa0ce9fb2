/* Chunks of a session: open, zeroed, each given to one taker. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/session.h"

/* The address sanitizer's own shadow is larger than any limit that says something here. */
#ifdef __SANITIZE_ADDRESS__
#define SKIP_UNDER_ASAN() cr_skip_test("no limit on the address space under the address sanitizer")
#else
#define SKIP_UNDER_ASAN() ((void)0)
#endif

Test(session, chunks_are_distinct_zeroed_and_writable) {
        struct options options = { .depth = 7 };
        struct session *session = session_new(&options);
        uint32_t seen[64];

        cr_assert_not_null(session);
        cr_assert_eq(session->options.depth, 7);
        for (uint32_t i = 0; i < 64; i++) {
                unsigned char *chunk;

                seen[i] = session_chunk_take(session);
                cr_assert_neq(seen[i], CHUNK_NONE);
                for (uint32_t j = 0; j < i; j++)
                        cr_assert_neq(seen[i], seen[j]);
                chunk = session_chunk(session, seen[i]);
                cr_assert_eq(chunk[0] | chunk[CHUNK_BYTES - 1], 0);
                memset(chunk, 0xff, CHUNK_BYTES);
        }
        session_chunk_give(session, seen[3]);
        cr_assert_eq(session_chunk_take(session), seen[3], "what was given back is taken again");
        cr_assert_eq(*(uint64_t *)session_chunk(session, seen[3]), 0, "and zeroed");
        session_free(session);
}

Test(session, a_small_reservation_serves_under_a_limit_and_says_when_it_is_used_up) {
        struct options options = { .depth = 1 };
        struct rlimit limit = { UINT64_C(512) << 20, UINT64_C(512) << 20 };
        struct session *session;
        uint32_t taken = 0;

        SKIP_UNDER_ASAN();
        cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
        session = session_new(&options);
        cr_assert_not_null(session);
        cr_assert_eq(session->chunk_count, CHUNK_COUNT_SMALL);
        errno = 1234;
        while (session_chunk_take(session) != CHUNK_NONE)
                taken++;
        cr_assert_eq(taken, CHUNK_COUNT_SMALL - 1, "chunk 0 is the session's own");
        cr_assert_eq(errno, 1234);
        session_free(session);
}

Test(session, no_room_at_all_is_an_error_not_a_crash) {
        struct options options = { .depth = 1 };
        struct rlimit limit = { 0, RLIM_INFINITY };

        SKIP_UNDER_ASAN();
        cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
        cr_assert_null(session_new(&options));
        cr_assert_eq(errno, ENOMEM);
}

Test(session, a_chunk_taken_in_a_child_is_taken_for_the_parent) {
        struct options options = { .depth = 1 };
        struct session *session = session_new(&options);
        int status;
        pid_t child = fork();

        if (child == 0) {
                uint32_t chunk = session_chunk_take(session);

                *(uint32_t *)session_chunk(session, chunk) = 99;
                _exit((int)chunk);
        }
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFEXITED(status));
        cr_assert_neq(session_chunk_take(session), WEXITSTATUS(status));
        cr_assert_eq(mprotect(session_chunk(session, (uint32_t)WEXITSTATUS(status)), CHUNK_BYTES, PROT_READ),
                     0);
        cr_assert_eq(*(uint32_t *)session_chunk(session, (uint32_t)WEXITSTATUS(status)), 99);
        session_free(session);
}
