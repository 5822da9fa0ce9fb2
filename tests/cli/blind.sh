#!/usr/bin/env bash
# A program with an allocator of its own: its heap is not seen, which is said, and what it tells of itself is recorded.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >blind.c <<'C'
#include <memtrace/memtrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

/* Not of the program's allocator, which has none: these come to the tracer. */
void *memalign(size_t alignment, size_t bytes);

int main(void) {
        size_t current = 1, peak = 1;
        void *frames[4];
        char line[8];
        pid_t child;

        memtrace_thread_name("first");
        memtrace_mark("begin");
        memtrace_scope_begin("all");
        memtrace_start();
        kept = malloc(1000);
        kept = memalign(64, 1000);
        printf("tracing %d, ", memtrace_is_tracing());
        printf("known %d: ", memtrace_get_traced_memory(&current, &peak));
        printf("%zu %zu %zu, ", current, peak, memtrace_object_traceback(kept, frames, 4));
        printf("overhead %d\n", memtrace_get_overhead() > 0);
        fflush(stdout);
        child = fork();
        if (child == 0) {
                memtrace_snapshot("child");
                return 0;
        }
        waitpid(child, NULL, 0);
        (void)!write(1, "ok\n", 3);
        (void)!read(0, line, sizeof(line));
        memtrace_scope_end("all");
        memtrace_snapshot("last");
        return 0;
}
C
cc -I "$INCLUDE" -fno-builtin blind.c "$PROGRAMS/neighbours/own-malloc.c" -o blind || fail "no program"
mkfifo to from

not_seen="blind brings its own malloc, which is called before this one: the heap is not seen"
MEMTRACE_SIGNAL=USR2 LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=blind-%p.mtr ./blind <to >from 2>said &
program=$!
exec 3>to 4<from
read -r -u 4 told
read -r -u 4 _
[ "$told" = "tracing 0, known 0: 0 0 0, overhead 1" ] || fail "it says $told"
[ "$(cat said)" = "memtrace: $not_seen" ] || fail "on stderr: $(cat said)"

for verb in start stop; do
    run 2 "$MEMTRACE" ctl $program $verb
    out_empty
    [ "$(cat err)" = "memtrace: ctl: process $program has an allocator of its own: its heap is not seen, and there is nothing to start or stop" ] ||
        fail "$verb: $(cat err)"
done
run 0 "$MEMTRACE" ctl $program mark outside
kill -USR2 $program
run 0 "$MEMTRACE" ctl --format csv $program stats
out_has "heap_seen,0"
out_has "allocations,0"
out_has "paused,1"
echo end >&3
wait $program || fail "it exits with $?"

run 0 "$MEMTRACE" verify blind-$program.mtr
sed -i 's/[0-9]* blocks/BLOCKS/' out
out_is "blind-$program.mtr: whole: BLOCKS, 0 events, 0 lost while tracing"
run 0 "$MEMTRACE" report blind-$program.mtr
out_has "NOT SEEN:    $not_seen"
run 0 "$MEMTRACE" snapshot list --format csv blind-$program.mtr
grep -E ',(mark|snapshot),' out | cut -d, -f 2,3 >moments
printf '%s\n' begin,mark outside,mark last,snapshot | diff moments - >difference || fail "moments: $(cat difference)"
run 0 "$MEMTRACE" plot --format json blind-$program.mtr
/usr/bin/python3 -c 'import json
assert [s["name"] for s in json.load(open("out"))["runs"][0]["scopes"]] == ["all"]' || fail "its scope"
run 0 "$MEMTRACE" export --format chrome blind-$program.mtr
out_has '"first"'
rm blind-$program.mtr
run 0 "$MEMTRACE" snapshot list --format csv blind-*.mtr # its child's
out_has ",child,snapshot,"
finish
