"""What the tests of memtrace html do on its page, and what they hold it against: clicks, choices, ranges dragged; its tables, sums
and flame graph beside what memtrace report says."""

# Whole tables, of which the document has only what can be seen: scrolled through.
ROWS = """(async () => {
    const scroll = document.querySelector('#table .scroll'), found = new Map(), frame = () => new Promise(requestAnimationFrame);
    for (let top = 0; ; top += scroll.clientHeight) {
        scroll.scrollTop = top;
        await frame(); await frame();
        for (const row of scroll.querySelectorAll('.row'))
            found.set(+row.getAttribute('aria-rowindex'), {...row.dataset, more: row.querySelector('.more').textContent,
                                                           cells: [...row.children].map(c => c.textContent)});
        if (top + scroll.clientHeight >= scroll.scrollHeight) break;
    }
    scroll.scrollTop = 0;
    await frame();
    return [...found].sort((a, b) => a[0] - b[0]).map(entry => entry[1]);
})()"""
# Of each frame what the details say of it as well, as if the pointer were over it.
FRAMES = """[...document.querySelectorAll('#flame .frame')].map(e => ({about: (e.dispatchEvent(new PointerEvent("pointerover", {bubbles: true})),
    [...document.querySelectorAll("#flame-details > *")].map(part => part.textContent)), node: +e.dataset.node, depth: +e.dataset.depth, bytes: +e.dataset.bytes,
    blocks: +e.dataset.blocks, classes: [...e.classList], text: e.textContent, x: e.getBoundingClientRect().x, y: e.getBoundingClientRect().y,
    width: e.getBoundingClientRect().width, height: e.getBoundingClientRect().height}))"""


def box(page, selector):
    page.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
    page.settle()
    return page.evaluate(f"(b => [b.x, b.y, b.width, b.height])(document.querySelector({selector!r}).getBoundingClientRect())")


def click(page, selector):
    x, y, width, height = box(page, selector)
    page.click(x + width / 2, y + height / 2)


def choose(story, page, name, value):
    story.act(f"choose {value}")
    click(page, f"input[name={name}][value={value}]")
    story.same("chosen", page.evaluate(f"document.body.dataset.{name}"), value)


def body(page):
    return page.evaluate("({...document.body.dataset})")


def ms(page):
    data = body(page)
    return int(data["fromMs"]), int(data["toMs"])


def rows(page):
    return page.evaluate(ROWS)


def make(story, trace, file, *options):
    return story.make("html", file, trace, *options)


def place(entry, by):
    """How a report's entry is called in the page's table: its name, and what stands behind it."""
    if by == "thread":
        return f"{entry['thread'] or '<unknown>'}:{entry['tid']}", ""
    if by == "module":
        return entry["module"] or "<unknown>", ""
    if by == "file":
        return entry["file"], ""
    if by == "function":
        return entry["function"] or "<unknown>", entry["file"]
    return entry["file"] + (f":{entry['line']}" if entry["line"] is not None else ""), entry["function"] or ""


def table_is(story, page, by, entries, size="size", count="count", maybe_none=False):
    """The page's table has just these entries, and the same figures; at least one unless there may be none."""
    got = {(row["name"], row["more"]): (int(float(row["bytes"])), int(float(row["blocks"]))) for row in rows(page)
           if int(float(row["bytes"])) or int(float(row["blocks"]))}
    wanted = {place(entry, by): (entry[size], entry[count]) for entry in entries if entry[size] or entry[count]}
    different = sorted(key for key in set(got) | set(wanted) if got.get(key) != wanted.get(key))
    story.holds(f"{len(got)} {by} entries as the report has them, {sum(v[0] for v in got.values())} bytes", (got or maybe_none) and not different,
                [(key, got.get(key), wanted.get(key)) for key in different[:3]])


def sum_is(story, page, size, count):
    data = page.evaluate("({...document.getElementById('measure-sum').dataset})")
    story.same("bytes and blocks in all", (int(data["bytes"]), int(data["blocks"])), (size, count))


def flame_is(story, page, report):
    """Each frame that is drawn has the bytes and blocks of the report's stacks through it."""
    sums = {(): [0, 0]}
    for entry in report["entries"]:
        path = [(frame["function"], frame["file"] + (f":{frame['line']}" if frame["line"] is not None else "")) for frame in entry["frames"]]
        for depth in range(len(path) + 1):
            before = sums.get(tuple(path[:depth]), [0, 0])
            sums[tuple(path[:depth])] = [before[0] + entry["size"], before[1] + entry["count"]]
    found, different = page.evaluate(FRAMES), []
    for frame in found:
        path = [f for f in found if f["depth"] <= frame["depth"] and f["x"] <= frame["x"] + 0.1 and frame["x"] < f["x"] + f["width"] + 0.5]
        path = [max((f for f in path if f["depth"] == depth), key=lambda f: f["x"]) for depth in range(1, frame["depth"] + 1)]
        wanted = sums.get(tuple((f["about"][0], f["about"][1]) for f in path))
        if wanted != [frame["bytes"], frame["blocks"]]:
            different.append(([f["about"][:2] for f in path], frame["bytes"], frame["blocks"], wanted))
    story.holds(f"{len(found)} frames in the flame graph, {found[0]['bytes']} bytes in all", len(found) > 1 and not different, different[:3])


def tidy(story, page):
    """Frames of the flame graph stand where their sizes say: a pixel is left between them, and one is drawn at least."""
    found = page.evaluate(FRAMES)
    whole = max((f for f in found if "above" not in f["classes"]), key=lambda f: f["width"])
    wrong = [(f["about"][0], f["width"]) for f in found if "above" not in f["classes"]
             and abs(f["width"] - max(1, (whole["width"] + 1) * f["bytes"] / whole["bytes"] - 1)) > 0.1]
    story.holds(f"{len(found)} frames as wide as their sizes", not wrong, wrong[:3])


def drag(story, page, first, second):
    """Over the curve, from one share of its width to another."""
    x, y, width, height = box(page, "#curve svg")
    story.act(f"drag over the curve from {first:.0%} to {second:.0%} of its width")
    page.drag(x + width * first, y + height / 2, x + width * second, y + height / 2)
    page.settle()
    story.note(f"the range is {ms(page)[0]} ms to {ms(page)[1]} ms")
