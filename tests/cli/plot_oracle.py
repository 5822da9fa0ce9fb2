"""plot_oracle.py MEMTRACE TRACE [OPTION...]: the plot of a trace beside an independent replay, column by column.

First the numbers (--format json), then the picture: its attributes, and the steps of its lines, turned back into bytes by
the axis' own labels. Prints what differs; exits with 1 then.
"""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.environ["PROGRAMS"])
import mtr_reader

UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
SVG = "{http://www.w3.org/2000/svg}"
wrong = 0


def differs(what, found, wanted):
    global wrong
    if found != wanted:
        wrong += 1
        if wrong < 20:
            print(f"{what}: {found}, not {wanted}")


def happened(path):
    """(millisecond, live bytes) after each event."""
    trace, events = mtr_reader.Trace(path), []
    trace.read(lambda event, site, thread: events.append((trace.clock, trace.live_bytes)))
    return trace, events


def compare_columns(run, trace, events):
    at = live = 0
    for number, column in enumerate(run["columns"]):
        begin, end = round(column["time_s"] * 1000), round(column["end_s"] * 1000)
        while at < len(events) and events[at][0] < begin:
            live, at = events[at][1], at + 1
        inside = [bytes for units, bytes in events[at:] if units < end]
        seen = [live, *inside]
        mean, since, held = 0, begin, live
        for units, bytes in events[at:at + len(inside)]:
            mean, since, held = mean + held * (units - since), units, bytes
        mean = (mean + held * (end - since)) / (end - begin)
        for name, value in (("first", live), ("last", seen[-1]), ("low", min(seen)), ("high", max(seen)),
                            ("events", len(inside))):
            differs(f"column {number}: {name}", column[name], value)
        differs(f"column {number}: mean", abs(column["mean"] - mean) <= 1e-6 * (1 + mean), True)
        samples = [bytes for units, bytes in trace.resident if begin <= units < end]
        differs(f"column {number}: rss_high", column.get("rss_high"), max(samples, default=None))
        differs(f"column {number}: rss_low", column.get("rss_low"), min(samples, default=None))
        differs(f"column {number}: rss_last", column.get("rss_last"), samples[-1] if samples else None)


def compare_report(run, memtrace, path):
    report = json.loads(subprocess.run([memtrace, "report", "--format", "json", path], capture_output=True, check=True).stdout)
    differs("peak", run["peak"], report["totals"]["peak_bytes"])
    differs("peak's time", run["peak_s"], report["totals"]["peak_time_s"])
    differs("end", run["end"], report["totals"]["leaked_bytes"])
    differs("peak of the resident set", run["peak_rss"], report["totals"]["peak_rss_bytes"])


def steps(path):
    """The (x, y) of a path of M, H and V."""
    x = y = 0
    for command, value, second in re.findall(r"([MHV])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        x, y = (float(value), float(second)) if command == "M" else (float(value), y) if command == "H" else (x, float(value))
        yield x, y


def scale(root):
    """Bytes of a y, from the labels of the axis."""
    unit = next(re.search(r"memory \((\w+)\)", t.text)[1] for t in root.iter(SVG + "text") if t.text and t.text.startswith("memory ("))
    labels = sorted((float(t.get("y")) - 4, float(t.text) * UNITS[unit]) for t in root.iter(SVG + "text")
                    if t.get("text-anchor") == "end" and t.get("class") == "faint")
    (top, most), (bottom, least) = labels[0], labels[-1]
    return lambda y: least + (bottom - y) / (bottom - top) * (most - least), (most - least) / (bottom - top)


def compare_picture(svg, run):
    root = xml.etree.ElementTree.fromstring(svg)
    bytes_of, pixel = scale(root)
    group = next(g for g in root.iter(SVG + "g") if g.get("class") == "run")
    for name, value in (("peak-bytes", run["peak"]), ("peak-ms", round(run["peak_s"] * 1000)),
                        ("peak-rss-bytes", run["peak_rss"]), ("end-bytes", run["end"]), ("columns", len(run["columns"]))):
        differs(f"data-{name}", group.get("data-" + name), str(value))
    line = list(steps(next(p.get("d") for p in root.iter(SVG + "path") if "heap" in p.get("class", "").split())))
    left, right = line[0][0], line[-1][0]
    begin, end = run["columns"][0]["time_s"], run["columns"][-1]["end_s"]
    for number, column in enumerate(run["columns"]):
        middle = left + ((column["time_s"] + column["end_s"]) / 2 - begin) / (end - begin) * (right - left)
        y = [y for x, y in line if x <= middle][-1]
        differs(f"column {number} on the picture", abs(bytes_of(y) - column["high"]) <= 0.011 * pixel, True)
    rss = next((p.get("d") for p in root.iter(SVG + "path") if "rss" in p.get("class", "").split()), None)
    points, held = list(steps(rss or "")), None
    differs("a line of the resident set", bool(points), any("rss_high" in c for c in run["columns"]))
    for number, column in enumerate(run["columns"]):
        value, held = column.get("rss_high", held), column.get("rss_last", held)
        if value is not None:
            middle = left + ((column["time_s"] + column["end_s"]) / 2 - begin) / (end - begin) * (right - left)
            y = [y for x, y in points if x <= middle][-1]
            differs(f"column {number}: resident set on the picture", abs(bytes_of(y) - value) <= 0.011 * pixel, True)


def main():
    memtrace, path, *options = sys.argv[1:]
    data = subprocess.run([memtrace, "plot", "--format", "json", path, *options], capture_output=True, check=True).stdout
    run = json.loads(data)["runs"][0]
    compare_columns(run, *happened(path))
    if not any(o.startswith("--window") for o in options):
        compare_report(run, memtrace, path)
    if not any(o.startswith("--columns") for o in options):
        compare_picture(subprocess.run([memtrace, "plot", "-o", "-", path, *options], capture_output=True, check=True).stdout, run)
    print(f"{len(run['columns'])} columns, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
