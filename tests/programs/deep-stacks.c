/* Recursion: a stack within the depth limit is kept frame by frame, a deeper one to the limit. */
#include "harness.h"

enum { FORMAT_LIMIT = 1024 };

static volatile int sink;

static __attribute__((noinline)) void descend(int depth) {
        if (depth == 0)
                h_malloc(64);
        else
                descend(depth - 1);
        sink++;
}

int main(int argc, char **argv) {
        int depth = argc > 1 ? atoi(argv[1]) : 100;

        descend(depth);
        h_report(H_ONE_THREAD, "exited", 0);
        /* the recursive call's return address stands once for each level; the innermost frame is the
         * call of malloc, and all others of a stack at the limit are that one */
        if (depth > FORMAT_LIMIT)
                h_say("heap deepest %d\nheap repeated %d\n", FORMAT_LIMIT, FORMAT_LIMIT - 1);
        else
                h_say("heap repeated %d\n", depth);
        return 0;
}
