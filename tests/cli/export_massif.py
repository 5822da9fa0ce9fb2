"""export_massif.py MEMTRACE TRACE...: what ms_print reads of the massif export, beside what report says of the same moments."""

import collections
import json
import re
import subprocess
import sys

ROW = re.compile(r" *(\d+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+)$")
CHILD = re.compile(r"->\d+\.\d+% \(([\d,]+)B\) (?:0x[0-9A-F]+: (.*)|in \d+\+? places, .*)$")


def number(text):
    return int(text.replace(",", ""))


def told(memtrace, moment):
    """Live bytes in all, and by place where the place has one percent of them."""
    done = subprocess.run([memtrace, "report", "--format", "json", moment], capture_output=True, check=True)
    sizes = collections.Counter()
    for entry in json.loads(done.stdout)["entries"]:
        place = entry["file"] + (f":{entry['line']}" if entry["line"] is not None else "")
        sizes[place] += entry["size"]
    return sum(sizes.values()), {place: size for place, size in sizes.items() if size * 100 >= sum(sizes.values())}


def read(text):
    """ms_print's rows as (number, ms, bytes, {place: bytes} or None), the peak's number, and the detailed ones."""
    rows, detailed, peak = [], [], None
    for line in text.splitlines():
        if line.startswith(" Detailed snapshots: "):
            words = line.split("[")[1].rstrip("]").split(", ")
            detailed = [int(word.split()[0]) for word in words]
            peaks = [int(word.split()[0]) for word in words if "(peak)" in word]
            assert len(peaks) <= 1, line
            peak = peaks[0] if peaks else None
        elif (found := ROW.match(line)):
            n, ms, total, heap, extra, stacks = (number(word) for word in found.groups())
            assert total == heap and extra == stacks == 0, line
            rows.append([n, ms, heap, None])
        elif line.startswith("100.00% (") or line.startswith("00.00% ("):
            assert rows[-1][3] is None
            rows[-1][3] = collections.Counter()
        elif rows and (found := CHILD.match(line)) and found[2]:
            place = re.search(r"\((?:in )?([^()]*)\)$", found[2])[1]
            rows[-1][3][place] += number(found[1])
    assert [row[0] for row in rows] == list(range(len(rows)))
    assert [row[0] for row in rows if row[3] is not None] == detailed, detailed
    return rows, peak, detailed


def look_at(memtrace, trace):
    path = trace + ".massif"
    subprocess.run([memtrace, "export", "--format", "massif", "-o", path, trace], check=True)
    done = subprocess.run(["ms_print", "--threshold=0", path], capture_output=True, text=True, check=True)
    rows, peak, detailed = read(done.stdout)
    assert 2 <= len(rows) <= 100 and rows[0][1:] == [0, 0, None], rows[0]
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    for n, ms, heap, places in rows[1:]:
        moment = "peak" if n == peak else "end" if n == len(rows) - 1 else f"{ms}ms"
        total, large = told(memtrace, f"{trace}@{moment}")
        assert heap == total, (trace, moment, heap, total)
        for place, size in large.items() if places is not None else []:
            assert places[place] == size, (trace, moment, place, places[place], size)
    assert len(rows) - 1 in detailed and set(range(9, len(rows), 10)) <= set(detailed), detailed
    assert peak is not None and rows[peak][2] == max(row[2] for row in rows), peak
    print(trace, len(rows), "snapshots, peak", peak)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        look_at(sys.argv[1], name)
