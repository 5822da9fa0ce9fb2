#!/usr/bin/env bash
# memtrace export --format callgrind, read by valgrind's callgrind_annotate.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/export_callgrind.py $MEMTRACE"

for scenario in small recursive frames marks lossy hostile markup deep; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
cp "$here/calls.c" .
cc -g -O0 -fno-builtin -w -o calls calls.c || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o calls.mtr -- ./calls free
for cost in live leaked total count temporary; do
    run 0 $oracle $cost calls.mtr small.mtr recursive.mtr frames.mtr marks.mtr lossy.mtr hostile.mtr markup.mtr deep.mtr
done
run 0 $oracle live calls.mtr@end small.mtr@5ms recursive.mtr@30%
run 0 "$MEMTRACE" snapshot save -o saved.json calls.mtr@peak
run 0 $oracle live saved.json
run 0 $oracle total calls.mtr --frame leaf

# what stands at which line, and whom it calls: itself, in a circle, at two lines
run 0 "$MEMTRACE" export -f callgrind --cost total --function descend -o descend.callgrind calls.mtr
sed -n '/^32 6 6$/,/^$/p' descend.callgrind | sed 's/([0-9]*)/()/' >out
out_is "32 6 6
33 0 0
cfn=()
calls=5 32
33 0 0
"
# a file that only calls has a cost too, or callgrind_annotate complains
cat >only.h <<'S'
static void *leaf(void);
__attribute__((noinline)) static void *only_calls(void) {
    void *made = leaf();
    __asm__ volatile("" ::: "memory");
    return made;
}
S
cat >only.c <<'S'
#include <stdlib.h>
#include "only.h"
__attribute__((noinline)) static void *leaf(void) {
    return malloc(77);
}
int main(void) {
    return !only_calls();
}
S
gcc -g -O1 -o only only.c || fail "cannot compile"
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run --quiet -o only.mtr ./only
run 0 "$MEMTRACE" export -f callgrind -o only.callgrind only.mtr
run 0 env -C / callgrind_annotate --show-percs=no --inclusive=yes "$work/only.callgrind"
out_has "only.h:only_calls "
err_empty
run 0 "$MEMTRACE" export -f callgrind --cost count -o count.callgrind calls.mtr
run 0 callgrind_annotate --show-percs=no --tree=both count.callgrind
out_has "Blocks Bytes"
grep -qE '^ +9 +339 +> +\S*calls.c:visit \(12x\) ' out || fail "walk calls visit otherwise"

# a function's lines in order; nothing of where stacks begin that nobody calls into, nor of what the cost has nothing of
run 0 "$MEMTRACE" export -f callgrind calls.mtr@end
awk '/^fn=/ { last = 0 } /^[0-9]/ { if ($1 < last) exit 1; last = $1 }' out || fail "lines are not in order"
out_lacks "(stacks begin)"
run 0 "$MEMTRACE" export -f callgrind --cost temporary calls.mtr
out_lacks "calls=0 "

# nothing to show
run 0 "$MEMTRACE" snapshot save -o nothing.json calls.mtr@start
run 0 "$MEMTRACE" export -f callgrind -o nothing.callgrind nothing.json
[ "$(sed -n 's/^summary: //p' nothing.callgrind)" = "0 0" ] || fail "something of nothing"
finish
