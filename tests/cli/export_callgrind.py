"""export_callgrind.py MEMTRACE COST TRACE... [--OPTION...]: callgrind_annotate's figures of the export, beside the report's."""

import json
import os
import re
import subprocess
import sys

ROW = re.compile(r" *([\d,]+|\.) +([\d,]+|\.) +(\S.*)$")
LINE = re.compile(r" *([\d,]+|\.) +([\d,]+|\.)  (.*)$")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read(path, *options):
    # elsewhere: it cuts the current directory off the names of files, but not of files that are called into
    done = subprocess.run(["callgrind_annotate", "--threshold=100", "--show-percs=no", *options, os.path.abspath(path)],
                          capture_output=True, text=True, check=True, cwd="/")
    assert done.stderr == "", done.stderr
    return done.stdout


def number(text):
    return 0 if text == "." else int(text.replace(",", ""))


def harmless(name):
    return "".join(f"\\x{ord(c):02x}" if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 else c for c in name)


def told(memtrace, moment, cost, options, *more):
    report = json.loads(run(memtrace, "report", "--format", "json", "--cost", cost, *options, *more, moment))
    rows = {}
    for entry in report["entries"]:
        file = harmless(entry["file"])
        name = (file, entry["line"]) if "line" in more else f"{file}:{harmless(entry['function'] or '<unknown>')}"
        assert name not in rows, name
        rows[name] = (entry["size"], entry["count"])
    return rows, (report["selection"]["size"], report["selection"]["count"])


def table(text, swap):
    """Rows under the heading file:function, and the total; (bytes, blocks) each."""
    rows, total, inside = {}, None, False
    for line in text.splitlines():
        found = ROW.match(line)
        if line.endswith("file:function"):
            inside = True
        elif found and found[3].startswith("PROGRAM TOTALS"):
            total = (number(found[1]), number(found[2]))
            assert found[3] == "PROGRAM TOTALS" or total == (0, 0), line
        elif inside and found:
            name = re.sub(r" \[.*?\]$", "", found[3])
            assert name not in rows, name
            rows[name] = (number(found[1]), number(found[2]))
        elif inside and not line.startswith("---"):
            break
    if swap:
        rows = {name: row[::-1] for name, row in rows.items()}
        total = total[::-1]
    return rows, total


def annotated(text, swap):
    """Of the source file's lines, all of which are there: (bytes, blocks) each, by number."""
    rows = []
    source = open("calls.c").read().splitlines()
    for line in text[text.index(f"-- Auto-annotated source: {os.path.abspath('calls.c')}"):].splitlines():
        found = LINE.match(line)
        if found and not found[3].startswith("=> ") and len(rows) < len(source):
            assert found[3] == source[len(rows)], line
            rows.append((number(found[1]), number(found[2])))
    assert len(rows) == len(source)
    return without_nothing({at: row[::-1] if swap else row for at, row in enumerate(rows, 1)})


def without_nothing(rows):
    return {name: row for name, row in rows.items() if row != (0, 0)}


def same(what, found, wanted):
    assert found == wanted, (what, {name: (found.get(name), wanted.get(name)) for name in found.keys() | wanted.keys()
                                    if found.get(name) != wanted.get(name)})


def look_at(memtrace, cost, operand, options):
    path = operand + ".callgrind"
    if os.path.exists(path):
        os.remove(path)
    run(memtrace, "export", "--format", "callgrind", "--cost", cost, *options, "-o", path, operand)
    swap = cost in ("count", "temporary")
    rows, total = table(read(path, "--auto=no"), swap)
    wanted, whole = told(memtrace, operand, cost, options, "--by", "function")
    # what has no callers has a row of zeroes in the first table, and nothing in the report
    same(f"{operand} self", without_nothing(rows), without_nothing(wanted))
    assert total == whole, (operand, total, whole)
    rows, total = table(read(path, "--auto=no", "--inclusive=yes"), swap)
    wanted, whole = told(memtrace, operand, cost, options, "--by", "function", "--cumulative")
    rows.pop("???:(stacks begin)", None)
    same(f"{operand} inclusive", without_nothing(rows), without_nothing(wanted))
    if operand.startswith("calls.mtr"):
        lines, _ = told(memtrace, operand, cost, options, "--by", "line")
        same(f"{operand} lines", annotated(read(path, "--auto=yes", "--context=100"), swap),
             without_nothing({line: row for (file, line), row in lines.items() if os.path.basename(file) == "calls.c"}))
    print(operand, cost, *total)


if __name__ == "__main__":
    operands = sys.argv[3:]
    split = next((at for at, word in enumerate(operands) if word.startswith("--")), len(operands))
    for name in operands[:split]:
        look_at(sys.argv[1], sys.argv[2], name, operands[split:])
