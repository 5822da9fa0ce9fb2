"""snapshot_golden.py TRACE[@WHEN]...: each saved, and every report of the file beside that of the trace, byte by byte."""

import itertools
import os
import subprocess
import sys

MEMTRACE = os.environ["MEMTRACE"]


def memtrace(*arguments):
    done = subprocess.run([MEMTRACE, *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def keys():
    """What --by takes, as --help has it."""
    line = next(line for line in memtrace("report", "--help")[1].decode().splitlines() if "--by KEY" in line)
    return line.split(":")[1].replace(" or ", ", ").replace(" ", "").split(",")


def selections():
    costs = ["live", "total", "count", "temporary"]
    for by, cost in itertools.product(keys(), costs):
        yield ["--by", by, "--cost", cost, "--format", "json"]
        yield ["--by", by, "--cost", cost, "--format", "text" if cost == "live" else "csv"]
    for by in ("line", "function", "file", "module"):
        yield ["--cumulative", "--by", by, "-n", "1000"]
    for by in keys():
        if by != "size":
            yield ["--pretty", "--by", by]
    for filters in (["--include", "*pool*"], ["--exclude", "*program.c"], ["--exclude", "*app*"], ["--function", "*a*"],
                    ["--module", "*libc*"], ["--module", "*app", "--all-frames"], ["--include", "*:21"],
                    ["--include", "nothing here"], ["--thread", "worker"], ["--thread", "p*"], ["--thread", "123[56]"],
                    ["--thread", "<unknown>"]):
        yield filters
        yield [*filters, "--by", "traceback"]
    for other in (["--frame", "leaf"], ["--skip-std"], ["--skip", "pool_get"], ["--skip", "*app*"], ["--sort", "place"],
                  ["--sort", "average", "-n", "3"], ["--min", "20%"], ["--min", "1K", "--by", "size"],
                  ["--by", "traceback", "--frames", "2"], ["--by", "traceback", "--most-recent-first"],
                  ["--cost", "leaked"], ["--by", "thread", "--thread", "*r*", "--include", "*"]):
        yield other


def compare(number, operand):
    saved = f"saved-{number}"
    code, _, errors = memtrace("snapshot", "save", "-o", saved, operand)
    assert code == 0, f"{operand}: {errors}"
    when = operand if "@" in operand else operand + "@peak"
    compared = 0
    for selection in selections():
        want, have = memtrace("report", *selection, when), memtrace("report", *selection, saved)
        # a message names the file
        want, have = ((*said[:2], said[2].replace(b"memtrace: %s:" % name.encode(), b"memtrace: FILE:"))
                      for said, name in ((want, when.split("@")[0]), (have, saved)))
        assert want == have, f"{selection} of {when}: {have}, not {want}"
        compared += 1
    # a snapshot of a snapshot is the same once more
    with open(saved, "rb") as file:
        again = memtrace("snapshot", "save", "-o", "-", saved)
        assert again == (0, file.read(), b""), f"{operand} saved again: {again}"
    return compared


def main():
    compared = sum(compare(number, operand) for number, operand in enumerate(sys.argv[1:]))
    print(f"{len(sys.argv) - 1} moments, {compared} reports compared")


main()
