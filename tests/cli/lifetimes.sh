#!/usr/bin/env bash
# memtrace lifetimes: exact tables, each figure as the second reader's rows come to, and what a trace does not tell.
. "$(dirname "$0")/lib.bash"

for scenario in threads threads-walk threads-cut threads-unsure small empty; do
    "$MAKE_TRACE" $scenario $scenario.mtr
done

# table WANTED ARGUMENT...: the heading and what stands under it
table() {
    local wanted=$1
    shift
    run 0 "$MEMTRACE" lifetimes "$@"
    [ "$(sed -n '/^Top /,$p' out)" = "$wanted" ] || fail "lifetimes $*, not: $wanted"
}
# refused WORD ARGUMENT...: one line that says why, and nothing else
refused() {
    local word=$1
    shift
    run 2 "$MEMTRACE" lifetimes "$@"
    out_empty
    err_lines 1
    err_has "$word"
}

names="     frees      never      mean       50%       90%       99%       max  other  temp.  place"
twentyfours="         4          7   11.2 ms    <12 ms    <16 ms    <16 ms    <16 ms  75.0%   0.0%"
thousands="         3          2    23.3 s    <16 ms <1.37 min <1.37 min <1.37 min  66.7%   0.0%"
pages="         2          1   2.50 ms     <1 ms     <6 ms     <6 ms     <6 ms   0.0%  50.0%"
total="         9         10    7.79 s    <12 ms <1.37 min <1.37 min <1.37 min  55.6%  11.1%  total"
of="of 19 blocks 9 were freed, 10 never:"
table "Top 3 of 3 lines by frees; $of
$names
$twentyfours  app+0x403030
$thousands  app+0x401010
$pages  app+0x402020
$total" threads.mtr
err_empty
run 0 "$MEMTRACE" lifetimes threads.mtr@end
cp out at-end
run 0 "$MEMTRACE" lifetimes threads.mtr
cmp -s out at-end || fail "@end is another run"
table "Top 1 of 3 lines by mean life; $of
$names
$thousands  app+0x401010
$total" --sort mean -n 1 threads.mtr
table "Top 2 of 3 lines by bytes allocated; $of
$names
$pages  app+0x402020
$thousands  app+0x401010
$total" --sort size -n 2 threads.mtr
table "Top 3 of 3 lines by blocks never freed; $of
$names
$twentyfours  app+0x403030
$thousands  app+0x401010
$pages  app+0x402020
$total" --sort never threads.mtr
table "Top 3 of 3 lines by place; $of
$names
$thousands  app+0x401010
$pages  app+0x402020
$twentyfours  app+0x403030
$total" --sort place threads.mtr
table "Top 3 of 3 sizes by place; $of
$names
$twentyfours  16 B to 32 B
$thousands  512 B to 1024 B
$pages  4096 B to 8192 B
$total" --by size threads.mtr
table "Top 2 of 3 tracebacks by frees; $of
$names
$twentyfours  app+0x403030
  File \"app+0x401010\"
  File \"app+0x402020\"
  File \"app+0x403030\"
$thousands  app+0x401010
  File \"app+0x401010\"
$total" --by traceback -n 2 threads.mtr
table "Top 3 of 3 lines by frees; $of
$names
         9         10    7.79 s    <12 ms <1.37 min <1.37 min <1.37 min  55.6%  11.1%  app+0x401010
         6          8   8.33 ms    <12 ms    <16 ms    <16 ms    <16 ms  50.0%  16.7%  app+0x402020
$twentyfours  app+0x403030
$total" --cumulative threads.mtr
table "Top 1 of 1 lines by frees; of 11 blocks 4 were freed, 7 never:
$names
$twentyfours  app+0x403030
$twentyfours  total" --all-frames --module '*libc.so.6' threads.mtr
table "Top 1 of 3 lines by frees; $of
$names
$pages  app+0x402020
$total" --min 12K threads.mtr
run 0 "$MEMTRACE" lifetimes --function nothing threads.mtr
err_lines 1
err_has "lifetimes: --function nothing matches nothing here"
out_has "Top 0 of 0 lines by frees; of 0 blocks 0 were freed, 0 never:"
out_has "         0          0         -         -         -         -         -      -      -  total"

# the last record of lives is missing, and one free is of nobody knows whose block
table "Top 3 of 3 lines by frees; of 19 blocks 8 were freed, 11 never; how long is known of 4:
$names
         4          7     10 ms    <12 ms    <12 ms    <12 ms    <12 ms 100.0%   0.0%  app+0x403030
         2          1     <1 ms     <1 ms     <1 ms     <1 ms     <1 ms   0.0% 100.0%  app+0x402020
         2          3         -         -         -         -         -      -      -  app+0x401010
         8         11   7.50 ms    <12 ms    <12 ms    <12 ms    <12 ms  75.0%  25.0%  total" threads-cut.mtr
run 0 "$MEMTRACE" lifetimes threads-unsure.mtr
out_has "of 19 blocks 10 were freed, 9 never; how long is known of 9:"

run 0 "$MEMTRACE" lifetimes --format csv -n 1 threads.mtr
printf '%s\r\n' file,line,function,module,size,count,average,frees,never_freed,known,mean_ms,p50_below_ms,p90_below_ms,p99_below_ms,max_below_ms,other_thread,temporary \
    app+0x403030,,,/nonexistent/bin/app,264,11,24,4,7,4,11.25,12,16,16,16,3,0 | cmp - out || fail "CSV"
run 0 "$MEMTRACE" lifetimes --format json --sort mean -n 1 threads.mtr
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "JSON: $(cat verdict)"
import json
made = json.load(open("out"))
assert made["schema"] == "memtrace-lifetimes-1" and made["damage"] == 0 and made["totals"]["frees"] == 9
assert made["selection"] == {"cost": "total", "by": "line", "cumulative": False, "at": "end", "time_s": 70.0,
                             "size": 17552, "count": 19, "sort": "mean"}, made["selection"]
assert made["total"] == {"frees": 9, "never_freed": 10, "known": 9, "mean_ms": 7786.66666666667, "p50_below_ms": 12,
                         "p90_below_ms": 81920, "p99_below_ms": 81920, "max_below_ms": 81920, "other_thread": 5,
                         "temporary": 1}, made["total"]
assert made["entries"] == [
    {"file": "app+0x401010", "line": None, "function": None, "module": "/nonexistent/bin/app", "size": 5000, "count": 5,
     "average": 1000.0, "frees": 3, "never_freed": 2, "known": 3, "mean_ms": 23343.3333333333, "p50_below_ms": 16,
     "p90_below_ms": 81920, "p99_below_ms": 81920, "max_below_ms": 81920, "other_thread": 2, "temporary": 0}]
END

refused "threads.mtr: how long blocks lived is known of the whole run alone, not of a part of it" threads.mtr@peak
refused "lifetimes: a trace does not tell them by thread" --by thread threads.mtr
refused "lifetimes: a trace does not tell them by thread" --thread worker threads.mtr
refused "small.mtr: made by an older memtrace, it does not tell which thread allocated a freed block, or when" small.mtr
refused "empty.mtr: made by an older memtrace" empty.mtr
run 0 "$MEMTRACE" snapshot save -o saved.json threads.mtr
refused "saved.json: how long blocks lived is known of a whole run alone, not of a saved snapshot" saved.json
refused "--cumulative charges frames" --cumulative --by size threads.mtr
refused "--sort average is not known" --sort average threads.mtr
refused "lifetimes: one trace is needed" threads.mtr small.mtr
refused "lifetimes: one trace is needed"

PYTHONPATH=$(dirname "$0") /usr/bin/python3 -B "$(dirname "$0")/lifetimes.py" threads.mtr threads-walk.mtr >out 2>&1 ||
    fail "another sum than the second reader's"
tail -n 1 out
finish
