#!/bin/bash
# many-processes.sh LIBRARY MEMTRACE make|script: what many processes do together is the same when each is traced, and
# each one's trace is whole.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
sources=16 rounds=100

make_run() {
        for ((i = 0; i < sources; i++)); do
                echo "int part_$i(int value);" "int part_$i(int value) { return value + $i; }" >"part_$i.c"
        done
        cat >Makefile <<'END'
sources := $(sort $(wildcard part_*.c))
all: $(sources:.c=.o)
	@nm $^ | grep -c ' T part_'
%.o: %.c
	@cc -O1 -c -o $@ $<
END
        make -s -j4
}

# Five processes a round: two that only fork, three that exec.
script_run() {
        sh -eu -c 'i=0; while [ $i -lt '$rounds' ]; do
                env true; (true); echo $i | sed s/1/2/; i=$(expr $i + 1)
        done'
}

expect() { # COUNT NAME: so many programs of that name have a trace
        local found
        found=$(find ../traces -name "$2.*.mtr" | wc -l)
        [ "$found" -eq "$1" ] || { echo "$found traces of $2, not $1"; exit 1; }
}

mkdir "$directory/untraced" "$directory/traced" "$directory/traces"
cd "$directory/untraced" || exit 1
"$3_run" >../untraced.out 2>&1 || { echo "skip $3 fails untraced: $(tail -n 3 ../untraced.out)"; exit 77; }
cd ../traced || exit 1
(
        export LD_PRELOAD=$library MEMTRACE_OUTPUT=$directory/traces/%e.%p.mtr
        "$3_run"
) >../traced.out 2>&1 || { echo "fails traced"; cat ../traced.out; exit 1; }
diff ../untraced.out ../traced.out || exit 1
diff -r ../untraced . || exit 1

"$memtrace" verify ../traces/*.mtr >../verified || { grep -v ': whole' ../verified; exit 1; }
if grep -v ', 0 lost' ../verified; then
        exit 1
fi
if [ "$3" = make ]; then
        expect 1 make
        expect $sources cc1
else
        expect $rounds true
        expect $rounds sed
        expect $rounds expr
fi
echo "$(wc -l <../verified) traces, all whole"
