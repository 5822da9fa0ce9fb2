"""stress-ng: one case for each stressor, told by what it says of itself."""

import re

from case import Case

PACKAGES = ["stress-ng"]
NEEDS = ["stress-ng"]

# stressor: how many operations of each of its two workers. Not those that fill the disk (resources, forkheavy): nothing
# that writes a file survives them unchanged, a trace neither.
STRESSORS = {
    "malloc": 2000, "fork": 100, "vfork": 100, "vforkmany": 20, "clone": 50, "pthread": 200, "exec": 20, "spawn": 50,
    "daemon": 30, "exit-group": 30, "zombie": 50, "wait": 50, "kill": 100, "session": 20, "switch": 2000,
    "seccomp": 20, "context": 5000, "sigsegv": 500, "bad-altstack": 30, "sigfd": 500, "sigq": 500, "sigpipe": 100,
    "sigchld": 50, "sigabrt": 30, "sigtrap": 200, "signest": 100, "timer": 500, "itimer": 500, "alarm": 20,
    "stack": 20, "stackmmap": 20, "mmap": 20, "mmapmany": 20, "mremap": 50, "munmap": 20, "mlock": 20, "brk": 500,
    "userfaultfd": 20, "rlimit": 100, "env": 20, "dynlib": 50, "ptrace": 50, "pidfd": 50,
    "tree": 5, "hsearch": 20, "tsearch": 10, "zlib": 20, "futex": 500, "mutex": 500, "memfd": 20, "unshare": 50,
}
SHORT = {"malloc", "fork", "vfork", "clone", "pthread", "spawn", "daemon", "exit-group", "sigsegv", "context", "seccomp",
         "zombie", "dynlib", "rlimit"}
ROOT = {"seccomp"}  # wants to be root; exec wants not to be


def verdicts(run):
    """What a stressor passed, failed or skipped, and what it complained of, without the numbers."""
    lines = set()
    for line in (run.stdout + run.stderr).splitlines():
        if re.search(r"passed|failed|skipp|fail:|error:|unsuccessful|untrustworthy", line):
            lines.add(re.sub(r"0x[0-9a-f]+|\[\d+\]|\d+(\.\d+)?", "N", line))
    return {"stderr": sorted(lines)}


def cases():
    return [Case(name, ["stress-ng", f"--{name}", "2", f"--{name}-ops", str(operations), "--timeout", "3", "--verify",
                        "--verbose"], verdicts, user="" if name in ROOT else "nobody", seconds=60, short=name in SHORT)
            for name, operations in STRESSORS.items()]
