#!/bin/bash
# follow.sh LIBRARY MEMTRACE FAMILY: which processes of a family MEMTRACE_FOLLOW has traced. FAMILY forks a child that
# allocates, and runs `sh -c 'echo "$LD_PRELOAD"'` by each way of exec it knows.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2") family=$(realpath "$3")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
failed=0

expect() { # POLICY COUNT-OF-FAMILY-TRACES COUNT-OF-SHELL-TRACES PRELOAD-SEEN
        rm -f ./*.mtr
        LD_PRELOAD=$library MEMTRACE_FOLLOW=$1 MEMTRACE_OUTPUT=%e.%p.mtr "$family" >output 2>errors || failed=1
        local own shells seen
        own=$(find . -name 'family.*.mtr' | wc -l)
        shells=$(find . -name '*sh.*.mtr' | wc -l)
        seen=$(sort -u output)
        "$memtrace" verify ./*.mtr >verified || failed=1
        if [ "$own/$shells/$seen" != "$2/$3/$4" ] || [ -s errors ]; then
                echo "$1: traces of the family $own, of shells $shells, LD_PRELOAD '$seen'; wanted $2, $3, '$4'"
                cat errors verified
                failed=1
        fi
}

ways=10
expect all 2 $ways "$library"
expect exec 1 $ways "$library"
expect fork 2 0 ""
expect none 1 0 ""
exit $failed
