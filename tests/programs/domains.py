"""What a program reports of its own heaps is in its trace, to the block: domains.py MODE LIBRARY PROGRAM [BLIND].

The program (domains.c) prints for each of its processes what it did in each domain. BLIND: malloc is its own, so that
nothing of the heap is in the trace, and a line on stderr says so.
"""

import os
import subprocess
import sys
import tempfile

import mtr_reader as mtr
from run import check, plain_environment
from said import exit_by, run_both

FIELDS = ["allocations", "frees", "allocated_bytes", "live_bytes", "live_blocks", "foreign_frees", "twice"]


def processes_of(stdout):
    """Of each process that said something the domains it reported to, by name, and what it lost."""
    found = [({}, [])]
    for line in stdout.splitlines():
        words = line.split(" ")
        if words[0] == "pid":
            found.append(({}, []))
        elif words[0] == "child":
            check(words[1] == "0", "the child failed")
        elif words[0] == "lost":
            found[-1][1].append(int(words[1]))
        else:
            name, traced, counts = " ".join(words[1:-8]), words[-8], map(int, words[-7:])
            if int(traced):
                found[-1][0][name] = dict(zip(FIELDS, counts))
    return [(domains, sum(lost)) for domains, lost in found if domains]


def told(trace):
    return {domain.name: {field: domain.end[field] for field in FIELDS} for domain in trace.domains.values()}


def dropped(library, program, directory):
    """With rings too small, what is there and what is lost come to what was done, to the event. A free that is lost, and whose
    address comes again, is in the trace and counts as none."""
    path = os.path.join(directory, "dropped.mtr")
    environment = plain_environment() | {"LD_PRELOAD": library, "MEMTRACE_OUTPUT": path, "MEMTRACE_OVERFLOW": "drop"}
    run = subprocess.run([program, "handler"], env=environment, cwd=directory, capture_output=True, text=True, timeout=100)
    check((run.returncode, run.stderr) == (0, ""), f"{run}")
    did = sum(counts["allocations"] + counts["frees"] for counts in processes_of(run.stdout)[0][0].values())
    trace = mtr.Trace(path).read()
    there = sum(sum(domain.end[field] for field in ("allocations", "frees", "foreign_frees")) for domain in trace.domains.values())
    check(there + trace.lost == did, f"{there} there, {trace.lost} lost, of {did}")
    print(f"{trace.lost} lost of {did}")


def stacks_begin_here(trace, program):
    """The innermost frame of what is reported is the program's, whose functions report."""
    for site, domain in enumerate(trace.domain_of):
        if domain:
            path, _ = trace.stack_of(site)[0]
            check(path in ("", program), f"a report of {path}")


def main():
    mode, library, program = sys.argv[1], *map(os.path.abspath, sys.argv[2:4])
    blind = len(sys.argv) > 4
    with tempfile.TemporaryDirectory() as directory:
        if mode == "dropped":
            return dropped(library, program, directory)
        plain, traced, paths = run_both(program, mode, library, directory)
        expected = b"memtrace: more than 240 domains: what is reported of further ones is lost\n" if mode == "many" else b""
        check((plain.returncode, plain.stderr, traced.returncode) == (0, b"", 0), f"{plain}\n{traced}")
        check(traced.stderr == expected or (blind and b"brings its own malloc" in traced.stderr), f"{traced}")
        processes = processes_of(traced.stdout.decode())
        traces = [mtr.Trace(path).read() for path in paths]
        check(len(traces) == len(processes), f"{len(processes)} processes, {len(traces)} traces")
        for domains, lost in processes:
            equal = [trace for trace in traces if told(trace) == domains]
            check(equal, f"said {domains}, in traces {[told(trace) for trace in traces]}")
            trace = equal[0]
            traces.remove(trace)
            check(trace.lost == lost, f"{trace.lost} events lost")
            check(not blind or trace.totals()["allocations"] == 0, "of the heap nothing is known")
            stacks_begin_here(trace, program)
            print(", ".join(f"{name}: {counts['allocations']} and {counts['frees']}" for name, counts in domains.items()))
    return 0


if __name__ == "__main__":
    exit_by(main)
