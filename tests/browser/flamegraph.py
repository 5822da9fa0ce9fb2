"""memtrace flamegraph in a browser: as a still picture, hovered, zoomed, searched, by keys alone, and with hostile names."""

import os
import re

import story as stories
import traces

FRAMES = """[...document.querySelectorAll('.frame')].map((e, i) => {
    const box = e.querySelector('rect').getBoundingClientRect(), text = e.querySelector('text'), shown = e.querySelector('rect').getClientRects().length > 0 && box.width > 0;
    const room = text && text.getBoundingClientRect();
    return {number: i, id: e.id, parent: +e.dataset.parent, depth: +e.dataset.depth, size: +e.dataset.size, count: +e.dataset.count,
            across: +(e.dataset.width ?? e.dataset.size), earlier: +e.dataset.earlierSize, left: e.dataset.left ?? null, label: e.querySelector('title').textContent.split('\\n')[0], shown, past: e.classList.contains('past'),
            classes: [...e.classList], x: box.x, y: box.y, width: box.width, height: box.height,
            written: text ? text.textContent : '',
            spills: shown && room && room.width > 0 && (room.left < box.left - 0.5 || room.right > box.right + 0.5)};
})"""


def text(page, selector):
    return page.evaluate(f"document.querySelector({selector!r}).textContent")


def frames(page):
    return page.evaluate(FRAMES)


def one(found, label):
    """The largest of that name."""
    return max((frame for frame in found if frame["label"] == label), key=lambda frame: frame["size"])


def middle(frame):
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2


def name(frame):
    return frame["function"] or frame["file"]


def stacks(report):
    """(names from the oldest on, size, count) of each."""
    return [([name(frame) for frame in entry["frames"]], entry["size"], entry["count"]) for entry in report["entries"]]


def tree(report):
    """{names from the oldest on: (size, count)}, the root's is ()."""
    sums = {}
    for names, size, count in stacks(report):
        for depth in range(len(names) + 1):
            before = sums.get(tuple(names[:depth]), (0, 0))
            sums[tuple(names[:depth])] = before[0] + size, before[1] + count
    return sums


def drawn(found):
    """The same of the frames that are in the document."""
    sums, paths = {}, []
    for frame in found:
        path = () if frame["number"] == 0 else paths[frame["parent"]] + (re.sub(r" \[[^]]*\]$", "", frame["label"]),)
        paths.append(path)
        if frame["left"] is None:
            before = sums.get(path, (0, 0))
            sums[path] = before[0] + frame["size"], before[1] + frame["count"]
    return sums


def draw(story, trace, file, *options):
    return story.make("flamegraph", file, trace, *options)


def tidy(story, found):
    """Frames stand where their sizes say, names stay in their frames."""
    shown = [frame for frame in found if frame["shown"]]
    whole = next(frame for frame in shown if not frame["past"] and frame["width"] >= max(f["width"] for f in shown) - 0.01)
    wrong = [frame["label"] for frame in shown if not frame["past"] and frame["left"] is None
             and abs(frame["width"] - whole["width"] * frame["across"] / max(1, whole["across"])) > 0.1]
    story.same("frames not as wide as their size", wrong, [])
    story.same("names that spill from their frames", [f["written"] for f in shown if f["spills"]], [])
    outside = [frame["label"] for frame in shown if frame["parent"] != frame["number"]
               and not (found[frame["parent"]]["x"] - 0.1 <= frame["x"]
                        and frame["x"] + frame["width"] <= found[frame["parent"]]["x"] + found[frame["parent"]]["width"] + 0.1)]
    story.same("frames that do not stand on their callers", outside, [])


def still(story):
    story.chapter("a still picture, where scripts do not run")
    picture = draw(story, traces.shop(story), "shop.svg")
    page = story.browser.page(1220, 700)
    page.scripts(False)
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        story.open(page, picture, scheme)
        story.quiet(page)
        story.legible(page)
        tidy(story, frames(page))
        story.same("what is around it", page.evaluate("getComputedStyle(document.documentElement).backgroundColor"),
                   "rgb(255, 255, 255)" if scheme == "light" else "rgb(23, 25, 30)")
        story.picture(page, "still-" + scheme)
    page.close()


def numbers(story):
    story.chapter("every frame's figures, beside the report's")
    page = story.browser.page(1220, 700)
    trace = traces.shop(story)
    for words, moment, options in [("at the peak", "", []), ("at half of the run", "@50%", []), ("leaked", "", ["--cost", "leaked"]),
                                   ("all ever allocated", "", ["--cost", "total"])]:
        story.open(page, draw(story, trace + moment, "numbers.svg", "--min", "0%", *options), words)
        story.quiet(page)
        got, wanted = drawn(frames(page)), tree(story.report("--by", "traceback", *options, trace + moment))
        different = [path for path in set(got) | set(wanted) if got.get(path) != wanted.get(path)]
        story.holds(f"{len(got)} places in the tree, {got[()][0]} bytes in {got[()][1]} blocks", got and not different,
                    [(path, got.get(path), wanted.get(path)) for path in different[:3]])
    page.close()


def hover_and_zoom(story):
    story.chapter("hover, click to zoom, and back")
    page = story.browser.page(1220, 700)
    report = story.report("--by", "traceback", traces.shop(story))
    story.open(page, draw(story, traces.shop(story), "shop.svg"))
    story.quiet(page)
    found = frames(page)
    tidy(story, found)
    orders = one(found, "take_order")
    wanted = tree(report)[next(tuple(names[:names.index("take_order") + 1]) for names, *_ in stacks(report) if "take_order" in names)]
    story.act("hover over take_order")
    page.move(*middle(orders))
    page.settle()
    said = text(page, ".details")
    story.holds(f"the details tell its name: {said!r}", "take_order" in said)
    story.holds(f"... its {wanted[1]} blocks", re.search(rf"\b{wanted[1]}\b", said))
    share = 100 * wanted[0] / report["selection"]["size"]
    story.holds(f"... its share, {share:.2f} %", f"{share:.2f}" in said or f"{share:.1f}" in said)
    story.act("click it")
    page.click(*middle(orders))
    zoomed = frames(page)
    story.picture(page, "zoomed")
    story.same("the frame that fills the picture", zoomed[orders["number"]]["width"], zoomed[0]["width"])
    tidy(story, zoomed)
    callers = [f["number"] for f in zoomed if f["past"]]
    number, wanted_callers = orders["number"], []
    while number:
        number = found[number]["parent"]
        wanted_callers.append(number)
    story.same("the frames dimmed under it, its callers", sorted(callers), sorted(wanted_callers))
    inside = {orders["number"]}
    for frame in found:
        if frame["parent"] in inside:
            inside.add(frame["number"])
    story.same("other frames to be seen: those it calls", sorted(f["number"] for f in zoomed if f["shown"] and not f["past"]), sorted(inside))
    story.legible(page, " while zoomed")
    story.act("click main below it")
    page.click(*middle(one(zoomed, "main")))
    story.same("the frame that fills the picture", frames(page)[one(found, "main")["number"]]["width"], found[0]["width"])
    story.act("click reset")
    page.click(*page.evaluate("(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector('.reset rect').getBoundingClientRect())"))
    again = frames(page)
    story.same("frames that are not where they were", [f["label"] for f, old in zip(again, found)
               if (f["x"], f["width"], f["shown"]) != (old["x"], old["width"], old["shown"])], [])
    story.quiet(page)
    page.close()


def search(story):
    story.chapter("search")
    page = story.browser.page(1220, 700)
    report = story.report("--by", "traceback", traces.shop(story))
    whole = report["selection"]["size"]
    story.open(page, draw(story, traces.shop(story), "shop.svg"))
    for typed, expression in [("copy_name", "copy_name"), ("plant_tree", "plant_tree"), ("MAIN|clone3", None), ("take_.*r$", "take_.*r$"), (r"\d blocks?$", r"\d blocks?$")]:
        story.act(f"search for {typed}")
        page.evaluate("document.querySelector('.search').value = ''")
        page.evaluate("document.querySelector('.search').focus()")
        page.type(typed)
        # What has capitals is searched for as it is.
        pattern = re.compile(typed, 0 if typed != typed.lower() else re.I)
        hits = [f for f in frames(page) if "hit" in f["classes"]]
        story.same("hits are of that name, or their lines are", all(pattern.search(f["label"]) for f in hits) or expression is None, True)
        matching = [(size, count) for names, size, count in stacks(report) if any(pattern.search(n) for n in names)]
        size, count = sum(s for s, _ in matching), sum(c for _, c in matching)
        data = page.evaluate("({...document.querySelector('.matched').dataset})")
        story.same("bytes and blocks matched, each stack once", (int(data["size"]), int(data["count"])), (size, count))
        story.same("its share", round(float(data["share"]), 9), round(size / whole, 9))
        story.holds(f"and it says so: {text(page, '.matched')!r}", f"{100 * size / whole:.2f} %" in text(page, ".matched"))
        if typed == "copy_name":
            story.picture(page, "search")
            story.legible(page, " while searching")
    story.act("type what is no expression")
    page.evaluate("document.querySelector('.search').value = ''")
    page.type("plant_(")
    story.same("marked as wrong", page.evaluate("document.querySelector('.search').getAttribute('aria-invalid')"), "true")
    story.same("hits", [f["label"] for f in frames(page) if "hit" in f["classes"]], [])
    story.act("Escape")
    page.key("Escape")
    story.same("nothing is searched for", page.evaluate("[document.querySelector('.search').value, document.querySelector('.matched').textContent]"), ["", ""])
    story.same("frames faded", [f["label"] for f in frames(page) if "miss" in f["classes"]], [])
    story.quiet(page)
    page.close()


def keys(story):
    story.chapter("by keys alone")
    page = story.browser.page(1220, 700)
    story.open(page, draw(story, traces.shop(story), "shop.svg"))
    found = frames(page)
    focus = "[...document.querySelectorAll('.frame')].indexOf(document.activeElement)"
    story.act("focus on the tree itself, as a screen reader may; then Tab")
    page.evaluate("document.querySelector('.frames').focus()")
    page.key("Tab")
    story.quiet(page)
    story.act("open it again, and Tab once")
    story.open(page, draw(story, traces.shop(story), "shop.svg"))
    page.key("Tab")
    story.same("in focus", page.evaluate(focus), 0)
    story.holds("a ring is around it", page.evaluate("document.querySelector('.ring').getBoundingClientRect().width > 0"))
    path = []
    for _ in range(4):
        story.act("Up")
        page.key("ArrowUp")
        path.append(page.evaluate(focus))
    story.same("each stands on the one before", [(found[b]["depth"], found[b]["parent"]) for b in path],
               list(zip([1, 2, 3, 4], [0, *path[:-1]])))
    story.holds(f"the details follow: {text(page, '.details')!r}", found[path[-1]]["label"] in text(page, ".details"))
    story.act("Right, Left")
    page.key("ArrowRight")
    right = page.evaluate(focus)
    page.key("ArrowLeft")
    story.same("back where it was", page.evaluate(focus), path[-1])
    story.holds("right is on the same level", found[right]["depth"] == found[path[-1]]["depth"])
    story.act("Enter")
    page.key("Enter")
    story.same("it fills the picture", frames(page)[path[-1]]["width"], found[0]["width"])
    story.picture(page, "keys")
    story.act("Down, then Escape")
    page.key("ArrowDown")
    story.same("in focus", page.evaluate(focus), path[-2])
    page.key("Escape")
    story.same("it is no longer zoomed", frames(page)[path[-1]]["width"], found[path[-1]]["width"])
    unnamed = page.evaluate("[...document.querySelectorAll('[role=treeitem], [role=button], input')].filter(e => !e.getAttribute('aria-label')).length")
    story.same("what can be reached has a name", unnamed, 0)
    story.quiet(page)
    page.close()


def other_kinds(story):
    story.chapter("from the frames that allocate down, recursion folded, and what changed")
    page = story.browser.page(1220, 700)
    trace = traces.shop(story)
    report = story.report("--by", "function", trace)
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        story.open(page, draw(story, trace, "inverted.svg", "--inverted"), f"inverted, {scheme}")
        found = frames(page)
        tidy(story, found)
        story.legible(page)
        story.same("what allocates", {(f["label"], f["size"], f["count"]) for f in found if f["depth"] == 1 and f["left"] is None},
                   {(e["function"], e["size"], e["count"]) for e in report["entries"] if e["size"] >= report["selection"]["size"] / 1000})
        story.holds("callers are below", all(f["y"] > found[f["parent"]]["y"] for f in found[1:]))
        story.picture(page, "inverted-" + scheme)
    story.act("Tab, Down, Down, Up")
    page.key("Tab")
    depths = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        page.key(key)
        depths.append(page.evaluate("document.activeElement.dataset.depth"))
    story.same("the depths in focus", depths, ["1", "2", "1"])
    story.open(page, draw(story, trace, "folded.svg", "--fold-recursion"), "recursion folded")
    tidy(story, frames(page))
    story.same("plant_tree is there once", [f["size"] for f in frames(page) if f["label"] == "plant_tree"],
               [e["size"] for e in report["entries"] if e["function"] == "plant_tree"])
    page.scheme("light")
    before, after = story.report(trace + "@peak"), story.report(trace + "@end")
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        story.open(page, draw(story, trace + "@peak", "diff.svg", "--diff", trace + "@end"), f"what changed, {scheme}")
        found = frames(page)
        tidy(story, found)
        story.legible(page)
        story.same("before and after", (found[0]["earlier"], found[0]["size"]), (before["selection"]["size"], after["selection"]["size"]))
        story.picture(page, "diff-" + scheme)
    story.quiet(page)
    page.close()


def hostile(story):
    story.chapter("hostile names")
    page = story.browser.page(1220, 900)
    for trace in (traces.hostile(story), story.trace("markup"), story.trace("hostile")):
        story.open(page, draw(story, trace, "hostile.svg", "--title", "<script>hostile=1</script>]]>\u202e"))
        story.quiet(page)
        traces.inert(story, page)
        story.same("scripts", page.evaluate("document.querySelectorAll('script').length"), 1)
        story.legible(page)
        for frame in frames(page):
            page.move(*middle(frame))
        story.act("hover and click all over, search for what is there")
        for frame in frames(page)[:40:3]:
            page.click(*middle(frame))
        page.evaluate("document.querySelector('.search').focus()")
        page.type("<script>|hostile")
        traces.inert(story, page)
        story.quiet(page)
        story.picture(page, os.path.basename(trace)[:-4])
    page.close()


def shapes(story):
    story.chapter("odd shapes, narrow windows, zoom")
    page = story.browser.page(1220, 900)
    for scenario, *more in [("deep",), ("vast",), ("instant",), ("recursive",), ("places", 50000)]:
        path = draw(story, story.trace(scenario, *more), scenario + ".svg")
        story.open(page, path, f"{os.path.getsize(path)} bytes")
        story.note(f"it answers after {page.evaluate('performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart')} ms")
        story.quiet(page)
        tidy(story, frames(page))
        story.picture(page, scenario)
    for words, width, scale in [("a narrow window", 420, 1), ("zoomed to 200 %", 610, 2)]:
        page.resize(width, 700, scale)
        story.open(page, draw(story, traces.shop(story), "shop.svg"), words)
        story.quiet(page)
        story.picture(page, f"{width}")
    page.close()


stories.tell("flamegraph", [still, numbers, hover_and_zoom, search, keys, other_kinds, hostile, shapes])
