"""domains.py MEMTRACE MAKE_TRACE: what is told of a domain is what is told of a heap that has the same events.

Each scenario is made twice, with all of it in the heap, and in a domain among a heap's events; each command that can
look at a domain must say of the one with --domain what it says of the other without.
"""

import json
import pathlib
import re
import subprocess
import sys

memtrace, make_trace = sys.argv[1:]

SCENARIOS = ["small", "small-frame", "frames", "marks", "story", "no-end", "recursive", "sizes", "threads",
             "threads-walk", "threads-cut", "scopes", "temporaries", "deep", "wide", "lossy", "instant"]
LIVES = {"sizes", "threads", "threads-walk", "threads-cut"}

# each with the options that are given in both cases; @ is the trace
COMMANDS = [
    ["report", "@"],
    ["report", "@.end"],
    ["report", "@.50%"],
    ["report", "--pretty", "@"],
    ["report", "--from", "1ms", "@"],
    ["report", "--format", "pstats", "@"],
    *[["report", "--format", form, "--by", by, "--cost", cost, "@"] for form in ("json", "csv")
      for by in ("line", "module", "traceback", "size") for cost in ("live", "leaked", "total", "temporary")],
    ["report", "--cumulative", "--cost", "count", "@"],
    ["callers", "@"],
    ["callees", "--cost", "total", "@"],
    ["callers", "--format", "json", "@"],
    ["annotate", "--format", "json", "@"],
    ["annotate", "@"],
    ["flamegraph", "@", "-o", "OUT.svg"],
    ["flamegraph", "--cost", "total", "@", "-o", "OUT.svg"],
    ["flamegraph", "--diff", "@.start", "@.end", "-o", "OUT.svg"],
    ["diff", "@.start", "@.end"],
    ["diff", "--format", "json", "@.1ms", "@.peak"],
    ["diff", "--cost", "total", "--by", "function", "--format", "csv", "@.1ms", "@"],
    ["growth", "@", "@.50%", "@.end"],
    ["growth", "--format", "json", "@"],
    ["plot", "@", "-o", "OUT.svg"],
    ["plot", "--stacked", "3", "@", "-o", "OUT.svg"],
    ["plot", "--slope", "--columns", "7", "--format", "json", "@"],
    ["plot", "--stacked", "3", "--by", "size", "--columns", "7", "--format", "csv", "@"],
    ["html", "@", "-o", "OUT.html"],
    ["check", "--max-leak", "100", "--max-peak", "1K", "--max-total", "1", "--max-allocs", "3", "--max-temporary", "1",
      "@"],
    ["check", "--max-leak", "100", "--each", "--format", "json", "@"],
    ["check", "--max-peak", "100", "--each", "--format", "json", "@"],
    ["check", "--max-leak", "0", "--suggest", "@"],
    ["check", "--baseline", "OUT.baseline", "--update-baseline", "@"],
    *[["export", "--format", form, "@", "-o", "OUT.export"] for form in
      ("folded", "massif", "heaptrack", "chrome", "csv", "json", "lsan", "pprof", "speedscope", "sql", "callgrind",
       "gprof2dot", "dot")],
    ["export", "--format", "folded", "--cost", "temporary", "@"],
    ["export", "--format", "sql", "@.50%"],
    ["snapshot", "save", "-o", "OUT.json", "@"],
    ["snapshot", "save", "-o", "OUT.json", "@.end"],
    ["merge", "-o", "OUT.json", "@", "@.end"],
    ["list"],
    ["list", "--format", "json"],
    ["peak", "@"],
    ["peak", "--bytes"],
    ["snapshot", "list", "@"],
    ["snapshot", "list", "--format", "json", "@"],
]
LIVES_COMMANDS = [
    ["report", "--by", "thread", "@.end"],
    ["report", "--by", "thread", "--format", "json", "@"],
    ["report", "--thread", "*", "--cost", "total", "@"],
    ["report", "--cost", "temporary=3", "@"],
    ["lifetimes", "@"],
    ["lifetimes", "--format", "json", "@"],
    ["diff", "--by", "thread", "--format", "json", "@.start", "@.end"],
]


# the functions that give a block: those of the heap, and that by which a program tells of its own
ALLOCATES = re.compile(r"\b(memtrace_report_alloc|domain pool|malloc|calloc|realloc)\b")


def without_domains(value):
    """What only a trace with domains has to say."""
    if isinstance(value, dict):
        kept = {key: without_domains(item) for key, item in value.items() if key not in ("domains", "domain")}
        return {key: item for key, item in kept.items() if not (key == "selection" and item == {})}
    if isinstance(value, list):
        return [without_domains(item) for item in value]
    return value


def without_kinds(value):
    """A saved snapshot: whose a site is stands in its kind, and the checksum is of all."""
    if isinstance(value, dict) and str(value.get("schema", "")).startswith("memtrace-snapshot/"):
        value = {key: item for key, item in value.items() if key != "crc32c"}
        value["sites"] = [row[:2] + row[3:] for row in value["sites"]]
    return value


def plain(data):
    text = re.sub(r"^(selected|domains|Domains):.*\n", "", data.decode("utf-8", "surrogateescape"), flags=re.M)
    text = text.replace(" in domain pool", "")
    text = ALLOCATES.sub("ALLOC", text)
    text = re.sub(r"(blocks|less|B) of pool\b", r"\1", text).replace("live in pool", "live heap")
    text = text.replace('"domains":["pool"]', '"domains":null')
    if text.startswith("BEGIN;"):
        text = re.sub(r"\b[0-9]{16,}\b", "RUN", text)
    try:
        return json.dumps(without_domains(without_kinds(json.loads(text))), indent=1)
    except ValueError:
        return text


def ask(directory, command, domain):
    name, *rest = command
    arguments = [name]
    if name == "snapshot":
        arguments.append(rest.pop(0))
    arguments += domain + [re.sub(r"^@\.?(.*)", lambda m: "t.mtr" + (m[1] and "@" + m[1]), word) for word in rest]
    done = subprocess.run([memtrace, *arguments], cwd=directory, capture_output=True, timeout=60)
    written = {path.name: path.read_bytes() for path in sorted(directory.glob("OUT*"))}
    for path in directory.glob("OUT*"):
        path.unlink()
    return done.returncode, plain(done.stdout), plain(done.stderr), {n: plain(d) for n, d in written.items()}


def may_differ(scenario, command):
    """What is said of the heap's events between the domain's, or of functions, which a domain has one of."""
    return (scenario, command[0]) == ("recursive", "html") or "--suggest" in command and scenario == "recursive" or \
        (scenario.startswith("threads") or scenario == "scopes") and "massif" in command or \
        scenario == "scopes" and (command[0] in ("snapshot", "merge") or "sql" in command)


def show(one, other):
    if isinstance(one, dict):
        for key in one.keys() | other.keys():
            if one.get(key) != other.get(key):
                show(one.get(key, ""), other.get(key, ""))
        return
    left, right = str(one).splitlines(), str(other).splitlines()
    for i in range(max(len(left), len(right))):
        a, b = left[i:i + 1], right[i:i + 1]
        if a != b:
            print(f"  heap:   {a}\n  domain: {b}"[:600])
            return


def main():
    wrong = compared = 0
    for scenario in SCENARIOS:
        for kind in ("heap", "pool"):
            directory = pathlib.Path(scenario, kind)
            directory.mkdir(parents=True)
            subprocess.run([make_trace, kind + ":" + scenario, directory / "t.mtr"],
                           check=True)
        for command in COMMANDS + LIVES_COMMANDS * (scenario in LIVES):
            if may_differ(scenario, command):
                continue
            heap = ask(pathlib.Path(scenario, "heap"), command, [])
            pool = ask(pathlib.Path(scenario, "pool"), command, ["--domain", "pool"])
            compared += 1
            if heap != pool:
                wrong += 1
                print(f"not ok: {scenario}: {' '.join(command)}")
                for one, other in zip(heap, pool):
                    if one != other:
                        show(one, other)
    print(f"{compared} answers compared, {wrong} differ")
    return 1 if wrong or compared < 1300 else 0


sys.exit(main())
