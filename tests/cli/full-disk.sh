#!/usr/bin/env bash
# A full disk: each command and each format says so once, as what it is, and exits with 2. What is written is more than
# a stream holds back, and for some less.
. "$(dirname "$0")/lib.bash"
[ -w /dev/full ] || { echo "no /dev/full here"; exit 77; }

"$MAKE_TRACE" places many.mtr 2000
"$MAKE_TRACE" threads threads.mtr
"$MAKE_TRACE" small small.mtr
"$MEMTRACE" snapshot save small.mtr@peak -o moment.json 2>err || fail "no snapshot"

tried=
# full ARGUMENT...: its output has nowhere to go
full() {
    tried+=" $1 "
    run 2 sh -c '"$@" >/dev/full' sh "$MEMTRACE" "$@"
    err_lines 1
    err_has "memtrace: cannot write the output: No space left on device"
}

for trace in small.mtr many.mtr; do
    for format in text json junit sarif github; do
        full check $trace --max-leak 0 --format $format
        full check $trace --each --max-leak 1G --format $format
    done
    full check $trace --max-leak 0 --suggest
    for format in text json csv; do
        full report $trace --format $format
        full diff $trace $trace@start --format $format
        full growth $trace --format $format
        full callers $trace --format $format
        full callees $trace --format $format
        full snapshot list $trace --format $format
        full snapshot show $trace --format $format
    done
    for format in $("$MEMTRACE" export --help | sed -n 's/.*--format FORMAT  *as what: //p' | sed 's/,/ /g; s/ or / /'); do
        [ $format = mprof ] || full export $trace --format $format
    done
    full report $trace --by traceback -n 100000
    full report $trace --pretty
    full plot $trace -o -
    full plot $trace --format json
    full plot $trace --format csv
    full flamegraph $trace -o -
    full html $trace -o -
    full snapshot save $trace -o -
    full merge $trace $trace -o -
    full peak $trace
    full verify $trace
done
full export small.mtr --format mprof
for format in text json csv; do
    full lifetimes threads.mtr --format $format
    full list --format $format .
done
full annotate small.mtr --format json
full help
full --help
full --version

# none is forgotten but those that print nothing
for command in $("$MEMTRACE" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    case $command in run | ctl | import | rm | clean) continue ;; esac
    [[ $tried == *" $command "* ]] || fail "$command was not tried"
done
[[ $tried == *" export  export "* ]] || fail "no formats of export"
finish
