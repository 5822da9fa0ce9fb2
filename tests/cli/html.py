"""html.py PAGE TRACE [peaks]: the page's figures beside those of memtrace report, diff and lifetimes at each slice that is looked
at, and beside a replay of every event by the second reader."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["PROGRAMS"])
import mtr_reader  # noqa: E402
from html_page import Page  # noqa: E402

compared = 0


def same(ours, theirs, what):
    global compared
    compared += len(theirs)
    assert ours == theirs, f"{what}: {sorted(ours.items() ^ theirs.items(), key=str)[:6]}"


def ask(*arguments):
    return json.loads(subprocess.run([os.environ["MEMTRACE"], *arguments], check=True, capture_output=True).stdout)


def place(by, p):
    """As an entry of the JSON tells a place apart."""
    source = p["file"] if p["line"] is not None else os.path.basename(p["module"] or "") or "<unknown>"
    return {"line": (p["file"], p["line"]), "function": (source, p["function"]), "file": source, "module": p["module"]}[by]


def entry_place(by, e):
    return {"line": (e["file"], e["line"]), "function": (e["file"], e["function"]), "file": e["file"], "module": e["module"]}[by]


def by_places(page, by, cumulative):
    return lambda row: [place(by, p) for p in page.path(row)[:None if cumulative else 1]]


def report(trace, by, cost, cumulative):
    made = ask("report", "--format", "json", "--by", by, "--cost", cost, *(["--cumulative"] if cumulative else []), trace)
    return {entry_place(by, e): (e["size"], e["count"]) for e in made["entries"]}


def states(page, trace):
    """Each slice's end by line; a few by all else; growth between some."""
    ends, stops = page.slices["end_ms"], range(0, len(page.slices["end_ms"]), max(1, len(page.slices["end_ms"]) // 12))
    for k in [*stops, len(ends) - 1]:
        at = f"{trace}@{ends[k]}ms"
        for by, cumulative in [("line", False), ("function", True), ("file", False), ("module", True)]:
            same(page.sums(by_places(page, by, cumulative), lambda r, k=k: page.held(r, 2 * k + 1)),
                 report(at, by, "live", cumulative), f"{at} by {by}")
        sizes = ask("report", "--format", "json", "--by", "size", at)["entries"]
        same(page.sums(lambda r: [r["node"]], lambda r, k=k: page.held(r, 2 * k + 1), page.sizes),
             {e["from"].bit_length() + 1: (e["size"], e["count"]) for e in sizes}, f"{at} by size")
        whole = ask("report", "--format", "json", at)["selection"]
        assert page.slices["end_bytes"][k] == whole["size"], at
    for i, j in zip(stops, [*stops][1:]):
        made = ask("diff", "--format", "json", f"{trace}@{ends[i]}ms", f"{trace}@{ends[j]}ms")
        wanted = {(e["file"], e["line"]): (e["size_diff"], e["count_diff"]) for e in made["entries"]}

        def grown(row, i=i, j=j):
            before, after = page.held(row, 2 * i + 1), page.held(row, 2 * j + 1)
            return after[0] - before[0], after[1] - before[1]
        same(page.sums(by_places(page, "line", False), grown), {k: v for k, v in wanted.items() if v != (0, 0)},
             f"growth from {ends[i]} to {ends[j]} ms")


def whole(page, trace):
    """The peak, and what was ever allocated."""
    highest = max(page.slices["peak_bytes"])
    k = page.slices["peak_bytes"].index(highest)
    totals = ask("report", "--format", "json", trace)["totals"]
    assert (highest, page.slices["peak_ms"][k]) == (totals["peak_bytes"], round(totals["peak_time_s"] * 1000))
    assert page.data["totals"] == totals
    columns = {"live": lambda r: page.held(r, 2 * k), "leaked": lambda r: page.held(r, 2 * len(page.slices["end_ms"]) - 1),
               "total": lambda r: (r["allocated"], r["allocations"]),
               "temporary": lambda r: (r["temporary_bytes"], r["temporary"])}
    for cost, values in columns.items():
        for by in ["line", "function", "file", "module"]:
            for cumulative in [False, True]:
                same(page.sums(by_places(page, by, cumulative), values), report(trace, by, cost, cumulative), f"{cost} by {by}")
        if page.data["threads"]:
            threads = [(None, None), *((t["name"] if t["name"] != "<unknown>" else None, t["tid"]) for t in page.data["threads"])]
            made = ask("report", "--format", "json", "--by", "thread", "--cost", cost, trace)
            same(page.sums(lambda r: [threads[r["thread"]]], values),
                 {(e["thread"], e["tid"]): (e["size"], e["count"]) for e in made["entries"]}, f"{cost} by thread")
        made = ask("report", "--format", "json", "--by", "traceback", "--cost", cost, trace)
        wanted = {}
        for e in made["entries"]:
            wanted[tuple((f["file"], f["line"]) for f in e["frames"])] = e["size"], e["count"]
        # report's frames stand as they were called, and one of a line is one whatever its function
        same(page.sums(lambda r: [tuple((p["file"], p["line"]) for p in reversed(page.path(r)))], values), wanted,
             f"{cost} by traceback")


def lifetimes(page, trace):
    if page.data["lifetimes"]:
        made = ask("lifetimes", "--format", "json", trace)
        assert page.data["lifetimes"]["total"] == made["total"]
        assert page.data["lifetimes"]["entries"] == made["entries"][:500]
        classes = page.data["lifetimes"]["classes"]
        assert sum(frees for _, _, frees in classes) == made["total"]["known"]


def peaks(page, path):
    """Each slice's peak and end, and where they are, from the events."""
    trace = mtr_reader.Trace(path)
    curve = []
    trace.read(on_event=lambda *_: curve.append((trace.clock, trace.live_bytes)))
    begin, at = (0, 0), 0
    for k, end in enumerate(page.slices["end_ms"]):
        inside = [begin]
        while at < len(curve) and curve[at][0] <= end:
            inside.append(curve[at])
            at += 1
        highest = max(live for _, live in inside)
        first = next(ms for ms, live in inside if live == highest)
        told = page.slices["peak_bytes"][k], page.slices["peak_ms"][k], page.slices["end_bytes"][k]
        assert told == (highest, first, inside[-1][1]), (k, told, highest, first, inside[-1])
        assert sum(page.held(r, 2 * k)[0] for r in page.rows) == highest
        begin = end, inside[-1][1]
    assert at == len(curve), "the slices are the whole run"


if __name__ == "__main__":
    page, trace = Page(sys.argv[1]), sys.argv[2]
    assert page.data["left_out"]["stacks"] == 0
    states(page, trace)
    whole(page, trace)
    lifetimes(page, trace)
    peaks(page, trace)
    print(f"{len(page.slices['end_ms'])} slices, {len(page.rows)} rows, {compared} figures as they should be")
