"""Programs and collectors that are killed or stopped at random moments: doomed.py CASE LIBRARY MEMTRACE PROGRAM.

The program (doomed.c) keeps a diary of its events that no death takes away; the trace is held against it.
"""

import argparse
import collections
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import mtr_reader as mtr
from mtr_bytes import Damaged
from run import PR_SET_CHILD_SUBREAPER, Failure, Hung, check, plain_environment, tally, wait_for_descendants

LOST_MAX_NS = 50_000_000  # what program and collector may lose when they die at once
STOP_SECONDS = 3.5  # longer than a thread waits for a collector that gives no sign of life
SECONDS_MAX = 40


def process_stat(pid):
    """(name, state, parent) or None."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            name, rest = file.read().split(b"(", 1)[1].rsplit(b")", 1)
    except (OSError, IndexError):
        return None
    state, parent = rest.split()[:2]
    return name.decode(), state.decode(), int(parent)


def waited_ns(pid):
    """How long the process has been waiting for a processor in all."""
    try:
        with open(f"/proc/{pid}/schedstat") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError):
        return 0


class Run:
    """One traced run, its collector, and what the program's diary and trace say afterwards."""

    def __init__(self, paths, home, threads, events, pace):
        self.library, self.memtrace, self.program = paths
        self.threads, self.events = threads, events
        self.diary, self.path = os.path.join(home, "diary"), os.path.join(home, "doomed.mtr")
        self.stdout, self.stderr = (open(os.path.join(home, name), "w+b") for name in ("out", "err"))
        environment = plain_environment()
        self.process = subprocess.Popen(
            [self.program, self.diary, str(threads), str(events), str(pace)], stdin=subprocess.DEVNULL,
            stdout=self.stdout, stderr=self.stderr,
            env=environment | {"LD_PRELOAD": self.library, "MEMTRACE_OUTPUT": self.path})
        self.worst_ms = 0
        self.started, self.collector, self.waits = time.monotonic(), None, collections.deque(maxlen=64)

    def find_collector(self):
        """An orphan, and so ours, as soon as it has a name."""
        while self.collector is None:
            for entry in os.listdir("/proc"):
                found = process_stat(entry) if entry.isdigit() else None
                if found and found[0] == "memtrace" and found[2] == os.getpid():
                    self.collector = int(entry)
            check(time.monotonic() - self.started < SECONDS_MAX, "no collector appears")
        return self.collector

    def pages(self):
        """(tid, done, times) of each thread."""
        room = 16 + 8 * self.events
        pages = []
        try:
            with open(self.diary, "rb") as file:
                data = memoryview(file.read()).cast("Q")
        except OSError:
            return []
        for i in range(self.threads):
            page = data[i * room // 8:(i + 1) * room // 8]
            if len(page):
                pages.append((page[0], page[1], page[2:]))
        return pages

    def done(self):
        """The events of all threads so far."""
        room, total = 16 + 8 * self.events, 0
        if os.path.exists(self.diary) and os.path.getsize(self.diary) == room * self.threads:
            with open(self.diary, "rb") as file:
                for i in range(self.threads):
                    file.seek(i * room + 8)
                    total += int.from_bytes(file.read(8), "little")
        return total

    def live_on(self, least, most):
        """Let it do a random part of its work; notes meanwhile how long the collector waits for a processor."""
        until = random.uniform(least, most) * self.threads * self.events
        while self.done() <= until:
            check(time.monotonic() - self.started < SECONDS_MAX, "the program does not get on")
            if self.collector:
                self.waits.append((time.monotonic_ns(), waited_ns(self.collector)))
            time.sleep(0.0005)

    def wait(self):
        try:
            self.process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Hung(f"the program does not end within {SECONDS_MAX} s") from None

    def finish(self, lines_max=1):
        """The program ended as it does untraced. Its lines on stderr, all ours."""
        self.wait()
        check(self.process.returncode == 5, f"exit status {self.process.returncode}")
        self.stdout.seek(0)
        said, should = self.stdout.read().decode(), f"each of {self.threads} threads did {self.events}\n"
        check(said == should, f"it said {said!r}")
        return self.lines(lines_max)

    def lines(self, lines_max):
        self.stderr.seek(0)
        lines = self.stderr.read().decode().splitlines()
        check(len(lines) <= lines_max and all(line.startswith("memtrace: ") for line in lines), f"stderr has {lines}")
        return lines

    def verify(self):
        done = subprocess.run([self.memtrace, "verify", self.path], capture_output=True, text=True)
        check(done.returncode in (0, 1), f"verify exits {done.returncode}: {done.stdout}{done.stderr}")
        report = subprocess.run([self.memtrace, "report", "--format", "json", self.path], capture_output=True, text=True)
        check(report.returncode == 0, f"report exits {report.returncode}: {report.stderr}")
        return done.returncode == 0, done.stdout

    def read(self):
        """The trace as the second reader has it, and how many events of each thread id are in it."""
        counts = collections.Counter()
        trace = mtr.Trace(self.path)
        trace.read(lambda event, site, thread: counts.update((thread,)), cut=True)
        by_tid = collections.Counter()
        for thread, count in counts.items():
            by_tid[trace.threads[thread]["tid"]] += count
        return trace, by_tid

    def whole(self, how, code):
        """
        A whole trace that holds, or declares lost, what the diary says, to the event. The free of a block whose
        allocation was lost is there as a foreign one.
        """
        good, said = self.verify()
        check(good, said)
        trace, by_tid = self.read()
        end = trace.end
        check((end["how"], end["code"]) == (how, code), f"the trace says it {end['how']} {end['code']}")
        missing = over = 0
        for tid, done, _ in self.pages():
            missing += max(0, done - by_tid[tid])
            over += max(0, by_tid[tid] - done)
            # The last call may have been recorded and not have returned.
            check(by_tid[tid] <= done + (how == "signaled"), f"thread {tid} did {done}, {by_tid[tid]} are in the trace")
        foreign = end["foreign_frees"]
        check(missing == trace.lost + foreign,
              f"{missing} events are missing, {trace.lost} declared lost, {foreign} frees foreign")
        check(trace.lost or not foreign, f"nothing was lost, and {foreign} frees are foreign")
        return trace.lost


def killed(run):
    """Row 21: several threads, killed while they allocate."""
    run.live_on(0, 0.8)
    run.process.kill()
    run.wait()
    wait_for_descendants(SECONDS_MAX)
    check(run.lines(0) == [], "stderr")
    check(run.whole("signaled", signal.SIGKILL) == 0, "events lost")


def killed_together(run):
    """Row 22: what is older than 50 ms is in the file, whatever dies when."""
    run.find_collector()
    run.live_on(0, 0.9)
    waited = waited_ns(run.collector)
    now_ns = time.monotonic_ns()
    for pid in random.choice([(run.collector, run.process.pid), (run.process.pid, run.collector)]):
        os.kill(pid, signal.SIGKILL)
    run.wait()
    wait_for_descendants(SECONDS_MAX)
    run.verify()
    trace, by_tid = run.read()
    # The collector can promise what it does when it is let run: what it waited for the processor comes on top.
    old = [before for at, before in run.waits if now_ns - at > 2 * LOST_MAX_NS] or [0]
    allowed_ns = LOST_MAX_NS + (waited - old[-1])
    for tid, done, times in run.pages():
        there = by_tid[tid]
        check(there <= done + 1, f"thread {tid} did {done}, {there} are in the trace")
        lost_ns = now_ns - times[there] if there < done else 0
        check(lost_ns <= allowed_ns, f"thread {tid} lost {done - there} events of the last {lost_ns / 1e6:.1f} ms"
              f" ({(allowed_ns - LOST_MAX_NS) / 1e6:.1f} ms of them it waited for a processor)")
        run.worst_ms = max(run.worst_ms, lost_ns / 1e6)
    check(trace.process is not None, "the trace does not say of which program it is")


def collector_killed(run):
    """Row 33: the program goes on, a line says so, and what was written is there."""
    collector = run.find_collector()
    if random.random() < 0.7:
        run.live_on(0, 0.7)
    os.kill(collector, signal.SIGKILL)
    lines = run.finish()
    wait_for_descendants(SECONDS_MAX)
    if not os.path.exists(run.path):
        check(lines, "it says nothing")
        return
    good, said = run.verify()
    if good:  # killed when all was done
        run.whole("exited", 5)
        return
    check(lines, "it says nothing")
    check("no end" in said or "too short" in said, f"verify does not say that it was cut off: {said}")
    _, by_tid = run.read()
    check(all(by_tid[tid] <= done for tid, done, _ in run.pages()), "the trace has more than was done")


def collector_stopped(run):
    """Row 33: stopped for good, it does not hold the program up for longer than a few seconds; then it is killed."""
    collector = run.find_collector()
    run.live_on(0, 0.7)
    os.kill(collector, signal.SIGSTOP)
    begin = time.monotonic()
    lines = run.finish()
    took = time.monotonic() - begin
    check(lines, "it says nothing")
    check(took < 2 * STOP_SECONDS, f"it was held up for {took:.1f} s")
    os.kill(collector, signal.SIGKILL)
    wait_for_descendants(SECONDS_MAX)
    good, said = run.verify()
    check(not good and "no end" in said, f"verify does not say that it was cut off: {said}")
    run.read()


def collector_continued(run):
    """Row 33: when it goes on, at whatever moment, the trace is whole and declares what was lost meanwhile."""
    collector = run.find_collector()
    run.live_on(0, 0.7)
    os.kill(collector, signal.SIGSTOP)
    time.sleep(random.choice([random.uniform(0, 0.5), STOP_SECONDS, 3 * STOP_SECONDS]))
    os.kill(collector, signal.SIGCONT)
    lines = run.finish()
    wait_for_descendants(SECONDS_MAX)
    lost = run.whole("exited", 5)
    check(lines or not lost, f"{lost} events lost, and stderr says nothing")


def program_stopped(run):
    """Row 33: a program that is stopped, alone or with its collector, loses nothing."""
    collector = run.find_collector()
    for turn in range(3):
        stopped = [run.process.pid] + random.choice([[], [collector], [collector]])
        run.live_on(turn * 0.2, turn * 0.2 + 0.2)
        for pid in random.sample(stopped, len(stopped)):
            os.kill(pid, signal.SIGSTOP)
        time.sleep(random.choice([random.uniform(0, 0.1), STOP_SECONDS, STOP_SECONDS]))
        # The program first: it must not take the time it slept for the collector's silence.
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)
    lines = run.finish(0)
    wait_for_descendants(SECONDS_MAX)
    check(run.whole("exited", 5) == 0 and not lines, "something was lost")


# case: (what happens, threads, events of each, events between two pauses)
CASES = {
    "row21-killed-1": (killed, 1, 400000, 0),
    "row21-killed-8": (killed, 8, 50000, 0),
    "row21-killed-slow": (killed, 4, 10000, 40),
    "row22-killed-together-1": (killed_together, 1, 60000, 120),
    "row22-killed-together-4": (killed_together, 4, 20000, 40),
    "row22-killed-together-busy": (killed_together, 2, 200000, 0),
    "row33-collector-killed": (collector_killed, 4, 100000, 0),
    "row33-collector-killed-idle": (collector_killed, 1, 3000, 10),
    "row33-collector-stopped": (collector_stopped, 4, 100000, 0),
    "row33-collector-stopped-idle": (collector_stopped, 1, 3000, 10),
    "row33-collector-continued": (collector_continued, 4, 100000, 0),
    "row33-program-stopped": (program_stopped, 4, 60000, 200),
    "row33-program-stopped-busy": (program_stopped, 4, 100000, 0),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("paths", nargs=3, metavar="PATH", help="library, analyzer, program")
    arguments = parser.parse_args()
    what, *shape = CASES[arguments.case]
    paths = [os.path.abspath(path) for path in arguments.paths]
    repeat = int(os.environ.get("MEMTRACE_TEST_REPEAT", "3"))
    failed = worst_ms = 0

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for turn in range(repeat):
        home = tempfile.mkdtemp(prefix="memtrace-doomed-")
        result = {"outcome": "exact", "lost": 0, "why": ""}
        try:
            run = Run(paths, home, *shape)
            what(run)
            worst_ms = max(worst_ms, run.worst_ms)
        except (Failure, Damaged) as failure:
            failed += 1
            result = {"outcome": getattr(failure, "outcome", "differs"), "lost": 0, "why": str(failure)}
            print(f"run {turn + 1} of {repeat}: {failure}", file=sys.stderr)
        finally:
            shutil.rmtree(home)
        tally(result)
    if worst_ms:
        print(f"at most the last {worst_ms:.1f} ms were lost")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
