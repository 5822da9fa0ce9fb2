"""Where two tracers' counts of a workload differ: the calls of each, told apart by size and caller's module.

Reads heaptrack's file itself, and ours with the tests' second reader, event by event: slow at full size.
"""

import os
import subprocess
import sys
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "programs"))
import mtr_reader

# What libstdc++ 12 sets aside when it is loaded, to throw exceptions without memory.
EMERGENCY_POOL_BYTES = 72704


def heaptrack_calls(path):
    """Calls by size and module of the caller."""
    strings, positions, traces, infos, calls = [""], [0], [(0, 0)], [], []
    with subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE, text=True, errors="replace") as text:
        for line in text.stdout:
            kind, rest = line[0], line[2:]
            if kind == "+":
                calls[int(rest, 16)] += 1
            elif kind == "a":
                infos.append(tuple(int(w, 16) for w in rest.split()))
                calls.append(0)
            elif kind == "t":
                traces.append(tuple(int(w, 16) for w in rest.split()))
            elif kind == "i":
                positions.append(int(rest.split()[1], 16))
            elif kind == "s":
                strings.append(rest.split(" ", 1)[-1].strip())
    result = Counter()
    for (size, trace), count in zip(infos, calls):
        result[size, os.path.basename(strings[positions[traces[trace][0]]])] += count
    return result


def memtrace_calls(path):
    trace = mtr_reader.Trace(path).read()
    result = Counter()
    for site, (_, size, _) in enumerate(trace.sites):
        modules = [os.path.basename(module) for module, _ in trace.stack_of(site)]
        result[size, modules[0] if modules else "?"] += trace.allocs[site]
    return result


def heaptracks_own(size, module):
    """What differs because heaptrack's library brings libstdc++ into the process, and so its thread-locals."""
    return (module.startswith("libstdc++") and size == EMERGENCY_POOL_BYTES) or module.startswith("ld-linux")


def difference(ours, theirs):
    """(calls more than heaptrack's, size, module of the caller) wherever the two are not the same."""
    our_calls, their_calls = memtrace_calls(ours), heaptrack_calls(theirs)
    return [(our_calls[key] - their_calls[key], *key) for key in sorted(our_calls.keys() | their_calls.keys())
            if our_calls[key] != their_calls[key]]
