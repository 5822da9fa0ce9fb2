"""Lets every system call of the tracer and of its collector fail: run.py INJECT TARGET LIBRARY MEMTRACE WAY.

For each call of a way's plan and each N up to as many of them as there are, the N-th fails, alone and with all after
it. In each run the program does what it does untraced, stderr has one line of ours at most for each process (one that its
parent's collector has no memory for begins a session of its own), nobody hangs, and what the program did is what its trace holds and declares lost, to the event. Where there is no trace, or not a whole
one, that line says so. With MEMTRACE_TEST_REPEAT of 10 or more, every N and every error; else some of them.
"""

import argparse
import errno
import json
import os
import re
import subprocess
import sys
import tempfile

SKIPPED, HUNG = 77, 124
EXHAUSTIVE = int(os.environ.get("MEMTRACE_TEST_REPEAT", "3")) >= 10
EVERY = 64 if EXHAUSTIVE else 24  # beyond, each N is a quarter, or a half, more than the one before

# call: (errors, whether all from the N-th on are made to fail as well)
PROGRAM = {
    "mmap": (["ENOMEM"], True),
    "mprotect": (["ENOMEM"], True),
    "madvise": (["EINVAL"], True),
    "munmap": (["EINVAL"], True),
    "clone": (["EAGAIN", "EPERM"], True),
    "wait4": (["EINTR", "ECHILD"], False),
    "prctl": (["EINVAL"], True),
    "prlimit64": (["EPERM"], True),
    "rt_sigprocmask": (["EINVAL"], True),
    "futex": (["ENOSYS", "EINTR"], True),
    "gettid": (["ENOSYS"], True),
    "getppid": (["ENOSYS"], True),
    "tgkill": (["EPERM"], True),
    "writev": (["EIO"], True),
}
COLLECTOR = {
    "mmap": (["ENOMEM"], True),
    "mremap": (["ENOMEM"], True),
    "mprotect": (["ENOMEM"], True),
    "munmap": (["EINVAL"], True),
    "madvise": (["EINVAL"], True),
    "openat": (["EMFILE", "EACCES"], True),
    "read": (["EIO"], True),
    "pread64": (["EIO"], True),
    "write": (["ENOSPC", "EIO", "EDQUOT", "EFBIG", "EINTR"], True),
    "ftruncate": (["EIO"], True),
    "flock": (["ENOLCK"], True),
    "close_range": (["ENOSYS"], True),
    "set_robust_list": (["ENOSYS"], True),
    "setsid": (["EPERM"], True),
    "prctl": (["EINVAL"], True),
    "prlimit64": (["EPERM"], True),
    "rt_sigprocmask": (["EINVAL"], True),
    "gettid": (["ENOSYS"], True),
    "pidfd_open": (["EMFILE", "ENOSYS"], True),
    "poll": (["EINTR", "ENOMEM"], True),
    "ioctl": (["ENOTTY"], True),
    "futex": (["ENOSYS", "EINTR"], True),
    "clock_gettime": (["EPERM"], True),
    "getrusage": (["EINVAL"], True),
    "getcwd": (["ENOENT"], True),
    "readlink": (["EACCES"], True),
    "uname": (["EFAULT"], True),
}
CHILD = {call: PROGRAM[call] for call in ("mmap", "mprotect", "madvise", "clone", "gettid", "futex", "writev")}
WAYS = {
    "program": ("one", "program", PROGRAM),
    "starter": ("one", "child", CHILD),
    "collector": ("one", "collector", COLLECTOR),
    "threads": ("threads", "program", {call: PROGRAM[call] for call in ("mprotect", "madvise", "gettid", "tgkill")}),
    "threads-collector": ("threads", "collector", {call: COLLECTOR[call] for call in ("mmap", "mremap", "write")}),
    "fork": ("fork", "child", CHILD),
    "fork-collector": ("fork", "collector", COLLECTOR),
}


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


class Runs:
    def __init__(self, arguments, way):
        self.inject, self.target = os.path.abspath(arguments.inject), os.path.abspath(arguments.target)
        self.library, self.memtrace = os.path.abspath(arguments.library), os.path.abspath(arguments.memtrace)
        self.way, self.count, self.outcomes = way, 0, {}

    def run(self, preload, who="program", call="write", error=0, when="0"):
        """Exit status, stdout, stderr's lines, what is known of each trace, and (calls, failed)."""
        with tempfile.TemporaryDirectory(prefix="memtrace-inject-") as directory:
            traces = os.path.join(directory, "traces")
            os.mkdir(traces)
            log = os.path.join(directory, "log")
            environment = {k: v for k, v in os.environ.items() if not k.startswith(("MEMTRACE_", "LD_", "MALLOC_"))}
            if preload:
                environment |= {"INJECT_PRELOAD": self.library, "MEMTRACE_OUTPUT": os.path.join(traces, "%p.mtr")}
            done = subprocess.run([self.inject, who, call, str(error), when, log, self.target, self.way],
                                  env=environment, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode == SKIPPED:
                print("this kernel has no user notification of seccomp:", done.stderr.decode())
                sys.exit(SKIPPED)
            check(done.returncode != HUNG, "somebody hangs")
            with open(log) as file:
                counted, failed = map(int, file.read().split())
            held = [self.held(os.path.join(traces, name)) for name in sorted(os.listdir(traces), key=lambda n: int(n[:-4]))]
            self.count += 1
            return done.returncode, done.stdout, done.stderr.decode().splitlines(), held, counted, failed

    def held(self, path):
        """(allocations and frees there or lost, lost) of a whole trace; what is wrong with another."""
        verify = subprocess.run([self.memtrace, "verify", path], capture_output=True, text=True)
        check(verify.returncode in (0, 1, 2), f"verify dies: {verify.returncode}")
        report = subprocess.run([self.memtrace, "report", "--format", "json", "-n", "1", path], capture_output=True, text=True)
        check(report.returncode in (0, 2), f"report dies: {report.returncode}")
        if verify.returncode:
            return (verify.stdout + verify.stderr).strip()
        totals = json.loads(report.stdout)["totals"]
        events = int(re.search(r"blocks, (\d+) events", verify.stdout).group(1))
        return events + totals["foreign_frees"] + totals["lost"], totals["lost"]


def judge(good, bad):
    """One run beside the untraced and the undisturbed one; in a word, how it went."""
    untraced, traced = good
    status, stdout, stderr, held, _, failed = bad
    check(status == untraced[0], f"exit status {status}, not {untraced[0]}; stderr {stderr}")
    check(stdout == untraced[1], f"stdout {stdout!r}, not {untraced[1]!r}")
    check(len(stderr) <= len(traced[3]) and all(line.startswith("memtrace: ") for line in stderr), f"stderr {stderr}")
    whole = [h for h in held if isinstance(h, tuple)]
    if len(held) == len(traced[3]) and len(whole) == len(held):
        for mine, undisturbed in zip(held, traced[3]):
            check(mine[0] == undisturbed[0], f"{mine[0]} events there or lost ({mine[1]} lost) of {undisturbed[0]}")
        return "some lost" if any(lost for _, lost in held) else "all there"
    check(stderr, f"it says nothing, and of {len(traced[3])} traces {len(held)} are there, {len(whole)} whole: {held}")
    return f"said so, {len(whole)} of {len(traced[3])} traces whole"


def numbers(calls):
    n = 1
    while n <= calls:
        yield n
        n = n + 1 if n < EVERY else n * 5 // 4 if EXHAUSTIVE else n * 3 // 2


def main():
    parser = argparse.ArgumentParser()
    for name in ("inject", "target", "library", "memtrace"):
        parser.add_argument(name)
    parser.add_argument("way", choices=sorted(WAYS))
    parser.add_argument("--call", action="append", help="only this one")
    arguments = parser.parse_args()
    way, who, plans = WAYS[arguments.way]
    runs = Runs(arguments, way)
    good = runs.run(False), runs.run(True)
    wrong = 0
    for call, (errors, onwards) in plans.items():
        if arguments.call and call not in arguments.call:
            continue
        outcomes = {}
        undisturbed = runs.run(True, who, call)
        for error in errors if EXHAUSTIVE else errors[:1]:
            for when in [f"{n}{plus}" for n in numbers(undisturbed[4]) for plus in (["", "+"] if onwards else [""])]:
                try:
                    outcome = judge(good, runs.run(True, who, call, getattr(errno, error), when))
                except Failure as failure:
                    outcome = "WRONG"
                    wrong += 1
                    print(f"{who}'s {call} number {when} fails with {error}: {failure}")
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        print(f"{call}: {undisturbed[4]} calls; {outcomes}", flush=True)
    print(f"{runs.count} runs, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
