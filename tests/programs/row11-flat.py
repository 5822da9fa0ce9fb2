"""row11-flat.py LIBRARY MEMTRACE PROGRAM: more threads cost the program's and the collector's memory nothing.

PROGRAM starts so many short threads, eight at once, each with three allocations and three frees. A ring that is not used
again shows in the resident set of both: the thread has written it, the collector has read it. MEMTRACE_TEST_THREADS is
how many the long run starts.
"""

import json
import os
import subprocess
import sys
import tempfile

FEW = 60000  # by then each ring has been written round once
# What two runs may differ by. A ring is half a MiB; the compressor's window fills as far as the fullest frame, 8 MiB.
ROOM = {"peak_rss_bytes": 2 << 20, "collector_rss_bytes": 12 << 20}


def run(library, memtrace, program, threads, directory):
    """The analyzer's totals of one run, which must be whole."""
    path = os.path.join(directory, f"{threads}.mtr")
    subprocess.run([program, str(threads)], stdout=subprocess.DEVNULL, check=True,
                   env=os.environ | {"LD_PRELOAD": library, "MEMTRACE_OUTPUT": path})
    subprocess.run([memtrace, "verify", path], stdout=subprocess.DEVNULL, check=True)
    report = subprocess.run([memtrace, "report", "--format", "json", path], capture_output=True, check=True)
    totals = json.loads(report.stdout)["totals"]
    if totals["lost"] or totals["foreign_frees"] or totals["allocations"] < 3 * threads:
        sys.exit(f"{threads} threads: {totals}")
    return totals


def main():
    library, memtrace, program = map(os.path.abspath, sys.argv[1:])
    many = int(os.environ.get("MEMTRACE_TEST_THREADS", "150000"))
    failed = False
    with tempfile.TemporaryDirectory() as directory:
        before, after = (run(library, memtrace, program, count, directory) for count in (FEW, many))
    for what, room in ROOM.items():
        print(f"{what}: {before[what]} after {FEW} threads, {after[what]} after {many}")
        failed |= after[what] > before[what] + room
    return failed


if __name__ == "__main__":
    sys.exit(main())
