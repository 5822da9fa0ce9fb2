"""memtrace html in a browser: a range dragged, measures chosen, tables sorted and filtered, the flame graph zoomed and searched,
all by pointer and by keys, each figure held against memtrace report and diff of the same moments."""

import json
import os
import re

import story as stories
import traces
from html_page import FRAMES, body, choose, click, drag, flame_is, make, ms, rows, sum_is, table_is, tidy

MARKUP = """<div id=escaped><img src=http://127.0.0.1:8/image onerror=escapedToo=1><iframe src=http://127.0.0.1:8/frame></iframe>
    <link rel=stylesheet href=http://127.0.0.1:8/style><a onclick=escapedToo=1 href=javascript:escapedToo=1>x</a></div>"""
ADDED_UP = """(() => {
    const begin = performance.now();
    document.querySelector("input[name=measure][value=growth]").click();
    return Math.round(performance.now() - begin);
})()"""


def opening(story):
    story.chapter("the whole run")
    trace = traces.shop(story)
    path = make(story, trace, "shop.html")
    report = story.report(trace)
    page = story.browser.page(1280, 2200)
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        story.open(page, path, f"{scheme}, {os.path.getsize(path)} bytes")
        story.note(f"it is ready after {body(page)['ready']} ms")
        story.quiet(page)
        story.legible(page)
        tidy(story, page)
        story.picture(page, "shop-" + scheme)
    tiles = page.evaluate("Object.fromEntries([...document.querySelectorAll('[data-total]')].map(e => [e.dataset.total, +e.dataset.value]))")
    story.same("the summary", tiles, {key: report["totals"][key] for key in tiles})
    story.holds("... has the peak and what was never freed", {"peak_bytes", "leaked_bytes"} <= set(tiles), tiles)
    sum_is(story, page, report["selection"]["size"], report["selection"]["count"])
    flame_is(story, page, story.report("--by", "traceback", trace))
    for by in ("line", "function", "file", "module", "thread"):
        choose(story, page, "by", by)
        table_is(story, page, by, story.report("--by", by, trace)["entries"])
    choose(story, page, "by", "function")
    story.act("with what they call")
    click(page, "#cumulative")
    table_is(story, page, "function", story.report("--by", "function", "--cumulative", trace)["entries"])
    story.quiet(page)
    page.close()


def ranges(story):
    story.chapter("ranges")
    trace = traces.shop(story)
    page = story.browser.page(1280, 1400)
    story.open(page, make(story, trace, "shop.html"))
    for first, second in ((0.3, 0.6), (0.9, 0.5)):
        drag(story, page, first, second)
        start, end = ms(page)
        story.holds("a part of the run", 0 < start < end, (start, end))
        story.same("the sliders say so", page.evaluate("['from', 'to'].map(w => document.getElementById('range-' + w).getAttribute('aria-valuenow'))"),
                   [body(page)["from"], body(page)["to"]])
        for by in ("line", "function", "thread"):
            choose(story, page, "by", by)
            choose(story, page, "measure", "growth")
            diff = json.loads(story.run("diff", "--format", "json", "--by", by, f"{trace}@{start}ms", f"{trace}@{end}ms"))
            # Where the phases of a slow run fall otherwise, nothing has grown in such a part of it.
            table_is(story, page, by, diff["entries"], "size_diff", "count_diff", maybe_none=True)
            sum_is(story, page, diff["after"]["size"] - diff["before"]["size"], diff["after"]["count"] - diff["before"]["count"])
            choose(story, page, "measure", "end")
            table_is(story, page, by, story.report("--by", by, f"{trace}@{end}ms")["entries"])
        flame_is(story, page, story.report("--by", "traceback", f"{trace}@{end}ms"))
        story.picture(page, f"range-{first}")
    for measure, cost in (("total", "total"), ("temporary", "temporary")):
        choose(story, page, "measure", measure)
        table_is(story, page, "thread", story.report("--by", "thread", "--cost", cost, trace)["entries"])
    story.act("a peak within a range: of the part in which nothing but the catalogue is held")
    choose(story, page, "measure", "peak")
    choose(story, page, "by", "line")
    click(page, "#range-all")
    last = ms(page)[1]
    sizes = [story.report(f"{trace}@{at}ms")["selection"]["size"] for at in range(last)]
    still = [at for at in range(1, last) if sizes[at - 1] == sizes[at] == traces.CATALOGUE]
    left, right, width = page.evaluate("""[...["from", "to"].map(w => document.querySelector(`#range-${w} line`).getBoundingClientRect().x
        - document.querySelector("#curve svg").getBoundingClientRect().x), document.querySelector("#curve svg").getBoundingClientRect().width]""")
    # From its end to its begin: where the run took long, its begin is under the handle of the whole range's.
    drag(story, page, *((left + (right - left) * at / last) / width for at in (still[len(still) * 3 // 4], still[len(still) // 4])))
    report = story.report(f"{trace}@{still[2]}ms")
    story.holds("it is within that part", still[0] <= ms(page)[0] < ms(page)[1] <= still[-1], (ms(page), still))
    table_is(story, page, "line", report["entries"])
    story.act("click Whole run")
    click(page, "#range-all")
    story.same("the range", (body(page)["from"], ms(page)[0]), ("0", 0))
    table_is(story, page, "line", story.report(trace)["entries"])
    story.quiet(page)
    page.close()


def tables(story):
    story.chapter("sort and filter")
    trace = traces.shop(story)
    page = story.browser.page(1280, 1400)
    story.open(page, make(story, trace, "shop.html"))
    choose(story, page, "measure", "total")
    for column in page.evaluate("[...document.querySelectorAll('#table .head button')].map(b => b.dataset.column)"):
        for _ in range(2):
            story.act(f"click {column}")
            click(page, f"#table .head button[data-column={column}]")
            said = page.evaluate(f"document.querySelector('#table .head button[data-column={column}]').parentNode.getAttribute('aria-sort')")
            values = [row["name"] if column == "name" else float(row[column]) for row in rows(page)]
            story.same(f"{len(values)} rows, {said}", values == sorted(values, reverse=said == "descending") and len(set(values)) > 1, True)
    choose(story, page, "by", "function")
    whole = rows(page)
    for typed, pattern in (("ORDER|copy", "order|copy"), ("shop\\.c", "shop\\.c"), ("nobody has this name", "nobody has this name")):
        story.act(f"filter by {typed}")
        page.evaluate("document.getElementById('filter').value = ''")
        page.evaluate("document.getElementById('filter').focus()")
        page.type(typed)
        wanted = [row["name"] for row in whole if re.search(pattern, f"{row['name']} {row['more']}", re.I)]
        story.same("rows", sorted(row["name"] for row in rows(page)), sorted(wanted))
        story.same("said", page.evaluate("document.getElementById('table-count').textContent"), f"{len(wanted)} of {len(whole)}")
    story.act("type what is no expression")
    page.evaluate("document.getElementById('filter').value = ''")
    page.type("copy_(")
    story.same("marked as wrong", page.evaluate("document.getElementById('filter').getAttribute('aria-invalid')"), "true")
    story.quiet(page)
    page.close()


def flame(story):
    story.chapter("the flame graph: hover, zoom, search")
    trace = traces.shop(story)
    page = story.browser.page(1280, 2200)
    story.open(page, make(story, trace, "shop.html"))
    report = story.report("--by", "traceback", trace)
    whole = report["selection"]["size"]
    found = page.evaluate(FRAMES)
    orders = next(frame for frame in found if frame["about"][0] == "take_order")
    story.same("its label, with the line", orders["text"], f"take_order:{orders['about'][1].rsplit(':', 1)[1]}")
    story.act("hover over take_order")
    page.move(orders["x"] + 20, orders["y"] + 5)
    page.settle()
    said = page.evaluate("document.getElementById('flame-details').textContent")
    story.holds(f"the details: {said!r}", "take_order" in said and story.size(orders["bytes"]) in said and f"{100 * orders['bytes'] / whole:.1f}" in said)
    story.act("click it")
    page.click(orders["x"] + 20, orders["y"] + 5)
    zoomed = page.evaluate(FRAMES)
    story.same("its bytes", [f["bytes"] for f in zoomed if f["node"] == orders["node"]], [orders["bytes"]])
    story.holds("it is as wide as all", next(f for f in zoomed if f["node"] == orders["node"])["width"] == found[0]["width"])
    story.holds("what does not call it and is not called by it is away", not [f for f in zoomed if f["about"][0] in ("plant_tree", "load_images")])
    story.legible(page, " while zoomed")
    story.picture(page, "zoomed")
    story.act("click reset")
    click(page, "#flame-reset")
    story.same("frames as before", [(f["node"], f["width"]) for f in page.evaluate(FRAMES)], [(f["node"], f["width"]) for f in found])
    for pattern in ("plant_tree", "copy_name|load"):
        story.act(f"search for {pattern}")
        page.evaluate("document.getElementById('flame-search').value = ''")
        page.evaluate("document.getElementById('flame-search').focus()")
        page.type(pattern)
        size = sum(e["size"] for e in report["entries"] if any(re.search(pattern, f["function"] or "") for f in e["frames"]))
        story.same("bytes matched, each stack once", int(page.evaluate("document.getElementById('flame-matched').dataset.bytes")), size)
        story.holds("and it says so", f"{100 * size / whole:.1f}" in page.evaluate("document.getElementById('flame-matched').textContent"))
        story.legible(page, " while searching")
    story.picture(page, "search")
    story.quiet(page)
    page.close()


def keys(story):
    story.chapter("by keys alone")
    trace = traces.shop(story)
    page = story.browser.page(1280, 1400)
    story.open(page, make(story, trace, "shop.html"))
    active = "(e => e && (e.id || e.name || e.dataset.column || e.className || e.tagName))(document.activeElement)"
    story.act("Tab through the page")
    reached = []
    for _ in range(40):
        page.key("Tab")
        reached.append(page.evaluate(active))
    wanted = ["range-from", "range-to", "measure", "flame", "flame-search", "by", "cumulative", "filter", "bytes", "name", "scroll"]
    story.same("what is not reached", [name for name in wanted if name not in reached], [])
    nameless = page.evaluate("""[...document.querySelectorAll('button, input, [tabindex], [role=slider]')].filter(e =>
        !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim() || (e.labels && e.labels.length)
          || e.getAttribute('role') === 'rowgroup')).map(e => e.outerHTML.slice(0, 80))""")
    story.same("what can be reached and has no name", nameless, [])
    page.evaluate("document.getElementById('range-from').focus()")
    story.act("Right five times on the range's begin, End and Left three times on its end")
    for _ in range(5):
        page.key("ArrowRight")
    page.key("Tab")
    page.key("End")
    last = int(body(page)["to"])
    for _ in range(3):
        page.key("ArrowLeft")
    story.same("the range", (body(page)["from"], body(page)["to"]), ("5", str(last - 3)))
    start, end = ms(page)
    page.evaluate("document.querySelector('input[name=measure]:checked').focus()")
    story.act("Right: the next measure")
    page.key("ArrowRight")
    story.same("measured", body(page)["measure"], "growth")
    diff = json.loads(story.run("diff", "--format", "json", f"{trace}@{start}ms", f"{trace}@{end}ms"))
    table_is(story, page, "line", diff["entries"], "size_diff", "count_diff")
    page.key("ArrowLeft")
    story.same("measured", body(page)["measure"], "peak")
    story.act("Down, Down, Enter, Escape in the flame graph")
    page.evaluate("document.getElementById('flame').focus()")
    page.key("ArrowDown")
    page.key("ArrowDown")
    focused = page.evaluate("document.querySelector('#flame .focused').dataset.depth")
    story.same("the frame in focus is at depth", focused, "2")
    page.key("Enter")
    story.holds("it fills the width", page.evaluate("(f => f.offsetWidth >= document.getElementById('flame').clientWidth - 2)(document.querySelector('#flame .focused'))"))
    story.holds("reset is offered", not page.evaluate("document.getElementById('flame-reset').hidden"))
    page.key("Escape")
    story.holds("no longer", page.evaluate("document.getElementById('flame-reset').hidden"))
    story.act("Enter on a head of the table")
    page.evaluate("document.querySelector('#table [data-column=blocks]').focus()")
    page.key("Enter")
    story.same("sorted", page.evaluate("document.querySelector('#table [data-column=blocks]').parentNode.getAttribute('aria-sort')"), "descending")
    story.quiet(page)
    page.close()


def hostile(story):
    story.chapter("hostile names")
    page = story.browser.page(1280, 2000)
    for trace in (traces.hostile(story), story.trace("markup"), story.trace("hostile")):
        path = make(story, trace, "hostile.html", "--title", "<script>hostile=1</script>]]>\u202e")
        story.open(page, path, os.path.basename(trace))
        story.quiet(page)
        traces.inert(story, page)
        bys = page.evaluate("[...document.querySelectorAll('input[name=by]')].map(e => e.value)")
        story.act(f"tables by {', '.join(bys)}, a frame clicked, names searched for")
        for by in bys:
            click(page, f"input[name=by][value={by}]")
            wanted = story.report("--by", by, trace)["entries"]
            table_is(story, page, by, wanted)
            traces.inert(story, page)
        for frame in page.evaluate(FRAMES)[:30:3]:
            page.click(frame["x"] + 1, frame["y"] + 1)
        page.evaluate("document.getElementById('flame-search').focus()")
        page.type("<script>|hostile")
        page.evaluate("document.getElementById('filter').focus()")
        page.type("</script>")
        traces.inert(story, page)
        story.quiet(page)
        story.legible(page)
        story.picture(page, "hostile-" + os.path.basename(trace)[:-4])
        story.act("make markup of a name all the same")
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {MARKUP!r})")
        page.evaluate("document.querySelector('#escaped a').click()")
        page.settle()
        story.same("what it ran", page.evaluate("typeof escaped + typeof escapedToo"), "objectundefined")  # the element itself
        story.same("what it asked for and was not kept from", [url for url in page.requests if url.startswith("http") and url not in page.blocked], [])
    page.close()


def shapes(story):
    story.chapter("odd shapes, narrow windows, zoom, no script, a saved moment")
    page = story.browser.page(1280, 1600)
    for scenario, *more in [("deep",), ("vast",), ("instant",), ("threads",), ("lossy",), ("large", 200000)]:
        path = make(story, story.trace(scenario, *more), scenario + ".html")
        story.open(page, path, f"{os.path.getsize(path)} bytes")
        story.quiet(page)
        story.legible(page)
        ticks = page.evaluate("[...document.querySelectorAll('#curve .tick')].map(t => t.textContent)")
        story.holds(f"ticks are round: {ticks}", all(re.fullmatch(r"\d{1,4}(\.\d)? (ms|s|min|h|d|B|[KMGT]iB)", tick) for tick in ticks))
        story.picture(page, scenario)
    for words, width, scale in [("a narrow window", 420, 1), ("zoomed to 200 %", 640, 2), ("a wide window", 2560, 1)]:
        page.resize(width, 1600, scale)
        story.open(page, make(story, traces.shop(story), "shop.html"), words)
        story.quiet(page)
        story.legible(page)
        story.holds("nothing has to be scrolled sideways", page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
                    page.evaluate("document.documentElement.scrollWidth"))
        story.picture(page, f"width-{width}")
    page.resize(1280, 1600)
    story.run("snapshot", "save", traces.shop(story) + "@50%", "-o", "half.json")
    story.open(page, make(story, os.path.join(story.work, "half.json"), "moment.html"), "of a saved moment")
    story.quiet(page)
    story.legible(page)
    table_is(story, page, "line", story.report(os.path.join(story.work, "half.json"))["entries"])
    story.picture(page, "moment")
    page.scripts(False)
    story.open(page, os.path.join(story.work, "shop.html"), "with scripts forbidden")
    story.holds("it says why it shows nothing", "script" in page.evaluate("document.body.innerText"))
    page.close()


def many(story):
    story.chapter("fifty thousand places")
    trace = story.trace("places", 50000)
    path = make(story, trace, "places.html")
    page = story.browser.page(1280, 1600)
    story.open(page, path, f"{os.path.getsize(path)} bytes")
    story.note(f"it is ready after {body(page)['ready']} ms")
    story.holds("no more than 10 MB", os.path.getsize(path) <= 10e6, os.path.getsize(path))
    story.quiet(page)
    story.legible(page)
    report = story.report(trace)
    sum_is(story, page, report["selection"]["size"], report["selection"]["count"])
    story.act("look at the first rows, scroll to the last")
    first = page.evaluate("[...document.querySelectorAll('#table .row')].map(r => [r.dataset.name, +r.dataset.bytes])")[:10]
    tops = sorted((e["size"] for e in report["entries"]), reverse=True)[:10]
    story.same("sizes of the ten largest", [size for _, size in first], tops)
    page.evaluate("document.querySelector('#table .scroll').scrollTop = 1e9")
    page.settle()
    story.holds("rows are there", page.evaluate("document.querySelectorAll('#table .row').length") > 5)
    story.act("click a head")
    click(page, "#table .head button[data-column=bytes]")
    story.same("it shows its first rows again", page.evaluate("+document.querySelector('#table .row').getAttribute('aria-rowindex')"), 2)
    click(page, "#table .head button[data-column=bytes]")
    story.holds("no more of them than can be seen, and some", page.evaluate("document.querySelectorAll('#table .row').length") < 100)
    drag(story, page, 0.3, 0.6)
    start, end = ms(page)
    choose(story, page, "measure", "end")
    report = story.report(f"{trace}@{end}ms")
    sum_is(story, page, report["selection"]["size"], report["selection"]["count"])
    story.note(f"a range is added up in {page.evaluate(ADDED_UP)} ms")
    story.picture(page, "places")
    page.close()


stories.tell("html", [opening, ranges, tables, flame, keys, hostile, shapes, many])
