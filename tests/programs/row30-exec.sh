#!/bin/bash
# row30-exec.sh LIBRARY PROGRAM: a program under a filter that would kill the tracer's start begins another one, which runs as it
# would untraced; one line says why there is no trace of it.
set -u
library=$(realpath "$1") program=$(realpath "$2")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

"$program" exec || { [ $? -eq 77 ] && exit 77; echo "untraced it ends with $?"; exit 1; }
LD_PRELOAD=$library MEMTRACE_OUTPUT=%e.mtr "$program" exec 2>errors
status=$?
[ $status -eq 0 ] && [ "$(wc -l <errors)" -eq 1 ] && grep -q 'true: cannot be traced: it inherits a seccomp filter' errors &&
        [ "$(echo *.mtr)" = row30-sandbox.mtr ] && exit 0
echo "status $status, traces $(echo *.mtr)"
cat errors
exit 1
