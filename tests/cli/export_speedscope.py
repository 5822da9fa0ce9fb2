"""An exported speedscope file beside its schema and `memtrace report`: export_speedscope.py MEMTRACE TRACE[@WHEN] [OPTION...]."""

import collections
import json
import os
import subprocess
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schemas", "speedscope-file-format.schema.json")
# In the file's order: the cost, which of an entry's numbers, and the unit.
PROFILES = {
    "live bytes": ("live", "size", "bytes"),
    "live blocks": ("live", "count", "none"),
    "allocated bytes": ("total", "size", "bytes"),
    "allocations": ("total", "count", "none"),
    "temporary allocations": ("temporary", "count", "none"),
}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def same(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: {got}, not {wanted}")


def place_of(frame):
    return f"{frame['file']}:{frame['line']}" if frame.get("line") else frame.get("file", frame["name"])


def main():
    memtrace, operand, *options = sys.argv[1:]
    if operand.endswith(".mtr"):
        operand += "@end"
    made = json.loads(output(memtrace, "export", "-f", "speedscope", *options, operand))
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.validate(made, schema)
    frames = made["shared"]["frames"]
    same("frames twice", len({json.dumps(frame, sort_keys=True) for frame in frames}), len(frames))
    same("profiles", [profile["name"].split(" at ")[0].split(" up to ")[0] for profile in made["profiles"]], list(PROFILES))
    filled = [number for number, profile in enumerate(made["profiles"]) if profile["weights"]]
    same("the profile that is shown", made["activeProfileIndex"], filled[0] if filled else 0)
    used = set()
    for profile, (name, (cost, member, unit)) in zip(made["profiles"], PROFILES.items()):
        what = f"{operand} {' '.join(options)} {name}"
        same(f"{what}: unit", profile["unit"], unit)
        same(f"{what}: weights", len(profile["weights"]), len(profile["samples"]))
        same(f"{what}: samples of nothing", profile["weights"].count(0), 0)
        same(f"{what}: range", (profile["startValue"], profile["endValue"]), (0, sum(profile["weights"])))
        lines, stacks = collections.Counter(), collections.Counter()
        for sample, weight in zip(profile["samples"], profile["weights"]):
            used.update(sample)
            lines[place_of(frames[sample[-1]])] += weight
            stacks[tuple(place_of(frames[number]) for number in sample)] += weight
        for by, got in (("line", lines), ("traceback", stacks)):
            wanted = collections.Counter()
            for entry in json.loads(output(memtrace, "report", "--format", "json", "--by", by, "--cost", cost, *options,
                                           operand))["entries"]:
                wanted[tuple(shown(frame) for frame in entry["frames"]) if by == "traceback" else shown(entry)] += entry[member]
            same(f"{what} by {by}", got, +wanted)
    same("frames in use", len(used), len(frames))


def shown(entry):
    """A frame without a line is named by its function, where it has one."""
    return f"{entry['file']}:{entry['line']}" if entry["line"] else entry["function"] or entry["file"]


main()
