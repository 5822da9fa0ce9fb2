"""annotate_oracle.py MEMTRACE PROGRAMS TRACE SOURCE: what `memtrace annotate` prints of the trace must be, byte for
byte, what Python's memory_profiler prints of the same numbers.

The numbers come from the tests' own reader: each line of the source tells behind "// sizes:" which sizes of block it
asks for, and no other line asks for those. The functions are those that begin with a name at the left edge, "{" at
the end of the same line, and end with "}" at the left edge.
"""

import collections
import csv
import io
import json
import re
import subprocess
import sys

import memory_profiler

MEMTRACE, PROGRAMS, TRACE, SOURCE = sys.argv[1:]
sys.path.insert(0, PROGRAMS)
import mtr_reader  # noqa: E402

MIB = 1 << 20


def ask(command, *arguments):
    done = subprocess.run([MEMTRACE, command, *arguments], capture_output=True, check=True)
    assert not done.stderr, done.stderr
    return done.stdout.decode()


def lines_of_sizes():
    """Size to line, and (first, last) by function."""
    sizes, functions, begun = {}, {}, None
    with open(SOURCE, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            for size in re.findall(r"\d+", (re.findall(r"// sizes:(.*)", line) or [""])[0]):
                assert sizes.setdefault(int(size), number) == number, size
            if head := re.match(r"\w.*?(\w+)\([^()]*\) \{$", line):
                begun = head[1], number
            if line.startswith("}"):
                functions[begun[0]] = begun[1], number
    return sizes, functions


Counts = collections.namedtuple("Counts", "live calls total temporary high")


def by_line(until=None):
    """{line: Counts} after so many events; and the number of events at the peak."""
    sizes, _ = lines_of_sizes()
    trace = mtr_reader.Trace(TRACE)
    sums, peak, events = {}, [0, 0], 0

    def on_event(event, site, _):
        nonlocal events
        events += 1
        if until is not None and events > until:
            return
        size = trace.sites[site][1]
        assert size in sizes, size
        line = sums.setdefault(sizes[size], dict(live=0, calls=0, total=0, temporary=0, high=0))
        if event == mtr_reader.ALLOC:
            line["live"] += size
            line["total"] += size
            line["calls"] += 1
            line["high"] = max(line["high"], trace.live_bytes)
        else:
            line["live"] -= size
            line["temporary"] += size if event == mtr_reader.FREE_TEMPORARY else 0
        if trace.live_bytes > peak[0]:
            peak[:] = trace.live_bytes, events

    trace.read(on_event)
    return {line: Counts(**sum) for line, sum in sums.items()}, peak[1]


class Profiler:
    """As much of memory_profiler's as show_results looks at."""

    def __init__(self, tables):
        self.code_map = self
        self.tables = tables

    def items(self):
        for first, last, increments in self.tables:
            yield SOURCE, [(n, increments.get(n)) for n in range(first, last + 1)]


def shown(tables, precision):
    stream = io.StringIO()
    memory_profiler.show_results(Profiler(tables), stream, precision)
    return stream.getvalue()


def increments(counts, cost):
    return {line: (getattr(c, cost) / MIB, c.high / MIB, c.calls) for line, c in counts.items()}


def same(ours, theirs, what):
    for number, (one, other) in enumerate(zip(ours.splitlines() + ["(end)"], theirs.splitlines() + ["(end)"]), 1):
        if one != other:
            sys.exit(f"{what}, line {number}:\n  memtrace        {one}\n  memory_profiler {other}")
    assert ours == theirs, what


def whole_files(counts, moment, cost, *options):
    with open(SOURCE, encoding="utf-8") as file:
        last = len(file.readlines())
    for precision in (0, 1, 3, 9):
        ours = ask("annotate", "--precision", str(precision), *options, TRACE + moment, SOURCE)
        same(ours, shown([(1, last, increments(counts, cost))], precision), f"{moment} {cost} {precision}")


def whole_functions(counts):
    _, functions = lines_of_sizes()
    sizes = {}
    for name, (first, last) in functions.items():
        sizes[name] = sum(c.live for line, c in counts.items() if first <= line <= last)
        if any(first <= line <= last for line in counts):
            ours = ask("annotate", TRACE, name)
            same(ours, shown([(first, last, increments(counts, "live"))], 3), name)
    # without an operand: those that hold anything, the largest first
    order = sorted((name for name in sizes if sizes[name]), key=lambda name: sizes[name], reverse=True)
    assert len({sizes[name] for name in order}) == len(order) > 2, sizes
    tables = [(*functions[name], increments(counts, "live")) for name in order]
    same(ask("annotate", TRACE), shown(tables, 3), "all functions")
    same(ask("annotate", "-n", "2", TRACE), shown(tables[:2], 3), "two functions")
    same(ask("annotate", TRACE, order[1], order[0], order[1]), shown([tables[1], tables[0]], 3), "as named")
    same(ask("annotate", "--by", "function", "-n", "2", TRACE, SOURCE), shown(tables[:2], 3), "functions of a file")
    same(ask("annotate", "--by", "file", TRACE, order[0]), ask("annotate", TRACE, SOURCE), "the file of a function")


def as_report_has_it():
    """Every line's increment is report's size, of every cost, charged once or cumulative, as JSON and CSV."""
    for cost in ("live", "leaked", "total", "count", "temporary"):
        every = [[], ["--cumulative"], ["--frame", "leaf"], ["--function", "[gc]*"]]
        for options in every if cost == "live" else every[:1]:
            options = ["--cost", cost, *options]
            report = json.loads(ask("report", "-f", "json", *options, TRACE))
            for by in ("function", "file"):
                made = json.loads(ask("annotate", "-f", "json", "--by", by, *options, TRACE))
                found = {(t["file"] if line["line"] else t["file"], line["line"]): line["increment_bytes"]
                         for t in made["tables"] for line in t["lines"]}
                wanted = {(e["file"], e["line"]): e["size"] for e in report["entries"] if e["line"]}
                assert {key: size for key, size in found.items() if size and key[1]} == \
                    {key: size for key, size in wanted.items() if size}, (options, by)
                assert [made["selection"][k] for k in ("size", "count", "cost")] == \
                    [report["selection"][k] for k in ("size", "count", "cost")]
                if "--cumulative" not in options:
                    sums = sum(line["increment_bytes"] for t in made["tables"] for line in t["lines"])
                    assert sums == report["selection"]["size"], (options, by)
                rows = list(csv.DictReader(io.StringIO(ask("annotate", "-f", "csv", "--by", by, *options, TRACE))))
                lines = [line for t in made["tables"] for line in t["lines"]]
                assert len(rows) == len(lines)
                for row, line in zip(rows, lines):
                    for name in ("line", "function", "mem_usage_bytes", "increment_bytes", "occurrences"):
                        assert row[name] == ("" if line[name] is None else str(line[name])), (row, line)
                    assert row["contents"] == (line["contents"] or "").replace("\t", "\\x09"), (row, line)


def main():
    at_end, peak = by_line()
    at_peak, _ = by_line(peak)
    assert at_peak != at_end
    whole_files(at_peak, "", "live")
    whole_files(at_end, "@end", "live")
    whole_files(at_end, "", "live", "--cost", "leaked")
    whole_files(at_end, "", "total", "--cost", "total")
    whole_files(at_end, "", "temporary", "--cost", "temporary")
    whole_functions(at_peak)
    as_report_has_it()
    print("as memory_profiler has it")


main()
