#!/usr/bin/env bash
# memtrace plot: the picture and its numbers beside an independent replay, mprof's files, children, and what it refuses.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/plot_oracle.py $MEMTRACE"

for scenario in story small marks frames lossy hostile empty; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done

# is_svg FILE: well-formed, and nothing of a name is markup or control
is_svg() {
    run 0 /usr/bin/python3 -c '
import sys, xml.etree.ElementTree as tree
text = open(sys.argv[1], encoding="utf-8").read()
root = tree.fromstring(text)
assert not any(ord(c) < 32 and c != "\n" or c in "\u202e\u200f\x7f" for c in text), "a control character"
kinds = {e.tag.split("}")[1] for e in root.iter()}
assert kinds <= {"svg", "title", "desc", "style", "rect", "g", "path", "line", "text", "clipPath"}, kinds
assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), "something from elsewhere"' "$1"
    ! command -v xmllint >/dev/null || run 0 xmllint --noout "$1"
}

for trace in story small marks frames lossy; do
    run 0 $oracle "$trace.mtr"
done
run 0 $oracle story.mtr --window=2s,50%
run 0 $oracle story.mtr --window=@loaded,@peak
run 0 $oracle story.mtr --columns=17
run 0 $oracle story.mtr --width=400

for options in "" "--slope" "--log" "--stacked 2" "--window 1s,3s --slope" "--width 300"; do
    rm -f a.svg
    run 0 "$MEMTRACE" plot story.mtr $options -o a.svg
    out_empty
    err_empty
    is_svg a.svg
done
run 0 "$MEMTRACE" plot hostile.mtr --title $'<b>\33[1m&"\u202e' -o hostile.svg
is_svg hostile.svg
grep -qF '&lt;b&gt;\x1b[1m&amp;&quot;\xe2\x80\xae</text>' hostile.svg || fail "another title"
run 0 "$MEMTRACE" plot story.mtr
[ "$(cat err)" = "memtrace: saved as story.plot.svg" ] || fail "another name: $(cat err)"
is_svg story.plot.svg
for text in "peak 3083 KiB at 7.220 s" "live heap, peak 3083 KiB at 7.220 s, 1434 KiB at the end" \
    "round: 36 times, 9.225 s" "1 without a begin or an end" "app --input &#39;two words&#39;" "time (s)" "memory (MiB)" \
    "started 2023-11-14 22:13:20 UTC, pid 1234, ran 12.000 s" "shut &lt;down&gt; &amp; &quot;out&quot;: 1 time"; do
    grep -qF -- "$text" story.plot.svg || fail "no '$text' in the picture"
done
run 0 "$MEMTRACE" plot lossy.mtr -o -
out_has "17 events were lost while tracing"

# the bands and the rest are the curve
run 0 "$MEMTRACE" plot story.mtr --stacked 2 --format json
/usr/bin/python3 -c '
import json
run = json.load(open("out"))["runs"][0]
assert [b["place"] for b in run["bands"]] == ["app+0x403030", "app+0x401010", "everything else"], run["bands"]
assert [b["most"] for b in run["bands"]] == [1400000, 300 * 4096, 36 * 24000], run["bands"]
for column in run["columns"]:
    assert sum(column["bands"]) == column["high"], column
peak = max(run["columns"], key=lambda c: c["high"])
assert peak["bands"] == [1400000, 1228800, 22 * 24000], peak' 2>verdict || fail "bands: $(cat verdict)"
run 0 "$MEMTRACE" plot story.mtr --stacked 5 --by module --include '*/none' --format json
err_has "--include */none matches nothing here"

# a straight line's slope is its own
run 0 "$MEMTRACE" plot story.mtr --window 0s,1495ms --slope --format json
/usr/bin/python3 -c '
import json
slope = json.load(open("out"))["runs"][0]["slope"]
assert abs(slope["bytes_per_s"] / (4096 * 200) - 1) < 0.01 and slope["low"] < slope["bytes_per_s"] < slope["high"], slope' 2>verdict ||
    fail "slope: $(cat verdict)"

run 0 "$MEMTRACE" plot small.mtr --columns 2 --format csv
printf 'run,time_s,end_s,low,high,first,last,mean,events,lost,damaged,rss_low,rss_high,rss_last\r
small.mtr,0.000,0.007,0,16496,0,16496,12884.6,111,0,false,2097152,2097152,2097152\r
small.mtr,0.007,0.013,10240,16496,16496,10240,12325.3,91,0,false,4194304,4194304,4194304\r\n' | cmp -s - out || fail "another CSV"

# mprof's files, made by memory_profiler 0.61
run 0 "$MEMTRACE" plot --slope "$here/mprof/functions.dat" "$here/mprof/children.dat" -o mprof.svg
is_svg mprof.svg
run 0 /usr/bin/python3 -B "$here/plot_mprof.py" "$MEMTRACE" "$here/mprof/functions.dat" "$here/mprof/children.dat"

# several: by their start, and by the clock
run 0 "$MEMTRACE" plot story.mtr small.mtr -o both.svg
is_svg both.svg
grep -qF "small.mtr: live heap, peak 16.1 KiB at 0.005 s" both.svg || fail "the second is not in the legend"

# no WORD ARGUMENT...: refused in one line
no() {
    local word=$1
    shift
    run 2 "$MEMTRACE" plot "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
printf 'MEM 1.0 2.0\nMEM one two\n' >wrong.dat
printf 'CMDLINE python3\n' >none.dat
run 0 "$MEMTRACE" snapshot save small.mtr -o saved.json
no "plot: which trace?"
no "empty.mtr: has neither events nor samples of the resident set: there is nothing to draw" empty.mtr
no "wrong.dat: line 2 makes no sense in a file of mprof" wrong.dat
no "none.dat: no memory usage values" none.dat
no "is a saved snapshot, one moment" saved.json
no "gone.mtr: cannot open" gone.mtr
no "lib.bash" "$here/lib.bash"
no "@99s is past the end" --window 1s,99s story.mtr
no "the window from @2s to @1s is empty" --window 2s,1s story.mtr
no "the window from @1s to @1s is empty" --window 1s,1s story.mtr
no "two moments are needed" --window 1s story.mtr
no "@x is no moment of it" --window x,2s story.mtr
no "@x is no moment of a file of mprof" --window x,2s "$here/mprof/functions.dat"
no "@9s is past the end" --window 0s,9s "$here/mprof/functions.dat"
no "a.gif ends neither in .svg nor in .png" -o a.gif story.mtr
no "story.plot.svg: exists" story.mtr
no "cannot create" -o none/a.svg story.mtr
no "--format is of numbers instead" --format json --log story.mtr
no "which --stacked shows" --by function story.mtr
no "which --log cannot show" --stacked 2 --log story.mtr
for options in "--cost total" "--sort place" --cumulative; do
    no "no --cost, --sort or --cumulative goes with it" --stacked 2 $options story.mtr
done
no "--stacked goes with neither --by thread nor --thread" --stacked 2 --by thread story.mtr
no "--stacked goes with neither --by thread nor --thread" --stacked 2 --thread app story.mtr
no "--stacked is of one trace alone" --stacked 2 story.mtr small.mtr
no "--stacked 0 is not a number from 1 to 50" --stacked 0 story.mtr
no "--columns 0 is not a number from 1 to 100000" --columns 0 story.mtr
if [ -w /dev/full ]; then
    "$MEMTRACE" plot story.mtr -o - >/dev/full 2>err && fail "a full disk goes unnoticed"
    err_lines 1
fi
[ -z "$(ls -- *.part 2>/dev/null)" ] || fail "something is left behind"

# one instant alone is one column
"$MAKE_TRACE" wide wide.mtr
run 0 "$MEMTRACE" plot wide.mtr -o wide.svg
is_svg wide.svg
run 0 "$MEMTRACE" plot wide.mtr --format csv
[ "$(wc -l <out)" = 2 ] || fail "one instant has $(wc -l <out) lines"
finish
