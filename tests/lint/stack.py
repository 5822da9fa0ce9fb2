"""How much stack a heap hook takes of the program's, at most: stack.py COMPILER... -- SOURCE...

A handler's alternate stack may have 2 KiB left, and a thread 16 KiB in all. The compiler tells the frame of each
function and whom it calls; the deepest chain from a hook to anything of ours has to stay under the limit. Not
counted: the next definition in line, which the program would have called anyway; the start of a process's tracing
and its end; what writes a line to stderr; and libunwind, where the user asks for it.
"""

import os
import re
import subprocess
import sys
import tempfile

LIMIT_BYTES = 1104  # the deepest is the first sight of an address, whose rule is read from the unwind tables
HOOKS = ["malloc", "calloc", "realloc", "reallocarray", "free", "cfree", "free_sized", "free_aligned_sized", "memalign",
         "aligned_alloc", "posix_memalign", "valloc", "pvalloc", "malloc_usable_size", "memtrace_v1_is_tracing",
         "memtrace_v1_mark", "memtrace_v1_snapshot", "memtrace_v1_scope_begin", "memtrace_v1_scope_end",
         "memtrace_v1_thread_name"]
RARE = {"tracer_start", "real_resolve", "walk_libunwind", "tracer_say", "tracer_say_once"}

NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes \((static|dynamic|dynamic,bounded)\)')
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')


def name_of(title):
    return title.split(":")[-1]


def call_graph(compiler, sources):
    frames, calls = {}, {}
    with tempfile.TemporaryDirectory() as directory:
        for source in sources:
            output = os.path.join(directory, os.path.basename(source) + ".o")
            # A compiler cache that has the object gives no call graph with it.
            subprocess.run([*compiler, "-fcallgraph-info=su", "-c", source, "-o", output], check=True,
                           env=dict(os.environ, CCACHE_DISABLE="1"))
            with open(output[:-2] + ".ci") as file:
                text = file.read()
            for title, size, kind in NODE.findall(text):
                # what grows with its arguments is no hook's
                bytes_taken = int(size) if kind != "dynamic" else LIMIT_BYTES + 1
                frames[name_of(title)] = max(frames.get(name_of(title), 0), bytes_taken)
            for caller, callee in EDGE.findall(text):
                calls.setdefault(name_of(caller), set()).add(name_of(callee))
    return frames, calls


def deepest(name, frames, calls, above=()):
    """The chain of most bytes from a function on, as (bytes, names). A function in its own chain has no end."""
    if name in RARE or name not in frames:
        return 0, ()
    if name in above:
        return LIMIT_BYTES + 1, (name, "... again")
    below = max((deepest(callee, frames, calls, (*above, name)) for callee in calls.get(name, ())), default=(0, ()))
    return frames[name] + 8 + below[0], (name, *below[1])


def main():
    split = sys.argv.index("--")
    frames, calls = call_graph(sys.argv[1:split], sys.argv[split + 1:])
    problems = []
    problems += [f"{name} is no function of these sources" for name in [*HOOKS, *RARE] if name not in frames]
    for hook in HOOKS:
        taken, chain = deepest(hook, frames, calls)
        if taken > LIMIT_BYTES:
            problems.append(f"{hook} takes {taken} bytes: " + " > ".join(f"{n} {frames.get(n, '')}" for n in chain))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
