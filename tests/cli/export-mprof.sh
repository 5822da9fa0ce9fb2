#!/usr/bin/env bash
# memtrace export --format mprof, read by mprof's own reader and by memtrace plot.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY

for scenario in small story scopes marks; do
    mkdir "$scenario"
    "$MAKE_TRACE" "$scenario" "$scenario/$scenario.mtr"
done
# a program with a child and a grandchild
mkdir traces
run 0 "$MEMTRACE" run -o "traces/%e.%p.mtr" -- /bin/sh -c '/bin/sh -c "/bin/cat /dev/null; :"; :'
root=$(for trace in traces/*sh.*.mtr; do
    "$MEMTRACE" report --format json "$trace" 2>/dev/null | grep -q '"/bin/cat /dev/null; :"' || echo "$trace"
done | head -n 1)
run 0 /usr/bin/python3 -B "$here/export_mprof.py" "$MEMTRACE" small/small.mtr story/story.mtr scopes/scopes.mtr "$root"
out_has "small.mtr 2 samples 0 functions on 0 levels 0 children"
out_has "story.mtr 203 samples 39 functions on 2 levels 0 children"
out_has "scopes.mtr 4 samples 8 functions on 6 levels 0 children"
out_has " 2 children"

# to the letter; a name is one word, and no line
run 0 "$MEMTRACE" export -f mprof small/small.mtr
out_is "CMDLINE app --input 'two words'
MEM 2.000000 1700000000.1285
MEM 4.000000 1700000000.1355"
run 0 "$MEMTRACE" export -f mprof scopes/scopes.mtr
out_has 'FUNC \xff_\x1b[31m\x0aMEM_1_1 1.019531 1700000000.1365 1.019531 1700000000.1385 0'
out_has 'FUNC not_begun 0.984375 1700000000.1235 0.996094 1700000000.1295 0'
out_has 'FUNC not_ended 1.019531 1700000000.1375 1.019531 1700000000.1435 1'
# a scope stands above those around it, and above those of other threads
[ "$(sed -n 's/^FUNC .* //p' out | paste -sd ' ')" = "0 1 2 3 4 5 0 1" ] || fail "other levels"
[ "$(grep -c ^MEM out)" = 4 ] || fail "a name is a line"

# a value that stays is told again just before another comes: mprof draws straight lines
run 0 "$MEMTRACE" export -f mprof story/story.mtr
[ "$(grep ^MEM out | sed -n 1,4p)" = "MEM 2.004883 1700000000.1235
MEM 2.004883 1700000000.1725
MEM 2.053711 1700000000.1735
MEM 2.053711 1700000000.2225" ] || fail "values that do not stay"

run 2 "$MEMTRACE" export -f mprof marks/marks.mtr
out_empty
err_lines 1
err_has "no samples of the resident set"
run 2 "$MEMTRACE" export -f mprof small/small.mtr@peak
err_has "mprof: it is of a whole run"
finish
