#!/usr/bin/env bash
# memtrace export --format massif, read by valgrind's ms_print.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

for scenario in small story marks frames recursive hostile empty deep; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
cp "$GOLDEN/v1.mtr" golden.mtr
run 0 /usr/bin/python3 "$here/export_massif.py" "$MEMTRACE" small.mtr story.mtr marks.mtr frames.mtr recursive.mtr hostile.mtr golden.mtr
# the run of 12 s has all the snapshots there can be, that of 12 ms one for each
out_has "story.mtr 100 snapshots"
out_has "small.mtr 14 snapshots, peak 5"

# who holds the peak, to the letter; a fiftieth of what is held is too little to be told by itself
run 0 "$MEMTRACE" export -f massif small.mtr
sed -n '/heap_tree=peak/,/^#/p' out | sed '1d;$d' | diff - <(
    cat <<'END'
n3: 16496 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
 n0: 10000 0x401010: ??? (in app+0x401010)
 n1: 4096 0x402020: ??? (in app+0x402020)
  n0: 4096 0x401010: ??? (in app+0x401010)
 n1: 2400 0x403030: ??? (in app+0x403030)
  n1: 2400 0x402020: ??? (in app+0x402020)
   n0: 2400 0x401010: ??? (in app+0x401010)
END
) >difference || fail "the peak's tree: $(cat difference)"
[ "$(head -n 3 out)" = "desc: (none)
cmd: app --input 'two words'
time_unit: ms" ] || fail "another head"
run 0 "$MEMTRACE" export -f massif recursive.mtr
out_has "    n0: 16 in 1 place, below massif's threshold (1.00%)"
out_has "   n0: 200 in 2 places, all below massif's threshold (1.00%)"
run 0 "$MEMTRACE" export -f massif --frame leaf small.mtr
out_has " n1: 2400 0x7F0000005050: ??? (in libc.so.6+0x5050)"

# nothing ever held: no peak
run 0 "$MEMTRACE" export -f massif -o empty.massif empty.mtr
! grep -q peak empty.massif || fail "a peak of nothing"
run 0 ms_print empty.massif

# no deeper than ms_print likes it
run 0 "$MEMTRACE" export -f massif -o deep.massif deep.mtr
[ "$(sed -n 's/^\( *\)n0: .*/\1/p' deep.massif | awk '{ if (length > most) most = length } END { print most }')" = 90 ] ||
    fail "not 90 frames"
run 0 ms_print deep.massif
err_empty

# a block in the middle is lost: what is known stands there all the same
/usr/bin/python3 -c '
data = bytearray(open("frames.mtr", "rb").read())
blocks = [at for at in range(len(data) - 4) if data[at:at + 4] == b"MTRB"]
data[blocks[4] + 112 + 3] ^= 0xff
open("hurt.mtr", "wb").write(data)'
run 0 /usr/bin/python3 "$here/export_massif.py" "$MEMTRACE" hurt.mtr

for moment in small.mtr@peak small.mtr@5ms; do
    run 2 "$MEMTRACE" export -f massif "$moment"
    out_empty
    err_lines 1
    err_has "massif: it is of a whole run"
done
run 0 "$MEMTRACE" snapshot save -o saved.json small.mtr@peak
run 2 "$MEMTRACE" export -f massif saved.json
err_has "massif: it is of a whole run"
run 2 "$MEMTRACE" export -f massif --function main small.mtr
err_has "leaves nothing out"
finish
