"""The chrome export in Chrome's trace viewer, the one that Go ships for `go tool trace`: what its model has of counters, scopes and marks,
beside the reports, and what it shows."""

import glob
import json
import os
import pathlib
import re
import sqlite3
import sys

import devtools
import story as stories
import traces

MODEL = """(text => {
    const model = new tr.Model();
    new tr.importer.Import(model).importTraces([text]);
    window.model = model;
    const slices = group => group.slices.map(s => [s.title, s.start, s.duration, s.args]);
    return {warnings: model.importWarnings.map(w => w.message), processes: Object.values(model.processes).map(process => ({
        pid: process.pid, name: process.name,
        counters: Object.fromEntries(Object.values(process.counters).map(c => [c.name, c.series.map(s => [s.name, s.samples.map(x => [x.timestamp, x.value])])])),
        marks: process.instantEvents.map(e => [e.title, e.start, e.category]),
        threads: Object.values(process.threads).map(t => ({tid: t.tid, name: t.name, slices: slices(t.sliceGroup), across: slices(t.asyncSliceGroup)})),
    }))};
})"""
VIEW = """(async () => {
    const inside = document.createElement("track-view-container"), view = document.createElement("tr-ui-timeline-view");
    inside.id = "track_view_container";
    view.track_view_container = inside;
    Polymer.dom(view).appendChild(inside);
    Polymer.dom(document.body).appendChild(view);
    view.globalMode = true;
    view.model = window.model;
})()"""


def viewer(story):
    """A page with the viewer in it, or the test is skipped."""
    found = sorted(glob.glob("/usr/share/go-*/src/cmd/trace/static/trace_viewer_full.html"))
    if not found:
        print("skipped: go has no trace viewer here")
        sys.exit(stories.SKIPPED)
    parts = [os.path.join(os.path.dirname(found[-1]), "webcomponents.min.js"), found[-1]]
    script, page = [pathlib.Path(part).read_text(encoding="utf-8") for part in parts]
    path = os.path.join(story.work, "viewer.html")
    pathlib.Path(path).write_text(f'<!doctype html><meta charset="utf-8"><script>{script}</script>{page}', encoding="utf-8")
    return path


def near(got, wanted):
    """Milliseconds as the viewer adds them up."""
    return len(got) == len(wanted) and all(
        one[:-2] == other[:-2] and abs(one[-2] - other[-2]) < 1e-6 and abs(one[-1] - other[-1]) < 1e-6 for one, other in zip(got, wanted))


def counters(story, trace, process):
    totals = story.report(trace)["totals"]
    story.same("counters", {name: [series for series, _ in all_series] for name, all_series in process["counters"].items()},
               {"live heap": ["bytes"], **({"resident set": ["bytes"]} if totals["peak_rss_bytes"] else {})})
    live = process["counters"]["live heap"][0][1]
    story.same("the highest live bytes", max(value for _, value in live), totals["peak_bytes"])
    first = min(at for at, value in live if value == totals["peak_bytes"])
    story.holds(f"at {first} ms", abs(first - totals["peak_time_s"] * 1000) < 1e-6, totals["peak_time_s"])
    if totals["peak_rss_bytes"]:
        story.same("the highest resident set", max(value for _, value in process["counters"]["resident set"][0][1]), totals["peak_rss_bytes"])
    last_ms, wrong = round(totals["duration_s"] * 1000), []
    moments = range(0, last_ms, max(1, last_ms // 20))
    for ms in moments:
        held = [value for at, value in live if at < ms + 1 - 1e-4][-1]
        if held != story.report(f"{trace}@{ms}ms")["selection"]["size"]:
            wrong.append((ms, held))
    story.same(f"live bytes of {len(moments)} moments that reports have otherwise", wrong, [])


def scopes(story, trace, process):
    run = json.loads(story.run("plot", "--format", "json", trace))["runs"][0]
    known = sorted((s["name"], s["begin_s"] * 1000, (s["end_s"] - s["begin_s"]) * 1000) for s in run["scopes"] if None not in (s["begin_s"], s["end_s"]))
    told = [one for thread in process["threads"] for one in thread["slices"] + thread["across"]]
    # the plot has whole milliseconds
    whole = sorted((name, start // 1, (start + duration + 1e-9) // 1 - start // 1) for name, start, duration, args in told if not args)
    story.holds(f"{len(known)} scopes", near(whole, known), (whole[:5], known[:5]))
    story.same("scopes not seen whole", sorted((one[0], *one[3]) for one in told if one[3]),
               sorted((s["name"], "begin" if s["begin_s"] is None else "end") for s in run["scopes"] if None in (s["begin_s"], s["end_s"])))


def marks(story, trace, process):
    database = sqlite3.connect(":memory:")
    database.executescript(story.run("export", "-f", "sql", trace))
    wanted = [(name, time_ns / 1e6, "snapshot" if snapshot else "mark") for name, time_ns, snapshot in
              database.execute("SELECT name, time_ns, snapshot FROM marks ORDER BY mark")]
    # there a name that comes again has a number behind it
    story.holds(f"{len(wanted)} marks and snapshots", len(process["marks"]) == len(wanted) and all(
        re.fullmatch(re.escape(title) + r"(#\d+)?", name) and abs(start - time_ms) < 1e-6 and category == kind
        for (title, start, category), (name, time_ms, kind) in zip(process["marks"], wanted)), (process["marks"], wanted))


def look(story, page, trace):
    report = story.report(trace)
    exported = story.run("export", "-f", "chrome", trace)
    story.act(f"import {os.path.basename(trace)}, {len(exported)} bytes")
    model = page.evaluate(f"{MODEL}({json.dumps(exported)})")
    story.same("what the importer warns of", model["warnings"], [])
    story.same("processes", [process["pid"] for process in model["processes"]], [report["process"]["pid"]])
    process = model["processes"][0]
    for part in (counters, scopes, marks):
        part(story, trace, process)
    return process


def reads(story):
    story.chapter("what the viewer reads")
    page = story.browser.page(1400, 700)
    story.open(page, viewer(story))
    for scenario in ("small", "story", "scopes", "marks", "frames", "markup", "instant"):
        look(story, page, story.trace(scenario))
    process = look(story, page, traces.shop(story))
    story.same("the process's name", process["name"], os.environ["SHOP"])
    story.same("exceptions", page.exceptions, [])
    page.close()


def shows(story):
    story.chapter("what the viewer shows")
    page = story.browser.page(1400, 700)
    story.open(page, viewer(story))
    process = look(story, page, story.trace("story"))
    page.evaluate(VIEW)
    page.wait("document.querySelector('tr-ui-timeline-view').innerText.includes('worker')", "threads on the page")
    shown = page.evaluate("document.querySelector('tr-ui-timeline-view').innerText")
    for words in (f"{process['name']} (pid {process['pid']})", "live heap:", "resident set:", "app", "worker"):
        story.holds(f"{words!r} stands there", words in shown, shown[:500])
    story.same("exceptions", page.exceptions, [])
    story.picture(page, "story")
    page.close()


stories.tell("traceviewer", [reads, shows])
