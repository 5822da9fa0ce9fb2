#!/bin/bash
# drop.sh LIBRARY MEMTRACE PROGRAM: what MEMTRACE_OVERFLOW=drop loses is declared, to the event: with what is there, it is
# what the same program is seen to do when nothing is dropped.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2") program=$(realpath "$3")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

count() { # POLICY: sets seen, lost
        rm -f drop.mtr
        LD_PRELOAD=$library MEMTRACE_OVERFLOW=$1 MEMTRACE_OUTPUT=drop.mtr "$program" || exit 1
        "$memtrace" verify drop.mtr || exit 1
        "$memtrace" report --format json -n 1 drop.mtr >report || exit 1
        read -r seen lost < <(python3 -c 'import json; t = json.load(open("report"))["totals"]
print(t["allocations"] + t["frees"] + t["foreign_frees"], t["lost"])')
}

count wait
done_in_all=$seen
[ "$lost" -eq 0 ] || { echo "waiting lost $lost"; exit 1; }
dropped=0
for _ in 1 2 3 4 5; do
        count drop
        dropped=$((dropped + lost))
        [ $((seen + lost)) -eq "$done_in_all" ] || { echo "seen $seen, lost $lost, of $done_in_all"; exit 1; }
done
[ "$dropped" -gt 0 ] || { echo "the collector kept up: nothing was dropped"; exit 77; }
