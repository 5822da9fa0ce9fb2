#!/bin/bash
# reload.sh LIBRARY MEMTRACE PROGRAM FIRST SECOND: code that was loaded where other code had been is not taken for it.
set -u
library=$(realpath "$1") memtrace=$(realpath "$2") program=$(realpath "$3") first=$(realpath "$4") second=$(realpath "$5")
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

LD_PRELOAD=$library MEMTRACE_OUTPUT=reload.mtr "$program" "$first" "$second" >output || exit 1
grep -q same output || { echo "the loader gave the two libraries different addresses"; exit 77; }
"$memtrace" report --cost total --format json reload.mtr >report || exit 1
python3 - "$first" "$second" <<'END'
import json, sys
found = {(entry["module"], entry["line"]): (entry["size"], entry["count"])
         for entry in json.load(open("report"))["entries"] if entry["module"] in sys.argv[1:]}
print(found)
sys.exit(found != {(sys.argv[1], 8): (3 * 1111, 3), (sys.argv[2], 10): (3 * 2222, 3)})
END
