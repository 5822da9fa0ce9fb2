#!/usr/bin/env bash
# memtrace ctl and the numbers that processes have: those of threads, and of pid namespaces from within and from outside.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >threaded.c <<'C'
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile kept;

static void *idle(void *none) {
        char byte;

        (void)!write(1, "ok\n", 3);
        (void)!read(0, &byte, 1);
        _exit(0);
        return none;
}

int main(void) {
        pthread_t thread;

        kept = malloc(12345);
        pthread_create(&thread, NULL, idle, NULL);
        pthread_join(thread, NULL);
}
C

# Two children, each pid 1 of its own namespace, that hold 1000 and 5000 bytes until their input ends, and then twice that.
cat >twins.c <<'C'
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

static pid_t twin(size_t bytes) {
        int ready[2];
        char byte;
        pid_t pid;

        if (pipe(ready) < 0)
                exit(1);
        pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid < 0)
                exit(77);
        if (pid == 0) {
                kept = malloc(bytes);
                (void)!write(ready[1], "", 1);
                while (read(0, &byte, 1) > 0)
                        ;
                usleep(bytes * 100); /* the first is gone before the other goes on */
                kept = malloc(bytes);
                exit(0);
        }
        (void)!read(ready[0], &byte, 1);
        return pid;
}

int main(void) {
        pid_t one = twin(1000), other = twin(5000);
        char line[50];

        (void)!write(1, line, (size_t)snprintf(line, sizeof(line), "%d %d\n", one, other));
        while (wait(NULL) > 0)
                ;
        return 0;
}
C
for program in threaded twins; do
    cc -O0 $program.c -o $program -pthread || fail "no program"
done
mkfifo to from

begin() { # PROGRAM: runs, and what it said is in `said`
    LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=$1-%p.mtr "./$1" <to >from &
    program=$!
    exec 3>to 4<from
    said=
    read -r -u 4 said
}
end() {
    exec 3>&- 4<&-
    wait $program
}
held() { # PID BYTES
    run 0 "$MEMTRACE" ctl --format csv "$1" stats
    grep -qx "live_bytes,$2"$'\r' out || fail "$1 does not hold $2"
}

# A thread's number means its process.
begin threaded
run 0 "$MEMTRACE" ctl --format csv $program stats
bytes=$(sed -n 's/^live_bytes,//p' out | tr -d '\r')
[ "$bytes" -gt 12345 ] || fail "it holds $bytes"
for task in /proc/$program/task/*; do
    held "${task##*/}" "$bytes"
done
[ "$task" != /proc/$program/task/$program ] || fail "it has one thread"
end

# Two processes of one family and of one number are two.
begin twins
if [ -z "$said" ]; then
    end
    [ $? = 77 ] || fail "twins: exit code $?"
    echo "no pid namespace can be had here"
    finish
    exit 77
fi
read -r one other <<<"$said"
held "$one" 1000
held "$other" 5000
run 0 "$MEMTRACE" ctl "$other" mark "of the other"
end
run 0 "$MEMTRACE" report --format json twins-1.mtr
cp out one
run 0 "$MEMTRACE" report --format json twins-1.1.mtr
/usr/bin/python3 - <<'END' >verdict 2>&1 || fail "the twins' traces: $(cat verdict)"
import json
totals = sorted(json.load(open(name))["totals"]["leaked_bytes"] for name in ("one", "out"))
assert totals == [2000, 10000], totals
END
run 0 "$MEMTRACE" snapshot list --format csv twins-1.mtr twins-1.1.mtr
[ "$(grep -c "of the other,mark,.*,5000,1" out)" = 1 ] || fail "not one mark, of the other"

# A whole namespace: within, where it has a /proc of its own, by the inner number, and from outside by the outer.
cat >within <<'W'
LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=within.mtr ./threaded <to >from &
program=$!
exec 3>to 4<from
read -r -u 4
"$MEMTRACE" ctl --format csv $program stats >inside
"$MEMTRACE" ctl --format csv $$ stats 2>shell
echo $program >>inside
mv inside told
read -r <&5
exec 3>&- 4<&-
wait $program
W
if ! unshare --pid --fork --mount-proc --kill-child true 2>why; then
    cat why
    finish
    exit 77
fi
mkfifo go
export LIBRARY MEMTRACE
unshare --pid --fork --mount-proc --kill-child bash within 5<>go &
outer=$!
until [ -e told ]; do sleep 0.01; done
inner=$(tail -1 told)
program=
for candidate in /proc/[0-9]*; do
    [ "$(readlink "$candidate/exe")" != "$work/threaded" ] ||
        ! grep -q "^NSpid:.${candidate#/proc/}.$inner$" "$candidate/status" || program=${candidate#/proc/}
done 2>>gone
held "$program" "$bytes"
grep -qx "live_bytes,$bytes"$'\r' told || fail "within: $(cat told)"
[ "$(cat shell)" = "memtrace: ctl: process 1 is not traced, or by nobody who can be asked" ] || fail "within, of the shell: $(cat shell)"
run 0 "$MEMTRACE" ctl "$program" mark "from outside"
echo >go
wait $outer
run 0 "$MEMTRACE" snapshot list --format csv within.mtr
out_has ",from outside,"
finish
