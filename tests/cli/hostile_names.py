#!/usr/bin/env python3
"""Gives every function and file of a saved snapshot a name that some format would take amiss.

hostile_names.py SNAPSHOT OUTPUT
"""

import json
import sys

NAMES = [
    "a'b", "''); DROP TABLE runs; --", 'quo"te', "back\\slash", "\\", "new\nline", "\r", "\u001b[2J", "\u0007", "semi;colon", "com,ma",
    "$$dollar$$", ":name", "?1", "%s%n", ".quit", "\\q", "é", "\u202etxt", "😀", "=1+1", " in f x.c:3", "(m+0x1)", "</script>", "", "\u0085",
    {"bytes": "fffe41"}, {"bytes": "c3"}, "x" * 5000,
]


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        snapshot = json.load(stream)
    count = 0
    for frame in snapshot["frames"]:
        for name in frame[3]:
            name[0] = NAMES[count % len(NAMES)] or "file"
            name[2] = NAMES[(count + 7) % len(NAMES)]
            count += 1
    for module in snapshot["modules"]:
        module[0] = NAMES[count % len(NAMES)] or "module"
        count += 1
    for thread in snapshot.get("threads", []):
        thread[2] = NAMES[count % len(NAMES)]
        count += 1
    # all of the names, whatever the size of the snapshot
    site = snapshot["sites"][0]
    moment = snapshot["moment"]
    # and what is not known: the frame of a stack, and the whole of one
    snapshot["stacks"].append([0, None])
    unknown = [len(snapshot["stacks"]), 0]
    for name in [*NAMES, None, None]:
        if name is not None:
            snapshot["frames"].append([0, hex(4096 + count), False, [[name or "file", 3, name]]])
            snapshot["stacks"].append([0, len(snapshot["frames"]) - 1])
        stack = unknown.pop() if name is None else len(snapshot["stacks"])
        snapshot["sites"].append([stack, 10, 0, 2, 3, 1, *site[6:]])
        if "thread_sites" in snapshot:
            snapshot["thread_sites"].append([len(snapshot["sites"]) - 1, None if stack == 0 else 0, 2, 3, 1])
        moment["live_bytes"] += 20
        moment["live_blocks"] += 2
        moment["allocated_bytes"] += 30
        moment["allocations"] += 3
        moment["temporary"] += 1
        count += 1
    snapshot.pop("crc32c", None)
    with open(sys.argv[2], "w", encoding="utf-8") as stream:
        json.dump(snapshot, stream)


if __name__ == "__main__":
    main()
