#!/usr/bin/env bash
# memtrace callers, callees and report --format pstats beside Python's own pstats on the same numbers: traces built to be
# awkward, and a traced program that calls itself, in circles and through what the compiler inlines.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/pstats_oracle.py $MEMTRACE $PROGRAMS"

for scenario in small recursive frames "large 300"; do
    set -- $scenario
    "$MAKE_TRACE" "$1" "$1.mtr" ${2:-}
    run 0 $oracle "$1.mtr"
done

cp "$here/calls.c" program.c
cc -g -O0 -fno-builtin -w -ffile-prefix-map="$work=/src" -o program program.c || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o program.mtr -- ./program
run 0 $oracle program.mtr

# the same, as a person reads it
run 0 "$MEMTRACE" callers program.mtr@end walk visit descend wrapper
sed -i 's/([0-9.]* s)/(...)/' out
out_is "         live bytes at the end (...), 5584 B in 24 blocks:

   Ordered by: internal size
   List reduced from 9 to 4 due to restriction <'walk', 'visit', 'descend', 'wrapper'>

Function                 was called by...
                             ncalls  totsize  cumsize
/src/program.c(wrapper)  <-       7   5060 B   5060 B  /src/program.c(put)
/src/program.c(visit)    <-     1/6    100 B    226 B  /src/program.c(main)
                               4/12    400 B    452 B  /src/program.c(walk)
/src/program.c(walk)     <-    1/11      3 B    352 B  /src/program.c(main)
                               5/13     15 B    365 B  /src/program.c(visit)
/src/program.c(descend)  <-       5      5 B      5 B  /src/program.c(descend)
                                1/6      1 B      6 B  /src/program.c(main)"
run 0 "$MEMTRACE" callees --skip wrapper program.mtr@end put walk
sed -i 's/([0-9.]* s)/(...)/' out
out_is "         live bytes at the end (...), 5584 B in 24 blocks:

   Ordered by: cumulative size
   List reduced from 8 to 2 due to restriction <'put', 'walk'>

Function              called...
                          ncalls  totsize  cumsize
/src/program.c(put)   -> 
/src/program.c(walk)  ->       6     60 B     60 B  /src/program.c(put)
                            4/12    400 B    452 B  /src/program.c(visit)"
run 0 "$MEMTRACE" callers --by file program.mtr main
err_has "callers: main matches nothing here"
finish
