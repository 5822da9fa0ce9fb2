#!/usr/bin/env bash
# memtrace growth: beside objgraph's way of counting, its table, and what it refuses.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/growth_oracle.py $MEMTRACE"

for scenario in small recursive frames marks hostile empty; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done

run 0 $oracle frames.mtr@start frames.mtr@20% frames.mtr@40% frames.mtr@60% frames.mtr@80% frames.mtr@end
run 0 $oracle --cost=count frames.mtr@2ms frames.mtr@5ms frames.mtr@end
run 0 $oracle --cost=total --cumulative frames.mtr@2ms frames.mtr@5ms frames.mtr@end
run 0 $oracle --sort=count --by=module frames.mtr@20% frames.mtr@40% frames.mtr@60% frames.mtr@80% frames.mtr@end
run 0 $oracle --sort=count --cumulative frames.mtr@20% frames.mtr@40% frames.mtr@60% frames.mtr@80% frames.mtr@end
run 0 $oracle small.mtr@start small.mtr@2ms small.mtr small.mtr@9ms small.mtr@end
run 0 $oracle marks.mtr@begun marks.mtr@phase marks.mtr@kept marks.mtr@end
run 0 $oracle small.mtr recursive.mtr frames.mtr

run 0 "$MEMTRACE" growth small.mtr@1ms @2ms @peak @end
out_is "before:      small.mtr at @1ms (0.001 s), 10000 B in 10 blocks
             small.mtr at @2ms (0.002 s), 12.1 KiB in 110 blocks
             small.mtr at the peak (0.005 s), 16.1 KiB in 111 blocks
after:       small.mtr at the end (0.012 s), 10.0 KiB in 20 blocks

Top 2 of 2 lines by growth of live bytes over 4 moments; 0 grew in every step (*):
      size      grown      count      grown   steps  place
    4096 B    +4096 B          1         +1     1/3  app+0x402020
    2400 B    +2400 B        100       +100     1/3  app+0x403030"
run 0 "$MEMTRACE" growth --cost total -n 1 --sort count marks.mtr@begun @phase @kept @end
tail -n 3 out >last
printf '%s\n' "Top 1 of 2 lines by growth of bytes allocated over 4 moments; 1 grew in every step (*):" \
    "      size      grown      count      grown   steps  place" \
    "      30 B      +30 B          3         +3     3/3* app+0x402020" | cmp -s - last || fail "no mark on what always grows"
run 0 "$MEMTRACE" growth --min 4K --by traceback --frames 1 small.mtr@1ms @peak
tail -n 4 out >last
printf '%s\n' "Top 1 of 2 tracebacks by growth of live bytes over 2 moments:" \
    "      size      grown      count      grown   steps  place" \
    "    4096 B    +4096 B          1         +1     1/1  app+0x402020" '  File "app+0x402020"' | cmp -s - last ||
    fail "another table by traceback"
run 0 "$MEMTRACE" growth --format csv small.mtr@1ms @2ms @peak
printf 'file,line,function,module,size,count,average,size_grown,count_grown,steps,every_step\r
app+0x402020,,,/nonexistent/bin/app,4096,1,4096,4096,1,1,false\r
app+0x403030,,,/nonexistent/bin/app,2400,100,24,2400,100,1,false\r\n' | cmp -s - out || fail "another CSV"

# a trace alone: spread over its run
run 0 "$MEMTRACE" growth marks.mtr
grep -o 'at @[0-9.%]*\|at the end' out | tr '\n' ' ' >moments
[ "$(cat moments)" = "at @10% at @20% at @30% at @40% at @50% at @60% at @70% at @80% at @90% at the end " ] ||
    fail "other moments: $(cat moments)"
run 0 "$MEMTRACE" growth --moments 3 --format json marks.mtr
/usr/bin/python3 -c '
import json
made = json.load(open("out"))
assert made["schema"] == "memtrace-growth-1" and made["steps"] == 2, made
assert [m["at"] for m in made["moments"]] == ["33.3%", "66.6%", "end"]
assert made["entries"][0]["sizes"] == [0, 20, 20] and made["entries"][0]["counts"] == [0, 2, 2], made["entries"]' 2>verdict ||
    fail "JSON: $(cat verdict)"
run 0 "$MEMTRACE" growth hostile.mtr
grep -q $'\033' out && fail "an escape sequence came through"
run 0 "$MEMTRACE" growth empty.mtr
out_has "Top 0 of 0 lines by growth of live bytes over 10 moments; 0 grew in every step (*):"
run 0 "$MEMTRACE" snapshot save small.mtr@2ms -o early.json
run 0 "$MEMTRACE" growth early.json small.mtr
out_has "    4096 B    +4096 B          1         +1     1/1  app+0x402020"
for states in "small.mtr hostile.mtr small.mtr" "small.mtr small.mtr@end hostile.mtr"; do
    run 0 "$MEMTRACE" growth $states
    err_lines 1
    err_has "different programs, compared all the same"
done
run 0 "$MEMTRACE" growth --min 24.83% small.mtr@2ms small.mtr # 4096 of 16496 bytes
out_has "Top 1 of 1 lines"
run 0 "$MEMTRACE" growth --min 24.84% small.mtr@2ms small.mtr
out_has "Top 0 of 1 lines"
run 0 "$MEMTRACE" growth --by traceback --most-recent-first small.mtr@2ms small.mtr
tail -n 2 out >last
printf '%s\n' '  File "app+0x402020"' '  File "app+0x401010"' | cmp -s - last || fail "the most recent frame is not the first"

# no WORD ARGUMENT...: refused in one line
no() {
    local word=$1
    shift
    run 2 "$MEMTRACE" growth "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
no "growth: a trace is needed"
no "small.mtr@end is one moment; a second is needed" small.mtr@end
no "growth: early.json is one moment; a second is needed, or the trace alone" early.json
no "--source-dir is for what shows source: --by traceback, as text" --source-dir . small.mtr
no "growth: --moments 1 is not a number from 2 to 1000" --moments 1 small.mtr
no "growth: --moments is for a trace alone" --moments 3 small.mtr @end
no "growth: --cost leaked is about one moment" --cost leaked small.mtr
no "growth: --sort goes with size, count and place" --sort average small.mtr
no "--frames and --most-recent-first go with --by traceback" --frames 3 small.mtr
no "gone.mtr: cannot open" gone.mtr
no "small.mtr: @9s is past the end" small.mtr @9s
finish
