#!/usr/bin/env python3
"""Holds `memtrace export --format lsan` against LeakSanitizer's own report of the same program.

export_lsan_oracle.py OURS THEIRS SOURCE

What is compared of each stack is the function that gave the block and the frames in SOURCE, with their lines. Which
leaks are reachable from others only LeakSanitizer knows, so its indirect ones are added to the direct. Return types,
which it prints of templates, are no part of a name here.
"""

import collections
import os
import re
import sys

LEAK = re.compile(r"(Direct|Indirect) leak of (\d+) byte\(s\) in (\d+) object\(s\) allocated from:$")
FRAME = re.compile(r"    #(\d+) (0x[0-9a-f]{12}) (?:in (.+?) )?(?:\((.*)\)|(\S+?):(\d+)(?::\d+)?)$")


def leaks(path, source):
    """{(giver, frames in the source): how many bytes, blocks and leaks}"""
    found = collections.defaultdict(collections.Counter)
    size = frames = None
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            line = line.rstrip("\n")
            leak = LEAK.match(line)
            if leak:
                size, frames = (int(leak[2]), int(leak[3])), []
            elif line.startswith("    #"):
                frame = FRAME.match(line)
                if not frame or int(frame[1]) != len(frames):
                    raise SystemExit(f"{path}: not a frame: {line}")
                frames.append(((frame[3] or "").removeprefix("void "), frame[5], frame[6]))
            elif not line and frames:
                giver = frames[0][0].replace("__interceptor_", "")
                own = tuple((function, int(number)) for function, file, number in frames
                            if file and os.path.basename(file) == source)
                found[giver, own].update(bytes=size[0], blocks=size[1], leaks=1)
                frames = None
    return found


def sizes_of(path):
    with open(path, encoding="utf-8") as stream:
        return [int(leak[2]) for leak in map(LEAK.match, stream) if leak]


def main():
    ours, theirs = (leaks(path, sys.argv[3]) for path in sys.argv[1:3])
    sizes = sizes_of(sys.argv[1])
    if sizes != sorted(sizes, reverse=True):
        print(f"the largest do not come first: {sizes}")
        return 1
    if not theirs or ours != theirs:
        for key in sorted(set(ours) | set(theirs)):
            if ours.get(key) != theirs.get(key):
                print(f"{key}: {ours.get(key)}, LeakSanitizer: {theirs.get(key)}")
        return 1
    print(f"{sum(leak['leaks'] for leak in ours.values())} leaks of {sys.argv[3]} are the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
