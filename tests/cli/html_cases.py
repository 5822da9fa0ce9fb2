"""html_cases.py [PAGE TRACE]: pages of one moment, of a selection and with hostile names; or, of a large trace, what is folded and
that nothing of the sums is lost."""

import json
import os
import re
import subprocess
import sys

from html_page import Page


def ask(*arguments):
    return json.loads(subprocess.run([os.environ["MEMTRACE"], *arguments], check=True, capture_output=True).stdout)


def by_line(page, stop):
    return page.sums(lambda r: [(page.path(r)[0]["file"], page.path(r)[0]["line"])], lambda r: page.held(r, stop))


def lines(*arguments):
    return {(e["file"], e["line"]): (e["size"], e["count"]) for e in ask("report", "--format", "json", *arguments)["entries"]}


def moments():
    wanted = lines("threads.mtr@peak")
    for name in ["moment", "snapshot"]:
        page = Page(name + ".html")
        assert page.data["moment"] == {"name": "peak", "ms": 10} and page.slices["end_ms"] == [], page.data["moment"]
        assert by_line(page, 0) == wanted and len(page.data["threads"]) == 3 and page.data["lifetimes"] is None
    page = Page("leaf.html")
    assert by_line(page, 2 * len(page.slices["end_ms"]) - 1) == lines("--cost", "leaked", "--frame", "leaf", "threads-walk.mtr")
    assert page.data["selection"] == {"frame": "leaf", "globs": [], "all_frames": False, "domains": None}
    page = Page("worker.html")
    assert by_line(page, 2 * len(page.slices["end_ms"]) - 1) == lines("--cost", "leaked", "--thread", "worker", "threads.mtr")
    assert page.data["title"] == 'a <b> & "c"' and "<b>" not in page.text
    assert page.data["selection"]["globs"] == ["worker"] and page.data["lifetimes"] is None
    page = Page("unsure.html")
    for k, size in enumerate(page.slices["end_bytes"]):
        assert sum(page.held(r, 2 * k + 1)[0] for r in page.rows) == size and page.data["threads"], "nobody's blocks count too"
    page = Page("only.html")
    assert page.rows == [] and page.data["texts"] == []
    assert page.slices == {"end_ms": list(range(1, 13)), "peak_ms": [0, 2, 2, 3, *range(5, 6), *range(5, 12)],
                           "end_bytes": [10000] + [12400] * 3 + [16496] * 4 + [10240] * 4,
                           "peak_bytes": [10000] + [12400] * 3 + [16496] * 5 + [10240] * 3}, page.slices


def is_inert(page):
    """Nothing of the trace stands outside of the data, and the page asks for nothing."""
    data = json.dumps(page.data)
    assert "script" in data or "<" in data, "the trace is hostile"
    around = page.text.replace(re.search(r'id="data">(.*?)</script>', page.text, re.S)[1], "")
    assert around.count("<script") == 2 and around.count("</script>") == 2
    assert "default-src 'none'" in around and not re.search(r'(src|href)\s*=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)', around)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", page.text)


def folded(name, trace):
    page, totals = Page(name), ask("report", "--format", "json", "-n", "1", trace)["totals"]
    left, count = page.data["left_out"], len(page.slices["end_ms"])
    assert len(page.text.encode()) < 10_000_000, len(page.text)
    small = [r for r in page.rows if r["node"] == 0]
    assert left["stacks"] > 0 and len(small) == 1 and left["stacks"] + len(page.rows) - 1 == 140000, (left, len(page.rows))
    held = [sum(page.held(r, stop)[0] for r in small) for stop in range(2 * count)]
    assert max(held) == left["bytes"] > 0
    assert sum(page.held(r, 2 * count - 1)[0] for r in page.rows) == totals["leaked_bytes"]
    assert max(sum(page.held(r, 2 * k)[0] for r in page.rows) for k in [count - 1]) == page.slices["peak_bytes"][-1]
    assert sum(r["allocations"] for r in page.rows) == totals["allocations"]
    assert sum(r["allocated"] for r in page.rows) == totals["allocated_bytes"]
    assert sum(r["temporary"] for r in page.rows) == totals["temporary"]
    kept = min(max(page.held(r, at)[0] for at, _, _ in r["changes"]) for r in page.rows if r["node"] and r["changes"])
    assert left["bytes"] / left["stacks"] <= kept, "what is folded is small beside what is kept"
    print(f"{len(page.text)} bytes, {count} slices, {left['stacks']} stacks folded into one of at most {left['bytes']} bytes")


if len(sys.argv) > 1:
    folded(*sys.argv[1:])
else:
    moments()
    is_inert(Page("markup.html"))
    print("moments, selections and hostile names as they should be")
