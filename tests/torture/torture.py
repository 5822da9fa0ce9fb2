"""Runs the cases of the hazards (tests/programs) many times over and prints what became of each: torture.py BUILD [--repeat N].

The list of cases is meson's own of a built directory: the suite `programs`, and whatever bears a row's number, which its
name begins with. A run is *exact* when everything that its runner checks holds: status, output, descriptors,
threads, environment and errno as untraced, calls and bytes as the program counted them, lost events 0 or just
what the trace declares. *lost* adds up the events that were lost beyond that promise, *hung* the runs that did not end.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

SKIPPED = 77

# What each row is about; tests without a row stand under "more".
ROWS = {
    1: "every allocation function",
    2: "extreme sizes and overflows",
    3: "realloc of nothing, to nothing, failed",
    4: "errno kept",
    5: "posix_memalign that fails",
    6: "malloc_usable_size, mallinfo2, ... as untraced",
    7: "C++ new, delete, exceptions",
    8: "allocations before the tracer's start",
    9: "one address, many threads",
    10: "frees by another thread while rings are full",
    11: "short threads by the thousand",
    12: "allocations in thread destructors",
    13: "signal handlers that allocate inside hooks",
    14: "siglongjmp out of a hook",
    15: "small stacks",
    16: "fork storms",
    17: "atfork handlers that allocate",
    18: "_Fork, clone, vfork, posix_spawn, popen, system",
    19: "chains of exec",
    20: "daemons that close every descriptor",
    21: "every way to end",
    22: "program and collector killed together",
    23: "destructors and atexit handlers",
    24: "dlopen, dlclose, addresses used again",
    25: "RTLD_DEEPBIND, dlmopen, RUNPATH",
    26: "other allocators and preloads, both orders",
    27: "sanitizers, own allocators, static, setuid, 32 bit",
    28: "coroutines and JIT frames",
    29: "no CFI, smashed stacks, wild jumps",
    30: "namespaces, setuid, seccomp",
    31: "full disks and failing writes",
    32: "tight limits",
    33: "collector killed or stopped",
    34: "damaged traces",
    35: "hostile names",
    36: "real suites",
}
MORE = 99


def row_of(name):
    match = re.match(r"row(\d+)", name)
    return int(match.group(1)) if match else MORE


class Case:
    def __init__(self, test, build):
        self.name, self.row = test["name"].split(" / ")[-1], row_of(test["name"].split(" / ")[-1])
        self.command, self.seconds = test["cmd"], test["timeout"]
        self.environment, self.directory = os.environ | test["env"], test["workdir"] or build
        self.tortured = self.row != MORE or any(suite.split(":")[-1] == "programs" for suite in test["suite"])
        self.results = []

    def once(self, repeat, tally):
        """One call of the runner, which repeats by itself if it knows how to."""
        environment = self.environment | {"MEMTRACE_TEST_REPEAT": str(repeat), "MEMTRACE_TEST_TALLY": tally}
        try:
            done = subprocess.run(self.command, env=environment, cwd=self.directory, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                  timeout=self.seconds * repeat)
        except subprocess.TimeoutExpired:
            return {"outcome": "hung", "lost": 0, "why": f"no end within {self.seconds * repeat} s"}
        outcome = {0: "exact", SKIPPED: "skipped"}.get(done.returncode, "differs")
        return {"outcome": outcome, "lost": 0, "why": done.stdout.strip() if outcome != "exact" else ""}

    def run(self, repeat):
        begin = time.monotonic()
        with tempfile.NamedTemporaryFile(prefix="memtrace-tally-") as tally:
            whole = self.once(repeat, tally.name)
            self.results = [json.loads(line) for line in tally]
        if not self.results:  # a runner that does one run at a time
            self.results = [whole]
            while len(self.results) < repeat and whole["outcome"] != "skipped":
                self.results.append(self.once(1, "/dev/null"))
        elif whole["outcome"] == "hung" or (whole["outcome"] == "differs" and self.count("exact") == len(self.results)):
            self.results.append(whole)
        if self.results[0]["outcome"] == "skipped":
            self.results[0]["why"] = whole["why"]
        self.seconds_taken = time.monotonic() - begin
        return self

    def count(self, outcome):
        return sum(result["outcome"] == outcome for result in self.results)

    def bad(self):
        return [result for result in self.results if result["outcome"] not in ("exact", "skipped")]


def cases_of(build, only):
    listed = subprocess.run(["meson", "introspect", "--tests", build], check=True, capture_output=True, text=True)
    cases = (Case(test, build) for test in json.loads(listed.stdout))
    return [case for case in cases if case.tortured and re.search(only, case.name)]


def line(row, name, cases):
    runs = sum(len(case.results) - case.count("skipped") for case in cases)
    counts = [sum(case.count(o) for case in cases) for o in ("exact", "differs", "hung")]
    lost = sum(result["lost"] for case in cases for result in case.results)
    seconds = sum(case.seconds_taken for case in cases)
    skipped = sum(case.count("skipped") > 0 for case in cases)
    text = f"{row:>4}  {name:<48} {runs:>6} {counts[0]:>6} {counts[1]:>8} {lost:>6} {counts[2]:>5} {seconds:>8.0f}"
    return text + (f"  {skipped} of {len(cases)} skipped" if skipped else "")


def table(cases, each):
    print(f"{'row':>4}  {'case':<48} {'runs':>6} {'exact':>6} {'differs':>8} {'lost':>6} {'hung':>5} {'seconds':>8}")
    for row in sorted({case.row for case in cases}):
        own = [case for case in cases if case.row == row]
        print(line(row if row != MORE else "", ROWS.get(row, "more"), own))
        if each and len(own) > 1:
            for case in own:
                print(line("", "  " + case.name, [case]))
    print(line("", "all", cases))
    for case in cases:
        for result in case.results:
            if result["outcome"] == "skipped":
                print(f"skipped {case.name}: {result['why'].splitlines()[-1] if result['why'] else 'no reason given'}")
        for result in case.bad()[:3]:
            print(f"\n{case.name} {result['outcome']}:\n{result['why']}")


def log(path, cases):
    """The results as `meson test` would log them, for scripts/closing_line.py."""
    with open(path, "w") as lines:
        for case in cases:
            result = "FAIL" if case.bad() else "SKIP" if case.count("skipped") else "OK"
            why = "\n".join(bad["why"] for bad in case.bad())
            lines.write(json.dumps({"name": case.name, "result": result, "stdout": why}) + "\n")


def main():
    parser = argparse.ArgumentParser(description="Run every case of tests/programs many times and print a table.")
    parser.add_argument("build", help="a built directory, configured with -Dtests=true")
    parser.add_argument("--repeat", type=int, default=100, metavar="N", help="runs of each case (100)")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="cases at a time")
    parser.add_argument("--each", action="store_true", help="a line for every case too, not for every row alone")
    parser.add_argument("--log", metavar="FILE", help="write results like meson's testlog.json")
    arguments = parser.parse_args()

    cases = cases_of(arguments.build, arguments.only)
    if not cases:
        sys.exit(f"{arguments.build}: no case of that name")
    finished = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        try:
            for case in pool.map(lambda c: c.run(arguments.repeat), cases):
                finished.append(case)
                if sys.stderr.isatty() or case.bad():
                    said = f": {case.bad()[0]['outcome']}" if case.bad() else ""
                    print(f"{len(finished)}/{len(cases)} {case.name}{said}", file=sys.stderr)
        except KeyboardInterrupt:  # an hour's work is worth its table
            print(f"interrupted: {len(finished)} of {len(cases)} cases", file=sys.stderr)
            pool.shutdown(wait=False, cancel_futures=True)
    table(finished, arguments.each)
    if arguments.log:
        log(arguments.log, finished)
    return len(finished) < len(cases) or any(case.bad() for case in cases)


if __name__ == "__main__":
    sys.exit(main())
