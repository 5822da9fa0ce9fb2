#!/usr/bin/env bash
# memtrace ctl where it cannot be obeyed, or not at once: each is one line that says why, and none hangs.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

# Holds 1000 bytes, and its child, from when it is told to, 5000; each until its input ends.
cat >holds.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

int main(void) {
        char line[2];
        pid_t child;

        kept = malloc(1000);
        child = fork();
        if (child == 0 && read(0, line, 1) == 1)
                kept = malloc(5000);
        while (child == 0 && read(0, line, 1) > 0)
                ;
        if (child != 0)
                waitpid(child, NULL, 0);
        return 0;
}
C
cc -O0 holds.c -o holds || fail "no program"
mkfifo to

begin() {
    rm -f ./*.mtr
    LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=holds.mtr ./holds <to &
    program=$!
    exec 3>to
    until child=$(pgrep -P "$program"); do sleep 0.01; done
    collector=$(find /proc/[0-9]*/fd -lname "$work/holds.mtr" 2>>killed | cut -d/ -f3)
    [ -n "$collector" ] || fail "no collector"
}
end() {
    exec 3>&-
    wait "$program"
}
stopped() { # PID: it is, when this returns
    kill -STOP "$1"
    until grep -q '^State:.T' "/proc/$1/status"; do sleep 0.01; done
}
refused() { # WORDS ARGUMENT...: what ctl says, after its name
    local words=$1
    shift
    run 2 "$MEMTRACE" ctl "$@"
    out_empty
    [ "$(cat err)" = "memtrace: ctl: $words" ] || fail "not '$words'"
}
held() { # PID BYTES
    run 0 "$MEMTRACE" ctl --format csv "$1" stats
    grep -qx "live_bytes,$2"$'\r' out || fail "$1 does not hold $2"
}
later() { # ARGUMENT...: ctl in the background, which has asked when this returns
    "$MEMTRACE" ctl "$@" >out 2>err &
    asking=$!
    while kill -0 $asking && ! grep -q memtrace-control "/proc/$asking/maps"; do sleep 0.01; done 2>>killed
    sleep 0.1
}
comes_to() { # CODE WORDS: what became of it
    wait $asking
    local code=$?
    [ $code = "$1" ] || fail "exit code $code, not $1"
    [ "$(cat err)" = "$2" ] || fail "not '$2'"
}

# A fork child has no trace before its first event, and its own afterwards.
begin
held $program 1000
refused "process $child was forked by one that is traced, and has recorded nothing since, or is not followed" $child stats
echo >&3
until "$MEMTRACE" ctl --format csv $child stats 2>&1 | grep -qx live_bytes,5000$'\r'; do sleep 0.01; done
held $program 1000
run 0 "$MEMTRACE" ctl $child mark of-the-child
refused "process $collector is the one that writes a trace, and not the program" $collector stats

# Several at once are served one after the other.
for i in 1 2 3 4 5 6 7 8; do
    "$MEMTRACE" ctl $program mark "mark $i" 2>>several &
    askers[i]=$!
done
for i in 1 2 3 4 5 6 7 8; do
    wait ${askers[i]} || fail "mark $i: exit code $?"
done
[ ! -s several ] || fail "$(cat several)"
# One that keeps its turn is waited for, and no longer than is said.
page=$(find "/proc/$collector/fd" -lname '*memtrace-control*')
flock --no-fork "$page" sleep 100 &
keeper=$!
until ! flock --nonblock "$page" true; do sleep 0.01; done
refused "another memtrace ctl keeps collector $collector busy" $program stats
kill $keeper
wait $keeper 2>>killed

# A stopped program is none of the collector's business; a stopped collector is asked in vain, and what was
# asked is not done when it goes on.
stopped $program
held $program 1000
kill -CONT $program
stopped $collector
refused "no answer within 3 s: is collector $collector stopped?" $program mark late
# one that dies over it leaves what it asked behind, and the next is not kept longer for that
later $program mark abandoned
kill -KILL $asking
wait $asking 2>>killed
refused "no answer within 3 s: is collector $collector stopped?" $program stats
later $program mark "in time"
kill -CONT $collector
comes_to 0 ""
held $program 1000
end
run 0 "$MEMTRACE" snapshot list --format csv holds.mtr
[ "$(grep -c ',mark,' out)" = 10 ] || fail "not the marks"
out_lacks ",late,"
out_has ",in time,"
run 0 "$MEMTRACE" snapshot list --format csv holds.$child.mtr holds.*.mtr
out_has ",of-the-child,"

# A program that ends meanwhile, and one whose collector does.
begin
stopped $collector
later $program stats
kill -KILL $child $program
wait $program 2>>killed
kill -CONT $collector
comes_to 2 "memtrace: ctl: process $program has ended"
end
refused "there is no process $program" $program stats
# one that nobody has waited for
/usr/bin/python3 -c 'import os, time
child = os.fork() or os._exit(0)
print(child, flush=True)
time.sleep(100)' >zombie &
parent=$!
until [ -s zombie ] && grep -q '^State:.Z' "/proc/$(cat zombie)/status"; do sleep 0.01; done 2>>killed
refused "process $(cat zombie) has ended" "$(cat zombie)" stats
kill $parent
wait $parent 2>>killed
begin
stopped $collector
later $program stats
kill -KILL $collector
comes_to 2 "memtrace: ctl: process $program is not traced any more: its collector is gone"
refused "process $program is not traced, or by nobody who can be asked" $program stats
end 2>>killed

# Another user's.
if setpriv --reuid=65534 --clear-groups --inh-caps=-all test -x "$MEMTRACE" 2>>killed; then
    begin
    run 2 setpriv --reuid=65534 --clear-groups --inh-caps=-all "$MEMTRACE" ctl $program stats
    [ "$(cat err)" = "memtrace: ctl: process $program is not yours to ask about: Permission denied" ] || fail "another user"
    end
else
    echo "skip another user: $(tail -1 killed)"
fi
finish
