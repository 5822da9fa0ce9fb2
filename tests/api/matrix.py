"""memtrace.h in every language, standard and linkage: matrix.py LIBRARY SOURCE INCLUDE.

Compiles SOURCE with each, all warnings errors, and runs it without and with the library preloaded: the call has to
find the library wherever there is a dynamic linker, and nothing where there is none.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile

C = [("c", standard) for standard in ("c99", "gnu99", "c11", "gnu17")]
CPP = [("c++", standard) for standard in ("c++11", "c++14", "c++17", "c++20")]
COMPILERS = {"gcc": C, "clang": C, "g++": CPP, "clang++": CPP}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wundef", "-Wconversion", "-Werror"]
WARNINGS_OF = {"c": ["-Wstrict-prototypes", "-Wmissing-prototypes"], "c++": ["-Wold-style-cast"]}
PIE, FIXED = ["-fPIE", "-pie"], ["-fno-pie", "-no-pie"]
# How a program may be compiled and linked: whether the library can be found in it, and by what flags.
LINKAGES = {
    "pie": (True, [*PIE, "-O2"]),
    "pie, unoptimised": (True, [*PIE, "-O0"]),
    "pie, hidden": (True, [*PIE, "-O1", "-fvisibility=hidden", "-Wl,-z,now"]),
    "fixed": (True, [*FIXED, "-O2"]),
    "fixed, unoptimised": (True, [*FIXED, "-O0"]),
    "fixed, lto": (True, [*FIXED, "-O2", "-flto"]),
    "lld": (True, [*FIXED, "-O1", "-fuse-ld=lld"]),
    "gold": (True, [*FIXED, "-O1", "-fuse-ld=gold"]),
    "static": (False, ["-static", "-O2"]),
}
EVERY_LINKAGE_IN = ("gnu17", "c++17")
LINKER_OF = {"lld": "ld.lld", "gold": "ld.gold"}


def run(command, **environment):
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


def cases():
    for compiler, languages in COMPILERS.items():
        for (language, standard), linkage in itertools.product(languages, LINKAGES):
            if standard in EVERY_LINKAGE_IN or linkage in ("pie", "fixed"):
                yield compiler, language, standard, linkage


def check(case, source, include, library, directory):
    """What is wrong, as lines."""
    compiler, language, standard, linkage = case
    found, flags = LINKAGES[linkage]
    program = os.path.join(directory, "program")
    done = run([compiler, "-x", language, f"-std={standard}", *WARNINGS, *WARNINGS_OF[language], *flags, "-I" + include,
                source, "-o", program])
    if done.returncode:
        return done.stderr.splitlines()
    problems = []
    for preload, expected in (("", "tracing 0\n"), (library, f"tracing {found:d}\n")):
        done = run([program], LD_PRELOAD=preload, MEMTRACE_OUTPUT=os.path.join(directory, "%p.mtr"))
        if (done.returncode, done.stdout, done.stderr) != (0, expected, ""):
            problems.append(f"preloading {preload or 'nothing'}: {done.returncode} {done.stdout!r} {done.stderr!r},"
                            f" not {expected!r}")
    return problems


def main():
    library, source, include = map(os.path.abspath, sys.argv[1:])
    broken = 0
    with tempfile.TemporaryDirectory() as directory:
        for case in cases():
            compiler, _, _, linkage = case
            missing = [tool for tool in (compiler, LINKER_OF.get(linkage)) if tool and not shutil.which(tool)]
            if missing:
                print(*case, "skipped: no", missing[0])
                continue
            problems = check(case, source, include, library, directory)
            print(*case, "FAILED" if problems else "ok")
            for line in problems:
                print("   ", line)
            broken += bool(problems)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
