#!/usr/bin/env bash
# Every trace ever kept must be read as it was then: DIRECTORY/NAME.mtr gives NAME.json.
. "$(dirname "$0")/lib.bash"

found=0
for trace in "$GOLDEN"/*.mtr; do
    [ -e "$trace" ] || continue
    found=$((found + 1))
    name=$(basename "$trace" .mtr)
    run 0 "$MEMTRACE" verify "$trace"
    for cost in live total; do
        expected=$GOLDEN/$name.$cost.json
        [ "$cost" = live ] && expected=$GOLDEN/$name.json
        [ -e "$expected" ] || [ "$cost" != live ] || { fail "$name.mtr has no $name.json"; continue; }
        [ -e "$expected" ] || continue
        run 0 "$MEMTRACE" report --format json --cost $cost "$trace"
        diff "$expected" out >difference || fail "$name, $cost: $(head -n 20 difference)"
    done
done
[ "$found" -gt 0 ] || fail "no golden trace"
finish
