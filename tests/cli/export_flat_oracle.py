#!/usr/bin/env python3
"""Adds up `memtrace export --format csv` or json and holds it against `memtrace report --format json`.

export_flat_oracle.py MEMTRACE csv|json EXPORTED [OPTION...] TRACE[@WHEN]
"""

import collections
import csv
import json
import subprocess
import sys

CAP = 2**63 - 1
COSTS = {"live": ("live_bytes", "live_blocks"), "total": ("allocated_bytes", "allocations"),
         "count": ("allocated_bytes", "allocations"), "temporary": ("temporary_bytes", "temporary")}


def place(file, line):
    return f"{file}:{line}" if line is not None else file


def from_csv(path):
    """Each row as its json is: a frame is (file:line, function), the answering one last."""
    with open(path, newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream, strict=True):
            numbers = {name: int(row[name]) for pair in COSTS.values() for name in pair}
            frames = list(zip(row["frames"].split(";"), row["functions"].split(";"), strict=True))
            own = place(row["file"], row["line"] or None), row["function"]
            plain = tuple(text.replace(";", "\\x3b") for text in own)
            if plain != frames[-1]:
                raise SystemExit(f"{own} answers, {frames[-1]} is the last frame")
            yield numbers, frames, own[0], row["module"]


def from_json(path):
    with open(path, encoding="utf-8") as stream:
        for row in json.load(stream)["stacks"]:
            frames = [(place(frame["file"], frame["line"]), frame["function"] or "") for frame in row["frames"]]
            if any(frame["inlined"] not in (True, False) for frame in row["frames"]) or row["frames"][0]["inlined"]:
                raise SystemExit("the outermost frame is inlined into nothing")
            yield row, frames, frames[-1][0], row["frames"][-1]["module"] or ""


def report(memtrace, by, cost, arguments):
    # a moment that nobody named is the end, as an export's is
    if arguments[-1].endswith(".mtr"):
        arguments = [*arguments[:-1], arguments[-1] + "@end"]
    command = [memtrace, "report", "--format", "json", "--by", by, "--cost", cost, *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["entries"]


def main():
    memtrace, form, path, *arguments = sys.argv[1:]
    rows = list((from_csv if form == "csv" else from_json)(path))
    keys = {
        "line": lambda row: row[2],
        "module": lambda row: row[3],
        "traceback": lambda row: tuple(frame[0].replace("\\x3b", ";") for frame in row[1]),
    }
    entry_keys = {
        "line": lambda entry: place(entry["file"], entry["line"]),
        "module": lambda entry: entry["module"] or "",
        "traceback": lambda entry: tuple(place(f["file"], f["line"]).replace("\\x3b", ";") for f in entry["frames"]),
    }
    wrong = 0
    for by, key in keys.items():
        for cost, (size, count) in COSTS.items():
            ours = collections.Counter()
            blocks = collections.Counter()
            for row in rows:
                ours[key(row)] += row[0][size]
                blocks[key(row)] += row[0][count]
            mine = {name: (min(ours[name], CAP), blocks[name]) for name in blocks if blocks[name]}
            theirs = {entry_keys[by](entry): (entry["size"], entry["count"]) for entry in report(memtrace, by, cost, arguments)}
            if mine != theirs:
                wrong = 1
                print(f"--by {by} --cost {cost}: {mine} here, {theirs} in the report")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
