"""What a merged snapshot says must be the sum of what its operands say: merge_oracle.py MERGED OPERAND...

Every report of the snapshot is held against the added-up entries of the operands' reports, for each key and cost, and the processes and
totals against theirs. With STABLE set, names are taken without build directories and offsets, as they are where builds differ; with QUICK, only those keys
are asked for.
"""

import collections
import json
import os
import re
import subprocess
import sys

MEMTRACE = os.environ["MEMTRACE"]
STABLE = "STABLE" in os.environ
QUICK = os.environ.get("QUICK", "").split()
KEYS = {
    "line": ["file", "line"],
    "function": ["function", "file"],
    "file": ["file"],
    "module": ["module"],
    "traceback": ["frames"],
    "size": ["from", "below"],
    "thread": ["thread"],
}
SUMS = ["allocations", "frees", "allocated_bytes", "peak_bytes", "leaked_bytes", "leaked_blocks", "temporary", "foreign_frees", "lost",
        "peak_rss_bytes", "collector_rss_bytes"]


def report(operand, *options):
    return json.loads(subprocess.check_output([MEMTRACE, "report", "--format", "json", *options, operand], stderr=subprocess.DEVNULL))


def plain(value):
    if isinstance(value, list):
        return tuple(tuple(plain(frame[name]) for name in ("file", "line", "function")) for frame in value)
    if STABLE and isinstance(value, str):
        return re.sub(r"\+0x[0-9a-f]+$", "", re.sub(r"^(.*/(one|other)/|(\.\./)+)", "", value))
    return value


def entries(made, key):
    sums = collections.Counter()
    for entry in made["entries"]:
        name = tuple(plain(entry.get(column)) for column in KEYS[key])
        for figure in ("size", "count"):
            sums[name, figure] += entry[figure]
    return +sums


def compare(merged, operands, key, cost, *options):
    wanted = collections.Counter()
    for operand in operands:
        wanted += entries(report(operand, "--by", key, "--cost", cost, *options), key)
    got = entries(report(merged, "--by", key, "--cost", cost, *options), key)
    if got != wanted:
        print(f"--by {key} --cost {cost} {options}:\n  {got - wanted} too many\n  {wanted - got} too few")
        return 1
    return 0


def compare_processes(merged, operands):
    got = report(merged)
    each = [report(operand) for operand in operands]
    wanted = [dict(exe=one["process"]["exe"], pid=one["process"]["pid"], started=one["process"]["started"], ended=one["process"]["ended"],
                   live_bytes=one["selection"]["size"], live_blocks=one["selection"]["count"],
                   **{name: one["totals"][name] for name in SUMS[:7] + ["lost", "peak_time_s", "duration_s"]}) for one in each]
    totals = {name: sum(one["totals"][name] for one in each) for name in SUMS}
    failed = 0
    if got["processes"] != wanted:
        print(f"processes {got['processes']}, not {wanted}")
        failed = 1
    if {name: got["totals"][name] for name in SUMS} != totals:
        print(f"totals {got['totals']}, not {totals}")
        failed = 1
    if got["totals"]["duration_s"] != max(one["totals"]["duration_s"] for one in each):
        print("it did not take as long as the longest")
        failed = 1
    return failed


def main(merged, operands):
    operands = [operand + "@peak" if operand.endswith(".mtr") else operand for operand in operands]
    costs = ["live", "total", "count", "temporary"]
    if all(operand.endswith("@end") for operand in operands):
        costs.append("leaked")
    failed = compare_processes(merged, operands)
    asked = 0
    for key in QUICK or KEYS:
        for cost in ["live", "total"] if QUICK else costs:
            failed += compare(merged, operands, key, cost)
            asked += 1
    for key in () if QUICK else ("line", "function", "module"):
        failed += compare(merged, operands, key, "live", "--cumulative")
        failed += compare(merged, operands, key, "live", "--frame", "leaf")
        asked += 2
    print(f"{asked} reports, {failed} differ")
    return 1 if failed else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
