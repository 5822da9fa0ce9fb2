"""Lets memtrace run out of memory: memory.py FAILING_MALLOC MEMTRACE MAKE_TRACE LIBRARY.

For each format of export, each kind of file that import reads, pictures and baselines, the N-th allocation fails, alone and with all after it.
Either nobody notices, and what is written is what is written with enough memory; or it ends with exit code 2 and one line on stderr that names memory, and no
file is there that was not before. With MEMTRACE_TEST_REPEAT of 10 or more every N, else the first ones and some of the rest.
"""

import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

EXHAUSTIVE = int(os.environ.get("MEMTRACE_TEST_REPEAT", "3")) >= 10
EVERY = 10000 if EXHAUSTIVE else 24  # beyond, each N is a quarter more than the one before
SCENARIOS = ["scopes", "marks", "frames"]
IMPORTED = ["heaptrack", "heaptrack.gz", "heaptrack.zst", "massif"]
# elfutils 0.188 asserts that there was memory for its hash tables, or does not look
GIVES_UP = [(-signal.SIGABRT, "Assertion `"), (-signal.SIGABRT, "Unexpected error."), (-signal.SIGSEGV, "")]
PROGRAM = """
#include <stdlib.h>
static void *volatile kept;
__attribute__((noinline)) static void load(size_t bytes) { kept = malloc(bytes); }
int main(void) { for (int i = 0; i < 4; i++) load(100 + i); }
"""


class Runs:
    def __init__(self, arguments, work):
        self.preload, self.memtrace = os.path.abspath(arguments.failing_malloc), os.path.abspath(arguments.memtrace)
        self.make_trace, self.library = os.path.abspath(arguments.make_trace), os.path.abspath(arguments.library)
        self.work, self.count, self.wrong = work, 0, 0

    def run(self, words, when):
        """Exit code, stdout, stderr, {name: contents} of the files that are left, and how many allocations there were."""
        with tempfile.TemporaryDirectory(dir=self.work) as directory:
            log = os.path.join(self.work, "log")
            environment = {k: v for k, v in os.environ.items() if not k.startswith(("MEMTRACE_", "LD_", "MALLOC_", "DEBUGINFOD_"))}
            environment |= {"LD_PRELOAD": self.preload, "FAILING_MALLOC": when, "FAILING_MALLOC_LOG": log}
            done = subprocess.run([self.memtrace, *words], env=environment, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True)
            self.count += 1
            left = {path.name: path.read_bytes() for path in pathlib.Path(directory).iterdir()}
            counted = int(pathlib.Path(log).read_text()) if when == "0" else 0
            return done.returncode, done.stdout, done.stderr.decode(errors="replace"), left, counted

    def judge(self, words, foreign=False, keeps=False):
        good = self.run(words, "0")
        assert good[0] == 0 and (good[1] or good[3]), (words, good[:3])
        outcomes = {}
        for when in [f"{n}{plus}" for n in numbers(good[4]) for plus in ("", "+")]:
            code, stdout, stderr, left, _ = self.run(words, when)
            lines = [line for line in stderr.splitlines() if not foreign or line.startswith("memtrace: ")]
            if code == 0 and (foreign or stdout == good[1] and left == good[3]):
                outcome = "nobody notices"
            elif code == 2 and len(lines) == 1 and re.match("memtrace: .*memory", lines[0]) and (not left or keeps and left == good[3]):
                outcome = "said"
            elif foreign and any(code == one and words in stderr for one, words in GIVES_UP):
                outcome = "ended by elfutils"
            else:
                outcome = "WRONG"
                self.wrong += 1
                files = {name: len(contents) for name, contents in left.items()}
                print(f"allocation {when} fails: exit code {code}, {len(stdout)} bytes on stdout, stderr {stderr!r}, files {files}")
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        print(f"{' '.join(words)}: {good[4]} allocations; {outcomes}", flush=True)
        return outcomes


def numbers(most):
    n = 1
    while n <= most:
        yield n
        n = n + 1 if n < EVERY else n * 5 // 4


def main():
    parser = argparse.ArgumentParser()
    for name in ("failing_malloc", "memtrace", "make_trace", "library"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="memtrace-memory-") as work:
        runs = Runs(arguments, work)
        shown = subprocess.run([runs.memtrace, "help", "--complete", "--", "memtrace", "export", "--format", ""], capture_output=True, text=True).stdout
        formats = shown.splitlines()[1:]
        assert {"pprof", "sql"} <= set(formats), shown
        traces = [os.path.join(work, scenario + ".mtr") for scenario in SCENARIOS]
        for scenario, trace in zip(SCENARIOS, traces):
            subprocess.run([runs.make_trace, scenario, trace], check=True)
        for format in formats:
            for trace in traces[:1] if format == "mprof" else traces:  # the others have no samples
                runs.judge(["export", "-f", format, "-o", "out", trace])
        for end in (".gz", ".zst"):
            runs.judge(["export", "-f", "folded", "-o", "out" + end, traces[0]])
        for trace in traces:
            runs.judge(["plot", "-o", "out.svg", trace])
        runs.judge(["check", "--baseline", "out", "--update-baseline", "--by", "line", traces[2]], keeps=True)  # it is written before that is said
        for kind in IMPORTED:
            name = os.path.join(work, kind)
            subprocess.run([runs.memtrace, "export", "-f", kind.split(".")[0], "-o", name, traces[2]], check=True)
            runs.judge(["import", "-o", "out.mtr", name])
        # with debug information, of which elfutils' tables are
        pathlib.Path(work, "program.c").write_text(PROGRAM)
        subprocess.run(["cc", "-g", "-O1", "-fno-builtin", "-o", "program", "program.c"], cwd=work, check=True)
        subprocess.run([runs.memtrace, "run", "--quiet", "-o", "real.mtr", "./program"], cwd=work, check=True,
                       env=dict(os.environ, MEMTRACE_LIB=runs.library))  # fmt: skip
        runs.judge(["export", "-f", "folded", "-o", "out", os.path.join(work, "real.mtr")], foreign=True)
        print(f"{runs.count} runs, {runs.wrong} wrong")
        return 1 if runs.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
