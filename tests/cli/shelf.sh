#!/usr/bin/env bash
# memtrace list, peak, rm and clean: mprof's verbs.
. "$(dirname "$0")/lib.bash"

run 0 "$MEMTRACE" list
out_empty
run 2 "$MEMTRACE" peak
err_has "no trace in this directory"
mkdir shelf && cd shelf || exit 1
for scenario in small recursive frames; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
mv frames.mtr "frames of mine" # a name says nothing
echo no trace >other.mtr
mkdir directory.mtr
ln -s nowhere dangling.mtr

run 0 "$MEMTRACE" list
[ "$(wc -l <out)" = 3 ] || fail "not three traces"
cp out listed
for name in small.mtr recursive.mtr "frames of mine"; do
    number=$(sed -n "s/^ *\([0-9]*\) .* $name: .*/\1/p" listed)
    peak=$("$MEMTRACE" report --format json "$name" | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["totals"]["peak_bytes"])')
    run 0 "$MEMTRACE" peak --bytes "$name"
    out_is "$peak"
    run 0 "$MEMTRACE" peak -b "$number"
    out_is "$peak"
done
run 0 "$MEMTRACE" peak small.mtr
out_is "small.mtr	16.1 KiB"
run 0 "$MEMTRACE" peak
cp out last
run 0 "$MEMTRACE" peak -- -1
cmp -s out last || fail "-1 is not the last"
run 0 "$MEMTRACE" list --format json
/usr/bin/python3 - <<'PYTHON' || fail "another list as JSON"
import json
listed = json.load(open("out"))
assert listed["schema"] == "memtrace-list-1"
assert [trace["number"] for trace in listed["traces"]] == [0, 1, 2]
assert {trace["trace"]: trace["totals"]["peak_bytes"] for trace in listed["traces"]}["small.mtr"] == 16496
PYTHON
run 0 "$MEMTRACE" list --format csv
[ "$(wc -l <out)" = 4 ] || fail "not three rows of CSV"
run 0 "$MEMTRACE" list ..
out_empty
run 0 "$MEMTRACE" list ../shelf
out_has "../shelf/small.mtr"
run 2 "$MEMTRACE" list nowhere
err_has "nowhere"

run 2 "$MEMTRACE" rm
err_has "which trace"
run 2 "$MEMTRACE" rm other.mtr
err_has "no trace"
run 2 "$MEMTRACE" rm 7
err_has "no trace of that number"
run 0 "$MEMTRACE" rm --dry-run 0 1
[ "$(wc -l <out)" = 2 ] || fail "not two would go"
run 2 "$MEMTRACE" rm 0 gone.mtr # the first goes, as with rm itself
err_has "no such file"
left=$("$MEMTRACE" list | wc -l)
[ "$left" = 2 ] || fail "$left are left"

# two numbers mean what the list said, though one goes before the other
"$MAKE_TRACE" small small.mtr 2>/dev/null
first=$("$MEMTRACE" list | sed -n 's/^ *0 .*KiB *\([^:]*\): .*/\1/p') second=$("$MEMTRACE" list | sed -n 's/^ *1 .*KiB *\([^:]*\): .*/\1/p')
run 0 "$MEMTRACE" rm 0 1
[ ! -e "$first" ] && [ ! -e "$second" ] || fail "others than the first two are gone"

"$MAKE_TRACE" frames again.mtr
exec 9<again.mtr
flock -x 9 # as one who writes it
run 2 "$MEMTRACE" clean
err_has "still being written"
[ -e again.mtr ] || fail "a trace that is written is gone"
exec 9<&-
run 0 "$MEMTRACE" clean --dry-run
out_is again.mtr
run 0 "$MEMTRACE" clean
[ ! -e again.mtr ] && [ -e other.mtr ] || fail "clean took the wrong files"
run 2 "$MEMTRACE" clean other.mtr
err_has "no operands"

finish
