"""Blocks as Python's tracemalloc takes them, for the tests that hold what memtrace prints beside it."""

import json
import os
import sys
import tracemalloc


def same(ours, theirs, what):
    if ours != theirs:
        for number, (one, other) in enumerate(zip(ours + ["(end)"], theirs + ["(end)"])):
            if one != other:
                sys.exit(f"{what}, line {number + 1}:\n  memtrace    {one}\n  Python      {other}")


class Blocks:
    """The blocks of a cost: (frames, size) each. A frame, the most recent first, is (file, line, file or else module,
    function)."""

    def __init__(self, blocks, lineless):
        self.blocks, self.lineless = blocks, lineless

    def snapshot(self, name=lambda f: f[:2], once=False):
        traces = []
        for frames, size in self.blocks:
            frames = [name(f) for f in frames]
            traces.append((0, size, tuple(dict.fromkeys(frames) if once else frames), len(frames)))
        return tracemalloc.Snapshot(traces, 1024)

    def text(self, line):
        """tracemalloc has no place without a line; memtrace leaves its number away."""
        place = line.split(":0: size=")[0]
        return line.replace(":0: size=", ": size=", 1) if place in self.lineless else line


def blocks_of(report):
    """The blocks of a report by tracebacks, in JSON."""
    blocks, lineless = [], set()
    for entry in json.loads(report)["entries"]:
        frames = []
        for f in reversed(entry["frames"]):
            label = f["file"] if f["line"] is not None else os.path.basename(f["module"] or "<unknown>")
            frames.append((f["file"], f["line"] or 0, label, f["function"] or "<unknown>"))
            if f["line"] is None and f["file"] != "<unknown>":
                lineless.add(f["file"])
        each, rest = divmod(entry["size"], entry["count"])
        blocks += [(frames, each + (rest if i == 0 else 0)) for i in range(entry["count"])]
    return Blocks(blocks, lineless)
