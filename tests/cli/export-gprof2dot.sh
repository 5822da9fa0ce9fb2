#!/usr/bin/env bash
# memtrace export --format gprof2dot: what gprof2dot adds up of it, and what it draws where it is installed (Debian has no package of it).
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/export_gprof2dot.py $MEMTRACE"

for scenario in small recursive frames marks hostile markup deep vast; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
cc -g -O0 -fno-builtin -w -o calls "$here/calls.c" || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o calls.mtr -- ./calls free
for cost in live leaked total count temporary; do
    run 0 $oracle $cost calls.mtr small.mtr recursive.mtr frames.mtr marks.mtr hostile.mtr markup.mtr deep.mtr vast.mtr
done
run 0 $oracle live calls.mtr@end small.mtr@5ms
run 0 "$MEMTRACE" snapshot save -o saved.json calls.mtr@peak
run 0 $oracle live saved.json

# the innermost first
run 0 "$MEMTRACE" export -f gprof2dot --cost count --function descend calls.mtr
jq -c '.costs, [.events[0].callchain[] as $at | .functions[$at]][0:3]' out >read
diff - read <<END || fail "another file"
[{"description":"count blocks","unit":"blocks"}]
[{"name":"descend","module":"calls"},{"name":"main","module":"calls"},{"name":"__libc_start_call_main","module":"libc.so.6"}]
END
finish
