"""A browser test told as it goes: what was done, and what was held against what. Printed, and so in the test's log.

    # flame.svg, light
    - click on load
        ok: the zoomed frame: 'load'
        NOT OK: its bytes: 4096, not 4095

Also what all tests of this directory share: the built commands, the browser, a directory for traces and one for pictures.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

import devtools
import looks

SKIPPED = 77
QUIET = {"requests": "requests of more than itself", "console": "words on the console", "exceptions": "exceptions",
         "dialogs": "dialogs"}  # fmt: skip


class Story:
    def __init__(self, browser, name, work):
        self.browser, self.name, self.work = browser, name, work
        self.shots = os.environ.get("SHOTS", work)
        os.makedirs(self.shots, exist_ok=True)
        self.memtrace, self.make_trace = os.environ["MEMTRACE"], os.environ["MAKE_TRACE"]
        self.actions = self.held = 0
        self.failed = []  # said once more at the end, of which a log shows most
        self.scratch = browser.page()

    def chapter(self, words):
        print(f"\n# {words}", flush=True)

    def act(self, words):
        self.actions += 1
        print(f"- {words}", flush=True)

    def holds(self, words, whether, instead=""):
        self.held += 1
        if whether:
            print(f"    ok: {words}", flush=True)
        else:
            self.failed.append(f"NOT OK: {words}{': ' if instead != '' else ''}{instead}")
            print(f"    {self.failed[-1]}", flush=True)
        return whether

    def same(self, words, got, wanted):
        return self.holds(f"{words}: {got!r}", got == wanted, f"not {wanted!r}")

    def note(self, words):
        print(f"    {words}", flush=True)

    def run(self, *arguments):
        """memtrace with these arguments: its stdout. It must end well."""
        done = subprocess.run([self.memtrace, *map(str, arguments)], capture_output=True, text=True, cwd=self.work)
        if done.returncode:
            raise devtools.Trouble(f"memtrace {' '.join(map(str, arguments))}: {done.returncode}: {done.stderr}")
        return done.stdout

    def make(self, command, file, *arguments):
        """The path of a file that memtrace writes anew."""
        path = os.path.join(self.work, file)
        if os.path.exists(path):
            os.remove(path)
        self.run(command, *arguments, "-o", file)
        return path

    def report(self, *arguments):
        return json.loads(self.run("report", "--format", "json", *arguments))

    def trace(self, scenario, *more):
        path = os.path.join(self.work, scenario + ".mtr")
        subprocess.run([self.make_trace, scenario, path, *map(str, more)], check=True)
        return path

    def size(self, value):
        """As reports write sizes."""
        for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
            if abs(value) < 100 and unit != "B":
                return f"{value:.1f} {unit}"
            if abs(value) < 10240 or unit == "TiB":
                return f"{value:.0f} {unit}"
            value /= 1024

    def open(self, page, path, words=""):
        self.act(f"open {os.path.basename(path)}{words and ', ' + words}")
        page.open(pathlib.Path(path).as_uri())

    def quiet(self, page):
        """It asked the network for nothing, and nothing went wrong in it."""
        seen = {what: getattr(page, what)[what == "requests":] for what in QUIET}
        self.holds("no request but for itself, no word on the console, no exception, no dialog", not any(seen.values()),
                   {QUIET[what]: value[:5] for what, value in seen.items() if value})

    def legible(self, page, words=""):
        """No text lies over another, and each stands out from what is behind it."""
        found = looks.texts(page)
        self.holds(f"{len(found)} texts, none over another{words}", found and not looks.overlaps(found), looks.overlaps(found)[:5])
        judged = looks.contrasts(page, self.scratch, found)
        self.holds(f"the least contrast of text is {min((t['contrast'] for t in judged), default=0):.1f}", not looks.faint(judged),
                   looks.faint(judged)[:5])

    def picture(self, page, name):
        path = os.path.join(self.shots, f"{self.name}-{name}.png")
        page.screenshot(path)
        self.note(f"picture: {path}")


def tell(name, parts):
    """Runs each part(story), or those that the command line names, and ends the process: 0 when all holds, 77 where there is no browser."""
    program = devtools.find_chromium()
    if not program:
        print("skipped: there is no chromium here")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="memtrace-browser-") as work, devtools.Browser(program) as browser:
        story = Story(browser, name, work)
        for part in parts if len(sys.argv) < 2 else [part for part in parts if part.__name__ in sys.argv]:
            try:
                part(story)
            except devtools.Trouble as trouble:
                story.holds("the browser goes along", False, trouble)
            except Exception:  # the page is not what the test takes it for; the other parts may still tell more
                story.holds("the test knows the page", False, traceback.format_exc())
    print(f"\n{story.actions} actions, {story.held} assertions, {len(story.failed)} failed", *story.failed, sep="\n")
    sys.exit(1 if story.failed else 0)
