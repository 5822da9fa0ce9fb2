#!/usr/bin/env bash
# memtrace report --by thread, --thread and --cost temporary=N: exact tables, what every thread holds at some moments as a
# replay of the events has it, and what a trace does not tell.
. "$(dirname "$0")/lib.bash"

for scenario in threads threads-walk threads-cut small; do
    "$MAKE_TRACE" $scenario $scenario.mtr
done

# table WANTED ARGUMENT...: the heading and what stands under it
table() {
    local wanted=$1
    shift
    run 0 "$MEMTRACE" report "$@"
    [ "$(sed -n '/^Top /,$p' out)" = "$wanted" ] || fail "report $*, not: $wanted"
}

table "Top 3 of 3 threads by live bytes at the peak (0.010 s), 13.1 KiB in 15 blocks:
<unknown>:1236: size=8216 B, count=3, average=2739 B
app:1234: size=5000 B, count=5, average=1000 B
worker:1235: size=168 B, count=7, average=24 B" --by thread threads.mtr
err_empty
table "Top 3 of 3 threads by bytes never freed at the end (70.000 s), 6264 B in 10 blocks:
<unknown>:1236: size=4120 B, count=2, average=2060 B
app:1234: size=2000 B, count=2, average=1000 B
worker:1235: size=144 B, count=6, average=24 B" --by thread --cost leaked threads.mtr
table "Top 3 of 3 threads by allocation calls at the end (70.000 s), 17.1 KiB in 19 blocks:
worker:1235: size=4336 B, count=11, average=394 B
app:1234: size=5000 B, count=5, average=1000 B
<unknown>:1236: size=8216 B, count=3, average=2739 B" --by thread --cost count threads.mtr
table "Top 1 of 1 threads by bytes of temporaries at the end (70.000 s), 4096 B in 1 blocks:
worker:1235: size=4096 B, count=1, average=4096 B" --by thread --cost temporary threads.mtr
table "Top 0 of 0 threads by live bytes from @12ms (0.012 s) to the end (70.000 s), 0 B in 0 blocks more, 7120 B in 5 blocks less:" \
    --by thread --from 12ms threads.mtr
table "Top 3 of 3 threads by live bytes at the peak (0.010 s), 13.1 KiB in 15 blocks:
<unknown>:1236: size=8216 B, count=3, average=2739 B
app:1234: size=5000 B, count=5, average=1000 B
worker:1235: size=168 B, count=7, average=24 B" --by thread --sort place threads.mtr
table "Top 1 of 2 threads by live bytes at the peak (0.010 s), 192 B in 8 blocks:
worker:1235: size=168 B, count=7, average=24 B" --by thread --frame leaf --module '*libc*' -n 1 threads.mtr
table "Top 2 threads
#1: <unknown>:1236: 8.0 KiB
#2: app:1234: 4.9 KiB
1 other: 0.2 KiB
Total allocated size: 13.1 KiB" --by thread --pretty -n 2 threads.mtr

# a filter like others, with every grouping
table "Top 2 of 2 lines by bytes never freed at the end (70.000 s), 4120 B in 2 blocks:
app+0x402020: size=4096 B, count=1, average=4096 B
app+0x403030: size=24 B, count=1, average=24 B" --thread 1236 --cost leaked threads.mtr
table "Top 1 of 1 sizes by live bytes at the peak (0.010 s), 168 B in 7 blocks:
      from      below        count       size
      16 B       32 B            7      168 B ########################################" --thread 'w*' --by size threads.mtr
table "Top 2 of 2 threads by live bytes at the peak (0.010 s), 5168 B in 12 blocks:
app:1234: size=5000 B, count=5, average=1000 B
worker:1235: size=168 B, count=7, average=24 B" --thread app:1234 --thread worker --by thread threads.mtr
table "Top 1 of 1 lines by live bytes at the peak (0.010 s), 24 B in 1 blocks:
app+0x403030: size=24 B, count=1, average=24 B" --thread '<unknown>' --exclude x --min 1 --all-frames --module '*libc.so.6' threads.mtr
run 0 "$MEMTRACE" report --thread nobody --thread worker threads.mtr
err_lines 1
err_has "report: --thread nobody matches nothing here"

run 0 "$MEMTRACE" report --by thread --format csv threads.mtr
printf 'thread,tid,start_s,size,count,average\r\n%s\r\n%s\r\n%s\r\n' ,1236,0,8216,3,2738.66666666667 \
    app,1234,0,5000,5,1000 worker,1235,0,168,7,24 | cmp - out || fail "CSV"
run 0 "$MEMTRACE" report --by thread --format json -n 2 threads.mtr
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "JSON: $(cat verdict)"
import json
made = json.load(open("out"))
assert made["selection"] == {"cost": "live", "by": "thread", "cumulative": False, "at": "peak", "time_s": 0.01,
                             "size": 13384, "count": 15}, made["selection"]
nothing = dict.fromkeys(["file", "line", "function", "module"])
assert made["entries"] == [
    nothing | {"size": 8216, "count": 3, "average": 2738.66666666667, "thread": None, "tid": 1236, "start_s": 0.0},
    nothing | {"size": 5000, "count": 5, "average": 1000.0, "thread": "app", "tid": 1234, "start_s": 0.0}], made["entries"]
END

# temporaries as wide as asked
table "Top 3 of 3 lines by bytes of temporaries within 2 allocations at the end (70.000 s), 9216 B in 4 blocks:
app+0x402020: size=8192 B, count=2, average=4096 B
app+0x401010: size=1000 B, count=1, average=1000 B
app+0x403030: size=24 B, count=1, average=24 B" --temporary 2 threads.mtr
table "Top 2 of 2 lines by bytes of temporaries within 1 allocations at the end (70.000 s), 4120 B in 2 blocks:
app+0x402020: size=4096 B, count=1, average=4096 B
app+0x403030: size=24 B, count=1, average=24 B" --cost temporary=1 threads.mtr@end
table "Top 1 of 1 lines by bytes of temporaries from @7ms (0.007 s) to the end (0.012 s), 4096 B in 1 blocks:
app+0x402020: size=4096 B, count=1, average=4096 B" --cost temporary=0 --from 7ms small.mtr
refuses "report: temporary=15: a trace tells 0 to 14 allocations in between" --cost temporary=15 threads.mtr
refuses "report: temporary=: a trace tells 0 to 14" --cost temporary= threads.mtr
refuses "report: --cost tempo=3 is not known" --cost tempo=3 threads.mtr
refuses "report: --temporary is a cost of its own, it is not live" --cost live --temporary 3 threads.mtr
refuses "threads.mtr: how long blocks lived is known of the whole run alone, not of a part of it" \
    --temporary 3 threads.mtr@peak
refuses "known of the whole run alone, not of a part of it" --temporary 3 --from start threads.mtr
refuses "known of the whole run alone, not by thread" --temporary 3 --thread worker threads.mtr
refuses "known of the whole run alone, not by thread" --temporary 3 --by thread threads.mtr
refuses "--cumulative charges frames" --cumulative --by thread threads.mtr
refuses "--all-frames needs a filter" --all-frames --thread worker threads.mtr

# what a trace does not tell, or not exactly
older="small.mtr: made by an older memtrace, it does not tell which thread allocated a freed block, or when"
refuses "$older" --by thread small.mtr
refuses "$older" --thread app small.mtr
refuses "$older" --temporary 1 small.mtr
run 0 "$MEMTRACE" snapshot save -o saved.json threads.mtr
run 0 "$MEMTRACE" report --by thread threads.mtr
cp out wanted
run 0 "$MEMTRACE" report --by thread saved.json
cmp -s out wanted || fail "another table of a saved snapshot"
refuses "saved.json: how long blocks lived is known of a whole run alone, not of a saved snapshot" --temporary 1 saved.json
run 0 "$MEMTRACE" report --by thread threads-cut.mtr
err_empty
out_has "worker:1235: size=168 B, count=7, average=24 B"
"$MAKE_TRACE" threads-unsure unsure.mtr
table "Top 3 of 3 threads by bytes never freed at the end (70.000 s), 6240 B in 9 blocks:
<unknown>:1236: size=4120 B, count=2, average=2060 B
app:1234: size=2000 B, count=2, average=1000 B
worker:1235: size=120 B, count=5, average=24 B" --by thread --cost leaked unsure.mtr
err_lines 1
err_has "unsure.mtr: of 1 blocks it is not known which thread allocated them"

# whatever is lost, the threads come to what the places come to; the first block defines all there is
half=$(($(wc -c <threads-walk.mtr) / 2))
for at in 200 $half; do
    { head -c $at threads-walk.mtr; printf '\252'; tail -c +$((at + 2)) threads-walk.mtr; } >flipped.mtr
    for cost in live total temporary leaked; do
        run 0 "$MEMTRACE" report --cost $cost flipped.mtr
        places=$(grep '^Top' out | sed 's/.* at //')
        run 0 "$MEMTRACE" report --cost $cost --by thread flipped.mtr
        [ "$(grep '^Top' out | sed 's/.* at //')" = "$places" ] || fail "--cost $cost, byte $at lost: not $places"
        err_lines 1
        err_has "flipped.mtr: damaged, so what each thread holds is not exact; what nobody can tell is <unknown>"
    done
    [ "$(grep -c '^<unknown>:0: ' out)" = 1 ] || fail "byte $at lost: no unknown thread"
done
head -c 200 threads-cut.mtr >beginning.mtr
refuses "beginning.mtr: its first block is lost, and with it which thread allocated a freed block, and when" --by thread beginning.mtr

/usr/bin/python3 "$(dirname "$0")/threads.py" threads.mtr threads-walk.mtr >out 2>&1 || fail "another state than the second reader's"
tail -n 1 out
finish
