#!/usr/bin/env bash
# memtrace plot --children, of processes as they are; and PNG, where librsvg is.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

# a child, one of its own, and a process that is neither
mkdir traces
run 0 "$MEMTRACE" run -o "traces/%e.%p.mtr" -- /bin/sh -c '/bin/sh -c "/bin/cat /dev/null; :"; :'
run 0 "$MEMTRACE" run -o "traces/other.mtr" -- /bin/cat /dev/null
"$MAKE_TRACE" story traces/story.mtr
: >traces/empty.mtr
mkfifo traces/pipe.mtr
root=$(for trace in traces/*sh.*.mtr; do
    "$MEMTRACE" report --format json "$trace" 2>/dev/null | grep -q '"/bin/cat /dev/null; :"' || echo "$trace"
done | head -n 1)
run 0 "$MEMTRACE" plot --children --format json "$root"
/usr/bin/python3 -c '
import json
runs = json.load(open("out"))["runs"]
names = [run["name"].split(".")[0] for run in runs]
assert len(runs) == 3 and names[2] == "cat", names
assert [run["child"] for run in runs] == [False, True, True], runs
shifts = [run["shift_s"] for run in runs]
assert shifts[0] == 0 and 0 <= shifts[1] <= shifts[2] < 60, shifts' 2>verdict || fail "children: $(cat verdict) $(ls traces)"
run 0 "$MEMTRACE" plot --format json "$root"
[ "$(grep -c '"child"' out)" = 1 ] || fail "children that nobody asked for"
run 0 "$MEMTRACE" plot --children "$root" -o family.svg
grep -qF "(child, pid " family.svg || fail "no child in the legend"

if command -v rsvg-convert >/dev/null; then
    run 0 "$MEMTRACE" plot traces/story.mtr -o story.png
    [ "$(head -c 8 story.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "no PNG"
fi
run 2 env PATH=/nonexistent "$MEMTRACE" plot traces/story.mtr -o none.png
err_lines 1
err_has "rsvg-convert of librsvg"
[ ! -e none.png ] || fail "half a picture"
finish
