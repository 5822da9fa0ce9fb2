"""threads.py TRACE...: what `memtrace report` tells of threads, beside a replay of every event by the second reader, which
takes each block from the thread that its row of owners, or its stream, names."""

import collections
import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["PROGRAMS"])
import mtr_reader  # noqa: E402

MS = 1000000


class Trace(mtr_reader.Trace):
    """self.states: after each event, and before the first, (ms, {(site, thread): (live, allocations, temporaries)})."""

    def __init__(self, path):
        super().__init__(path)
        self.counts, self.states = collections.defaultdict(lambda: (0, 0, 0)), [(0, {})]

    def read_all(self):
        return self.read(on_event=lambda event, site, thread: self.seen.append((event, site, thread, self.clock)))

    def block(self, at, sequence):
        self.seen = []
        end = super().block(at, sequence)
        for number, (event, site, thread, clock) in enumerate(self.seen):
            owner = self.lives.owners.get(number, thread)
            live, allocations, temporaries = self.counts[site, owner]
            if event == mtr_reader.ALLOC:
                live, allocations = live + 1, allocations + 1
            else:
                live, temporaries = live - 1, temporaries + (event == mtr_reader.FREE_TEMPORARY)
            self.counts[site, owner] = live, allocations, temporaries
            self.states.append((clock, dict(self.counts)))
        return end


def report(*arguments):
    command = [os.environ["MEMTRACE"], "report", "--format", "json", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def by_thread(*arguments):
    """{(name, tid): (size, count)}"""
    return {(e["thread"], e["tid"]): (e["size"], e["count"]) for e in report("--by", "thread", *arguments)["entries"]}


def total(entries):
    return sum(e["size"] for e in entries), sum(e["count"] for e in entries)


def wanted(trace, counts, index, threads=None):
    """The same from the counts per site and thread."""
    sums = collections.defaultdict(lambda: (0, 0))
    for (site, thread), numbers in counts.items():
        key = trace.threads[thread]["name"] or None, trace.threads[thread]["tid"]
        if numbers[index] and (threads is None or thread in threads):
            size, count = sums[key]
            sums[key] = size + numbers[index] * trace.sites[site][1], count + numbers[index]
    return dict(sums)


def more(before, after):
    """What grew; allocations and temporaries never become less."""
    grown = {}
    for pair, numbers in after.items():
        grown[pair] = tuple(max(0, n - b) for n, b in zip(numbers, before.get(pair, (0, 0, 0))))
    return grown


def last(trace, ms):
    return max(i for i, (clock, _) in enumerate(trace.states) if i == 0 or clock <= ms)


def compare_moment(path, trace, ms):
    counts = trace.states[last(trace, ms)][1]
    at = f"{path}@{ms}ms"
    for index, cost in enumerate(["live", "total", "temporary"]):
        have, want = by_thread("--cost", cost, at), wanted(trace, counts, index)
        assert have == want, f"--by thread --cost {cost} {at}: {have}, not {want}"
    for glob, threads in [("worker", [1, 3]), ("1234", [0]), ("<unknown>:1236", [2])]:
        have = total(report("--thread", glob, at)["entries"])
        sums = wanted(trace, counts, 0, [t for t in threads if t < len(trace.threads)]).values()
        want = sum(s for s, _ in sums), sum(n for _, n in sums)
        assert have == want, f"--thread {glob} {at}: {have}, not {want}"
    return 1


def compare_range(path, trace, begin, end):
    grown = more(trace.states[last(trace, begin)][1], trace.states[last(trace, end)][1])
    between = ["--from", f"{begin}ms", "--to", f"{end}ms", path]
    for index, cost in enumerate(["live", "total", "temporary"]):
        have, want = by_thread("--cost", cost, *between), wanted(trace, grown, index)
        assert have == want, f"--by thread --cost {cost} {between}: {have}, not {want}"
    return 1


def compare_within(path, trace):
    for within in [1, 2, 6, 13, 14]:
        want = sum(frees for (_, distance, _), (frees, _) in trace.lives.rows.items() if distance <= within)
        have = report(f"--temporary={within}", path)["selection"]
        assert (have["count"], have["within"]) == (want, within), f"within {within}: {have}, not {want}"


def main():
    moments = ranges = 0
    for path in sys.argv[1:]:
        trace = Trace(path).read_all()
        end = trace.states[-1][0]
        some = [0, *(end * i // 7 for i in range(1, 7)), end]
        moments += sum(compare_moment(path, trace, ms) for ms in some)
        ranges += sum(compare_range(path, trace, a, b) for a, b in zip(some, some[2:]))
        compare_within(path, trace)
    print(f"{moments} moments and {ranges} ranges compared")


if __name__ == "__main__":
    main()
