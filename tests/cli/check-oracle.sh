#!/usr/bin/env bash
# What memtrace check measured, beside what memtrace report says of the same runs, and of places' peaks beside what
# was done to them: see check_oracle.py.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >use.h <<'C'
#include <stdlib.h>
static inline void *inlined(size_t size_bytes) { return calloc(1, size_bytes); }
C
cat >use.c <<'C'
#include "use.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept[3000];

static void *churn(void *argument) {
        for (int i = 0; i < 200; i++) {
                void *volatile block = malloc(64 + (size_t)i % 7);

                kept[i] = i % 3 ? NULL : strdup("kept");
                free(block);
        }
        return argument;
}

/* Three of 700 bytes at once, two of them freed, and two more: its peak is 2100. */
static void teeth(void) {
        void *volatile blocks[3];

        for (int i = 0; i < 3; i++)
                blocks[i] = malloc(700);
        free(blocks[0]);
        free(blocks[1]);
        kept[500] = realloc(blocks[2], 900);
        kept[501] = malloc(0);
}

int main(int argc, char **argv) {
        pthread_t thread;
        int children = argc > 1 ? atoi(argv[1]) : 0;

        for (int i = 0; i < children; i++)
                if (fork() == 0) {
                        kept[600 + i] = inlined(1000 - (size_t)i);
                        _exit(0);
                }
        while (wait(NULL) > 0)
                ;
        pthread_create(&thread, NULL, churn, NULL);
        pthread_join(thread, NULL);
        for (int i = 0; i < 10; i++)
                kept[700 + i] = inlined(40);
        for (int i = 0; i < 5; i++)
                free(kept[700 + i]);
        teeth();
        return 0;
}
C
cc -g -O1 -pthread -o use use.c || fail "no program"
"$MEMTRACE" run -q -o use.%p.mtr -- ./use 2 || fail "use"
set -- use.*.mtr
[ $# = 3 ] || fail "$# traces of three processes"
run 0 python3 "$here/check_oracle.py" "$MEMTRACE" "$@"
grep -q '^[1-9][0-9]* numbers are the same$' out || fail "nothing was compared"

# places' peaks: by the code above
run 1 "$MEMTRACE" check "$@" --each --by function --max-peak 899B
[ "$(grep -c '^use.c:\|^use.h:\|^/.*/use\.[ch]:' out)" = 2 ] || fail "not two functions"
out_has "use.c:teeth: 2100 B"
out_has "use.h:inlined: 1000 B"

finish
