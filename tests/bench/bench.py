"""What tracing costs: each workload bare, under memtrace and, with --compare, under heaptrack.

The runs of a round follow each other directly, so that a slow moment of the machine meets all sides.
Times are each side's fastest run: what disturbs a run only ever adds, and some programs (jq) have two
speeds, drawn anew with each run's random addresses. The ratio of the medians stands beside it. Sizes
are medians. A ratio beside its bound carries a mark when it is over.
"""

import argparse
import collections
import os
import shutil
import statistics
import sys
import tempfile

import explain
import tracers
import workloads

CPU_BOUND = 0.35
SIZE_BOUND = 1.0
RSS_BOUND_KIB, RSS_BOUND_THREAD_KIB = 8192, 1024
COLLECTOR_RSS_BOUND = 0.5
REPORT_BOUND = 0.2
REPORT_EVENTS = 10_000_000
VARYING_CALLS = 40  # where a program's own calls vary, its modules may make as many more or fewer


class Table:
    def __init__(self):
        self.over = 0

    def heading(self, title, *columns):
        print(f"\n{title}\n{'':30}" + "".join(f"{c:>14}" for c in columns))

    def row(self, name, *cells):
        print(f"{name:30}" + "".join(f"{c:>14}" for c in cells), flush=True)

    def bounded(self, value, bound, form="{:.3f}"):
        """Two cells: the value, and its bound, marked when the value is over it."""
        if bound is None:
            return [form.format(value), "-"]
        over = value > bound
        self.over += over
        return [form.format(value), ("OVER " if over else "<= ") + form.format(bound)]


def rounds_of(bench, workload, rounds, compare):
    """The runs of each side; the first round warms up and is dropped."""
    sides = {"bare": bench.bare, "memtrace": bench.with_memtrace}
    if compare:
        sides["heaptrack"] = bench.with_heaptrack
    runs = {side: [] for side in sides}
    for number in range(rounds + 1):
        order = list(sides)
        # whoever comes first in a round gets another place in the next
        for side in order[number % len(order):] + order[:number % len(order)]:
            run = sides[side](workload)
            if number:
                runs[side].append(run)
        if sys.stderr.isatty():
            print(f"\r\033[K{workload.name}: {number} of {rounds} rounds ", end="", file=sys.stderr, flush=True)
    print("\r\033[K" if sys.stderr.isatty() else f"{workload.name}: done\n", end="", file=sys.stderr)
    return runs


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def fastest(runs, field):
    return min(getattr(run, field) for run in runs)


def share_of_added(runs, field, of):
    bare, ours, theirs = (of(runs[side], field) for side in ("bare", "memtrace", "heaptrack"))
    return (ours - bare) / (theirs - bare)


def time_table(table, measured, compare, title, field, bound_of):
    table.heading(title, "bare s", "memtrace s", "heaptrack s", "added s", "heaptrack's", "share", "bound", "by medians")
    for workload, runs, _ in measured:
        bare, ours = (fastest(runs[s], field) for s in ("bare", "memtrace"))
        cells = [f"{bare:.3f}", f"{ours:.3f}", "-", f"{ours - bare:.3f}"]
        if compare:
            theirs = fastest(runs["heaptrack"], field)
            cells[2] = f"{theirs:.3f}"
            cells += [f"{theirs - bare:.3f}", *table.bounded(share_of_added(runs, field, fastest), bound_of(workload)),
                      f"{share_of_added(runs, field, median):.3f}"]
        table.row(workload.name, *cells)


def space_tables(table, measured, compare):
    table.heading("Resident memory", "bare KiB", "added KiB", "bound", "collector KiB", "interpret KiB", "share", "bound")
    for workload, runs, _ in measured:
        bare, ours = (median(runs[s], "rss_kib") for s in ("bare", "memtrace"))
        bound = RSS_BOUND_KIB + RSS_BOUND_THREAD_KIB * (workload.threads - 1)
        collector = median(runs["memtrace"], "tracer_rss_kib")
        cells = [f"{bare:.0f}", *table.bounded(ours - bare, bound, "{:.0f}"), f"{collector:.0f}"]
        if compare:
            interpret = median(runs["heaptrack"], "tracer_rss_kib")
            cells += [f"{interpret:.0f}", *table.bounded(collector / interpret, COLLECTOR_RSS_BOUND)]
        table.row(workload.name, *cells)

    table.heading("Trace size", "memtrace B", "heaptrack B", "share", "bound", "bytes/event")
    for workload, runs, counts in measured:
        ours = median(runs["memtrace"], "file_bytes")
        cells = [f"{ours:.0f}", "-", "-", "-"]
        if compare:
            theirs = median(runs["heaptrack"], "file_bytes")
            cells = [f"{ours:.0f}", f"{theirs:.0f}", *table.bounded(ours / theirs, SIZE_BOUND)]
        table.row(workload.name, *cells, f"{ours / counts['events']:.4f}")


def count_table(table, measured):
    """The calls of one run each; a program whose own calls vary from run to run shows that here too."""
    table.heading("Allocation calls", "events", "memtrace", "heaptrack", "difference", "lost")
    for workload, _, counts in measured:
        theirs = counts["heaptrack"]
        difference = counts["memtrace"] - theirs if theirs is not None else None
        table.row(workload.name, counts["events"], counts["memtrace"], "-" if theirs is None else theirs,
                  "-" if difference is None else f"{difference:+d}", counts["lost"])


def explanation(measured):
    """Prints every call that one side has and the other has not; returns how many should not be there."""
    unexplained = 0
    print("\nCalls that memtrace counts more (+) or fewer (-) than heaptrack")
    for workload, _, counts in measured:
        found = counts["differences"]
        for more, size, module in found:
            own = explain.heaptracks_own(size, module)
            why = "heaptrack's own" if own else workload.varies or "UNEXPLAINED"
            unexplained += not own and not workload.varies
            print(f"{workload.name:30}{more:+6d} of {size:<8} by {module:24} {why}")
        # Of a module's calls together: an integer that holds an address takes more bytes where the heap lies high.
        by_module = collections.Counter()
        for more, _, module in found:
            by_module[module] += more
        unexplained += sum(abs(more) for more in by_module.values()) > VARYING_CALLS
    return unexplained


def report_table(table, reported, compare):
    table.heading("Time of a report", "events", "memtrace s", "heaptrack s", "share", "bound")
    for workload, events, ours, theirs in reported:
        cells = [events, f"{ours:.3f}"]
        if compare:
            cells += [f"{theirs:.3f}", *table.bounded(ours / theirs, REPORT_BOUND)]
        table.row(workload.name, *cells)


def counts_of(bench, runs, arguments):
    """What the last run's traces say of it; the next workload's take their place."""
    ours = runs["memtrace"][-1].path
    totals = bench.memtrace_totals(ours)
    counts = {"memtrace": totals["allocations"], "events": totals["allocations"] + totals["frees"],
              "lost": totals["lost"], "heaptrack": None, "differences": []}
    if arguments.compare:
        theirs = runs["heaptrack"][-1].path
        counts["heaptrack"] = bench.heaptrack_calls(theirs)
        if arguments.explain:
            counts["differences"] = explain.difference(ours, theirs)
    return counts


def report_times(bench, runs, rounds):
    """Seconds of a report on the last run's trace, ours and heaptrack's."""
    ours = [bench.seconds(bench.memtrace, "report", runs["memtrace"][-1].path) for _ in range(rounds)]
    theirs = [bench.seconds("heaptrack_print", "-f", runs["heaptrack"][-1].path)
              for _ in range(rounds)] if "heaptrack" in runs else [0]
    return statistics.median(ours), statistics.median(theirs)


def main():
    parser = argparse.ArgumentParser(description="Measure what tracing costs.")
    parser.add_argument("--build", default="build", help="build directory")
    parser.add_argument("--compare", action="store_true", help="run heaptrack beside it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", help="the workloads whose name contains this")
    parser.add_argument("--quick", action="store_true",
                        help="tiny sizes, one round; fails when a count differs, and judges no time")
    parser.add_argument("--explain", action="store_true",
                        help="with --compare: show each call that only one of the two counts (slow)")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds = 1
        arguments.compare = arguments.explain = bool(shutil.which("heaptrack") and shutil.which("zstd"))

    arguments.explain = arguments.explain and arguments.compare
    table, measured, reported = Table(), [], []
    with tempfile.TemporaryDirectory(prefix="memtrace-bench-") as directory:
        bench = tracers.Bench(os.path.abspath(arguments.build), directory)
        churn = os.path.join(bench.measure.rpartition("/")[0], "churn")
        for workload in workloads.workloads(churn, directory, 0.01 if arguments.quick else 1):
            if arguments.only and not any(part in workload.name for part in arguments.only):
                continue
            try:
                runs = rounds_of(bench, workload, arguments.rounds, arguments.compare)
            except tracers.Failed as failure:
                sys.exit(f"bench: {workload.name}: {failure}")
            counts = counts_of(bench, runs, arguments)
            measured.append((workload, runs, counts))
            if counts["events"] >= REPORT_EVENTS * 0.99 or arguments.quick:
                reported.append((workload, counts["events"], *report_times(bench, runs, min(3, arguments.rounds))))

    time_table(table, measured, arguments.compare, "Wall time", "wall_s", lambda workload: workload.wall_bound)
    time_table(table, measured, arguments.compare, "CPU time of all processes", "cpu_s", lambda _: CPU_BOUND)
    space_tables(table, measured, arguments.compare)
    report_table(table, reported, arguments.compare)
    count_table(table, measured)
    unexplained = explanation(measured) if arguments.explain else 0
    lost = sum(counts["lost"] for _, _, counts in measured)
    print(f"\n{table.over} figures over their bound, {lost} events lost, {unexplained} counts unexplained")
    if arguments.quick:
        return 1 if lost or unexplained else 0
    return 1 if lost or unexplained or table.over else 0


if __name__ == "__main__":
    sys.exit(main())
