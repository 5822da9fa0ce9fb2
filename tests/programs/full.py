"""Traces for which there is no room: full.py CASE LIBRARY MEMTRACE PROGRAM.

The program (inject's target) says how many allocations and frees it did. What its trace holds and what it declares
lost must be just that; where there is no whole trace, one line on stderr says so.

  fsize  limits on a file's size all the way from 1 byte to more than the trace has (RLIMIT_FSIZE)
  disk   a file system of every few pages' size (tmpfs in a mount namespace of its own)
"""

import argparse
import ctypes
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

from run import PR_SET_CHILD_SUBREAPER, SKIPPED, Failure, check, plain_environment, tally, wait_for_descendants

CLONE_NEWNS, MS_REC_PRIVATE, PAGE_BYTES = 0x00020000, 0x4000 | 0x40000, 4096
LAST_WORD_BYTES = 1024  # whose trace it is, what was lost and how it ended
LIBC = ctypes.CDLL(None, use_errno=True)


class Runs:
    def __init__(self, paths, directory):
        (self.library, self.memtrace, self.program), self.directory = paths, directory
        self.outcomes = {}
        self.untraced = self.run(None)[:2]

    def run(self, trace, way="threads", **options):
        environment = plain_environment()
        if trace:
            environment |= {"LD_PRELOAD": self.library, "MEMTRACE_OUTPUT": trace}
        done = subprocess.run([self.program, way], env=environment, cwd=self.directory, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, **options)
        wait_for_descendants(60)
        return done.returncode, done.stdout, done.stderr.decode().splitlines()

    def events(self, trace):
        """(allocations and frees there or lost, lost), (None, 0) where verify finds it cut off."""
        verify = subprocess.run([self.memtrace, "verify", trace], capture_output=True, text=True)
        check(verify.returncode == 0 or (verify.returncode == 1 and "no end" in verify.stdout), f"verify: {verify}")
        report = subprocess.run([self.memtrace, "report", "--format", "json", "-n", "1", trace], capture_output=True, text=True)
        check(report.returncode == 0, f"report: {report}")
        if verify.returncode:
            return None, 0
        lost = json.loads(report.stdout)["totals"]["lost"]
        return int(re.search(r"blocks, (\d+) events", verify.stdout).group(1)) + lost, lost

    def judge(self, what, trace, limit, **options):
        """One traced run; the whole number of its events is that of a run with room."""
        status, stdout, lines = self.run(trace, **options)
        check((status, stdout) == self.untraced, f"{what}: exit status {status}, {stdout!r}")
        check(len(lines) <= 1 and all(line.startswith("memtrace: ") for line in lines), f"{what}: stderr has {lines}")
        there = os.path.exists(trace)
        events, lost = self.events(trace) if there else (None, 0)
        check(events in (None, self.whole), f"{what}: {events} events there or lost ({lost} lost), of {self.whole}")
        check(not there or events or limit < LAST_WORD_BYTES, f"{what}: the trace does not say what was lost")
        check(lines or (events and not lost), f"{what}: {events} events, {lost} lost, and stderr says nothing")
        outcome = "none" if not there else "cut off" if events is None else "lost" if lost else "whole"
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if os.path.exists(trace):
            os.unlink(trace)

    def measure(self):
        """Events and bytes of a trace with room."""
        trace = os.path.join(self.directory, "good.mtr")
        check(self.run(trace)[:2] == self.untraced, "the run with room differs")
        self.whole = self.events(trace)[0]
        size = os.path.getsize(trace)
        os.unlink(trace)
        return size


def fsize(runs, exhaustive):
    size = runs.measure()
    for limit in range(1, size * 5 // 4, 13 if exhaustive else 97):
        runs.judge(f"{limit} bytes", os.path.join(runs.directory, "limited.mtr"), limit,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))


def mounted(runs, pages, use):
    """A tmpfs of so many pages; the directory itself takes one of them."""
    mount = os.path.join(runs.directory, "disk")
    os.makedirs(mount, exist_ok=True)
    options = f"size={pages * PAGE_BYTES}".encode()
    if LIBC.mount(b"tmpfs", mount.encode(), b"tmpfs", 0, options) < 0:
        print(f"cannot mount: {os.strerror(ctypes.get_errno())}")
        sys.exit(SKIPPED)
    try:
        use(mount)
    finally:
        LIBC.umount2(mount.encode(), 2)


def disk(runs, exhaustive):
    size = runs.measure()
    for pages in range(1, size // PAGE_BYTES + 3):
        for _ in range(30 if exhaustive else 3):
            mounted(runs, pages, lambda mount: runs.judge(f"{pages} pages", os.path.join(mount, "full.mtr"), pages * PAGE_BYTES))


CASES = {"row31-fsize": fsize, "row31-disk": disk}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("paths", nargs=3, metavar="PATH", help="library, analyzer, program")
    arguments = parser.parse_args()
    exhaustive = int(os.environ.get("MEMTRACE_TEST_REPEAT", "3")) >= 10
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if arguments.case == "row31-disk" and (LIBC.unshare(CLONE_NEWNS) < 0 or LIBC.mount(None, b"/", None, MS_REC_PRIVATE, None) < 0):
        print(f"no mount namespace of our own: {os.strerror(ctypes.get_errno())}")
        return SKIPPED
    directory = tempfile.mkdtemp(prefix="memtrace-full-")
    try:
        runs = Runs([os.path.abspath(path) for path in arguments.paths], directory)
        CASES[arguments.case](runs, exhaustive)
    except Failure as failure:
        tally({"outcome": "differs", "lost": 0, "why": str(failure)})
        print(failure, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(directory)
    tally({"outcome": "exact", "lost": 0, "why": ""})
    print(f"traces: {runs.outcomes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
