"""check_oracle.py MEMTRACE TRACE...: what memtrace check measured, beside what memtrace report says of the same.

Each trace by itself, by every kind of place, and all of them as one tree, which is what the parts come to together.
Prints how many numbers were compared, or what differs.
"""

import json
import subprocess
import sys

KINDS = {
    "leak": ("leaked", "--max-leak", "0,0"),
    "total": ("total", "--max-total", "0"),
    "allocs": ("count", "--max-allocs", "0"),
    "temporary": ("temporary", "--max-temporary", "0"),
}
EXACT = ["--no-default-suppressions", "--format", "json", "--show", "1000000"]
compared = 0


def ask(memtrace, *arguments, codes=(0,)):
    done = subprocess.run([memtrace, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in codes, (arguments, done.returncode, done.stderr)
    return json.loads(done.stdout)


def same(what, got, wanted):
    global compared
    compared += 1
    if got != wanted:
        sys.exit(f"{what}: {got}, not {wanted}")


def place_of(key, entry):
    """An entry of a report, named as tables name it."""
    if key == "module":
        return entry["module"]
    if key == "function":
        return f"{entry['file']}:{entry['function'] or '<unknown>'}"
    line = 0 if key == "file" else entry["line"]
    return entry["file"] if line is None else f"{entry['file']}:{line}"


def number(kind, size, count):
    """What of it a check of that kind tells."""
    return (size, count) if kind in ("leak", "total") else count


def amount(kind, actual):
    return number(kind, actual["bytes"], actual["count"])


def places_reported(memtrace, trace, kind, key, *filters):
    report = ask(memtrace, "report", "--cost", KINDS[kind][0], "--by", key, "--format", "json", "-n", "1000000",
                 *filters, trace)
    return {place_of(key, entry): (entry["size"], entry["count"]) for entry in report["entries"]}


def add(sums, more):
    for place, (size, count) in more.items():
        size_before, count_before = sums.get(place, (0, 0))
        sums[place] = size_before + size, count_before + count


def compare_places(memtrace, traces, key):
    options = [word for _, limit, value in KINDS.values() for word in (limit, value)]
    result = ask(memtrace, "check", *traces, "--each", "--by", key, *options, *EXACT, codes=(0, 1))
    for check in result["checks"]:
        kind, wanted = check["kind"], {}
        for trace in traces:
            add(wanted, places_reported(memtrace, trace, kind, key))
        # what counts nothing is no finding: a block of no bytes is a leaked one, and nothing of the total
        wanted = {place: number(kind, *sums) for place, sums in wanted.items()
                  if (sums[0] if kind == "total" else sums[1])}
        got = {finding["place"]: amount(kind, finding["actual"]) for finding in check["findings"]}
        same(f"{traces} {kind} by {key}", got, wanted)
        same(f"{kind}: places", check["finding_total"], len(wanted))


def compare_whole(memtrace, traces):
    options = [word for _, limit, value in KINDS.values() for word in (limit, value)]
    totals = [ask(memtrace, "report", trace, "--format", "json", "-n", "1")["totals"] for trace in traces]
    result = ask(memtrace, "check", *traces, *options, *EXACT, codes=(0, 1))
    names = {"leak": ("leaked_bytes", "leaked_blocks"), "total": ("allocated_bytes", "allocations"),
             "allocs": (None, "allocations"), "temporary": (None, "temporary")}
    for check in result["checks"]:
        size, count = names[check["kind"]]
        wanted = number(check["kind"], size and sum(total[size] for total in totals),
                        sum(total[count] for total in totals))
        same(f"{traces} {check['kind']}", amount(check["kind"], check["actual"]), wanted)
    if len(traces) == 1:
        result = ask(memtrace, "check", *traces, "--max-peak", "0", "--limit", "*:peak=0", *EXACT, codes=(0, 1))
        for check in result["checks"]:
            same(f"{traces} peak", check["actual"]["bytes"], totals[0]["peak_bytes"])


def compare_globs(memtrace, traces):
    """Each module, and each source file, as a glob of its own."""
    for key, filter_name in (("module", "--module"), ("file", "--include")):
        for place in sorted({p for t in traces for p in places_reported(memtrace, t, "total", key) if p}):
            if any(letter in place for letter in "*?[\\"):
                continue
            options = [word for kind in KINDS for word in ("--limit", f"{place}:{kind}=0")]
            result = ask(memtrace, "check", *traces, *options, *EXACT, codes=(0, 1))
            for check in result["checks"]:
                wanted = {}
                for trace in traces:
                    add(wanted, places_reported(memtrace, trace, check["kind"], "module", filter_name, place))
                size, count = (sum(column) for column in zip(*wanted.values(), (0, 0)))
                same(f"{traces} {check['kind']} of {place}", amount(check["kind"], check["actual"]),
                     number(check["kind"], size, count))


def main():
    memtrace, *traces = sys.argv[1:]
    for judged in [[trace] for trace in traces] + ([traces] if len(traces) > 1 else []):
        compare_whole(memtrace, judged)
        for key in ("line", "function", "file", "module"):
            compare_places(memtrace, judged, key)
        compare_globs(memtrace, judged)
    print(f"{compared} numbers are the same")


main()
