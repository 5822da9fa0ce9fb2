#!/bin/bash
# compare.sh ORACLE PROGRAM [ARGUMENT...]: run a program with the oracle preloaded, and fail unless it
# compared backtraces of every process and found none that differs from libunwind's.
set -u
oracle=$(realpath "$1")
shift
case $1 in */*) set -- "$(realpath "$1")" "${@:2}" ;; esac
command -v "$1" >/dev/null || { echo "$1 is not installed"; exit 77; }
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

ORACLE_OUTPUT=$directory/result ORACLE_EVERY=${ORACLE_EVERY:-7} LD_PRELOAD=$oracle timeout 300 "$@" >output 2>&1
code=$?
tail -3 output
cat result
[ $code -eq 0 ] || { echo "the program ended with $code"; exit 1; }
awk '/^oracle:/ { compared += $5; different += $9; lines++ }
     END { printf "%d processes, %d backtraces compared, %d different\n", lines, compared, different
           exit !(lines > 0 && compared >= 30 && different == 0) }' result
