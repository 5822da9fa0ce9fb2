#!/usr/bin/env bash
# memtrace run --check: what the program leaves running is judged too, whether it begins, works or ends after it.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >late.c <<'C'
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile kept;

/* late MICROSECONDS | FIFO: nothing tells of it before */
int main(int argc, char **argv) {
        const char *when = argv[argc - 1];
        int fifo = *when == '/' ? open(when, O_RDONLY) : -1;

        if (fifo < 0)
                usleep((useconds_t)atoi(when));
        kept = malloc(4000);
        return 0;
}
C
cc -g -O0 -o late late.c || fail "no program"
rules() { printf '{ "schema": "memtrace-check/1", "programs": { "late": { "limits": { "leak": "%s" } } } }\n' "$1"; }
rules 3999B >less.json
rules 4000B >enough.json
check() { "$MEMTRACE" run -q --check "$@"; }

for us in 0 0 0 5000 50000; do
    run 1 check less.json -- sh -c "./late $us &"
    err_has "late.c:14: 4000 B in 1 block"
    run 0 check enough.json -- sh -c "(./late $us &) &"
done
rm -f ./memtrace.*.mtr

# it is told whom it waits for
mkfifo go
check enough.json -- sh -c "./late $work/go & echo \$! >pid" >out 2>err &
judged=$!
until grep -q "which the program left running" err || ! kill -0 $judged; do sleep 0.02; done
err_has "waiting for late ($(cat pid)), which the program left running"
: >go
wait $judged || fail "exit code $?, not 0"
err_lines 1
[ -z "$(ls ./memtrace.*.mtr 2>/dev/null)" ] || fail "traces of a run that passed are left"

# what has the traces' name in its environment and is not traced; and whose children are not
MEMTRACE_OUTPUT=$work/elsewhere.%p.mtr sleep 300 &
other=$!
MEMTRACE_OUTPUT=$work/elsewhere.%p.mtr run 0 check enough.json -- ./late 0
err_empty
kill $other
printf '{ "schema": "memtrace-check/1", "limits": { "leak": "1M" } }\n' >all.json
run 0 "$MEMTRACE" run -q --follow none --check all.json -- sh -c "./late $work/go & echo \$! >pid"
err_empty
kill "$(cat pid)"

# not for ever
run 2 check enough.json -- sh -c "./late $work/go & echo \$! >pid"
err_has "late ($(cat pid)) still runs 10 s after the program has ended, and is judged no further"
err_has "CANNOT JUDGE"
kill "$(cat pid)"
finish
