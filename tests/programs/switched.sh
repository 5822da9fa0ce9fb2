#!/bin/bash
# switched.sh LIBRARY MEMTRACE PROGRAM: a program that switches its tracing, from the start on or paused first: the
# trace has what it allocated while it was traced, and counts each free of what it allocated meanwhile.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2") program=$(realpath "$3")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

run() { # ENABLE ARGUMENT...: the numbers it prints, and those of its trace
        rm -f ./*.mtr
        said=$(LD_PRELOAD=$library MEMTRACE_ENABLE=$1 MEMTRACE_OUTPUT=on.mtr "$program" "${@:2}") ||
                { echo "enabled $1: it failed"; exit 1; }
        read -r allocated foreign <<<"$said"
        "$memtrace" verify ./*.mtr || exit 1
        "$memtrace" report --format json --by size on.mtr >report || exit 1
        python3 - "$allocated" "$foreign" "$1 ${*:2}" <<'END' || exit 1
import json, sys
allocated, foreign = int(sys.argv[1]), int(sys.argv[2])
report = json.load(open("report"))
totals = report["totals"]
assert totals["lost"] == 0, totals
if "threads" in sys.argv[3]:
    assert totals["foreign_frees"] >= foreign, (totals, foreign)
else:
    assert totals["foreign_frees"] == foreign, (totals, foreign)
# Of the blocks of one_thread; the realloc that grew has another size.
assert totals["allocated_bytes"] >= allocated * 4321, (totals, allocated)
if "0" in sys.argv[3]:
    # stdio's buffer, the threads' own, and what was traced: nothing of before the start
    if "threads" not in sys.argv[3]:
        assert allocated <= totals["allocations"] <= allocated + 2, (totals, allocated)
END
}

run 1
run 0
run 1 threads
run 0 threads
# Nothing switches it on: the trace is whole and empty.
rm -f ./*.mtr
LD_PRELOAD=$library MEMTRACE_ENABLE=0 MEMTRACE_OUTPUT=off.mtr cat /dev/null || exit 1
"$memtrace" verify off.mtr >said
grep -qx 'off.mtr: whole: [0-9]* blocks, 0 events, 0 lost while tracing' said || { cat said; exit 1; }
