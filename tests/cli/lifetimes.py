"""lifetimes.py TRACE...: what `memtrace lifetimes` tells, beside the rows of lives added up here by innermost frame, and
beside those of the sizes."""

import collections
import json
import os
import subprocess
import sys

from threads import Trace

OTHER, UNKNOWN = 16, 17


def below(age_class):
    """The milliseconds that nothing in the class reaches: tried out, by the format's words."""
    ms = 0
    while class_of(ms) <= age_class:
        ms += 1 if ms < 64 else ms // 64
    while class_of(ms - 1) > age_class:
        ms -= 1
    return ms


def class_of(ms):
    if ms < 4:
        return ms
    b = ms.bit_length() - 1
    return 4 * (b - 1) + (ms >> (b - 2) & 3)


def quantile(classes, percent):
    lives = [c for c in sorted(classes) for _ in range(classes[c])]
    return below(lives[-(-len(lives) * percent // 100) - 1]) if lives else None


class Sum:
    def __init__(self):
        self.size = self.count = self.frees = self.never = self.ms = self.other = self.temporary = self.known = 0
        self.classes = collections.Counter()

    def add(self, trace, site, rows):
        self.size += trace.allocs[site] * trace.sites[site][1]
        self.count += trace.allocs[site]
        self.never += trace.live[site]
        self.frees += trace.freed[site]
        for distance, age_class, frees, ms in rows:
            if distance == UNKNOWN:
                continue
            self.known += frees
            self.ms += ms
            self.other += frees * (distance == OTHER)
            self.temporary += frees * (distance == 0)
            self.classes[age_class] += frees

    def told(self):
        return {"size": self.size, "count": self.count, "frees": self.frees, "never_freed": self.never, "known": self.known,
                "mean_ms": round(self.ms / self.known, 9) if self.known else None, "other_thread": self.other, "temporary": self.temporary,
                **{name: quantile(self.classes, percent) for name, percent in
                   [("p50_below_ms", 50), ("p90_below_ms", 90), ("p99_below_ms", 99), ("max_below_ms", 100)]}}


def lifetimes(*arguments):
    command = [os.environ["MEMTRACE"], "lifetimes", "--format", "json", "--frame", "leaf", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def comparable(entry):
    kept = {name: entry.get(name) for name in Sum().told()}
    return {**kept, "mean_ms": round(kept["mean_ms"], 9)} if kept["mean_ms"] is not None else kept


def frames(trace, site):
    stack = trace.sites[site][0]
    while stack:
        frame, stack = trace.stacks[stack]
        yield trace.frames[frame]


def expected(trace, keys):
    rows = collections.defaultdict(list)
    for (site, distance, age_class), (frees, ms) in trace.lives.rows.items():
        rows[site].append((distance, age_class, frees, ms))
    sums = collections.defaultdict(Sum)
    for site in range(len(trace.sites)):
        for key in set(keys(site)) if trace.allocs[site] else ():
            sums[key].add(trace, site, rows[site])
    return sums


def ordered(entries):
    return sorted((comparable(e) for e in entries), key=str)


def main():
    for path in sys.argv[1:]:
        trace = Trace(path).read_all()
        total = expected(trace, lambda site: ["all"])["all"].told()
        for options, keys in [([], lambda site: [next(frames(trace, site), None)]),
                              (["--cumulative"], lambda site: frames(trace, site)),
                              (["--by", "traceback"], lambda site: [tuple(frames(trace, site))]),
                              (["--by", "size"], lambda site: [trace.sites[site][1].bit_length()])]:
            made = lifetimes(*options, path)
            want = ordered(s.told() for s in expected(trace, keys).values())
            assert ordered(made["entries"]) == want, f"{path} {options}: {ordered(made['entries'])}, not {want}"
            have = comparable({**made["total"], "size": made["selection"]["size"], "count": made["selection"]["count"]})
            assert have == total, f"{path} {options}: {have} in all, not {total}"
        known = [entry["mean_ms"] or 0 for entry in lifetimes("--sort", "mean", path)["entries"]]
        assert known == sorted(known, reverse=True), f"--sort mean: {known}"
    print(f"{len(sys.argv) - 1} traces compared")


main()
