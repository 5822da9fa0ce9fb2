#!/bin/bash
# row20-launched.sh LIBRARY MEMTRACE PROGRAM: row 20's program started by `memtrace run`, which gives it no descriptor and passes
# its exit code on; and what it leaves running is traced to its own end.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2") program=$(realpath "$3")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

settled() { # COUNT: so many processes have said what they did, and as many traces are whole
        for _ in $(seq 200); do
                [ "$(grep -c '^heap end' output)" -eq "$1" ] && [ "$(find . -name '*.mtr' | wc -l)" -eq "$1" ] &&
                        "$memtrace" verify ./*.mtr >verified 2>&1 && return 0
                sleep 0.05
        done
        return 1
}

while read -r way code processes; do
        rm -f ./*.mtr
        env "$program" "$way" >expected 2>errors </dev/null # by env both times: the shell tells a program its name
        untraced=$?
        sleep 0.2 # a daemon's last words
        [ $untraced -eq 77 ] && continue
        env MEMTRACE_LIB="$library" "$memtrace" run -o %e.%p.mtr -- "$program" "$way" >output 2>errors </dev/null
        status=$?
        if ! settled "$processes" || [ $status -ne "$code" ] || [ $untraced -ne "$code" ] || ! grep -q 'lost events: 0' errors; then
                echo "$way: exit codes $untraced and $status, $(find . -name '*.mtr' | wc -l) traces"
                cat errors verified
                exit 1
        fi
        diff expected output || { echo "$way: another output"; exit 1; }
done <<'END'
daemon 0 4
range 0 2
duplicates 0 3
none 0 2
stay-closed 4 2
END
