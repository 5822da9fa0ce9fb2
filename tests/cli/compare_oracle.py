"""compare_oracle.py MEMTRACE [BEFORE AFTER]...: what `memtrace diff` prints of two states of one build must be, byte for byte
and in the same order, what tracemalloc's Snapshot.compare_to makes of the same blocks; and its totals the difference of
what `memtrace report` says of each.

One difference is meant: behind the line of a place that is not in both stands [new] or [gone].
"""

import csv
import functools
import io
import json
import os
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

from tracemalloc_blocks import blocks_of, same

MEMTRACE = sys.argv[1]
COSTS = ["live", "total", "count", "temporary"]
KEYS = ["line", "function", "file", "module", "traceback", "size"]


@functools.cache  # pairs have states in common
def run(*arguments):
    return subprocess.run([MEMTRACE, *arguments], capture_output=True, check=True).stdout.decode()


def marked(statistic, line):
    if statistic.count == 0:
        return line + " [gone]"
    return line + " [new]" if statistic.count == statistic.count_diff else line


def lines_of(statistics, text):
    return [marked(s, text(str(s))) for s in statistics]


def changed(statistics):
    return [s for s in statistics if s.size_diff or s.count_diff]


class Pair:
    def __init__(self, *names):
        self.names = names
        self.states = {cost: [blocks_of(run("report", "--by", "traceback", "--cost", cost, "--format", "json", name))
                              for name in names] for cost in COSTS}

    def diff(self, *options):
        return run("diff", *options, *self.names)

    def table(self, *options):
        """The lines under the heading."""
        lines = self.diff("-n", "1000000", *options).splitlines()
        return lines[next(i for i, line in enumerate(lines) if line.startswith("Top ")) + 1:]

    def compare(self, cost, key, type_, name, cumulative):
        options = ["--cost", cost, "--by", key] + (["--sort", "size"] if cost == "count" else [])
        options += ["--cumulative"] if cumulative else []
        charged = (lambda f: (f[2], 0)) if key == "file" and cumulative else name
        before, after = (self.states[cost][i].snapshot(charged, cumulative) for i in range(2))
        lineless = self.states[cost][0].lineless | self.states[cost][1].lineless

        def text(line):
            return line.replace(":0: size=", ": size=", 1) if line.split(":0: size=")[0] in lineless else line

        theirs = after.compare_to(before, type_, cumulative)
        same(self.table("--unchanged", *options), lines_of(theirs, text), f"{cost} by {key}, with the unchanged")
        theirs = changed(theirs)
        same(self.table(*options), lines_of(theirs, text), f"{cost} by {key}")
        pretty = [line for line in self.diff("--pretty", "-n", "3", *options).splitlines() if not line.startswith("    ")]
        same(pretty, ["[ Top 3 differences ]"] + lines_of(theirs[:3], text), f"{cost} by {key}, --pretty")
        return len(theirs)

    def tracebacks(self, cost):
        before, after = (s.snapshot() for s in self.states[cost])
        lineless = self.states[cost][0].lineless | self.states[cost][1].lineless
        theirs = []
        for s in changed(after.compare_to(before, "traceback")):
            recent = tracemalloc.Traceback([s.traceback[-1]._frame])
            head = str(tracemalloc.StatisticDiff(recent, s.size, s.size_diff, s.count, s.count_diff))
            if head.split(":0: size=")[0] in lineless:
                head = head.replace(":0: size=", ": size=", 1)
            theirs.append(marked(s, head))
            for line in s.traceback.format():
                file = line.removeprefix('  File "').removesuffix('", line 0')
                theirs.append(f'  File "{file}"' if file in lineless else line)
        options = ["--sort", "size"] if cost == "count" else []
        same(self.table("--by", "traceback", "--cost", cost, *options), theirs, f"{cost} by traceback")

    def totals(self):
        """By every key, in JSON and in CSV, the changes come to the difference of the two reports."""
        for cost in COSTS:
            for key in KEYS:
                reports = [json.loads(run("report", "--cost", cost, "--by", key, "--format", "json", "-n", "1", state))["selection"]
                           for state in self.names]
                expected = [reports[1][name] - reports[0][name] for name in ("size", "count")]
                made = json.loads(self.diff("--cost", cost, "--by", key, "--format", "json", "--unchanged"))
                rows = list(csv.DictReader(io.StringIO(self.diff("--cost", cost, "--by", key, "--format", "csv", "--unchanged"))))
                assert [made["size_diff"], made["count_diff"]] == expected, (cost, key, made["size_diff"])
                for entries in (made["entries"], rows):
                    assert [sum(int(e[n]) for e in entries) for n in ("size_diff", "count_diff")] == expected, (cost, key)
                    assert [sum(int(e[n]) for e in entries) for n in ("size", "count")] == \
                        [reports[1]["size"], reports[1]["count"]], (cost, key)
                for status in ("new", "gone", "changed", "same"):
                    assert sum(e["status"] == status for e in made["entries"]) == made["places"][status], (cost, key)
                    assert sum(r["status"] == status for r in rows) == made["places"][status]

    def check(self):
        shown = 0
        for cost in COSTS:
            for cumulative in (False, True):
                shown += self.compare(cost, "line", "lineno", lambda f: f[:2], cumulative)
                shown += self.compare(cost, "file", "filename", lambda f: (f[2], f[1]), cumulative)
            self.tracebacks(cost)
        self.totals()
        return shown


with ThreadPoolExecutor(os.cpu_count()) as pool:
    found = sum(pool.map(lambda pair: Pair(*pair).check(), zip(sys.argv[2::2], sys.argv[3::2])))
print(f"as tracemalloc compares: {found} differences")
