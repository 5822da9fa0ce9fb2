"""tracemalloc_oracle.py MEMTRACE PROGRAMS TRACE: what `memtrace report` prints of the trace must be, byte for
byte and in the same order, what Python's tracemalloc prints of the same blocks.

The blocks come from the tests' own reader; where the program exists, so that frames have lines, from the report's
tracebacks, whose sums are held against that reader. Two differences are meant: a recursive frame is charged once by
--cumulative and as often as it occurs by tracemalloc, and the line above a traceback names the most recent frame.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tracemalloc

from tracemalloc_blocks import Blocks, blocks_of, same

MEMTRACE, PROGRAMS, TRACE = sys.argv[1:]
sys.path.insert(0, PROGRAMS)
import mtr_reader  # noqa: E402

COSTS = ["live", "leaked", "total", "count", "temporary"]
KEYS = ["line", "function", "file", "module", "traceback", "size"]
UNKNOWN = ("<unknown>", 0, "<unknown>", "<unknown>")


def report(*options):
    done = subprocess.run([MEMTRACE, "report", *options, TRACE], capture_output=True, check=True)
    return done.stdout.decode()


def from_reader():
    """Per cost, the blocks by the events alone. The traces' modules exist nowhere, so places are offsets."""
    trace = mtr_reader.Trace(TRACE)
    temporary, best = {}, [0, {}]

    def on_event(event, site, _):
        if event == mtr_reader.FREE_TEMPORARY:
            temporary[site] = temporary.get(site, 0) + 1
        if trace.live_bytes > best[0]:
            best[:] = trace.live_bytes, dict(enumerate(trace.live))

    trace.read(on_event)
    counts = {"live": best[1], "leaked": dict(enumerate(trace.live)), "total": dict(enumerate(trace.allocs)),
              "count": dict(enumerate(trace.allocs)), "temporary": temporary}
    lineless, built = set(), {}
    for cost, by_site in counts.items():
        blocks = []
        for site, count in by_site.items():
            stack = trace.sites[site][0]
            frames = []
            while stack:
                number, stack = trace.stacks[stack]
                module, offset, _ = trace.frames[number]
                where = trace.modules[module]
                base = os.path.basename(where["path"])
                frames.append((f"{base}+{offset - where['bias']:#x}", 0, base, "<unknown>"))
            while len(frames) > 1 and frames[0][2].startswith("libc.so"):
                del frames[0]
            lineless.update(f[0] for f in frames)
            blocks += [(frames or [UNKNOWN], trace.sites[site][1])] * count
        built[cost] = Blocks(blocks, lineless)
    return built, {cost: [sum(n * trace.sites[s][1] for s, n in by_site.items()), sum(by_site.values())]
                   for cost, by_site in counts.items()}


def from_tracebacks(cost, *options):
    return blocks_of(report("--by", "traceback", "--cost", cost, "--format", "json", *options))


def table(*options):
    """The lines under the heading."""
    return report("-n", "1000000", *options).split(" blocks:\n", 1)[1].splitlines()


def statistics(blocks, cost):
    for key, type_, name in (("line", "lineno", lambda f: f[:2]), ("file", "filename", lambda f: (f[2], f[1]))):
        options = ["--cost", cost, "--by", key] + (["--sort", "size"] if cost == "count" else [])
        theirs = [str(s) for s in blocks.snapshot(name).statistics(type_)]
        same(table(*options), [blocks.text(t) for t in theirs], f"{cost} by {key}")
        charged = name if key == "line" else lambda f: (f[2], 0)
        theirs = [str(s) for s in blocks.snapshot(charged, once=True).statistics(type_, True)]
        same(table("--cumulative", *options), [blocks.text(t) for t in theirs], f"{cost} by {key}, cumulative")


def functions(blocks):
    """tracemalloc knows no functions: its files, called FILE:FUNCTION, stand for them."""
    for once in (False, True):
        theirs = blocks.snapshot(lambda f: (f"{f[2]}:{f[3]}", 0), once).statistics("filename", once)
        ours = table("--by", "function", *(["--cumulative"] if once else []))
        same(ours, [str(s).replace(":0: size=", ": size=", 1) for s in theirs], "functions")


def wrappers(name):
    """--skip leaves out the innermost frames of that name, inlined or not, and nothing else."""
    def sums(blocks, skip):
        found = {}
        for frames, size in blocks.blocks:
            while skip and len(frames) > 1 and frames[0][3] == skip:
                frames = frames[1:]
            total = found.setdefault(tuple(frames), [0, 0])
            total[:] = total[0] + size, total[1] + 1
        return found

    plain, skipped = from_tracebacks("live"), from_tracebacks("live", "--skip", name)
    assert sums(plain, name) == sums(skipped, None) != sums(plain, None), name


def recursion(blocks):
    """Where a frame recurs, tracemalloc's cumulative count is higher; nowhere else do they differ."""
    recurring = {f[:2] for frames, _ in blocks.blocks for f in frames if [g[:2] for g in frames].count(f[:2]) > 1}
    plain = {str(s.traceback): s.count for s in blocks.snapshot().statistics("lineno", True)}
    once = {str(s.traceback): s.count for s in blocks.snapshot(once=True).statistics("lineno", True)}
    differing = {place for place in plain if plain[place] != once[place]}
    assert differing == {f"{file}:{line}" for file, line in recurring}, differing
    return len(recurring)


def tracebacks(blocks, options, limit=None, first=False):
    theirs = []
    for statistic in blocks.snapshot().statistics("traceback"):
        head = tracemalloc.Statistic(tracemalloc.Traceback([statistic.traceback[-1]._frame]), statistic.size,
                                     statistic.count)
        theirs.append(blocks.text(str(head)))
        for line in statistic.traceback.format(limit, first):
            file = line.removeprefix('  File "').removesuffix('", line 0')
            theirs.append(f'  File "{file}"' if file in blocks.lineless else line)
    same(table("--by", "traceback", *options), theirs, f"tracebacks {options}")


def filters(blocks, globs):
    for include, exclude, line, every in globs:
        wanted = [tracemalloc.Filter(True, g, line, every) for g in include]
        wanted += [tracemalloc.Filter(False, g, line, every) for g in exclude]
        options = ["--all-frames"] if every else []
        for flag, patterns in (("--include", include), ("--exclude", exclude)):
            for glob in patterns:
                options += [flag, glob if line is None else f"{glob}:{line}"]
        theirs = blocks.snapshot(lambda f: (f[2], f[1])).filter_traces(wanted).statistics("filename")
        same(table("--by", "file", *options), [str(s) for s in theirs], f"filters {options}")


def pretty(blocks):
    """The "Pretty top" recipe of tracemalloc's documentation."""
    import linecache
    statistics = blocks.snapshot().statistics("lineno")
    lines = ["Top 3 lines"]
    for index, stat in enumerate(statistics[:3], 1):
        frame = stat.traceback[0]
        where = frame.filename if frame.filename in blocks.lineless else f"{frame.filename}:{frame.lineno}"
        lines.append("#%s: %s: %.1f KiB" % (index, where, stat.size / 1024))
        line = linecache.getline(frame.filename, frame.lineno).strip()
        if line:
            lines.append("    %s" % line)
    other = statistics[3:]
    if other:
        lines.append("%s other: %.1f KiB" % (len(other), sum(stat.size for stat in other) / 1024))
    lines.append("Total allocated size: %.1f KiB" % (sum(stat.size for stat in statistics) / 1024))
    same(report("--pretty", "-n", "3").splitlines(), lines, "--pretty")


def totals(sums):
    """Each grouping of each cost comes to what the events come to, in JSON and CSV."""
    for cost in COSTS:
        for key in KEYS:
            made = json.loads(report("--by", key, "--cost", cost, "--format", "json"))
            rows = list(csv.DictReader(io.StringIO(report("--by", key, "--cost", cost, "--format", "csv"))))
            for entries in (made["entries"], rows, [made["selection"]]):
                found = [sum(int(e["size"]) for e in entries), sum(int(e["count"]) for e in entries)]
                assert found == sums[cost], (cost, key, found, sums[cost])
            assert len(rows) == len(made["entries"])
            for row, entry in zip(rows, made["entries"]):
                for name in set(row) - {"frames"}:
                    assert row[name] == ("" if entry[name] is None else format(entry[name], ".15g")
                                         if isinstance(entry[name], float) else str(entry[name])), (row, entry)
                if key == "traceback":
                    assert row["frames"] == ";".join(f["file"] + (f":{f['line']}" if f["line"] is not None else "")
                                                     for f in entry["frames"])


def sizes(blocks):
    rows = json.loads(report("--by", "size", "--format", "json"))["entries"]
    assert [r["from"] for r in rows] == sorted({1 << s.bit_length() >> 1 for _, s in blocks.blocks})
    for row in rows:
        inside = [s for _, s in blocks.blocks if row["from"] <= s < row["below"]]
        assert [row["size"], row["count"]] == [sum(inside), len(inside)], row


def main():
    built, sums = from_reader()
    lines = os.path.exists(mtr_reader.Trace(TRACE).read().process["exe"])
    exact = built["live"]
    if lines:
        built = {cost: from_tracebacks(cost) for cost in COSTS}
    totals(sums)
    sizes(exact)
    for cost in COSTS:
        statistics(built[cost], cost)
    live = built["live"]
    functions(live)
    if lines:
        wrappers("wrapper")
        wrappers("pool_get")
    tracebacks(live, [])
    tracebacks(built["total"], ["--cost", "total"])
    tracebacks(live, ["--frames", "2"], 2)
    tracebacks(live, ["--most-recent-first"], None, True)
    pretty(live)
    filters(live, [(["*"], [], None, False), (["*app*", "*.c"], [], None, False), ([], ["*p*.c"], None, False),
                   (["*.c"], ["*/pool.c"], None, True), (["*.c"], [], 3, False), ([], ["*.c"], 6, True),
                   (["*[!a-o]?ol.c"], [], None, True)])
    print(f"as tracemalloc has it; {recursion(live)} recurring frames")


if __name__ == "__main__":
    main()
