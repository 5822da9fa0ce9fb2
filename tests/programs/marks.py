"""What a program tells by memtrace.h is in its trace as it was told: marks.py MODE LIBRARY MEMTRACE PROGRAM.

The program (marks.c) prints at its end what it named, and how many of the events of one size it had seen by then. For
each name the trace must tell the same, in the same order: one event more or less before a mark is an error.
"""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict

import mtr_reader as mtr
from run import check
from said import exit_by, run_both

NAME_MAX, CUT = 255, "\u2026".encode()
MODES_OF_ANY_STEPS = ("handler", "jump")  # how many instructions there are, tracing changes


def kept(name):
    """What a trace keeps of a name: cut between characters where it is too long."""
    if len(name) <= NAME_MAX:
        return name
    end = NAME_MAX - len(CUT)
    for back in range(4):
        if end - back == 0 or name[end - back] & 0xC0 != 0x80:
            return name[:end - back] + CUT
    return name[:end - 3] + CUT


class Process:
    """What one process printed: of each kind and name, how many events of a size were before it."""

    def __init__(self):
        self.said = defaultdict(list)

    def add(self, kind, name, size, events):
        self.said[kind, kept(bytes.fromhex(name))].append((int(size), int(events)))


def processes_of(stdout):
    found = [Process()]
    for line in stdout.decode().splitlines():
        words = line.split()
        if words[0] == "pid":
            found.append(Process())
        else:
            found[-1].add(*words[1:])
    return [one for one in found if one.said]


class Named:
    """The same of a trace, and the state in it."""

    def __init__(self, path):
        self.trace, self.sizes = mtr.Trace(path), []
        self.trace.read(lambda event, site, thread: self.sizes.append(self.trace.sites[site][1]))
        self.moments = [("S" if mark["snapshot"] else "M", mark) for mark in self.trace.marks]
        self.moments += [("E" if scope["ends"] else "B", scope) for scope in self.trace.scopes]

    def counts(self, sizes):
        """(size, events): how many events of a size are before so many events of all."""
        wanted = {size: [0] for size in sizes}
        for size in self.sizes:
            for one, counts in wanted.items():
                counts.append(counts[-1] + (size == one))
        return wanted

    def said(self, process):
        counts = self.counts({size for rows in process.said.values() for size, _ in rows})
        sizes = {key: [size for size, _ in rows] for key, rows in process.said.items()}
        found = defaultdict(list)
        for kind, moment in self.moments:
            key = kind, moment["name"].encode(errors="surrogateescape")
            row = len(found[key])
            size = sizes.get(key, [0])[min(row, len(sizes.get(key, [0])) - 1)]
            found[key].append((size, counts.get(size, [0] * (len(self.sizes) + 1))[moment["event"]]))
        return found


def compare(process, named):
    """Lines that tell what differs; the constructor's mark, the jumped ones and none else may be there besides."""
    found, wrong = named.said(process), []
    for key in sorted(process.said.keys() | found.keys()):
        if key[1] in (b"constructor", b"jumped out of"):
            continue
        if found.get(key) != process.said.get(key):
            said, there = process.said.get(key, []), found.get(key, [])
            first = next((i for i, (a, b) in enumerate(zip(said, there)) if a != b), min(len(said), len(there)))
            wrong.append(f"{key}: {len(said)} said, {len(there)} in the trace; from {first} on said"
                         f" {said[first:first + 3]}, in the trace {there[first:first + 3]}")
    return wrong


def threads_have_names(named):
    names = [thread["name"] for thread in named.trace.threads]
    for scope in named.trace.scopes:
        check(names[scope["thread"]] == "worker-" + scope["name"].split("/")[1], f"{scope} is of {names}")


def jumps_leave_none_behind(named):
    """Each was jumped out of at another instruction: a mark is there once, or not at all, between its neighbours."""
    marks = [mark["name"] for mark in named.trace.marks if mark["name"] != "constructor"]
    calls = marks.count("after the jump")
    jumped = marks.count("jumped out of")
    check(0 < jumped < calls, f"{jumped} marks of {calls} that were jumped out of")
    check(all(a != b or a == "after the jump" for a, b in zip(marks, marks[1:])), "a mark is there twice")


def hostile_name_is_kept(named):
    check(named.trace.threads[0]["name"] == "\x1b]0;evil\x07<i>", f"the thread is {named.trace.threads[0]}")


def main():
    mode, library, memtrace, program = [sys.argv[1], *map(os.path.abspath, sys.argv[2:])]
    with tempfile.TemporaryDirectory() as directory:
        untraced, traced, paths = run_both(program, mode, library, directory)
        check((traced.returncode, traced.stderr) == (untraced.returncode, b"") == (0, b""), f"{untraced}\n{traced}")
        pids = [[line for line in run.stdout.splitlines() if not line.startswith(b"pid ")] for run in (untraced, traced)]
        check(mode in MODES_OF_ANY_STEPS or pids[0] == pids[1], "the program said something else when it was traced")
        traces, processes = [Named(path) for path in paths], processes_of(traced.stdout)
        check(len(traces) == len(processes), f"{len(processes)} processes, {len(traces)} traces")
        for process in processes:
            wrong = {one: compare(process, one) for one in traces}
            best = min(wrong, key=lambda one: len(wrong[one]))
            check(not wrong[best], "\n".join(wrong[best][:5]))
            traces.remove(best)
            check(best.trace.lost == 0, f"{best.trace.lost} events lost")
            verify = subprocess.run([memtrace, "verify", best.trace.path], capture_output=True, text=True)
            check(verify.returncode == 0, verify.stdout + verify.stderr)
            listed = subprocess.run([memtrace, "snapshot", "list", best.trace.path], capture_output=True, text=True)
            check(listed.returncode == 0 and len(listed.stdout.splitlines()) == 4 + len(best.trace.marks), listed.stderr)
            {"threads": threads_have_names, "jump": jumps_leave_none_behind, "hostile": hostile_name_is_kept}.get(
                mode, lambda named: None)(best)
            print(f"{sum(map(len, process.said.values()))} said, {len(best.moments)} in the trace, all in their places")
    return 0


if __name__ == "__main__":
    exit_by(main)
