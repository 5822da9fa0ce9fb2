#!/usr/bin/env bash
# What several processes held together, of families as they are, beside a second reader's sums.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY
oracle="/usr/bin/python3 -B $here/together_oracle.py $PRINT_TOGETHER"

# family TRACES SCRIPT: what it was of a shell, at least so many traces
family() {
    rm -rf traces && mkdir traces
    run 0 "$MEMTRACE" run -o "traces/%p.mtr" -- /bin/sh -c "$2"
    run 0 $oracle traces/*.mtr
    [ "$(cut -d' ' -f1 out)" -ge "$1" ] || fail "only $(cat out)"
}

# one after the other, each replaced by exec
family 8 'for i in 1 2 3 4; do /bin/sh -c "exec /usr/bin/sort /etc/passwd"; done'
# at once
family 9 'for i in 1 2 3 4; do /usr/bin/sort --parallel=1 /etc/services & /usr/bin/awk "{ a[NR] = \$0 } END { print NR }" /etc/passwd & done; wait'
# a shell's own children, one in the other
family 4 '(: $(/bin/sh -c "(/usr/bin/env; /bin/ls /usr/lib) | /usr/bin/sort | /usr/bin/wc")); /bin/true'

for scenario in small recursive frames marks story; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
run 0 $oracle small.mtr recursive.mtr frames.mtr marks.mtr story.mtr
run 0 $oracle small.mtr
run 0 $oracle small.mtr small.mtr small.mtr
out_is "3 49488 49488 1700000000128" # each 16496 after 5 ms
finish
