"""moments.py TRACE...: what `memtrace report` tells of each millisecond, the peak and each mark, and of what happened
between two of them, beside a replay of every event from the beginning by the second reader."""

import collections
import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["PROGRAMS"])
import mtr_reader  # noqa: E402

MS = 1000000


def states(trace):
    """After each event, and before the first: (time in ms, {site: live blocks}, {site: blocks ever allocated})."""
    after = [(0, {}, {})]
    trace.read(on_event=lambda *_: after.append((trace.clock, held(trace.live), held(trace.allocs))))
    return after


def held(counts):
    return {site: count for site, count in enumerate(counts) if count}


def growth(before, after):
    return {site: n - before.get(site, 0) for site, n in after.items() if n > before.get(site, 0)}


def expected(trace, live):
    """The report's entries as sorted (size, count): blocks added up by the innermost frame."""
    by_frame = collections.defaultdict(lambda: [0, 0])
    for site, blocks in live.items():
        stack, size, _ = trace.sites[site]
        frame = trace.stacks[stack][0] if stack else None
        by_frame[trace.frames[frame] if stack else None][0] += blocks * size
        by_frame[trace.frames[frame] if stack else None][1] += blocks
    return sorted(map(tuple, by_frame.values()))


def report(*arguments):
    command = [os.environ["MEMTRACE"], "report", "--format", "json", "--frame", "leaf", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def reported(*arguments):
    return sorted((entry["size"], entry["count"]) for entry in report(*arguments)["entries"])


def moments(trace, after):
    """(WHEN, after how many events)."""
    end_ms = trace.end["time_ns"] // MS
    for ms in range(end_ms + 1):
        yield f"{ms}ms", sum(time <= ms for time, *_ in after[1:])
    yield "start", 0
    yield "end", len(after) - 1
    sizes = [sum(n * trace.sites[s][1] for s, n in live.items()) for _, live, _ in after]
    yield "peak", sizes.index(max(sizes))
    seen = collections.Counter()
    for mark in trace.marks:
        seen[mark["name"]] += 1
        yield f"{mark['name']}#{seen[mark['name']]}", mark["event"]


def compare_range(path, trace, after, one, other):
    """What grew, shrank and was allocated from the earlier to the later; 1."""
    (begin, first), (end, last) = sorted((one, other), key=lambda moment: moment[1])
    before, now = after[first], after[last]
    between = ["--from", begin, "--to", end, path]
    assert reported(*between) == expected(trace, growth(before[1], now[1])), f"live from {begin} to {end} of {path}"
    assert reported("--cost", "total", *between) == expected(trace, growth(before[2], now[2])), \
        f"allocated from {begin} to {end} of {path}"
    less, selection = growth(now[1], before[1]), report(*between)["selection"]
    assert selection["less_count"] == sum(less.values()) and \
        selection["less_size"] == sum(n * trace.sites[s][1] for s, n in less.items()), f"less from {begin} to {end}"
    return 1


def main():
    compared = ranges = 0
    for path in sys.argv[1:]:
        trace = mtr_reader.Trace(path)
        after = states(trace)
        found = list(moments(trace, after))
        for when, event in found:
            want, have = expected(trace, after[event][1]), reported(f"{path}@{when}")
            assert have == want, f"{path}@{when}, after {event} events: {have}, not {want}"
            compared += 1
        some = found[::len(found) // 8 + 1] + found[-2:]
        ranges += sum(compare_range(path, trace, after, one, other) for one in some for other in some)
    print(f"{compared} moments and {ranges} ranges compared")


main()
