"""One case of a suite: a real program run untraced and traced by the same command, and held against itself.

A run is told in parts (`exit status`, `stdout`, a test's name): each must be the same on both sides. A part that
differs is looked at again untraced; one that does not even agree with itself there is listed and not compared. Every
trace left must be whole, without a lost event. What a case leaves running is ended, and counts as a part too.

Each case is run in a process of its own, which adopts what its programs leave behind (see adopt_orphans).
"""

import ctypes
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field

PR_SET_CHILD_SUBREAPER = 36
COLLECTOR = "memtrace"  # what a collector calls itself
AGAIN = 2  # how often a part that differs is looked at again, untraced
LEFT_SECONDS, COLLECTOR_SECONDS = 10, 30
VERIFY_AT_ONCE = 200
WHOLE = re.compile(r": whole: \d+ blocks, (\d+) events, (\d+) lost while tracing$")


def whole_output(run):
    return {"stdout": run.stdout, "stderr": run.stderr}


@dataclass
class Case:
    name: str
    command: list
    parts: callable = whole_output  # of a Run: {part: what it was}, beside the exit status
    files: dict = field(default_factory=dict)  # put into the working directory: {name: text}
    links: dict = field(default_factory=dict)  # and symbolic links: {name: target}
    environment: dict = field(default_factory=dict)
    user: str = ""  # who runs it where we are root
    seconds: float = 120
    word: str = ""  # what the tracer says on stderr, and must
    short: bool = False  # belongs to the selection that runs with every change


@dataclass
class Run:
    status: object  # exit status, minus the signal, or "hangs"
    stdout: str
    stderr: str
    directory: str
    left: list  # names of processes that had to be ended
    seconds: float

    def parts(self, case):
        return {"exit status": self.status, "left running": sorted(self.left)} | case.parts(self)


@dataclass
class Result:
    suite: str
    case: str
    untraced: str = ""
    traced: str = ""
    traces: int = 0
    whole: int = 0
    lost: int = 0
    events: int = 0
    seconds: float = 0
    failures: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def adopt_orphans():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children():
    """Our own, by pid, with their names."""
    with open("/proc/self/task/%d/children" % os.getpid()) as file:
        pids = [int(pid) for pid in file.read().split()]
    named = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/comm") as file:
                named[pid] = file.read().strip()
        except OSError:
            pass
    return named


def wait_for_children(seconds, wanted):
    """Reaps until no child is left whose name is `wanted`; those that are left."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return {}
        left = {pid: name for pid, name in children().items() if wanted(name)}
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.01)


def end_the_rest():
    """The names of what was still running. Collectors end by themselves, after those they watch."""
    ended = []
    left = wait_for_children(LEFT_SECONDS, lambda name: name != COLLECTOR)
    while left:
        ended += left.values()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        left = wait_for_children(LEFT_SECONDS, lambda name: name != COLLECTOR)
    return ended, wait_for_children(COLLECTOR_SECONDS, lambda name: True)


class Bench:
    """Where a case runs: the built library and analyzer, and a directory of its own."""

    def __init__(self, build, home):
        self.memtrace = os.path.join(build, "analyzer/memtrace")
        self.home = home
        # Another user may not be let into the build directory.
        self.library = shutil.copy(os.path.join(build, "preload/libmemtrace.so"), home)
        os.chmod(home, 0o755)
        os.chmod(self.library, 0o755)

    def directory(self, name, user):
        path = os.path.join(self.home, name)
        os.mkdir(path)
        if user:
            os.chown(path, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        return path

    def run(self, case, name, more):
        user = case.user if os.geteuid() == 0 else ""
        directory = self.directory(name, user)
        for file, text in case.files.items():
            with open(os.path.join(directory, file), "w") as out:
                out.write(text)
        for link, target in case.links.items():
            os.symlink(target, os.path.join(directory, link))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MEMTRACE_", "LD_", "MALLOC_", "PYTHON"))}
        environment |= {"LC_ALL": "C.UTF-8", "HOME": directory, "PWD": directory} | case.environment | more
        identity = {}
        if user:
            account = pwd.getpwnam(user)
            identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        begin = time.monotonic()
        with open(directory + ".out", "wb") as out, open(directory + ".err", "wb") as err:
            process = subprocess.Popen(case.command, cwd=directory, env=environment, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=err, start_new_session=True, **identity)
            try:
                status = process.wait(case.seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                status = "hangs"
        seconds = time.monotonic() - begin
        left, collectors = end_the_rest()
        if collectors:
            left.append(f"{len(collectors)} collectors")
            for pid in collectors:
                os.kill(pid, signal.SIGKILL)
        with open(directory + ".out", errors="replace") as out, open(directory + ".err", errors="replace") as err:
            # Where it ran differs between runs, and may be said.
            stdout, stderr = (file.read().replace(directory, ".") for file in (out, err))
        return Run(status, stdout, stderr, directory, left, seconds)

    def verify(self, traces, result):
        paths = glob.glob(os.path.join(traces, "*"))
        result.traces = len(paths)
        for first in range(0, len(paths), VERIFY_AT_ONCE):
            said = subprocess.run([self.memtrace, "verify", *paths[first:first + VERIFY_AT_ONCE]],
                                  capture_output=True, text=True)
            for line in said.stdout.splitlines() + said.stderr.splitlines():
                whole = WHOLE.search(line)
                if not whole:
                    result.failures.append(line)
                    continue
                result.whole += 1
                result.events += int(whole[1])
                result.lost += int(whole[2])
        if result.whole != result.traces:
            result.failures.append(f"{result.traces - result.whole} of {result.traces} traces are not whole")
        if result.lost:
            result.failures.append(f"{result.lost} events lost")
        if not result.events:
            result.failures.append("nothing was traced")


def told(parts):
    """A cell of the table: how it ended, or how many parts had which result."""
    rest = {k: v for k, v in parts.items() if k not in ("exit status", "left running", "stdout", "stderr")}
    if not rest:
        return f"exit {parts['exit status']}"
    return ", ".join(f"{count} {what}" for what, count in sorted(Counter(rest.values()).items()))


def differing(one, other):
    return {part for part in one.keys() | other.keys() if one.get(part) != other.get(part)}


def shortened(value):
    text = repr(value)
    return text if len(text) < 2000 else text[:1000] + " ... " + text[-1000:]


def take_words(run, word):
    """Takes the tracer's own lines out of a run's stderr: what it should not have said, or did not."""
    lines = run.stderr.splitlines(keepends=True)
    ours = {line.rstrip() for line in lines if line.startswith("memtrace: ")}
    run.stderr = "".join(line for line in lines if not line.startswith("memtrace: "))
    wrong = sorted(line for line in ours if not word or word not in line)
    if word and not ours:
        wrong.append(f"the tracer did not say '{word}'")
    return wrong


def run_case(suite, case, build, keep):
    home = tempfile.mkdtemp(prefix="memtrace-suite-")
    result = Result(suite, case.name)
    try:
        bench = Bench(build, home)
        traces = bench.directory("traces", "")
        os.chmod(traces, 0o1777)  # a program may become somebody else
        untraced = bench.run(case, "untraced", {}).parts(case)
        run = bench.run(case, "traced", {"LD_PRELOAD": bench.library,
                                         "MEMTRACE_OUTPUT": os.path.join(traces, "%e.%p.mtr")})
        result.failures += take_words(run, case.word)
        traced = run.parts(case)
        result.untraced, result.traced, result.seconds = told(untraced), told(traced), run.seconds
        differ, unsteady = differing(untraced, traced), set()
        for again in range(AGAIN if differ else 0):
            unsteady |= differing(untraced, bench.run(case, f"again{again}", {}).parts(case))
        for part in sorted(differ & unsteady):
            result.notes.append(f"{part}: differs untraced too")
        for part in sorted(differ - unsteady):
            result.failures.append(f"{part} differs:\n  untraced {shortened(untraced.get(part))}\n"
                                   f"  traced   {shortened(traced.get(part))}")
        bench.verify(traces, result)
        if keep:
            shutil.copytree(home, os.path.join(keep, f"{suite}-{case.name}"), dirs_exist_ok=True, symlinks=True,
                            ignore_dangling_symlinks=True, ignore=lambda d, names: [
                                n for n in names if not os.path.isfile(os.path.join(d, n)) and
                                not os.path.isdir(os.path.join(d, n))])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return result
