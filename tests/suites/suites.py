"""Runs real programs untraced and traced and prints a table: suites.py --build DIRECTORY [--only NAME] [--short].

One file suite_NAME.py for each suite: PACKAGES, Debian's names of what it needs; NEEDS, the files or programs that
must be there; cases(), a list of Case (see case.py). What is not there is skipped by name. Exits 1 when a
case failed, 77 when all were skipped.
"""

import argparse
import glob
import importlib
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

import case as case_module

SKIPPED = 77
HERE = os.path.dirname(os.path.abspath(__file__))
ROW = "{:10} {:24} {:>22} {:>22} {:>7} {:>9} {:>5} {:>8}"


def suites(only):
    names = sorted(os.path.basename(path)[len("suite_"):-len(".py")] for path in glob.glob(f"{HERE}/suite_*.py"))
    for name in only:
        if name not in names:
            sys.exit(f"no suite {name}: there are {', '.join(names)}")
    return {name: importlib.import_module("suite_" + name) for name in only or names}


def missing(suite):
    return [need for need in suite.NEEDS if not (os.path.exists(need) if "/" in need else shutil.which(need))]


def chosen(arguments):
    """(suite, case) of each case that can be run, and a line for each suite that cannot."""
    cases, skipped = [], []
    for name, suite in suites(arguments.only).items():
        lacking = missing(suite)
        if lacking:
            skipped.append(f"skipped: {name}: no {', '.join(lacking)} here")
            continue
        cases += [(name, case) for case in suite.cases()
                  if (case.short or not arguments.short) and (not arguments.case or case.name in arguments.case)]
    return cases, skipped


def print_result(result):
    print(ROW.format(result.suite, result.case, result.untraced, result.traced, result.traces,
                     f"{result.whole} whole", result.lost, f"{result.seconds:.1f}"))
    for note in result.notes:
        print(f"    {note}")
    for failure in result.failures:
        print(f"    FAILED: {failure}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description="Run real programs untraced and traced, and compare.")
    parser.add_argument("--build", help="a built directory")
    parser.add_argument("--only", action="append", default=[], metavar="SUITE", help="only this one; repeatable")
    parser.add_argument("--case", action="append", default=[], metavar="CASE", help="only cases of this name")
    parser.add_argument("--short", action="store_true", help="only what runs with every change")
    parser.add_argument("--list", action="store_true", help="say what there is and stop")
    parser.add_argument("--packages", action="store_true", help="say what Debian calls what is needed, and stop")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at once")
    parser.add_argument("--keep", metavar="DIRECTORY", help="leave traces and outputs there")
    arguments = parser.parse_args()

    if arguments.packages:
        print(" ".join(sorted({package for suite in suites(arguments.only).values() for package in suite.PACKAGES})))
        return 0
    cases, skipped = chosen(arguments)
    print("\n".join(skipped))
    if arguments.list:
        for name, case in cases:
            print(f"{name:10} {case.name}{' (short)' if case.short else ''}")
        return 0
    if not arguments.build:
        parser.error("--build is needed")
    begin, results = time.monotonic(), []
    print(ROW.format("suite", "case", "untraced", "traced", "traces", "verified", "lost", "seconds"))
    # The longest first; a worker runs one case at a time, and adopts nobody else's processes.
    cases.sort(key=lambda pair: -pair[1].seconds)
    with ProcessPoolExecutor(arguments.jobs, initializer=case_module.adopt_orphans) as pool:
        runs = [pool.submit(case_module.run_case, name, case, os.path.abspath(arguments.build), arguments.keep)
                for name, case in cases]
        for run in as_completed(runs):
            results.append(run.result())
            print_result(results[-1])
    failed = [result for result in results if result.failures]
    print(f"{len(results) - len(failed)} cases as untraced, {len(failed)} not, {len(skipped)} suites skipped; "
          f"{sum(r.traces for r in results)} traces, {sum(r.events for r in results)} events, "
          f"{sum(r.lost for r in results)} lost; {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0 if results else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
