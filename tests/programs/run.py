"""Runs a test program untraced and traced and holds one run against the other and the trace against both.

What must hold: exit status, stdout, stderr and the files left behind are the same; each process left
one whole trace that says how it ended; calls and bytes of every allocation function, frees, foreign
frees, live blocks, and with one thread the peak and the temporary blocks, are what the program printed
of itself ("heap" lines, see harness.h); nothing is lost; the analyzer's totals are those of mtr_reader.py.

What libc allocates for itself on the program's behalf (a new thread's control block) has its innermost
frame outside the program, and is left out of the comparison; so are the allocations made by libstdc++
for nobody. What operator new allocates belongs to whoever called it.
"""

import argparse
import bisect
import contextlib
import ctypes
import glob
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

import mtr_reader as mtr
from mtr_bytes import Damaged

PR_SET_CHILD_SUBREAPER = 36
SKIPPED = 77
TALLY = os.environ.get("MEMTRACE_TEST_TALLY")


class Failure(Exception):
    outcome, lost = "differs", 0


class Hung(Failure):
    outcome = "hung"


class Lost(Failure):
    def __init__(self, count):
        super().__init__(f"{count} events lost")
        self.lost = count


def check(condition, text):
    if not condition:
        raise Failure(text)


def plain_environment():
    """Ours, without what would reach the tracer, the loader or malloc."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("MEMTRACE_", "LD_", "MALLOC_"))}


def wait_for_descendants(seconds):
    """The tracer's sibling outlives the program by a moment; as a subreaper we inherit and await it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.002)
        except ChildProcessError:
            return
    raise Hung(f"something still runs {seconds} s after the program ended")


class Pauses(threading.Thread):
    """Stops the collector again and again, for a tenth of a second: what it does not read meanwhile fills the rings."""

    count = 0  # in all runs: a busy machine may let one end before anybody looks

    def __init__(self):
        super().__init__(daemon=True)
        self.over = threading.Event()

    @staticmethod
    def collectors():
        for children in glob.glob("/proc/self/task/*/children"):
            with contextlib.suppress(OSError), open(children) as file:
                for child in file.read().split():
                    with open(f"/proc/{child}/comm") as name:
                        if name.read() == "memtrace\n":
                            yield int(child)

    def run(self):
        while not self.over.wait(0.002):
            for pid in self.collectors():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    time.sleep(0.1)
                    os.kill(pid, signal.SIGCONT)
                    Pauses.count += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def run(command, environment, home, name, seconds):
    """Exit status, stdout, stderr and the names of files left in the directory, a fresh one of the same name each time."""
    directory = os.path.join(home, "here")
    os.makedirs(directory)
    out, err = os.path.join(home, name + ".out"), os.path.join(home, name + ".err")
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        process = subprocess.Popen(command, env=environment, cwd=directory, stdin=subprocess.DEVNULL, stdout=stdout,
                                   stderr=stderr)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Hung(f"no end within {seconds} s") from None
        wait_for_descendants(seconds)
    left = sorted(os.listdir(directory))
    os.rename(directory, os.path.join(home, name))
    with open(out, "rb") as stdout, open(err, "rb") as stderr:
        return {"exit status": status, "stdout": stdout.read(), "stderr": stderr.read(), "files": left}


def said(stdout):
    """One dict for each "heap begin" block of the output."""
    blocks = []
    for line in stdout.decode().splitlines():
        words = line.split()
        if words == ["heap", "begin"]:
            blocks.append({})
        elif words[:1] == ["heap"]:
            blocks[-1][words[1]] = tuple(int(w) if w.lstrip("-").isdigit() else w for w in words[2:])
    return blocks


class Watched:
    """A trace, with what the program's own code did in it."""

    def __init__(self, path, own):
        self.trace = mtr.Trace(path)
        self.own_names, self.owned, self.symbols = own, {}, []
        self.live = self.peak = self.temporary = 0
        self.trace.read(self.event)
        check(self.trace.process and self.trace.end, f"{path}: no process or no end in it")

    def mine(self, site):
        if site not in self.owned:
            outside = [path for path, _ in self.trace.stack_of(site) if "libstdc++" not in path]
            names = self.own_names | {os.path.basename(self.trace.process["exe"])}
            self.owned[site] = bool(outside) and os.path.basename(outside[0]) in names
        return self.owned[site]

    def event(self, event, site, thread):
        if self.mine(site):
            self.live += self.trace.sites[site][1] * (1 if event == mtr.ALLOC else -1)
            self.peak = max(self.peak, self.live)
            self.temporary += event == mtr.FREE_TEMPORARY

    def within(self, name):
        """Calls and bytes of the allocations whose innermost frame is of the module of that name."""
        t = self.trace
        sites = [s for s in range(len(t.sites)) if [os.path.basename(path) for path, _ in t.stack_of(s)][:1] == [name]]
        return sum(t.allocs[s] for s in sites), sum(t.allocs[s] * t.sites[s][1] for s in sites)

    def functions(self, size):
        """The program's functions in the stacks of its blocks of a size, innermost first; "?" is code of no file."""
        t = self.trace
        if not self.symbols:
            lines = subprocess.run(["nm", "--defined-only", t.process["exe"]], capture_output=True, text=True).stdout
            self.symbols = sorted((int(line.split()[0], 16), line.split()[2]) for line in lines.splitlines())
        starts = [start for start, _ in self.symbols]
        found = set()
        for site in range(len(t.sites)):
            if t.sites[site][1] == size and t.allocs[site]:
                frames = [f for f in t.stack_of(site) if f[0] in ("", t.process["exe"])]
                found.add(tuple(self.symbols[bisect.bisect_left(starts, offset) - 1][1] if path else "?"
                                for path, offset in frames))
        return found.pop() if len(found) == 1 else tuple(sorted(found))

    def found(self, asked):
        """The same keys as the program's block."""
        t = self.trace
        own = [s for s in range(len(t.sites)) if self.mine(s)]
        result = {}
        for kind in mtr.KINDS:
            sites = [s for s in own if t.sites[s][2] == kind and t.allocs[s]]
            if sites:
                result[kind] = (sum(t.allocs[s] for s in sites), sum(t.allocs[s] * t.sites[s][1] for s in sites))
        stacks = [t.stack_of(s) for s in own] if {"deepest", "repeated"} & set(asked) else []
        more = {
            "frees": lambda: (sum(t.freed[s] for s in own),),
            "foreign": lambda: (t.end["foreign_frees"],),
            "live": lambda: (sum(t.live[s] for s in own), self.live),
            "peak": lambda: (self.peak,),
            "temporary": lambda: (self.temporary,),
            "end": lambda: (t.end["how"], t.end["code"]),
            "deepest": lambda: (max(map(len, stacks)),),
            "repeated": lambda: (max(max(Counter(s).values()) for s in stacks),),
            "threads": lambda: (len(t.threads),),
        }
        result.update((key, more[key]()) for key in asked if key in more)
        result.update((key, self.within(key[3:])) for key in asked if key.startswith("in:"))
        result.update((key, self.functions(int(key[6:]))) for key in asked if key.startswith("stack-"))
        return result


def analyzer_agrees(memtrace, watched):
    """`verify` finds the file whole and `report` counts what the second reader counts."""
    path = watched.trace.path
    verify = subprocess.run([memtrace, "verify", path], capture_output=True, text=True)
    check(verify.returncode == 0, f"memtrace verify exits {verify.returncode}: {verify.stdout}{verify.stderr}")
    report = subprocess.run([memtrace, "report", "--format", "json", path], capture_output=True, text=True)
    check(report.returncode == 0, f"memtrace report exits {report.returncode}: {report.stderr}")
    totals = json.loads(report.stdout)["totals"]
    mine, end = watched.trace.totals(), watched.trace.end
    mine["foreign_frees"] = end["foreign_frees"]
    for key, value in mine.items():
        check(totals.get(key) == value, f"memtrace report says {key} {totals.get(key)}, the events say {value}")
    for key in mine:
        name = key.replace("leaked", "live")
        check(end[name] == mine[key], f"the end record says {name} {end[name]}, the events say {mine[key]}")


def compare(untraced, traced, any_order):
    if any_order:  # each block was written at once
        untraced, traced = (one | {"stdout": sorted(re.split(rb"(?m)^(?=state |heap begin$)", one["stdout"]))}
                            for one in (untraced, traced))
    for what in untraced:
        check(untraced[what] == traced[what],
              f"{what} differs:\n  untraced {untraced[what]!r}\n  traced   {traced[what]!r}")


def matched(blocks, traces, program):
    """Each block of the program's must be some trace's content; order and pids are not known."""
    own = [t for t in traces if os.path.basename(t.trace.process["exe"]) == os.path.basename(program)]
    check(len(own) == len(blocks), f"{len(blocks)} processes of the program, but {len(own)} traces of it")
    rest = list(own)
    for block in blocks:
        found = [t.found(block) for t in rest]
        if block in found:
            rest.pop(found.index(block))
            continue
        near = min(found, key=lambda f: sum(f.get(k) != block.get(k) for k in f.keys() | block.keys()))
        wrong = [f"  {k}: the program {block.get(k)}, the trace {near.get(k)}"
                 for k in sorted(near.keys() | block.keys()) if near.get(k) != block.get(k)]
        raise Failure("the trace differs from what the program did:\n" + "\n".join(wrong))


def preloading(arguments, library):
    """The command, which preloads `library` or none, and what it wants in the environment."""
    program = [os.path.abspath(arguments.program), *arguments.arguments]
    before, after = ([os.path.abspath(p) for p in paths] for paths in (arguments.before, arguments.after))
    ours = [os.path.abspath(library)] if library else []
    through = shlex.split(arguments.through or "")
    if arguments.first:
        # in front of what the command before it preloads
        through += ["/bin/sh", "-c", 'export LD_PRELOAD="$0$LD_PRELOAD"; exec "$@"', "".join(o + ":" for o in ours)]
        ours = []
    preloads = before + ours + after
    return through + program, {"LD_PRELOAD": ":".join(preloads)} if preloads else {}


def take_word(arguments, traced):
    """Takes the line that says what is not seen from the traced run's stderr, where it must be."""
    ours = [line for line in traced["stderr"].splitlines(True) if line.startswith(b"memtrace: ")]
    traced["stderr"] = b"".join(line for line in traced["stderr"].splitlines(True) if line not in ours)
    check(len(ours) == 1 and arguments.word in ours[0].decode(), f"not one line that says {arguments.word!r}: {ours}")
    return ours[0]


def word_is_told(arguments, word, watched):
    """Each trace says it too, and so does its report."""
    for one in watched:
        check(f"memtrace: {one.trace.unseen}\n" == word.decode(), f"the trace says {one.trace.unseen!r}, not {word}")
        report = subprocess.run([arguments.memtrace, "report", one.trace.path], capture_output=True, text=True)
        check(f"NOT SEEN:    {one.trace.unseen}\n" in report.stdout, f"memtrace report does not say it: {report.stdout}")
        check(not arguments.blind or one.trace.events == 0, f"{one.trace.events} events of a heap that is not seen")


def once(arguments, home):
    """One run of each kind, compared. Returns "exact", or "skipped" where the program says that it cannot show its case."""
    for other in arguments.before + arguments.after:
        if not os.path.exists(other):
            print(f"skip {other} is not installed")
            return "skipped"
    environment = plain_environment()
    environment.update(pair.split("=", 1) for pair in arguments.env)
    command, others = preloading(arguments, None)
    if arguments.through and not shutil.which(command[0]):
        print(f"skip {command[0]} is not installed")
        return "skipped"
    untraced = run(command, environment | others, home, "untraced", arguments.seconds)
    if untraced["exit status"] == SKIPPED:
        print(untraced["stdout"].decode(), end="")
        return "skipped"

    traces = os.path.join(home, "traces")
    os.makedirs(traces)
    command, preload = preloading(arguments, arguments.library)
    preload["MEMTRACE_OUTPUT"] = os.path.join(traces, arguments.output)
    with Pauses() if arguments.pauses else contextlib.nullcontext():
        traced = run(command, environment | preload, home, "traced", arguments.seconds)
    word = take_word(arguments, traced) if arguments.word else None
    compare(untraced, traced, arguments.any_order)
    watched = [Watched(os.path.join(traces, name), set(arguments.own)) for name in sorted(os.listdir(traces))]
    check(watched, "no trace was written")
    lost = sum(one.trace.lost for one in watched)
    if lost:
        raise Lost(lost)
    if word:
        word_is_told(arguments, word, watched)
    if not arguments.blind:
        matched(said(traced["stdout"]), watched, arguments.program)
    for one in watched:
        analyzer_agrees(arguments.memtrace, one)
    return "exact"


def tally(result):
    """A line for tests/torture, which asks for it and then wants every run, not the first that fails."""
    if TALLY:
        with open(TALLY, "a") as lines:
            lines.write(json.dumps(result) + "\n")


def main():
    parser = argparse.ArgumentParser(description="Run a test program untraced and traced, and compare.")
    parser.add_argument("--library", required=True, help="libmemtrace.so")
    parser.add_argument("--memtrace", required=True, help="the analyzer")
    parser.add_argument("--before", action="append", default=[], help="another library preloaded before ours")
    parser.add_argument("--after", action="append", default=[], help="and after")
    parser.add_argument("--through", help="a command that preloads something and runs the program")
    parser.add_argument("--first", action="store_true", help="ours in front of what it preloads")
    parser.add_argument("--word", help="in the one line that says what is not seen, here and in the trace")
    parser.add_argument("--blind", action="store_true", help="which is the whole heap: the trace holds no event")
    parser.add_argument("--own", action="append", default=[], help="a library that counts as the program's own code")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--output", default="%e.%p.mtr", help="template of the traces' names")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--repeat", type=int, default=int(os.environ.get("MEMTRACE_TEST_REPEAT", "3")))
    parser.add_argument("--any-order", action="store_true", help="the program's processes report when they get to it")
    parser.add_argument("--pauses", action="store_true", help="stop the collector now and then")
    parser.add_argument("--keep", help="leave everything in this directory")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs="*")
    arguments = parser.parse_args()

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    failed = 0
    for turn in range(arguments.repeat):
        home = tempfile.mkdtemp(prefix="memtrace-program-")
        result = {"lost": 0, "why": ""}
        try:
            result["outcome"] = once(arguments, home)
        except (Failure, Damaged) as failure:
            failed += 1
            result = {"outcome": getattr(failure, "outcome", "differs"), "lost": getattr(failure, "lost", 0), "why": str(failure)}
            print(f"run {turn + 1} of {arguments.repeat}: {failure}", file=sys.stderr)
        finally:
            if arguments.keep:
                shutil.copytree(home, arguments.keep, dirs_exist_ok=True)
            shutil.rmtree(home)
        tally(result)
        if result["outcome"] == "skipped":
            return SKIPPED
        if failed and not TALLY:
            return 1
    if failed:
        return 1
    if arguments.pauses and not Pauses.count:
        print("skip the collector was never met: no ring was surely full")
        return SKIPPED
    print(f"{arguments.repeat} runs, each as the program said")
    return 0


if __name__ == "__main__":
    sys.exit(main())
