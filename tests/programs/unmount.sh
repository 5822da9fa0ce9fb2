#!/bin/bash
# unmount.sh LIBRARY: a program that began on a file system and has left it can unmount it, when its trace lies elsewhere.
set -u
library=$(realpath "$1")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/volume"
export directory library

unshare --mount --user --map-root-user true 2>/dev/null || { echo "skip no mount namespaces here"; exit 77; }
unshare --mount --user --map-root-user bash -eu <<'END'
mount -t tmpfs none "$directory/volume"
cd "$directory/volume"
LD_PRELOAD=$library MEMTRACE_OUTPUT=$directory/%e.%p.mtr exec sh -c 'cd / && umount "$directory/volume"'
END
status=$?
[ $status -eq 0 ] && [ "$(find "$directory" -name '*.mtr' | wc -l)" -ge 2 ] || { echo "status $status"; exit 1; }
