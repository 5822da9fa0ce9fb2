#!/usr/bin/env bash
# memtrace ctl: a running program is switched, its moments are named, and its numbers told, from outside.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

# Allocates what each line of its input says, and answers; "busy" until a signal.
cat >obeys.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile kept;

int main(void) {
        static char line[100], room[BUFSIZ];

        setvbuf(stdin, room, _IOFBF, sizeof(room));
        for (;;) {
                (void)!write(1, "ok\n", 3);
                if (!fgets(line, sizeof(line), stdin))
                        return 0;
                if (line[0] == 'f')
                        free(kept);
                else if (line[0] == 'b')
                        for (;;)
                                free(malloc(10));
                else
                        kept = malloc(strtoul(line, NULL, 10));
        }
}
C
cc -g -O0 -fno-builtin -o obeys obeys.c || fail "no program"
mkfifo to from

begin() { # VARIABLE=VALUE...: the program, waiting for a line
    rm -f ./*.mtr
    env "$@" "LD_PRELOAD=$LIBRARY" MEMTRACE_OUTPUT=obeys.mtr ./obeys <to >from &
    program=$!
    exec 3>to 4<from
    read -r -u 4 _
}
tell() { echo "$1" >&3 && read -r -u 4 _ || fail "the program is gone"; }
end() { exec 3>&- 4<&-; wait "$program"; }
stats() { # NAME...: their values
    "$MEMTRACE" ctl --format json "$program" stats | /usr/bin/python3 -c 'import json, sys
stats = json.load(sys.stdin)
print(*(stats[name] for name in sys.argv[1:]))' "$@"
}
expect() { # VALUES NAME...
    local values=$1
    shift
    [ "$(stats "$@")" = "$values" ] || fail "$*: $(stats "$@"), and not $values"
}
ctl() {
    run 0 "$MEMTRACE" ctl "$program" "$@"
    err_empty
    out_empty
}
err_is() { [ "$(cat err)" = "$1" ] || fail "not '$1'"; }

begin MEMTRACE_ENABLE=0
expect "1 0 0 0" paused allocations live_bytes threads
tell 1000
tell free
expect "1 0 0 0" paused allocations live_bytes foreign_frees
tell 2000
ctl start
expect "0 0" paused allocations
tell free
expect "0 0 1" allocations frees foreign_frees
tell 3000
expect "3000 1 3000 3000" live_bytes live_blocks peak_bytes peak_since_reset_bytes
ctl mark "three thousand"
tell free
ctl reset-peak
expect "0 0 3000 0" live_bytes live_blocks peak_bytes peak_since_reset_bytes
tell 500
ctl snapshot five
ctl stop
tell 70000
expect "1 500 3000 500 2" paused live_bytes peak_bytes peak_since_reset_bytes allocations
"$MEMTRACE" ctl "$program" stats >text || fail "no stats"
grep -qx 'held now              500 B' text || fail "$(cat text)"
"$MEMTRACE" ctl --format csv "$program" stats >csv || fail "no stats"
[ "$(head -2 csv)" = $'name,value\r\nlive_bytes,500\r' ] || fail "$(cat csv)"
# another that dies while it asks leaves no lock
for _ in 1 2 3 4 5; do
    timeout -s KILL 0.003 "$MEMTRACE" ctl "$program" stats >killed 2>&1
done
expect "500 0" live_bytes lost
end
run 0 "$MEMTRACE" verify obeys.mtr
"$MEMTRACE" snapshot list --format json obeys.mtr | /usr/bin/python3 -c 'import json, sys
moments = {m["name"]: (m["kind"], m["size"]) for m in json.load(sys.stdin)["traces"][0]["moments"]}
assert moments["three thousand"] == ("mark", 3000), moments
assert moments["five"] == ("snapshot", 500), moments' || fail "its moments"

# One that is at it: no event comes after it has stopped.
begin MEMTRACE_ENABLE=1
echo busy >&3
ctl stop
for _ in $(seq 100); do
    stopped=$(stats frees allocations)
    [ "$(stats frees allocations)" != "$stopped" ] || break
done
expect "$stopped 1 0" frees allocations paused lost
ctl start
for _ in $(seq 500); do
    [ "$(stats frees allocations)" = "$stopped" ] || break
done
[ "$(stats frees allocations)" != "$stopped" ] || fail "it does not start again"
kill -TERM "$program"
end

# The same by a signal, where it is asked for and free.
kept() { # the program's answer comes after the signal's handler
    tell free
    kill -USR2 "$program"
    tell "$1"
}
begin MEMTRACE_SIGNAL=USR2
tell 1000
kept 2000
expect "1 0 1000 1" paused live_bytes peak_bytes frees
kept 3000
expect "0 3000 3000 1" paused live_bytes peak_bytes foreign_frees
end
begin MEMTRACE_SIGNAL=USR2:snapshot
kept 4000
kept 5000
end
"$MEMTRACE" snapshot list --format json obeys.mtr | /usr/bin/python3 -c 'import json, sys
moments = [m["name"] for m in json.load(sys.stdin)["traces"][0]["moments"] if m["kind"] == "snapshot"]
assert moments == ["signal", "signal#2"], moments' || fail "snapshots by a signal"
# one that has a handler of its own, or ignores it, keeps that
run 7 env "LD_PRELOAD=$LIBRARY" MEMTRACE_OUTPUT=own.mtr MEMTRACE_SIGNAL=USR2 bash -c 'trap "exit 7" USR2; kill -USR2 $$; exit 1'
err_empty
run 3 bash -c "trap '' USR2; LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=ignored.mtr MEMTRACE_SIGNAL=USR2 exec sh -c 'kill -USR2 \$\$; exit 3'"
err_is "memtrace: the signal of MEMTRACE_SIGNAL is handled or ignored already: it is left alone"
run 0 env "LD_PRELOAD=$LIBRARY" MEMTRACE_OUTPUT=bad.mtr MEMTRACE_SIGNAL=KILL true
err_is "memtrace: MEMTRACE_SIGNAL=KILL makes no sense: USR1 or USR2, and behind it :toggle or :snapshot or nothing; the default is used"

# What cannot be.
sleep 100 &
untraced=$!
run 2 "$MEMTRACE" ctl $untraced stats
err_is "memtrace: ctl: process $untraced is not traced, or by nobody who can be asked"
kill $untraced
wait $untraced
run 2 "$MEMTRACE" ctl $untraced stats
err_is "memtrace: ctl: there is no process $untraced"
run 2 "$MEMTRACE" ctl
err_is "memtrace: ctl: a process and what to do are needed; see memtrace ctl --help"
for word in x 0 -- -1 1x 99999999999 ''; do
    run 2 "$MEMTRACE" ctl -- "$word" stats
done
run 2 "$MEMTRACE" ctl 1x stats
err_is "memtrace: ctl: '1x' is no process number"
run 2 "$MEMTRACE" ctl 1 jump
err_is "memtrace: ctl: 'jump' is none of start, stop, snapshot, mark, reset-peak, stats"
run 2 "$MEMTRACE" ctl 1 mark
err_is "memtrace: ctl: mark takes one name"
run 2 "$MEMTRACE" ctl 1 stop now
err_is "memtrace: ctl: stop takes nothing more"
run 2 "$MEMTRACE" ctl 1 mark "$(printf '%0256d' 1)"
err_is "memtrace: ctl: a name has 1 to 255 bytes"
finish
