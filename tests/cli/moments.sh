#!/usr/bin/env bash
# TRACE@WHEN, --from and --to: each kind of moment as text and JSON, at every millisecond what the second reader
# finds there, and moments that there are not.
. "$(dirname "$0")/lib.bash"

"$MAKE_TRACE" marks marks.mtr
"$MAKE_TRACE" small small.mtr
"$MAKE_TRACE" frames frames.mtr

# heading WHEN TEXT: what the report of marks.mtr@WHEN says of the moment
heading() {
    run 0 "$MEMTRACE" report "marks.mtr$1"
    [ "$(sed -n 8p out)" = "Top $2:" ] || fail "the heading of $1 is not: Top $2:"
}
heading "" "2 of 2 lines by live bytes at the peak (0.002 s), 1020 B in 3 blocks"
heading @peak "2 of 2 lines by live bytes at the peak (0.002 s), 1020 B in 3 blocks"
heading @end "1 of 1 lines by live bytes at the end (0.006 s), 20 B in 2 blocks"
heading @start "0 of 0 lines by live bytes at the start (0.000 s), 0 B in 0 blocks"
heading @0s "1 of 1 lines by live bytes at @0s (0.000 s), 1000 B in 1 blocks"
heading @1999us "1 of 1 lines by live bytes at @1999us (0.001 s), 1000 B in 1 blocks"
heading @0.002s "2 of 2 lines by live bytes at @0.002s (0.002 s), 1020 B in 3 blocks"
heading @4ms "1 of 1 lines by live bytes at @4ms (0.004 s), 30 B in 3 blocks"
heading @0m0.006s "1 of 1 lines by live bytes at @0m0.006s (0.006 s), 20 B in 2 blocks"
heading @50% "2 of 2 lines by live bytes at @50% (0.003 s), 1020 B in 3 blocks"
heading @100% "1 of 1 lines by live bytes at @100% (0.006 s), 20 B in 2 blocks"
heading @begun "0 of 0 lines by live bytes at @begun (0.000 s), 0 B in 0 blocks"
heading @phase "2 of 2 lines by live bytes at @phase (0.002 s), 1010 B in 2 blocks"
heading @phase#2 "2 of 2 lines by live bytes at @phase#2 (0.003 s), 1020 B in 3 blocks"
heading @phase#2#1 "1 of 1 lines by live bytes at @phase#2#1 (0.006 s), 20 B in 2 blocks"
heading @kept "2 of 2 lines by live bytes at @kept (0.003 s), 1020 B in 3 blocks"
heading @peak#1 "1 of 1 lines by live bytes at @peak#1 (0.004 s), 30 B in 3 blocks"
heading $'@\033[31mred\n' "1 of 1 lines by live bytes at @\\x1b[31mred\\x0a (0.004 s), 30 B in 3 blocks"

run 0 "$MEMTRACE" report --format json marks.mtr@phase#2
/usr/bin/python3 -c 'import json; assert json.load(open("out"))["selection"] == {
    "cost": "live", "by": "line", "cumulative": False, "at": "phase#2", "time_s": 0.003, "size": 1020, "count": 3}' 2>verdict || fail "JSON: $(cat verdict)"
run 0 "$MEMTRACE" report --cost total marks.mtr@phase
out_has "Top 2 of 2 lines by bytes allocated at @phase (0.002 s), 1010 B in 2 blocks:"

# between LINE ARGUMENT...: the heading and the places of a report between two moments
between() {
    local wanted=$1
    shift
    run 0 "$MEMTRACE" report "$@" marks.mtr
    [ "$(tail -n +8 out)" = "$wanted" ] || fail "$* is not: $wanted"
}
less="0 B in 0 blocks less"
between "Top 1 of 1 lines by live bytes from the start (0.000 s) to the end (0.006 s), 20 B in 2 blocks more, $less:
app+0x402020: size=20 B, count=2, average=10 B" --from start
between "Top 1 of 1 lines by live bytes from @phase (0.002 s) to @4ms (0.004 s), 20 B in 2 blocks more, 1000 B in 1 blocks less:
app+0x402020: size=20 B, count=2, average=10 B" --from @phase --to 4ms
between "Top 0 of 0 lines by bytes never freed from @2ms (0.002 s) to the end (0.006 s), 0 B in 0 blocks more, 1000 B in 1 blocks less:" \
    --cost leaked --from 2ms
between "Top 0 of 0 lines by bytes allocated from the start (0.000 s) to @begun (0.000 s), 0 B in 0 blocks:" \
    --cost total --from start --to begun
between "Top 1 of 1 lines by allocation calls from @2ms (0.002 s) to the end (0.006 s), 10 B in 1 blocks:
app+0x402020: size=10 B, count=1, average=10 B" --cost count --from 2ms

# the same as CSV and as tracemalloc's recipe
csv_is() {
    local wanted=$1
    shift
    run 0 "$MEMTRACE" report --format csv "$@"
    printf '%s\r\n' $wanted | cmp - out || fail "CSV $*"
}
csv_is 'file,line,function,module,size,count,average,from,from_time_s,at,time_s,less_size,less_count
app+0x402020,,,/nonexistent/bin/app,20,2,10,phase,0.002,4ms,0.004,1000,1' --from @phase --to 4ms marks.mtr
csv_is 'file,line,function,module,size,count,average,from,from_time_s,at,time_s,less_size,less_count
,,,,0,0,,2ms,0.002,end,0.006,1000,1' --cost leaked --from 2ms marks.mtr
csv_is 'file,line,function,module,frames,size,count,average,from,from_time_s,at,time_s,less_size,less_count
,,,,,0,0,,peak,0.005,end,0.012,6256,91' --by traceback --from peak small.mtr
csv_is 'from,below,size,count,average,from,from_time_s,at,time_s
8,16,10,1,10,2ms,0.002,end,0.006' --by size --cost total --from 2ms marks.mtr
csv_is 'from,below,size,count,average,from,from_time_s,at,time_s
,,0,0,,start,0.000,begun,0.000' --by size --cost total --from start --to begun marks.mtr
csv_is 'file,line,function,module,size,count,average' --to start marks.mtr
run 0 "$MEMTRACE" report --format csv --from start --to $'\033[31mred\n' -n 1 marks.mtr
[ "$(tail -n 1 out)" = $'app+0x402020,,,/nonexistent/bin/app,30,3,10,start,0.000,\\x1b[31mred\\x0a,0.004,0,0\r' ] || fail "a hostile moment"
run 0 "$MEMTRACE" report --pretty --from peak small.mtr
out_is "Top 10 lines
Total allocated size: 0.0 KiB
From the peak (0.005 s) to the end (0.012 s), 6.1 KiB in 91 blocks less"
run 0 "$MEMTRACE" report --pretty --cost total --from @phase --to 4ms marks.mtr
out_is "Top 10 lines
#1: app+0x402020: 0.0 KiB
Total allocated size: 0.0 KiB
From @phase (0.002 s) to @4ms (0.004 s)"
run 0 "$MEMTRACE" report --from peak small.mtr
out_has "by live bytes from the peak (0.005 s) to the end (0.012 s), 0 B in 0 blocks more, 6256 B in 91 blocks less:"
run 0 "$MEMTRACE" report --from peak --frame leaf --module 'libc*' small.mtr
out_has "to the end (0.012 s), 0 B in 0 blocks more, 2160 B in 90 blocks less:"
run 0 "$MEMTRACE" report --from 6ms --cost temporary small.mtr
out_has "by bytes of temporaries from @6ms (0.006 s) to the end (0.012 s), 4096 B in 1 blocks:"
run 0 "$MEMTRACE" report --from 9ms --cost temporary small.mtr
out_has "by bytes of temporaries from @9ms (0.009 s) to the end (0.012 s), 0 B in 0 blocks:"
run 0 "$MEMTRACE" report marks.mtr@kept
cp out kept
run 0 "$MEMTRACE" report --to kept marks.mtr
cmp -s out kept || fail "--to is not TRACE@WHEN"
run 0 "$MEMTRACE" report --from begun marks.mtr@kept
out_has "from @begun (0.000 s) to @kept (0.003 s)"
refuses "marks.mtr: @5ms is later than @phase" --from 5ms --to phase marks.mtr
refuses "marks.mtr: @end is later than @peak" --from end marks.mtr@peak
refuses "--to and TRACE@WHEN are the same" --to 5ms marks.mtr@peak
refuses "report: --cost leaked is about the end; @peak" --cost leaked --from start --to peak marks.mtr
refuses "marks.mtr: @nowhen is no moment of it" --from nowhen marks.mtr
refuses "marks.mtr: @9s is past the end" --from start --to 9s marks.mtr
refuses "@-1s is before the start" --from -1s marks.mtr
refuses "--from needs a value" marks.mtr --from

possible="possible are @start, @peak, @end, times up to @0.006s, shares (@50%) and the marks"
marks="@begun, @phase, @kept, @\\x1b[31mred\\x0a, @peak, @phase#2"
refuses "memtrace: marks.mtr: @nowhen is no moment of it: $possible $marks" marks.mtr@nowhen
refuses "marks.mtr: @phase#3 is no moment of it: $possible" marks.mtr@phase#3
refuses "marks.mtr: @7ms is past the end: $possible" marks.mtr@7ms
refuses "marks.mtr: @101% is past the end: $possible" marks.mtr@101%
refuses "small.mtr: @nowhen is no moment of it: possible are @start, @peak, @end, times up to @0.012s, shares (@50%) and marks, of which it has none" \
    small.mtr@nowhen
refuses "@-1s is before the start: possible are @start, @peak, @end, a time (@12.5s)" marks.mtr@-1s
refuses "@ names no moment: possible are" marks.mtr@
refuses "gone.mtr: cannot open" gone.mtr@50%

/usr/bin/python3 "$(dirname "$0")/moments.py" marks.mtr small.mtr frames.mtr "$GOLDEN"/*.mtr >out 2>&1 ||
    fail "another state than the second reader's"
tail -n 1 out
finish
