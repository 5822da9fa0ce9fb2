"""memtrace plot in a browser: every label to be read, in light and dark, of ordinary, odd and hostile traces."""

import os
import re

import looks
import story as stories
import traces


def draw(story, file, *arguments):
    return story.make("plot", file, *arguments)


def looked_at(story, page, path, name, words=""):
    """Opens a picture as large as it is, and holds its looks in light and dark."""
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        story.open(page, path, f"{words}{words and ', '}{scheme}")
        width, height = page.evaluate("(b => [Math.ceil(b.width), Math.ceil(b.height)])(document.documentElement.getBoundingClientRect())")
        page.resize(width, height)
        page.settle()
        story.quiet(page)
        story.legible(page)
        story.same("texts that the picture's edge cuts", looks.cut(looks.texts(page), width, height), [])
        story.picture(page, f"{name}-{scheme}")


AXES = """(() => {
    const area = document.querySelector("#area rect"), number = name => +area.getAttribute(name);
    const labels = [...document.querySelectorAll("text.faint")].map(t => ({text: t.textContent, y: +t.getAttribute("y"), anchor: t.getAttribute("text-anchor")}));
    return {x: number("x"), y: number("y"), width: number("width"), height: number("height"), labels,
            peak: document.querySelector(".peak path").getAttribute("d"), heap: document.querySelector("path.heap").getAttribute("d"),
            run: {...document.querySelector(".run").dataset}};
})()"""


def height_at(path, x):
    """The y of a line of steps there."""
    at = None
    for kind, first, second in re.findall(r"([MHVL])([\d.]+)(?: ([\d.]+))?", path):
        if kind == "M":
            at = float(second)
        elif kind == "H" and x <= float(first):
            return at
        elif kind == "V":
            at = float(first)
    return at


def reads_as(story, page, trace):
    """What a ruler held to the picture's axes reads is what the reports say."""
    report, axes = story.report(trace), page.evaluate(AXES)
    story.same("its data", [int(axes["run"][key]) for key in ("peakBytes", "endBytes")],
               [report["totals"]["peak_bytes"], report["totals"]["leaked_bytes"]])
    unit = next(1024 ** power for power, name in enumerate(("B", "KiB", "MiB")) if any(f"memory ({name})" in t["text"] for t in axes["labels"]))
    ticks = [(float(t["text"]) * unit, t["y"] - 4) for t in axes["labels"] if t["anchor"] == "end"]
    pixel = (ticks[-1][0] - ticks[0][0]) / (ticks[0][1] - ticks[-1][1])  # bytes
    read = lambda y: (ticks[0][1] - y) * pixel + ticks[0][0]
    peak = float(re.match(r"M[\d.]+ ([\d.]+)", axes["peak"])[1])
    story.holds(f"the cross is at {read(peak):.0f} bytes", abs(read(peak) - report["totals"]["peak_bytes"]) < pixel / 20)
    duration, looked, wrong = round(report["totals"]["duration_s"] * 1000), 0, []
    for ms in range(5, duration - 5, 8):
        around = [story.report(f"{trace}@{at}ms")["selection"]["size"] for at in (ms - 3, ms, ms + 3)]
        if len(set(around)) == 1:
            looked += 1
            got = read(height_at(axes["heap"], axes["x"] + axes["width"] * ms / duration))
            if abs(got - around[0]) > pixel / 20:
                wrong.append((ms, got, around[0]))
    story.holds(f"the curve at {looked} moments", looked > 5 and not wrong, wrong[:3])


def ordinary(story):
    story.chapter("a program with phases")
    shop = traces.shop(story)
    page = story.browser.page()
    report = story.report(shop)
    looked_at(story, page, draw(story, "shop.svg", shop), "shop")
    said = " ".join(text["text"] for text in looks.texts(page))
    story.holds(f"the peak is named, {report['totals']['peak_bytes']} bytes", story.size(report["totals"]["peak_bytes"]) in said, said)
    reads_as(story, page, shop)
    for name, words, arguments in [("stacked", "its places as bands", ["--stacked", "4"]), ("slope", "its trend", ["--slope"]),
                                   ("log", "logarithmic", ["--log"]), ("window", "a part", ["--window", "25%,75%"]),
                                   ("function", "functions as bands", ["--stacked", "3", "--by", "function"])]:
        looked_at(story, page, draw(story, name + ".svg", shop, *arguments), name, words)
    page.close()


def several(story):
    story.chapter("several traces")
    page = story.browser.page()
    several = [story.trace(scenario) for scenario in ("small", "marks", "recursive")] + [traces.shop(story)]
    looked_at(story, page, draw(story, "several.svg", *several), "several")
    looked_at(story, page, draw(story, "marks.svg", story.trace("marks")), "marks")
    page.close()


def hostile(story):
    story.chapter("hostile names")
    page = story.browser.page()
    for trace, options in [(story.trace("markup"), []), (story.trace("markup"), ["--stacked", "12"]), (traces.hostile(story), ["--stacked", "12"]),
                           (story.trace("hostile"), ["--title", "<script>hostile=1</script>]]>\u202e"])]:
        looked_at(story, page, draw(story, "hostile.svg", trace, *options), "hostile-" + os.path.basename(trace)[:-4] + str(len(options)))
        traces.inert(story, page)
        story.same("scripts", page.evaluate("document.querySelectorAll('script').length"), 0)
    page.close()


def shapes(story):
    story.chapter("odd shapes")
    page = story.browser.page()
    for scenario, *more in [("vast",), ("deep",), ("instant",), ("places", 50000), ("large", 200000)]:
        path = draw(story, scenario + ".svg", story.trace(scenario, *more))
        looked_at(story, page, path, scenario, f"{os.path.getsize(path)} bytes")
    page.close()


stories.tell("plot", [ordinary, several, hostile, shapes])
