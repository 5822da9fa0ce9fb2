#!/usr/bin/env bash
# memtrace export: what is refused, and the formats that need no other tool to be read.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

for scenario in small recursive frames marks hostile empty; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done

# the folded stacks come to what report has in all
for trace in small.mtr recursive.mtr frames.mtr hostile.mtr; do
    for moment in @start @30% @peak @end; do
        run 0 "$MEMTRACE" export -f folded $trace$moment
        sum=$(awk '{ sum += $NF } END { printf "%d", sum }' out)
        wanted=$("$MEMTRACE" report --format json $trace$moment | /usr/bin/python3 -c 'import json, sys
print(sum(entry["size"] for entry in json.load(sys.stdin)["entries"]))')
        [ "$sum" = "$wanted" ] || fail "folded $trace$moment: $sum, report: $wanted"
    done
done
run 0 "$MEMTRACE" export -f folded --cost count small.mtr
[ "$(awk '{ sum += $NF } END { print sum }' out)" = "$("$MEMTRACE" report --format json small.mtr | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["totals"]["allocations"])')" ] || fail "folded has other counts"
run 0 "$MEMTRACE" export -f folded hostile.mtr
! grep -qvE '^[^;]+(;[^;]+)* [0-9]+$' out || fail "not all lines are folded stacks"
run 0 "$MEMTRACE" export -f folded empty.mtr
out_empty

# into a file, which is whole or not there
run 0 "$MEMTRACE" export -f folded -o small.folded small.mtr
"$MEMTRACE" export -f folded small.mtr | cmp -s - small.folded || fail "another file than on standard output"
run 2 "$MEMTRACE" export -f folded -o small.folded small.mtr
err_has "small.folded"

# a name that says so is of a compressed file, whole or not there
"$MAKE_TRACE" story story.mtr
for format in folded massif heaptrack chrome mprof csv json lsan speedscope sql callgrind gprof2dot dot; do
    "$MEMTRACE" export -f $format story.mtr >plain
    for end in gz zst; do
        run 0 "$MEMTRACE" export -f $format -o packed.$end story.mtr
        err_empty
        case $end in gz) gzip -t packed.gz && zcat packed.gz ;; zst) zstd -qt packed.zst && zstd -qdc packed.zst ;; esac |
            cmp - plain || fail "$format in packed.$end is not what it is elsewhere"
        run 2 "$MEMTRACE" export -f $format -o packed.$end story.mtr
        err_has "packed.$end"
        rm -f packed.*
    done
done
run 0 "$MEMTRACE" export -f folded -o .gz small.mtr
cmp -s .gz small.folded || fail "an ending alone is taken for one"
for end in gz zst; do
    run 2 "$MEMTRACE" export -f mprof -o packed.$end marks.mtr
    err_lines 1
done
[ -z "$(ls | grep packed)" ] || fail "what cannot be leaves $(ls | grep packed)"

wrong() {
    local word=$1
    shift
    run 2 "$MEMTRACE" export "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
wrong "which --format" small.mtr
wrong "paper" -f paper small.mtr
wrong "one trace" -f folded
wrong "one trace" -f folded small.mtr frames.mtr
wrong "gone.mtr" -f folded gone.mtr
wrong "not by zstd" -f pprof -o packed.zst small.mtr
wrong "at the end" -f folded --cost leaked small.mtr@2ms
wrong "--node-threshold 7 is no percentage" -f dot --node-threshold 7 small.mtr
wrong "--edge-threshold 101% is no percentage" -f dot --edge-threshold 101% small.mtr
wrong "thresholds have no say" -f folded --edge-threshold 1% small.mtr

finish
