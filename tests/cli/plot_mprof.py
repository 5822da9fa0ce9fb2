"""plot_mprof.py MEMTRACE FILE...: the plot of files that mprof has written, beside what is read from them here."""

import collections
import json
import subprocess
import sys


def read(path):
    """Samples by child (None: the program) in order of time, and calls, both in seconds from the earliest."""
    samples, calls = collections.defaultdict(list), []
    for line in open(path):
        kind, *words = line.split()
        if kind == "MEM":
            samples[None].append((float(words[1]), float(words[0])))
        elif kind == "CHLD":
            samples[int(words[0])].append((float(words[2]), float(words[1])))
        elif kind == "FUNC":
            samples[None] += [(float(words[2]), float(words[1])), (float(words[4]), float(words[3]))]
            calls.append((words[0], float(words[2]), float(words[4])))
    begin = min(time for series in samples.values() for time, _ in series)
    return ({child: sorted((time - begin, size * 2**20) for time, size in series) for child, series in samples.items()},
            [(name, first - begin, last - begin) for name, first, last in calls], begin)


def slope(series):
    """numpy.polyfit's, as mprof plot --slope tells it."""
    count = len(series)
    time, size = (sum(column) / count for column in zip(*series))
    return sum((t - time) * (s - size) for t, s in series) / sum((t - time) ** 2 for t, _ in series)


def main():
    memtrace, *paths = sys.argv[1:]
    done = subprocess.run([memtrace, "plot", "--slope", "--format", "json", *paths], capture_output=True, check=True)
    runs = json.loads(done.stdout)["runs"]
    for path in paths:
        samples, calls, begin = read(path)
        for child in sorted(samples, key=lambda c: -1 if c is None else c):
            run, series = runs.pop(0), samples[child]
            assert run["child"] == (child is not None) and not run["heap"], run["name"]
            assert child is None or run["name"] == f"child {child}", run["name"]
            assert abs(run["started"] - begin) < 0.001, (run["started"], begin)
            assert abs(run["peak"] - max(size for _, size in series)) <= 1, run["peak"]
            if len(series) > 2:
                assert abs(run["slope"]["bytes_per_s"] - slope(series)) <= 1e-5 * abs(slope(series)) + 10, run["slope"]
            drawn = [c for c in run["columns"] if "rss_high" in c]
            for column in drawn:
                inside = [size for time, size in series
                          if int(time * 1000 + 1e-3) in range(round(column["time_s"] * 1000), round(column["end_s"] * 1000))]
                assert inside and abs(max(inside) - column["rss_high"]) <= 1, (column, inside)
            assert len(series) >= len(drawn) > 0
            if child is None:
                for scope, (name, first, last) in zip(run["scopes"], calls, strict=True):
                    assert scope["name"] == name, scope
                    assert abs(scope["begin_s"] - first) < 0.0011 and abs(scope["end_s"] - last) < 0.0011, scope
    assert not runs, "more runs than there are"


if __name__ == "__main__":
    main()
