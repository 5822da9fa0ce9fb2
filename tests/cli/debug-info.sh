#!/usr/bin/env bash
# Where lines are in debug information as compilers write it: relative compile directories, and split units.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY

mkdir -p source/below
cat >source/below/inlined.h <<'END'
static inline __attribute__((always_inline)) void *inlined(void) {
    return malloc(20);
}
END
cat >source/held.c <<'END'
#include <stdlib.h>
#include "below/inlined.h"
static void *volatile held[2];
__attribute__((noinline)) void hold(void) {
    held[0] = malloc(100);
    held[1] = inlined();
}
int main(void) {
    hold();
    return 0;
}
END

# names OPTION...: file, line, function and directory of all frames of held.c, one a line
names() {
    (cd source && "$@" -g -O1 -o ../held held.c) || fail "$1 cannot compile"
    rm -f held.mtr held.json
    run 0 "$MEMTRACE" run -q -o held.mtr -- ./held
    run 0 "$MEMTRACE" snapshot save -o held.json held.mtr
    /usr/bin/python3 -c '
import json, sys
for frame in json.load(open("held.json"))["frames"]:
    for file, line, function, directory in [(*name, None, None, None)[:4] for name in frame[3]]:
        if function in ("hold", "inlined", "main"):
            print(file, line, function, directory)' | sort >out
}

for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    for version in 4 5; do
        names $compiler -gdwarf-$version "-fdebug-prefix-map=$PWD/source=./moved"
        out_is "below/inlined.h 2 inlined ./moved
moved/held.c 5 hold None
moved/held.c 6 hold None
moved/held.c 9 main None"
        names $compiler -gdwarf-$version -gsplit-dwarf
        out_is "$PWD/source/held.c 5 hold None
$PWD/source/held.c 6 hold None
$PWD/source/held.c 9 main None
below/inlined.h 2 inlined $PWD/source"
    done
done
finish
