#!/usr/bin/env bash
# memtrace diff: beside tracemalloc's compare_to, between two builds of a program, and what cannot be compared.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/compare_oracle.py $MEMTRACE"

for scenario in small recursive frames marks hostile empty; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
"$MAKE_TRACE" large large.mtr 3000

run 0 $oracle small.mtr small.mtr@end  small.mtr@2ms small.mtr  marks.mtr@phase marks.mtr@phase#2  recursive.mtr@start recursive.mtr \
    frames.mtr@30% frames.mtr@end  large.mtr@end frames.mtr  small.mtr recursive.mtr

# diff_is EXPECTED ARGUMENT...: all that stands on stdout
diff_is() {
    local expected=$1
    shift
    run 0 "$MEMTRACE" diff "$@"
    out_is "$expected"
}
before="before:      small.mtr at the peak (0.005 s), 16.1 KiB in 111 blocks
after:       small.mtr at the end (0.012 s), 10.0 KiB in 20 blocks
"
gone="app+0x402020: size=0 B (-4096 B), count=0 (-1) [gone]"
less="app+0x403030: size=240 B (-2160 B), count=10 (-90), average=24 B"
same="app+0x401010: size=10000 B (+0 B), count=10 (+0), average=1000 B"
top="lines by change of live bytes, -6256 B, -91 blocks; 0 new, 1 gone, 1 unchanged"
diff_is "$before
Top 2 of 2 $top left out:
$gone
$less" small.mtr @end
err_empty
diff_is "$before
Top 3 of 3 $top:
$gone
$less
$same" --unchanged small.mtr small.mtr@end
diff_is "$before
Top 1 of 2 $top left out:
$gone" -n 1 small.mtr @end
diff_is "$before
Top 1 of 2 $top left out:
$gone" --min 2161 small.mtr @end
diff_is "$before
Top 2 of 2 $top left out:
$less
$gone" --sort count --min 13% small.mtr @end # of 16496 B: 2145
diff_is "$before
Top 1 of 2 $top left out:
$gone" --min 14% small.mtr @end
diff_is "$before
Top 2 of 2 sizes by change of live bytes, -6256 B, -91 blocks; 0 new, 1 gone, 1 unchanged left out:
      from      below        count       change       size      change
      16 B       32 B           10          -90      240 B     -2160 B
    4096 B     8192 B            0           -1        0 B     -4096 B" --by size small.mtr @end
diff_is "[ Top 1 differences ]
$gone" --pretty -n 1 small.mtr @end
run 0 "$MEMTRACE" diff --by traceback --frames 1 -n 1 small.mtr @end
tail -n 2 out >last
printf '%s\n' "$gone" '  File "app+0x402020"' | cmp -s - last || fail "a traceback that is not one frame"
diff_is "before:      small.mtr at the end (0.012 s), 10.0 KiB in 20 blocks
after:       small.mtr at the end (0.012 s), 10.0 KiB in 20 blocks

Top 0 of 0 lines by change of bytes never freed, +0 B, +0 blocks; 0 new, 0 gone, 2 unchanged left out:" \
    --cost leaked small.mtr small.mtr
run 0 "$MEMTRACE" diff --format csv small.mtr @end
printf 'file,line,function,module,size,count,average,size_diff,count_diff,status\r
app+0x402020,,,/nonexistent/bin/app,0,0,,-4096,-1,gone\r
app+0x403030,,,/nonexistent/bin/app,240,10,24,-2160,-90,changed\r\n' | cmp -s - out || fail "another CSV"
run 0 "$MEMTRACE" diff --format json small.mtr @end
/usr/bin/python3 -c '
import json
made = json.load(open("out"))
assert made["schema"] == "memtrace-diff-1" and made["selection"] == {"cost": "live", "by": "line", "cumulative": False}
assert [made[s][k] for s in ("before", "after") for k in ("trace", "at", "time_s", "size", "count")] == \
    ["small.mtr", "peak", 0.005, 16496, 111, "small.mtr", "end", 0.012, 10240, 20]
assert made["before"]["process"]["exe"] == "/nonexistent/bin/app" and made["after"]["totals"]["leaked_bytes"] == 10240
assert made["places"] == {"new": 0, "gone": 1, "changed": 1, "same": 1}
assert [made["size_diff"], made["count_diff"]] == [-6256, -91]
assert made["entries"][0] == {"file": "app+0x402020", "line": None, "function": None, "module": "/nonexistent/bin/app",
    "size": 0, "count": 0, "average": None, "size_diff": -4096, "count_diff": -1, "status": "gone"}' 2>verdict ||
    fail "JSON: $(cat verdict)"

run 0 "$MEMTRACE" diff --by traceback --most-recent-first -n 1 small.mtr @end
tail -n 3 out >last
printf '%s\n' "$gone" '  File "app+0x402020"' '  File "app+0x401010"' | cmp -s - last || fail "the most recent frame is not the first"

# saved snapshots, and the command's other names
run 0 "$MEMTRACE" snapshot save small.mtr@peak -o peak.json
run 0 "$MEMTRACE" diff peak.json small.mtr@end
sed 's/peak.json/small.mtr/' out >saved
diff_is "$(cat saved)" small.mtr small.mtr@end
ln -s "$MEMTRACE" memtrace-report
for other in "$MEMTRACE snapshot diff" "./memtrace-report snapshot diff" "./memtrace-report diff"; do
    run 0 $other small.mtr small.mtr@end
    diff -q saved out >/dev/null || fail "$other differs"
done
diff_is "before:      peak.json at the peak (0.005 s), 16.1 KiB in 111 blocks
after:       peak.json at the peak (0.005 s), 16.1 KiB in 111 blocks

Top 0 of 0 lines by change of live bytes, +0 B, +0 blocks; 0 new, 0 gone, 3 unchanged left out:" peak.json peak.json

# other programs, hostile names, nothing at all
run 0 "$MEMTRACE" diff small.mtr hostile.mtr
err_lines 1
err_has 'diff: small.mtr is of app and hostile.mtr of \x1b[31mred\x0a: different programs, compared all the same'
out_has 'fake: size=1 B.so+0x10: size=8 B (+8 B), count=1 (+1), average=8 B [new]'
out_has "NOT SEEN:"
grep -q $'\033' out && fail "an escape sequence came through"
"$MAKE_TRACE" lossy lossy.mtr
diff_is "before:      small.mtr at the peak (0.005 s), 16.1 KiB in 111 blocks
after:       lossy.mtr at the end (0.012 s), 10.0 KiB in 20 blocks
LOST:        17 events; the figures are too low by as much
[ Top 1 differences ]
$gone" --pretty -n 1 small.mtr lossy.mtr@end # even a bare list tells that it is not all
run 0 "$MEMTRACE" diff --pretty -n 1 lossy.mtr@end small.mtr
out_has "LOST:        17 events"
run 0 "$MEMTRACE" diff lossy.mtr @end
[ "$(grep -c '^LOST' out)" = 1 ] || fail "a trace's loss is not told once"
"$MAKE_TRACE" sizes sizes.mtr
run 0 "$MEMTRACE" diff sizes.mtr@start sizes.mtr
out_has "app+0x402020: size=0 B (+0 B), count=1 (+1), average=0 B [new]"
cp small.mtr @odd
run 0 "$MEMTRACE" diff @odd small.mtr
err_empty
run 0 "$MEMTRACE" diff empty.mtr small.mtr
out_has "Top 3 of 3 lines by change of live bytes, +16.1 KiB, +111 blocks; 3 new, 0 gone, 0 unchanged:"
run 0 "$MEMTRACE" diff --include nothing small.mtr @end
err_has "diff: --include nothing matches nothing here"

"$MAKE_TRACE" threads threads.mtr
cp threads.mtr again.mtr
run 0 "$MEMTRACE" diff --by thread threads.mtr@start @end
out_has "worker:1235: size=144 B (+144 B), count=6 (+6), average=24 B [new]"
run 0 "$MEMTRACE" diff --by thread --thread worker threads.mtr again.mtr@end
out_has "Top 1 of 1 threads by change of live bytes, -24 B, -1 blocks; 0 new, 0 gone, 0 unchanged:"
out_has "worker:1235: size=144 B (-24 B), count=6 (-1), average=24 B"
run 0 "$MEMTRACE" diff --temporary 2 --format json threads.mtr again.mtr
/usr/bin/python3 -c 'import json; assert json.load(open("out"))["selection"]["within"] == 2' || fail "JSON does not tell within what"

# no WORD ARGUMENT...: refused in one line
no() {
    local word=$1
    shift
    run 2 "$MEMTRACE" diff "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
no "diff: two traces are needed" small.mtr
no "diff: two traces are needed" small.mtr small.mtr small.mtr
no "diff: @end is a moment; a trace has to stand before it" @end small.mtr
no "small.mtr: @nowhen is no moment of it" small.mtr @nowhen
no "small.mtr: @9s is past the end" small.mtr small.mtr@9s
no "peak.json: a saved snapshot is one moment" peak.json @end
no "gone.mtr: cannot open" small.mtr gone.mtr
no "diff: --cost leaked is about the end; @peak" --cost leaked small.mtr small.mtr@peak
no "--frames and --most-recent-first go with --by traceback" --frames 3 small.mtr @end
no "--pretty is a text of places" --pretty --format json small.mtr @end
no "--cumulative charges frames" --cumulative --by size small.mtr @end
no "--pretty is a text of places" --pretty --by size small.mtr @end
no "option --from is not known" --from start small.mtr @end

# Two builds from two directories: lines inserted above, one size changed, a wrapper that is inlined, and a static function
# of the same name in either file.
mkdir -p old new/deeper
cat >old/cache.c <<'END'
#include "wrap.h"
static void *kept[400];
static int count;
static void init(void) {
    kept[count++] = malloc(1000);
}
void fill(int times) {
    for (int i = 0; i < times; i++)
        kept[count++] = malloc(100);
}
void start(void) {
    init();
    kept[count++] = wrapped(50);
}
END
cat >old/wrap.h <<'END'
#include <stdlib.h>
static inline __attribute__((always_inline)) void *wrapped(size_t size) {
    return malloc(size);
}
END
cat >old/main.c <<'END'
#include <stdlib.h>
void fill(int times), start(void);
static void *kept[10];
static void init(void) {
    kept[0] = malloc(300);
}
int main(void) {
    init();
    start();
    fill(100);
    return 0;
}
END
cp old/wrap.h old/main.c new/deeper
sed 's/^void fill/\n\n&/; s/malloc(100)/malloc(120)/' old/cache.c >new/deeper/cache.c
cc -g -O0 -fno-builtin -w -o old/app "$PWD/old/main.c" "$PWD/old/cache.c" || exit 1
cc -g -O0 -fno-builtin -w -o new/app "$PWD/new/deeper/main.c" "$PWD/new/deeper/cache.c" || exit 1
for build in old new; do
    run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o $build.mtr -- $build/app
done
# without the heading's times
changes() {
    run 0 "$MEMTRACE" diff "$@"
    tail -n +4 out >changes
}
changes_are() { printf '%s\n' "$1" | diff - changes >difference || fail "$(cat difference)"; }
of="change of live bytes, +2000 B, +0 blocks"
changes --by function old.mtr new.mtr
changes_are "Top 1 of 1 functions by $of; 0 new, 0 gone, 3 unchanged left out:
$PWD/new/deeper/cache.c:fill: size=11.7 KiB (+2000 B), count=100 (+0), average=120 B"
err_empty
changes --by line --unchanged old.mtr new.mtr
changes_are "Top 5 of 5 lines by $of; 1 new, 1 gone, 3 unchanged:
$PWD/new/deeper/cache.c:11: size=11.7 KiB (+11.7 KiB), count=100 (+100), average=120 B [new]
$PWD/old/cache.c:9: size=0 B (-10000 B), count=0 (-100) [gone]
$PWD/new/deeper/cache.c:5: size=1000 B (+0 B), count=1 (+0), average=1000 B
$PWD/new/deeper/main.c:5: size=300 B (+0 B), count=1 (+0), average=300 B
$PWD/new/deeper/wrap.h:3: size=50 B (+0 B), count=1 (+0), average=50 B"
changes --by file old.mtr new.mtr
changes_are "Top 1 of 1 files by $of; 0 new, 0 gone, 2 unchanged left out:
$PWD/new/deeper/cache.c:0: size=12.7 KiB (+2000 B), count=101 (+0), average=129 B"
changes --by module old.mtr new.mtr
changes_are "Top 1 of 1 modules by $of; 0 new, 0 gone, 0 unchanged:
$PWD/new/app: size=13.0 KiB (+2000 B), count=103 (+0), average=130 B"
changes --by traceback old.mtr new.mtr
grep -c 'count=.*\[new\]$' changes >number # fill and what start calls stand on other lines of cache.c
[ "$(cat number)" = 3 ] || fail "$(cat number) new tracebacks, not 3"
run 0 "$MEMTRACE" diff --pretty -n 1 old.mtr new.mtr
out_is "[ Top 1 differences ]
$PWD/new/deeper/cache.c:11: size=11.7 KiB (+11.7 KiB), count=100 (+100), average=120 B [new]
    kept[count++] = malloc(120);"
for moment in new.mtr@peak new.mtr@start; do # a report of these is the trace's, in a fraction of the time
    run 0 "$MEMTRACE" snapshot save -o $moment.json $moment
done
run 0 $oracle old.mtr@start old.mtr  new.mtr@peak.json new.mtr@start.json  new.mtr@peak.json new.mtr@peak.json
finish
