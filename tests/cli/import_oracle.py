"""import_oracle.py MEMTRACE PRINT FILE TRACE [OWN_TRACE SOURCE]: what heaptrack's own reader PRINT says of FILE against
what memtrace says of the trace made of it; and line by line what memtrace itself saw of the same program's SOURCE."""

import collections
import json
import re
import subprocess
import sys

memtrace, printer, file, trace, *own = sys.argv[1:]
PLAIN = ["--disable-builtin-suppressions", "--disable-embedded-suppressions"]


def heaptrack(*arguments):
    done = subprocess.run([printer, *PLAIN, *arguments, file], capture_output=True, text=True, check=True)
    return done.stdout


def report(*arguments, of=trace):
    done = subprocess.run([memtrace, "report", "--format", "json", *arguments, of],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def folded(cost):
    """What the function that allocates comes to, and all."""
    heaptrack("-a0", "-p0", "-l0", "-T0", "--flamegraph-cost-type", cost, "-F", "stacks.folded")
    sums = collections.Counter()
    with open("stacks.folded") as stream:
        for line in stream:
            stack, number = line.rsplit(" ", 1)
            frames = [re.sub(r" \([^()]*\)$", "", frame) for frame in stack.rstrip(";").split(";")]
            # heaptrack_print has the functions that are inlined into another before it, not behind
            sums["inlined" if "inlined" in frames else frames[-1]] += int(number)
    return sums


def is_same(what, theirs, ours):
    if theirs != ours:
        sys.exit(f"{what}: heaptrack {theirs}, memtrace {ours}")


totals = report()["totals"]
for cost, ours, field in [("allocations", "count", "count"), ("leaked", "leaked", "size"), ("peak", "live", "size"),
                          ("temporary", "temporary", "count")]:
    theirs = folded(cost)
    entries = report("--by", "function", "--frame", "leaf", "--cost", ours)["entries"]
    named = collections.Counter()
    for entry in entries:
        named[entry["function"]] += entry[field]
    compared = [name for name in theirs if not name.startswith("0x")]
    if len(compared) < 3:
        sys.exit(f"{cost}: heaptrack names only {compared}")
    for name in compared:
        is_same(f"{cost} of {name}", theirs[name], named[name])
    if cost != "temporary":  # heaptrack_print takes frees of the first place for temporaries that are none
        is_same(cost, sum(theirs.values()), sum(entry[field] for entry in entries))

text = heaptrack("-a0", "-p0", "-l0", "-T0")
is_same("calls", int(re.search(r"calls to allocation functions: (\d+)", text)[1]), totals["allocations"])
first_place = folded("temporary")
is_same("temporary", int(re.search(r"temporary memory allocations: (\d+)", text)[1])
        - sum(count for name, count in first_place.items() if name.startswith("0x")), totals["temporary"])
is_same("peak", sum(folded("peak").values()), totals["peak_bytes"])
is_same("leaked", sum(folded("leaked").values()), totals["leaked_bytes"])

if own:
    traced, source = own
    for cost in "leaked", "total", "count", "temporary", "live":
        lines = [{entry["line"]: (entry["size"], entry["count"])
                  for entry in report("--cost", cost, of=which)["entries"] if entry["file"].endswith(source)}
                 for which in (trace, traced)]
        if lines[0] != lines[1]:
            sys.exit(f"{cost} by line: imported {lines[0]}, traced {lines[1]}")
        if not lines[0] and cost != "live":
            sys.exit(f"{cost}: no line of {source}")
print("the same")
