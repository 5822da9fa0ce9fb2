"""pstats_oracle.py MEMTRACE PROGRAMS TRACE: what `memtrace callers`, `memtrace callees` and `memtrace report --format
pstats` print of the trace must be, byte for byte and in the same order, what Python's pstats prints of the same calls.

pstats is given our numbers, found anew from each stack: allocations of a function's own as its calls, those with what it
called as its primitive calls, bytes as its seconds. What is meant to differ is told to it: sizes are written as tracemalloc
writes them, a function has no one line, and the words for time are for size. The heading above and the blank lines
below are not compared.
"""

import csv
import io
import json
import os
import pstats
import re
import subprocess
import sys
import tracemalloc

import tracemalloc_oracle as oracle
from tracemalloc_oracle import MEMTRACE, TRACE, same

COSTS = ["live", "leaked", "total", "count", "temporary"]
KEYS = {  # the place of a frame (file, line, file or else module, function) as a function of pstats, and its title
    "line": (lambda f: (f[0], f[1], f[3]), "filename:lineno(function)", "Line"),
    "function": (lambda f: (f[2], 0, f[3]), "filename(function)", "Function"),
    "file": (lambda f: (f[2], 0, ""), "filename", "File"),
}
ORDERS = {  # --sort and --cumulative, to pstats' key and the word it says
    ("size", False): (["time"], "internal time", "internal size"),
    ("size", True): (["cumulative"], "cumulative time", "cumulative size"),
    ("count", False): (["calls"], "call count", "call count"),
    ("count", True): (["pcalls"], "primitive call count", "cumulative call count"),
    ("place", False): (["file", "line", "name"], "file name, line number, function name", "standard name"),
}
TABLES = {"callers": "print_callers", "callees": "print_callees", "report": "print_stats"}


class Glob(str):
    """A regular expression that says it is a glob."""

    def __new__(cls, glob):
        made = super().__new__(cls, r"\(" + glob.replace("*", ".*") + r"\)$")
        made.glob = glob
        return made

    def __repr__(self):
        return repr(self.glob)


class Calls:
    """The calls of one cost, added up stack by stack."""

    def __init__(self, blocks, key):
        self.key, self.lineless = key, blocks.lineless
        self.functions, self.recursive = {}, set()
        for frames, size in blocks.blocks:
            places = [KEYS[key][0](f) for f in frames]
            edges = list(zip(places, places[1:]))
            if len(set(places)) < len(places):
                self.recursive.update(places)
            for place in set(places):
                self.add(self.functions.setdefault(place, ([0, 0, 0, 0], {}))[0], size, place == places[0])
            for callee, caller in set(edges):
                edge = self.functions[callee][1].setdefault(caller, [0, 0, 0, 0])
                self.add(edge, size, (callee, caller) == edges[0])

    @staticmethod
    def add(cost, size, own):
        """nc, cc, tt, ct"""
        cost[:] = cost[0] + own, cost[1] + 1, cost[2] + own * size, cost[3] + size

    def name(self, function):
        file, line, name = function
        if self.key == "file":
            return file
        return f"{file}({name})" if self.key == "function" or file in self.lineless else f"{file}:{line}({name})"

    def text(self, table, order, *restrictions):
        """What pstats prints, in our words. Its sort keeps equals in the order in which it was given them."""
        keys, theirs, ours = ORDERS[order]
        first = (1, 3) if order[1] else (0, 2)
        given = sorted(self.functions, key=lambda f: ([self.functions[f][0][i] for i in reversed(first)], f), reverse=True)
        stream = io.StringIO()
        self.stats = {f: (cc, nc, tt, ct, {g: tuple(e) for g, e in callers.items()})
                      for f in given for (nc, cc, tt, ct), callers in [self.functions[f]]}
        self.create_stats = lambda: None
        pstats.f8 = lambda size: "%8s" % tracemalloc._format_size(size, False)
        pstats.func_std_string = self.name
        getattr(pstats.Stats(self, stream=stream).sort_stats(*keys), TABLES[table])(*restrictions)
        text = stream.getvalue().rstrip("\n").split("   Ordered by: ")[1]
        assert text.startswith(theirs)
        text = ours + text[len(theirs):]
        text = text.replace(" tottime ", " totsize ").replace(" cumtime", " cumsize")
        text = text.replace("filename:lineno(function)", KEYS[self.key][1], 1)
        width = re.search("(?m)^( *)    ncalls ", text)
        return re.sub("(?m)^Function +", f"{KEYS[self.key][2]} ".ljust(len(width[1])) if width else r"\\g<0>", text,
                      count=1).splitlines()


def ours(*options):
    done = subprocess.run([MEMTRACE, *options], capture_output=True, check=True)
    return done.stdout.decode()


def table(command, order, *options):
    """Under the heading."""
    flags = ["--sort", order[0]] + ["--cumulative"] * order[1]
    flags += ["--format", "pstats"] if command == "report" else []
    options = [o for o in options if o.startswith("-")] + [TRACE] + [o for o in options if not o.startswith("-")]
    return ours(command, *flags, *options).split("   Ordered by: ")[1].splitlines()


def formats(calls, cost, sums):
    """JSON and CSV: the same numbers, the sums of the events, and edges that fit their functions."""
    entries = {}
    for kind in ("callers", "callees"):
        options = (kind, "--by", calls.key, "--cost", cost)
        made = json.loads(ours(*options, "--format", "json", TRACE))
        assert made["schema"] == f"memtrace-{kind}-1"
        names = ["self_count", "cumulative_count", "self_size", "cumulative_size"]
        place = ["file", "line", "function", "module"]
        entries[kind] = {}
        rows = []
        for entry in made["entries"]:
            found = {tuple(e[n] for n in place): [e[n] for n in names] for e in entry[kind]}
            entries[kind][tuple(entry[n] for n in place)] = [entry[n] for n in names], found
            for edge in [None, *entry[kind]]:
                other = [""] * 4 if edge is None else [edge[n] for n in place]
                values = [(edge or entry)[n] for n in ("self_size", "self_count", "cumulative_size", "cumulative_count")]
                row = ["self" if edge is None else kind[:-1], *(entry[n] for n in place), *other, *values]
                rows.append(["" if field is None else str(field) for field in row])
        found = [sum(e[2] for e, _ in entries[kind].values()), sum(e[0] for e, _ in entries[kind].values())]
        assert found == sums == [made["selection"]["size"], made["selection"]["count"]], (kind, cost, found, sums)
        head, *lines = csv.reader(io.StringIO(ours(*options, "--format", "csv", TRACE), newline=""), strict=True)
        assert head == ["relation", *place, *("other_" + n for n in place), "self_size", "self_count", "cumulative_size",
                        "cumulative_count"]
        assert lines == rows
    assert {f: e[0] for f, e in entries["callers"].items()} == {f: e[0] for f, e in entries["callees"].items()}
    for function, (cost_of, callers) in entries["callers"].items():
        for caller, edge in callers.items():
            assert entries["callees"][caller][1][function] == edge
    if not calls.recursive:
        for (own, whole, own_bytes, whole_bytes), callees in entries["callees"].values():
            assert own_bytes + sum(e[3] for e in callees.values()) == whole_bytes
            assert own + sum(e[1] for e in callees.values()) == whole
    reported = json.loads(ours("report", "--by", calls.key, "--cost", cost, "--cumulative", "--format", "json", TRACE))
    assert sorted([e["count"], e["size"]] for e in reported["entries"]) == \
        sorted(e[1::2] for e, _ in entries["callers"].values())


def main():
    built, sums = oracle.from_reader()
    lines = os.path.exists(oracle.mtr_reader.Trace(TRACE).read().process["exe"])
    compared = 0
    for cost in COSTS if not lines else ["live"]:
        blocks = oracle.from_tracebacks(cost) if lines else built[cost]
        for key in KEYS:
            calls = Calls(blocks, key)
            formats(calls, cost, sums[cost])
            for command in TABLES:
                for order in ORDERS:
                    theirs = calls.text(command, order)
                    same(table(command, order, f"--by={key}", f"--cost={cost}", "-n100000"), theirs,
                         f"{command} by {key} of {cost}, {order}")
                    compared += len(theirs)
                theirs = calls.text(command, ("size", True), 2)
                same(table(command, ("size", True), f"--by={key}", f"--cost={cost}", "-n2"), theirs, f"two of {command}")
    if lines:
        calls = Calls(oracle.from_tracebacks("live"), "function")
        for command in ("callers", "callees"):
            for glob in ("w*", "[dm]*"):
                theirs = calls.text(command, ("size", True), Glob(glob), 1)
                same(table(command, ("size", True), "-n1", glob), theirs, f"{command} of {glob}")
    print(f"as pstats has it, in {compared} lines; {len(calls.recursive)} functions recur")


main()
