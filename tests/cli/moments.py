"""moments.py TRACE...: what `memtrace report TRACE@WHEN` tells of each millisecond, the peak and each mark, beside a
replay of every event from the beginning by the second reader."""

import collections
import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["PROGRAMS"])
import mtr_reader  # noqa: E402

MS = 1000000


def states(trace):
    """After each event, and before the first: (time in ms, {site: live blocks})."""
    after = [(0, {})]
    trace.read(on_event=lambda *_: after.append((trace.clock, {s: n for s, n in enumerate(trace.live) if n})))
    return after


def expected(trace, live):
    """The report's entries as sorted (size, count): blocks added up by the innermost frame."""
    by_frame = collections.defaultdict(lambda: [0, 0])
    for site, blocks in live.items():
        stack, size, _ = trace.sites[site]
        frame = trace.stacks[stack][0] if stack else None
        by_frame[trace.frames[frame] if stack else None][0] += blocks * size
        by_frame[trace.frames[frame] if stack else None][1] += blocks
    return sorted(map(tuple, by_frame.values()))


def reported(path, when):
    command = [os.environ["MEMTRACE"], "report", "--format", "json", "--frame", "leaf", f"{path}@{when}"]
    entries = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["entries"]
    return sorted((entry["size"], entry["count"]) for entry in entries)


def moments(trace, after):
    """(WHEN, after how many events)."""
    end_ms = trace.end["time_ns"] // MS
    for ms in range(end_ms + 1):
        yield f"{ms}ms", sum(time <= ms for time, _ in after[1:])
    yield "start", 0
    yield "end", len(after) - 1
    sizes = [sum(n * trace.sites[s][1] for s, n in live.items()) for _, live in after]
    yield "peak", sizes.index(max(sizes))
    seen = collections.Counter()
    for mark in trace.marks:
        seen[mark["name"]] += 1
        yield f"{mark['name']}#{seen[mark['name']]}", mark["event"]


def main():
    compared = 0
    for path in sys.argv[1:]:
        trace = mtr_reader.Trace(path)
        after = states(trace)
        for when, event in moments(trace, after):
            want, have = expected(trace, after[event][1]), reported(path, when)
            assert have == want, f"{path}@{when}, after {event} events: {have}, not {want}"
            compared += 1
    print(f"{compared} moments compared")


main()
