"""import_massif.py MEMTRACE FILE TRACE: each moment of massif's file against the same moment of the trace made of it."""

import collections
import json
import re
import subprocess
import sys

memtrace, file, trace = sys.argv[1:]
NODE = re.compile(r"( *)n(\d+): (\d+) (.*)")


def snapshots():
    """(number, bytes, its tree's sums by innermost line, or None)"""
    number = size = sums = None
    with open(file) as stream:
        for line in stream:
            node = NODE.match(line)
            if line.startswith("snapshot="):
                if number is not None:
                    yield number, size, sums
                number, sums = int(line[9:]), None
            elif line.startswith("mem_heap_B="):
                size = int(line[11:])
            elif node and not node[1]:
                sums = collections.Counter()
            elif node and len(node[1]) == 1 and node[4].startswith("0x"):
                place = re.search(r"\(([^()]*:\d+)\)$", node[4])
                sums[place[1] if place else "?"] += int(node[3])
            elif node and len(node[1]) == 1:
                sums["?"] += int(node[3])
    yield number, size, sums


def report(moment, *arguments):
    done = subprocess.run([memtrace, "report", "--format", "json", "--frame", "leaf", *arguments, trace + moment],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


compared = 0
most = last = 0
for number, size, sums in snapshots():
    most, last = max(most, size), size
    if sums is None:
        continue
    compared += 1
    ours = collections.Counter()
    for entry in report(f"@snapshot-{number}")["entries"]:
        ours[f"{entry['file']}:{entry['line']}" if entry["line"] is not None else "?"] += entry["size"]
    sums = +sums
    if sums != ours:
        sys.exit(f"snapshot {number}: massif {dict(sums)}, memtrace {dict(ours)}")
totals = report("@end")["totals"]
if (totals["peak_bytes"], totals["leaked_bytes"]) != (most, last):
    sys.exit(f"massif {most} at most, {last} at the end; memtrace {totals}")
print(compared, "the same")
