"""export_heaptrack.py MEMTRACE TRACE...: what heaptrack_print reads of the heaptrack export, beside what report and the
folded stacks say; prints what it counts as temporary."""

import collections
import json
import re
import subprocess
import sys


def ours(memtrace, trace, cost):
    """{stack: number} of the folded stacks."""
    done = subprocess.run([memtrace, "export", "--format", "folded", "--cost", cost, trace], capture_output=True, text=True, check=True)
    return stacks(done.stdout)


def stacks(text):
    sums = collections.Counter()
    for line in text.splitlines():
        stack, value = line.rsplit(" ", 1)
        stack = ";".join(frame.rsplit(" (", 1)[0] for frame in stack.rstrip(";").split(";"))
        sums[stack] += int(value)
    return collections.Counter({stack: value for stack, value in sums.items() if value})


def theirs(path, cost):
    """{stack: number} of heaptrack_print's, and what it prints."""
    flames = f"{path}.{cost}"
    done = subprocess.run(["heaptrack_print", "--shorten-templates=0", "--disable-builtin-suppressions", "--flamegraph-cost-type", cost,
                           "-F", flames, "-f", path], capture_output=True, text=True, check=True)
    assert "failed" not in done.stderr and "unexpected" not in done.stderr and "amaged" not in done.stderr, done.stderr
    return stacks(open(flames).read()), done.stdout


def one(pattern, text):
    return re.search(pattern, text, re.M)[1]


def look_at(memtrace, trace):
    path = trace + ".heaptrack"
    subprocess.run([memtrace, "export", "--format", "heaptrack", "-o", path, trace], check=True)
    report = json.loads(subprocess.run([memtrace, "report", "--format", "json", trace], capture_output=True, check=True).stdout)
    totals = report["totals"]
    for cost, wanted in ("leaked", "leaked"), ("peak", "live"), ("allocations", "count"):
        flames, printed = theirs(path, cost)
        assert flames == ours(memtrace, trace, wanted), (trace, cost, flames, ours(memtrace, trace, wanted))
    assert sum(theirs(path, "leaked")[0].values()) == totals["leaked_bytes"], totals
    assert sum(theirs(path, "peak")[0].values()) == totals["peak_bytes"], totals
    assert int(one(r"^calls to allocation functions: (\d+) ", printed)) == totals["allocations"], printed
    temporary = int(one(r"^temporary memory allocations: (\d+) ", printed))
    flames, _ = theirs(path, "temporary")
    assert sum(flames.values()) == temporary <= totals["temporary"], (flames, temporary)
    assert not flames - ours(memtrace, trace, "temporary"), flames
    rss = one(r"^peak RSS .*: (\S+)", printed)
    scale = {"B": 1, "K": 1e3, "M": 1e6, "G": 1e9}[rss[-1]]
    assert abs(float(rss[:-1]) * scale - totals["peak_rss_bytes"]) <= 0.005 * scale + 4096, (rss, totals)
    assert abs(float(one(r"^total runtime: ([\d.]+)s", printed)) - totals["duration_s"] - 0.001) <= 0.00501, totals
    assert "Debuggee command was: " in printed
    print(trace, temporary, "of", totals["temporary"], "temporary")


if __name__ == "__main__":
    for name in sys.argv[2:]:
        look_at(sys.argv[1], name)
