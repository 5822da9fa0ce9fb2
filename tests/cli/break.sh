#!/usr/bin/env bash
# memtrace run --break-at: the program is stopped, ended, debugged or left alone when it holds more than a size.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >grow.c <<'C'
#include <stdlib.h>
#include <unistd.h>

int main(void) {
        for (int i = 0; i < 100; i++) {
                void *volatile kept = malloc(100000);

                (void)kept;
                usleep(2000);
        }
        return 3;
}
C
cc -g -O0 -o grow grow.c || fail "no program"
program="$work/grow"

# held NAME: the bytes that are held at the mark; more than the size, and little more
held() {
    "$MEMTRACE" snapshot list --format json "$1" | /usr/bin/python3 -c 'import json, sys
(moment,) = [m for m in json.load(sys.stdin)["traces"][0]["moments"] if m["name"] == "break-at"]
assert moment["kind"] == sys.argv[1], moment
assert 5 << 20 < moment["size"] < 9900000, moment' "$2" || fail "$1: no such moment"
}

run 3 "$MEMTRACE" run -q -o snapshot.mtr --break-at 5M:snapshot -- "$program"
err_empty
held snapshot.mtr snapshot

# stopped_process PATTERN: waits until stderr names one, in `pid`; "" where it never does
stopped_process() {
    for _ in $(seq 600); do
        pid=$(sed -n "s/^memtrace: $1\$/\\1/p" err)
        [ -n "$pid" ] && break
        sleep 0.05
    done
}

# stopped, it stays so until somebody lets it go on
for asked in 5M 5MiB:stop; do
    rm -f stop.mtr
    "$MEMTRACE" run -q -o stop.mtr --break-at $asked -- "$program" >out 2>err &
    memtrace=$!
    stopped_process '\([0-9]*\) has held more than .* is stopped.*'
    [ -n "$pid" ] || fail "nobody says that it is stopped"
    grep -q '^State:.*T' "/proc/$pid/status" || fail "it is not stopped"
    kill -CONT "$pid"
    wait $memtrace
    code=$?
    [ $code = 3 ] || fail "exit code $code after it went on"
    err_lines 1
    held stop.mtr mark
done

run 134 sh -c 'ulimit -c 0; exec "$@"' - "$MEMTRACE" run -q -o core.mtr --break-at 5M:core -- "$program"
held core.mtr mark

# gdb, or whatever has its name
mkdir bin
printf '#!/bin/sh\necho "$@" >%s/called\ngrep State /proc/$2/status >>%s/called\n' "$work" "$work" >bin/gdb
chmod +x bin/gdb
PATH=$work/bin:$PATH run 3 "$MEMTRACE" run -q -o gdb.mtr --break-at 5M:gdb -- "$program"
grep -q '^-p [0-9]*$' called || fail "gdb was called with $(cat called)"
grep -q 'T (stopped)' called || fail "it was not stopped for gdb"
rm bin/gdb
PATH=$work/bin run 3 "$MEMTRACE" run -q -o gdbless.mtr --break-at 5M:gdb -- "$program"
err_has "gdb: No such file or directory; the program goes on"

# a child that is stopped is told of, the program's stop being nobody else's, and no debugger takes the terminal
printf '#!/bin/sh\necho "$@" >%s/called\n' "$work" >bin/gdb
chmod +x bin/gdb
for asked in 5M 5M:gdb; do
    rm -f called child-*.mtr
    PATH=$work/bin:$PATH "$MEMTRACE" run -q -o child-%p.mtr --break-at $asked -- \
        sh -c 'sh -c "kill -STOP \$\$" & other=$!; ./grow; code=$?; kill -CONT $other; exit $code' >out 2>err &
    memtrace=$!
    stopped_process '\([0-9]*\) (grow), a child, has held more than 5120 KiB, and is stopped: gdb -p \1 attaches to it, kill -CONT \1 lets it go on'
    if [ -z "$pid" ]; then
        fail "nobody says that the child is stopped"
        kill -CONT $(ps -o pid= --ppid "$(pgrep -P $memtrace -x sh)") # it ends by itself
        continue
    fi
    grep -q '^State:.*T' "/proc/$pid/status" || fail "the child is not stopped"
    kill -CONT "$pid"
    wait $memtrace
    code=$?
    [ $code = 3 ] || fail "exit code $code after the child went on"
    err_lines 1
    held "child-$pid.mtr" mark
    [ ! -e called ] || fail "gdb was called for a child"
done
rm bin/gdb
# of three that get the signal, one held that much and ended
run 7 "$MEMTRACE" run -q -o ended-%p.mtr --break-at 5M:core -- \
    sh -c 'ulimit -c 0; ./grow; [ $? = 134 ] || exit 1; sh -c "kill -ABRT \$\$"; (trap "" ABRT; ./grow); exit 7'
grep -v '^Aborted' err >told
mv told err
err_lines 1
grep -q '^memtrace: [0-9]* (grow), a child, has held more than 5120 KiB, and was ended by SIGABRT$' err ||
    fail "nobody says that the child was ended"

# what is never held breaks nothing; and what a stop of somebody else's is, is not said
run 3 "$MEMTRACE" run -q -o never.mtr --break-at 1G -- "$program"
err_empty

for wrong in 5 5MB 0 M 5M: 5M:jump '5M:stop ' -5M; do
    run 2 "$MEMTRACE" run -q --break-at "$wrong" -- "$program"
    err_lines 1
    err_has "--break-at"
done
for wrong in 5 5x 99999999T 5M:gdb; do
    MEMTRACE_BREAK_AT=$wrong MEMTRACE_OUTPUT=$work/bare.%p.mtr LD_PRELOAD=$LIBRARY run 3 "$program"
    err_lines 1
    err_has "MEMTRACE_BREAK_AT=$wrong makes no sense"
done
MEMTRACE_BREAK_AT=5M:snapshot MEMTRACE_OUTPUT=$work/sized.mtr LD_PRELOAD=$LIBRARY run 3 "$program"
err_empty
held sized.mtr snapshot

finish
