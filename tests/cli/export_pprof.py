"""What `go tool pprof` reads in an exported profile, beside `memtrace report`.

export_pprof.py MEMTRACE TRACE[@WHEN] [OPTION...]: for each sample type, the total, and each function and line by itself, and functions with all they called.
"""

import collections
import json
import re
import subprocess
import sys

# As the report names them: the cost at the moment, and which of an entry's numbers.
TYPES = {
    "alloc_objects": ("total", "count"),
    "alloc_space": ("total", "size"),
    "inuse_objects": ("live", "count"),
    "inuse_space": ("live", "size"),
}
ROW = re.compile(r" *(\S+) +\S+% +\S+% +(\S+) +\S+%  (.*?)(?: \((?:partial-)?inline\))?$")
NUMBER = re.compile(r"(-?\d+)B?$")


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def number(text):
    found = NUMBER.match(text)
    if not found:
        sys.exit(f"not a whole number: {text}")
    return int(found[1])


def pprof(profile, sample_type, granularity):
    """The sum that pprof gives, and by name, what is in that function or line itself, and with all it called."""
    unit = "bytes" if sample_type.endswith("space") else "count"
    shown = output("go", "tool", "pprof", "-symbolize=none", "-top", "-nodefraction=0", "-edgefraction=0", "-nodecount=1000000",
                   f"-unit={unit}", f"-sample_index={sample_type}", granularity, profile)
    if f"Type: {sample_type}\n" not in shown:
        sys.exit(f"no {sample_type}: {shown}")
    total = number(re.search(r"^Showing nodes accounting for .* of (\S+) total$", shown, re.M)[1])
    flat, cumulative = collections.Counter(), collections.Counter()
    for line in shown.split("cum%\n", 1)[1].splitlines():
        row = ROW.match(line)
        if not row:
            sys.exit(f"not a row: {line}")
        flat[row[3]] += number(row[1])
        cumulative[row[3]] += number(row[2])
    return total, +flat, cumulative


def report(memtrace, operand, options, by, sample_type):
    cost, member = TYPES[sample_type]
    entries = json.loads(output(memtrace, "report", "--format", "json", "--by", by, "--cost", cost, *options, operand))["entries"]
    return [(entry, entry[member]) for entry in entries]


def same(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: pprof has {got}, the report {wanted}")


def name_of(entry):
    return entry["function"] or entry["file"]


def main():
    memtrace, operand, *options = sys.argv[1:]
    if "@" not in operand:
        operand += "@end" if operand.endswith(".mtr") else ""
    profile = "profile.pb.gz"
    with open(profile, "wb") as file:
        subprocess.run([memtrace, "export", "-f", "pprof", *options, operand], stdout=file, check=True)
    for sample_type in TYPES:
        total, functions, cumulative = pprof(profile, sample_type, "-functions")
        lines = pprof(profile, sample_type, "-lines")[1]
        wanted_functions, wanted_lines, sum_of_all = collections.Counter(), collections.Counter(), 0
        nameless = collections.Counter()  # the report has them together by module, pprof each by its place
        for entry, value in report(memtrace, operand, options, "function", sample_type):
            sum_of_all += value
            if entry["function"]:
                wanted_functions[entry["function"]] += value
            else:
                nameless[entry["file"]] += value
        for entry, value in report(memtrace, operand, options, "line", sample_type):
            wanted_lines[f"{entry['file'].lstrip('./')}:{entry['line']}" if entry["line"] else name_of(entry)] += value
        for name in [name for name in functions if name not in wanted_functions]:
            nameless[re.sub(r"\+0x[0-9a-f]+$", "", name)] -= functions.pop(name)
        what = f"{operand} {' '.join(options)} {sample_type}"
        same(f"{what} in all", total, sum_of_all)
        same(f"{what} by function", functions, +wanted_functions)
        with_called = collections.Counter()
        for entry, value in report(memtrace, operand, [*options, "--cumulative"], "function", sample_type):
            if entry["function"]:
                with_called[entry["function"]] += value
        same(f"{what} with what was called", {name: cumulative[name] for name in with_called}, dict(with_called))
        same(f"{what} of what has no name", {name: left for name, left in nameless.items() if left}, {})
        by_place = collections.Counter()  # pprof puts the function before it, and has whole paths
        for name, value in lines.items():
            found = [place for place in wanted_lines if name.endswith(place)]
            by_place[max(found, key=len) if found else name] += value
        same(f"{what} by line", by_place, +wanted_lines)


main()
