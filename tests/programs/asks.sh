#!/bin/bash
# asks.sh LIBRARY MEMTRACE PROGRAM: what a program is told of itself is what it counts, and its trace is none the
# worse for it: peaks that were set back are still the trace's.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2") program=$(realpath "$3")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

[ "$("$program")" = untraced ] || { echo "untraced, it does something else"; exit 1; }
for overflow in wait drop; do
        rm -f ./*.mtr
        said=$(LD_PRELOAD=$library MEMTRACE_OVERFLOW=$overflow MEMTRACE_OUTPUT=asks.mtr "$program") || exit 1
        [ "$said" = asked ] || { echo "it said '$said'"; exit 1; }
        "$memtrace" verify ./*.mtr || exit 1
done
# 1000 blocks were forgotten, and then freed; the child frees none of its own that it has from its parent.
"$memtrace" report --format json -n 1 asks.mtr >report || exit 1
python3 - <<'END'
import json
totals = json.load(open("report"))["totals"]
assert totals["foreign_frees"] >= 1000, totals
assert totals["leaked_bytes"] < 100000, totals
assert totals["peak_bytes"] >= 100000, totals
END
