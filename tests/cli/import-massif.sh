#!/usr/bin/env bash
# memtrace import: massif's files, each moment beside what massif says of it.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

cat >prog.c <<'END'
#include <stdlib.h>
#include <string.h>

static char *kept[300];

static __attribute__((noinline)) char *deep(int depth, size_t size) {
    char *block = depth ? deep(depth - 1, size) : malloc(size);
    __asm__ volatile("" : : "r"(block) : "memory");
    return block;
}

int main(void) {
    for (int i = 0; i < 300; i++)
        kept[i] = i % 3 ? malloc(100 + i) : deep(i % 5, 1000 + i);
    for (int i = 0; i < 20; i++)
        kept[i] = realloc(kept[i], 20000);
    for (int i = 0; i < 290; i++)
        free(kept[i]);
    for (int i = 0; i < 50; i++)
        free(strdup("small"));
    return kept[299] == 0;
}
END
cc -g -O1 -fno-builtin -o prog prog.c || exit 1

for unit in i B ms; do
    valgrind --tool=massif --time-unit=$unit --detailed-freq=3 --max-snapshots=60 --massif-out-file=massif.out.$unit ./prog >valgrind.log 2>&1 ||
        fail "massif: $(cat valgrind.log)"
    run 0 "$MEMTRACE" import massif.out.$unit
    out_empty
    err_lines 1
    err_has "imported as massif.out.$unit.mtr"
    run 0 "$MEMTRACE" verify massif.out.$unit.mtr
    out_has "whole"
    run 0 /usr/bin/python3 -B "$here/import_massif.py" "$MEMTRACE" massif.out.$unit massif.out.$unit.mtr
    out_has "the same"
    [ "$(cut -d' ' -f1 out)" -ge 5 ] || fail "only $(cat out)"
done
grep -q "below massif's threshold" massif.out.i || fail "massif sums up nothing"

# what each moment comes to, also without a tree, is the curve
/usr/bin/python3 - massif.out.B >wanted <<'END'
import sys
print(max(int(line[11:]) for line in open(sys.argv[1]) if line.startswith("mem_heap_B=")))
END
run 0 "$MEMTRACE" plot --format json massif.out.B.mtr
/usr/bin/python3 -c 'import json, sys
print(max(column["high"] for column in json.load(open("out"))["runs"][0]["columns"]))' >drawn 2>plot.log || sed -n 1,5p out
[ "$(cat wanted)" = "$(cat drawn)" ] || fail "the curve has $(cat drawn), massif $(cat wanted) $(cat plot.log)"

# by hand: places of other kinds, and moments without a tree
cat >hand <<'END'
desc: --depth=3
cmd: ./app  x
time_unit: ms
#-----------
snapshot=0
#-----------
time=0
mem_heap_B=0
mem_heap_extra_B=0
mem_stacks_B=0
heap_tree=empty
#-----------
snapshot=1
#-----------
time=10
mem_heap_B=100
mem_heap_extra_B=8
mem_stacks_B=0
heap_tree=detailed
n3: 100 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
 n2: 60 0x10AB: std::map<int, f(char)>::grow(int) (a.cc:7)
  n0: 50 0x20: main (src/./b.c:9)
  n0: 10 in 2 places, all below massif's threshold (1.00%)
 n0: 30 0x30: inflate (in /usr/lib/libz.so.1)
 n0: 10 0x40: ???
#-----------
snapshot=2
#-----------
time=20
mem_heap_B=130
mem_heap_extra_B=8
mem_stacks_B=0
heap_tree=empty
#-----------
snapshot=3
#-----------
time=30
mem_heap_B=85
mem_heap_extra_B=8
mem_stacks_B=0
heap_tree=empty
#-----------
snapshot=4
#-----------
time=40
mem_heap_B=50
mem_heap_extra_B=8
mem_stacks_B=0
heap_tree=peak
n1: 50 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
 n1: 50 0x10AB: std::map<int, f(char)>::grow(int) (a.cc:7)
  n0: 50 0x20: main (src/./b.c:9)
END
run 0 "$MEMTRACE" import hand
run 0 "$MEMTRACE" report --by traceback --frame leaf hand.mtr@snapshot-1
sed -n '/^Top/,$p' out >one
cat >other <<'END'
Top 4 of 4 tracebacks by live bytes at @snapshot-1 (0.010 s), 100 B in 4 blocks:
a.cc:7: size=50 B, count=1, average=50 B
  File "src/b.c", line 9
  File "a.cc", line 7
libz.so.1:inflate: size=30 B, count=1, average=30 B
  File "libz.so.1:inflate"
a.cc:7: size=10 B, count=1, average=10 B
  File "a.cc", line 7
<unknown>:<unresolved>: size=10 B, count=1, average=10 B
  File "<unknown>:<unresolved>"
END
diff one other >out || fail "other places"
run 0 "$MEMTRACE" report --by function --frame leaf hand.mtr@snapshot-1
out_has "std::map<int, f(char)>::grow(int)"
# without a tree: those of the one before, the largest first, and what is beyond them
sizes() { "$MEMTRACE" report --frame leaf hand.mtr@$1 | sed -n '/^Top/,$p' | tail -n +2; }
[ "$(sizes 20ms | head -2)" = "a.cc:7: size=60 B, count=2, average=30 B
libz.so.1:inflate: size=30 B, count=1, average=30 B" ] || fail "at 20 ms: $(sizes 20ms)"
sizes 20ms | grep -q "<unknown>:0: size=30 B, count=1" || fail "at 20 ms, the rest: $(sizes 20ms)"
[ "$(sizes 30ms)" = "a.cc:7: size=50 B, count=1, average=50 B
libz.so.1:inflate: size=30 B, count=1, average=30 B
<unknown>:0: size=5 B, count=1, average=5 B" ] || fail "at 30 ms: $(sizes 30ms)"
[ "$(sizes end)" = "a.cc:7: size=50 B, count=1, average=50 B" ] || fail "at the end: $(sizes end)"
run 0 "$MEMTRACE" report hand.mtr
out_has "NOT SEEN:    what was held between massif's snapshots; a block is all that a place held"
out_has "peak:        130 B at 0.020 s"

# a file that is cut in its last tree has the moments before
head -n -1 hand >cut
run 0 "$MEMTRACE" import cut
err_has "cut: cut short in line"
run 0 "$MEMTRACE" report cut.mtr@end
out_has "85 B"

wrong() {
    local what=$1
    sed "$2" hand >bad
    run 2 "$MEMTRACE" import -o bad.mtr bad
    out_empty
    err_lines 1
    err_has "memtrace: bad:$what"
    [ ! -e bad.mtr ] || fail "$what: something is left of it"
}
wrong "3: is not as massif writes it" 's/^time_unit: ms/time_unit: years/'
wrong "7: is not as massif writes it" '7s/time=0/time=x/'
wrong "8: is not as massif writes it" '8s/=0/=72057594037927937/'
wrong "11: is not as massif writes it" '11s/empty/full/'
wrong "20: is not as massif writes it" '20s/n3: /n: /'
wrong "20: a place is not where its tree has one" '20s/^/ /'
wrong "22: a place is not where its tree has one" '22s/^ //'
wrong "25: is not as massif writes it" '25s/0x40/40/'
wrong "26: is not as massif writes it" '20s/n3/n4/'
wrong "27: the places before come to 101 bytes, not 100" '25s/10 0x40/11 0x40/'
wrong "23: is not as massif writes it" '23s/n0/n1/'
wrong "5: is not as massif writes it" '5s/.*/what=1/'

finish
