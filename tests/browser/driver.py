"""The browser tests' own test: what they press and drag arrives, and they find what is wrong with a page that is wrong."""

import contextlib
import io
import os

import devtools
import looks
import story as stories

PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pages")


def centre(page, selector):
    box = page.evaluate(f"(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector({selector!r}).getBoundingClientRect())")
    return box


def good(story):
    story.chapter("a page that is as it should be")
    page = story.browser.page()
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        story.open(page, os.path.join(PAGES, "good.html"), scheme)
        story.quiet(page)
        story.legible(page)
        story.same("what is behind all", page.evaluate("getComputedStyle(document.body).backgroundColor"),
                   "rgb(255, 255, 255)" if scheme == "light" else "rgb(17, 17, 17)")
    story.act("click, click twice, press Tab and Enter")
    page.click(*centre(page, "#more"))
    page.click(*centre(page, "#more"), count=2)
    page.key("Enter")
    story.same("clicks counted", page.evaluate("document.getElementById('count').value"), "4")
    story.act("Tab to the field, type, press keys")
    page.key("Tab")
    page.type("w\u00f6rds")
    for key in ("ArrowLeft", "x", "Escape"):
        page.key(key)
    page.key("Tab", "Shift")
    story.same("the field", page.evaluate("document.getElementById('words').value"), "w\u00f6rdxs")
    story.same("keys", page.evaluate("document.getElementById('keys').value"), "ArrowLeft x Escape S-Tab ")
    story.same("what has the focus", page.evaluate("document.activeElement.id"), "more")
    story.act("drag over the bar")
    left, top = page.evaluate("(b => [b.x, b.y])(document.getElementById('bar').getBoundingClientRect())")
    page.drag(left + 20, top + 10, left + 150, top + 10)
    story.same("the range", page.evaluate("document.getElementById('range').value"), "20..150")
    story.act("open it with scripts forbidden, and click")
    page.scripts(False)
    story.open(page, os.path.join(PAGES, "good.html"))
    page.click(*centre(page, "#more"))
    story.same("clicks counted", page.evaluate("document.getElementById('count').textContent"), "0")
    page.close()


def bad(story):
    story.chapter("a page in which everything is wrong")
    page = story.browser.page(1000, 600)
    story.open(page, os.path.join(PAGES, "bad.html"))
    story.same("files asked for", [url.rsplit("/", 1)[1] for url in page.requests], ["bad.html", "picture-that-is-not-there.png"])
    story.holds("the word on the console is noted", "error: a word" in page.console, page.console)
    story.same("dialogs", page.dialogs, ["a dialog"])
    story.holds("the exception is noted", any("undefinedFunction" in e for e in page.exceptions), page.exceptions)
    found = looks.texts(page)
    story.same("texts over each other", looks.overlaps(found), [("text below another", "text above another")])
    story.same("texts cut", looks.cut(found, 1000, 600), ["cut by the edge"])
    judged = looks.contrasts(page, story.scratch, found)
    story.same("faint texts", sorted(text for text, _ in looks.faint(judged)), ["pale by half", "text hardly to be seen"])
    story.same("the contrast of #bbb on white", next(round(t["contrast"], 2) for t in judged if "hardly" in t["text"]), 1.92)
    story.act("hold all of it against the page, as other tests do")
    probe = stories.Story(story.browser, "probe", story.work)
    with contextlib.redirect_stdout(io.StringIO()) as told:
        probe.quiet(page)
        probe.legible(page)
    story.same("what fails", [line.split(":")[1] for line in told.getvalue().splitlines() if "NOT OK" in line],
               [" no request but for itself, no word on the console, no exception, no dialog", " 5 texts, none over another",
                " the least contrast of text is 1.9"])
    story.same("what was heard of it", [words for words in stories.QUIET.values() if words in told.getvalue()], list(stories.QUIET.values()))
    story.act("wait for what never comes")
    seconds, devtools.SECONDS = devtools.SECONDS, 0.2
    try:
        page.wait("document.getElementById('never')")
        said = "nothing"
    except devtools.Trouble as trouble:
        said = str(trouble)
    devtools.SECONDS = seconds
    story.same("said", said, "never: document.getElementById('never')")
    page.close()


stories.tell("driver", [good, bad])
