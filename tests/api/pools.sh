#!/bin/bash
# pools.sh PROGRAM: valgrind sees through memtrace/pools.h what it is told, and finds what is read after it was given back.
set -u
command -v valgrind >/dev/null || { echo "no valgrind"; exit 77; }
said=$(valgrind -q --error-exitcode=9 "$1" misuse it 2>&1)
status=$?
[ $status -eq 9 ] || { echo "ended with $status: $said"; exit 1; }
grep -q 'Invalid read of size 1' <<<"$said" || { echo "$said"; exit 1; }
grep -q 'inside a.* block of size 64' <<<"$said" || { echo "$said"; exit 1; }
# and what is right is left alone
said=$(valgrind -q --error-exitcode=9 "$1" all 2>&1) || { echo "$said"; exit 1; }
