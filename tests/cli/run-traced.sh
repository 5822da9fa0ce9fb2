#!/usr/bin/env bash
# memtrace run with the real library: the trace, its summary, and the program's own exit code.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *kept[10];
__attribute__((noinline)) void keep(void) {
    for (int i = 0; i < 10; i++)
        kept[i] = malloc(1000); /* KEEP */
}
__attribute__((noinline)) void waste(void) {
    for (int i = 0; i < 500; i++)
        free(calloc(1, 24)); /* WASTE */
}
int main(int argc, char **argv) {
    keep();
    waste();
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        _exit(9);
    if (argc > 1)
        abort();
    puts("done");
    return 3;
}
END
cc -g -O1 -fno-builtin -o program program.c || exit 1
keep_line=$(grep -n KEEP program.c | cut -d: -f1)
waste_line=$(grep -n WASTE program.c | cut -d: -f1)

run 3 "$MEMTRACE" run -o a.mtr -- ./program
out_is done
err_lines 5
err_has "exited with code 3"
err_has "lost events: 0"
err_has "a.mtr"
# what was never started has seen nothing
run 3 "$MEMTRACE" run --paused -o paused.mtr -- ./program
err_lines 6
err_has "  note:        no allocation was seen; was recording paused, or does the program bring its own allocator?"
run 0 "$MEMTRACE" verify a.mtr
run 0 "$MEMTRACE" report a.mtr --cost total --format json
/usr/bin/python3 - "$work/program.c" "$keep_line" "$waste_line" >verdict 2>&1 <<'END' || fail "report: $(cat verdict)"
import json, sys
report = json.load(open("out"))
path, keep, waste = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
entries = {(e["file"], e["line"]): e for e in report["entries"]}
assert entries[path, keep]["size"] == 10000 and entries[path, keep]["count"] == 10, entries
assert entries[path, keep]["function"] == "keep"
assert entries[path, waste]["size"] == 12000 and entries[path, waste]["count"] == 500, entries
assert report["process"]["ended"] == {"how": "exited", "code": 3}
assert report["totals"]["lost"] == 0 and report["damage"] == 0
END
run 0 "$MEMTRACE" report a.mtr@end
out_has "$work/program.c:$keep_line: size=10000 B, count=10, average=1000 B"

run 9 "$MEMTRACE" run -o b.mtr ./program exit
err_has "exited with code 9"
run 134 "$MEMTRACE" run -o c.mtr ./program abort
err_has "killed by SIGABRT"
run 137 "$MEMTRACE" run -o d.mtr sh -c 'kill -KILL $$'
err_has "killed by SIGKILL"
run 0 "$MEMTRACE" verify -q b.mtr c.mtr d.mtr

# while it runs, the trace is read as far as it goes
"$MEMTRACE" run -q -o live.mtr sh -c ': >begun; while [ ! -e enough ]; do sleep 0.02; done' 2>/dev/null &
while [ ! -e begun ]; do sleep 0.02; done
run 0 "$MEMTRACE" report live.mtr
out_has "still running"
out_has "live now:"
err_has "is still running"
run 0 "$MEMTRACE" verify live.mtr
: >enough
wait
run 0 "$MEMTRACE" verify live.mtr
err_empty
run 3 "$MEMTRACE" run -q ./program
err_empty
ls memtrace.program.*.mtr >/dev/null 2>&1 || fail "no trace by the default name"
mkdir elsewhere
run 3 "$MEMTRACE" run -o "elsewhere/%e-%p.mtr" ./program
err_lines 5
ls elsewhere/program-*.mtr >/dev/null 2>&1 || fail "no trace by the template"

# C++: templates of the standard library are lines of its headers, or with --skip-std of the caller
cat >container.cpp <<'END'
#include <map>
#include <string>
int main() {
    std::map<int, std::string> names;
    for (int i = 0; i < 50; i++)
        names[i] = std::string(200, 'x'); // PUT
    return names.size() != 50;
}
END
if c++ -g -O2 -o container container.cpp; then
    put_line=$(grep -n PUT container.cpp | cut -d: -f1)
    run 0 "$MEMTRACE" run -o container.mtr ./container
    run 0 "$MEMTRACE" report container.mtr
    out_has "/include/c++/"
    run 0 "$MEMTRACE" report --skip-std container.mtr
    out_has "$work/container.cpp:$put_line: size="
    out_has ", count=100, "
    out_lacks "/include/c++/"
fi

# exec: the summary is of the program that ended, and names the other trace
run 3 "$MEMTRACE" run -o exec.mtr -- env ./program
err_has "memtrace: program ("
err_has "exec.mtr is of what it was before its exec"
err_lines 6

# interpreters
printf '#!/bin/sh\n%s/program\n' "$work" >script && chmod +x script
run 3 "$MEMTRACE" run -o script-%p.mtr ./script
out_is done

finish
