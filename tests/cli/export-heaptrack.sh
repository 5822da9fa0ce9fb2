#!/usr/bin/env bash
# memtrace export --format heaptrack, read by heaptrack_print.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

for scenario in small temporaries marks frames recursive story killed; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
cp "$GOLDEN/v1.mtr" golden.mtr
echo '[1, [2, "three"], {"four": 5}]' >in.json
run 0 env LD_PRELOAD="$LIBRARY" MEMTRACE_OUTPUT=jq.mtr jq -c '[.. | numbers] | add' in.json
out_is 8
run 0 /usr/bin/python3 "$here/export_heaptrack.py" "$MEMTRACE" small.mtr frames.mtr recursive.mtr story.mtr \
    killed.mtr golden.mtr temporaries.mtr jq.mtr
# what heaptrack cannot tell as temporary, and the rest
out_has "temporaries.mtr 8 of 10 temporary"
out_has "recursive.mtr 2 of 2 temporary"
out_has "small.mtr 1 of 1 temporary"

# to the letter: info 0 is never named, and a free of an older block of the site names a second one
run 0 "$MEMTRACE" export -f heaptrack marks.mtr
out_is "v 10400 1
X app --input 'two words'
I 1000 0
s /nonexistent/bin/app
s app+0x401010
i 401010 1 2 0 0
t 1 0
a 3e8 1
a 3e8 1
s app+0x402020
i 402020 1 3 0 0
t 2 1
a a 2
+ 1
c 2
+ 2
+ 2
c 4
- 1
+ 2
c 6
a a 2
- 3
R 0"

# and back: a second one is no site of its own
totals() { "$MEMTRACE" report --format json "$1" | /usr/bin/python3 -c 'import json, sys
totals = json.load(sys.stdin)["totals"]
print([totals[name] for name in ("allocations", "frees", "allocated_bytes", "peak_bytes", "leaked_bytes", "leaked_blocks", "lost")])'; }
for trace in marks story; do
    run 0 "$MEMTRACE" export -f heaptrack -o $trace.again $trace.mtr
    run 0 "$MEMTRACE" import $trace.again
    [ "$(totals $trace.again.mtr)" = "$(totals $trace.mtr)" ] || fail "$trace: $(totals $trace.again.mtr), and not $(totals $trace.mtr)"
done
[ "$(totals marks.mtr)" = "[4, 2, 1030, 1020, 20, 2, 0]" ] || fail "marks: $(totals marks.mtr)"
run 0 "$MEMTRACE" export -f heaptrack --frame leaf small.mtr
out_has "s /nonexistent/lib/libc.so.6"

# compressed, as heaptrack itself writes it
run 0 heaptrack_print -f story.mtr.heaptrack
mv out story.printed
grep -q "^calls to allocation functions: 5936 " story.printed || fail "other calls: $(cat story.printed)"
for file in story.gz story.zst; do
    run 0 "$MEMTRACE" export -f heaptrack -o "$file" story.mtr
    run 0 heaptrack_print -f "$file"
    sed 's/story\.gz/story.mtr.heaptrack/; s/story\.zst/story.mtr.heaptrack/' out | cmp -s - story.printed || fail "$file is read as another"
done

# nothing at all, and names that try to be lines
"$MAKE_TRACE" empty empty.mtr
run 0 "$MEMTRACE" export -f heaptrack empty.mtr
out_is "v 10400 1
X /nonexistent/bin/app
I 1000 0
R 0"
"$MAKE_TRACE" hostile hostile.mtr
run 0 "$MEMTRACE" export -f heaptrack -o hostile.heaptrack hostile.mtr
! grep -qvE '^[vXIsitac+-R] ' hostile.heaptrack || fail "other lines than heaptrack's"
run 0 heaptrack_print -f hostile.heaptrack
out_has "calls to allocation functions: 1 "
for scenario in below-zero deep; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
    run 0 "$MEMTRACE" export -f heaptrack -o "$scenario.heaptrack" "$scenario.mtr"
    run 0 heaptrack_print -f "$scenario.heaptrack"
done

# events that are missing in the middle; those at the end are no matter
/usr/bin/python3 -c '
for name, block in ("hurt", 4), ("cut", 9):
    data = bytearray(open("frames.mtr", "rb").read())
    blocks = [at for at in range(len(data) - 4) if data[at:at + 4] == b"MTRB"]
    data[blocks[block] + 112 + 3] ^= 0xff
    open(name + ".mtr", "wb").write(data)'
run 2 "$MEMTRACE" export -f heaptrack hurt.mtr
out_empty
err_lines 1
err_has "hurt.mtr: parts in its middle are lost"
run 0 "$MEMTRACE" export -f heaptrack -o cut.heaptrack cut.mtr
run 0 heaptrack_print -f cut.heaptrack
out_has "calls to allocation functions: 180 "
run 2 "$MEMTRACE" export -f heaptrack small.mtr@peak
err_has "heaptrack: it is of a whole run"
finish
