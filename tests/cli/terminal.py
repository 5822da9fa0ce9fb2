"""memtrace on a pseudoterminal of a given width: the exact bytes. MEMTRACE is the program, the traces are here."""

import os
import re
import subprocess
import sys
import unicodedata

from pseudoterminal import run_on_terminal

MEMTRACE = os.environ["MEMTRACE"]
BOLD, CYAN, YELLOW, ALARM, PLAIN = "\33[1m", "\33[36m", "\33[33m", "\33[1;31m", "\33[0m"
failures = 0


def environment(**settings):
    made = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
    made |= {"TERM": "xterm"} | settings
    return {name: value for name, value in made.items() if value is not None}


def on_terminal(*arguments, width=80, only=None, **settings):
    """What the program writes on a terminal of so many columns; `only`: of its stdout or stderr."""
    program, written = run_on_terminal([MEMTRACE, *arguments], width, environment(**settings),
                                       stdout=subprocess.DEVNULL if only == "stderr" else None,
                                       stderr=subprocess.PIPE if only == "stdout" else None)
    if only == "stdout":
        same(f"a pipe beside {arguments}", program.stderr.read(), b"")
    assert program.returncode == 0, arguments
    return written.decode()


def piped(*arguments, **settings):
    return subprocess.run([MEMTRACE, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
                          env=environment(**settings)).stdout.decode()


def same(what, seen, expected):
    global failures
    if seen != expected:
        failures += 1
        print(f"{what}:\n  {seen!r}\nis not\n  {expected!r}")


def uncoloured(text):
    return re.sub("\33\\[[0-9;]*m", "", text)


def columns(line):
    """By Python's own tables of characters."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def place(text):
    return CYAN + text + PLAIN


SUMMARY = """\
program:     app --input 'two words'
process:     1234, exited with code 7 after 0.012 s
allocations: 111, 16.1 KiB in all; temporary: 1
frees:       91; foreign frees: 3; lost events: 0
peak:        16.1 KiB at 0.005 s; peak RSS: 4096 KiB
leaked:      10.0 KiB in 20 blocks

"""
TITLE = "Top 3 of 3 lines by live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks:"
LINES = [("app+0x401010", "10000 B", ", count=10, average=1000 B"), ("app+0x402020", "4096 B", ", count=1, average=4096 B"),
         ("app+0x403030", "2400 B", ", count=100, average=24 B")]
PLAIN_REPORT = SUMMARY + TITLE + "\n" + "".join(f"{where}: size={size}{rest}\n" for where, size, rest in LINES)
COLOURED = SUMMARY + BOLD + TITLE + PLAIN + "\n" + "".join(
    f"{place(where)}: size={YELLOW}{size}{PLAIN}{rest}\n" for where, size, rest in LINES)


def colours():
    small = ["report", "small.mtr"]
    same("a pipe", piped(*small), PLAIN_REPORT)
    same("a pipe with COLUMNS", piped(*small, COLUMNS="20"), PLAIN_REPORT)
    same("a terminal", on_terminal(*small), COLOURED)
    same("auto", on_terminal(*small, "--color", "auto"), COLOURED)
    same("never", on_terminal(*small, "--color", "never"), PLAIN_REPORT)
    same("always in a pipe", piped(*small, "--color=always"), COLOURED)
    same("auto in a pipe", piped(*small, "--color=auto"), PLAIN_REPORT)
    same("NO_COLOR", on_terminal(*small, NO_COLOR="1"), PLAIN_REPORT)
    same("an empty NO_COLOR", on_terminal(*small, NO_COLOR=""), COLOURED)
    same("NO_COLOR and always", on_terminal(*small, "--color", "always", NO_COLOR="1"), COLOURED)
    same("TERM=dumb", on_terminal(*small, TERM="dumb"), PLAIN_REPORT)
    same("an empty TERM", on_terminal(*small, TERM=""), PLAIN_REPORT)
    same("no TERM", on_terminal(*small, TERM=None), PLAIN_REPORT)
    for form in "json", "csv":
        same(form, on_terminal(*small, "--format", form, "--color", "always", width=20), piped(*small, "--format", form))
    same("pretty", on_terminal(*small, "--pretty", "-n", "1"),
         f"{BOLD}Top 1 lines{PLAIN}\n#1: {place('app+0x401010')}: {YELLOW}9.8 KiB{PLAIN}\n2 other: 6.3 KiB\n"
         "Total allocated size: 16.1 KiB\n")
    same("a traceback", on_terminal(*small, "--by", "traceback", "-n", "1").split("\n")[8:],
         [f"{place('app+0x401010')}: size={YELLOW}10000 B{PLAIN}, count=10, average=1000 B",
          f'  File "{place("app+0x401010")}"', ""])
    same("losses", on_terminal("report", "lossy.mtr").split("\n")[6],
         f"{ALARM}LOST:{PLAIN}        17 events; the figures are too low by as much")


def sizes():
    heading = f"{BOLD}      from      below        count       size{PLAIN}"
    for width, longest in (200, 40), (80, 34), (60, 14), (47, 1), (46, 0), (10, 0), (0, 34):
        bar = " " + "#" * longest if longest else ""
        lines = on_terminal("report", "--by", "size", "small.mtr", width=width).split("\n")
        same(f"sizes at {width}", [lines[8], lines[10]],
             [heading, f"     512 B     1024 B           10 {YELLOW}   10000 B{PLAIN}{bar}"])


# by width: each name as its middle is cut, the largest first
ACCENTS, KANJI = "e\u0301" * 8, "\u6f22\u5b57\u304b\u306a" * 3
WHOLE = [r"/nonexistent/lib/\x1b[31mred\x1b[0m \xff\xfe\xff\xfe\xff\xfe of bytes.so", f"/nonexistent/lib/{KANJI}.so",
         f"/nonexistent/lib/{ACCENTS} with accents {ACCENTS[:8]}.so",
         "/nonexistent/lib/a-name-of-only-ascii-which-goes-on-and-on-and-on-and-on.so"]
CUT = {
    80: [r"/nonexistent/l...\xff\xfe\xff\xfe of bytes.so", f"/nonexistent/lib/{KANJI}.so",
         f"/nonexistent/lib/{ACCENTS} with accents {ACCENTS[:8]}.so",
         "/nonexistent/li...oes-on-and-on-and-on-and-on.so"],
    40: ["/non... bytes.so", f"/non...{KANJI[-3:]}.so", f"/non...s {ACCENTS[:8]}.so", "/non...and-on.so"],
}


def widths():
    for width, settings in (200, {}), (80, {}), (40, {}), (0, {}), (200, {"COLUMNS": "40"}), (40, {"COLUMNS": "0"}), \
            (40, {"COLUMNS": "wide"}), (40, {"COLUMNS": "200"}), (80, {"TERM": "dumb"}), (80, {"LC_ALL": "POSIX"}):
        wanted = int(settings.get("COLUMNS", "0")) if settings.get("COLUMNS", "0").isdigit() else 0
        wanted = wanted or width or 80
        report = uncoloured(on_terminal("report", "--by", "module", "wide.mtr", width=width, **settings)).split("\n")
        names = [line.split(": size=")[0] for line in report[8:-1]]
        same(f"places at {width}, {settings}", names, CUT.get(wanted, WHOLE))
        command = "wide --of 'a long row of words that goes on and on and on'"
        room = max(wanted - len("program:     "), 16)
        same(f"command at {width}, {settings}", report[0],
             "program:     " + (command if len(command) <= room else command[:room - 3] + "..."))
        over = [line for line in report[8:-1] if columns(line) > max(wanted, len(": size=64 B, count=1, average=64 B") + 16)]
        same(f"too long at {width}, {settings}", over, [])
    # an accent stays with its letter
    same("accents at 76", uncoloured(on_terminal("report", "--by", "module", "wide.mtr", width=76)).split("\n")[10],
         f"/nonexistent/...{ACCENTS[:10]} with accents {ACCENTS[:8]}.so: size=16 B, count=1, average=16 B")
    same("whole in a pipe", [line.split(": size=")[0] for line in piped(
        "report", "--by", "module", "wide.mtr", "--color", "always", COLUMNS="40").split("\n")[8:-1]],
        [CYAN + name + PLAIN for name in WHOLE])


def two_places():
    """Two on a line: the first in a column, of half of what the figures leave at the most."""
    whole = [f"{line[0]}(<unknown>)" for line in LINES]
    cut = [f"{name[:4]}...{name[-9:]}" for name in whole]  # 16 columns are left of any name
    for width, shown in (200, whole), (80, whole), (60, cut), (0, whole):
        lines = on_terminal("callers", "--by", "line", "small.mtr", width=width).split("\n")
        gap = " " * (len(shown[0]) - len("Line"))
        same(f"callers at {width}", lines[4:],
             [f"Line{gap}  was called by...", f"    {gap}      ncalls  totsize  cumsize", f"{place(shown[0])}  <- ",
              f"{place(shown[1])}  <-   1/101 {YELLOW}  4096 B{PLAIN} {YELLOW}  6496 B{PLAIN}  {place(shown[0])}",
              f"{place(shown[2])}  <-     100 {YELLOW}  2400 B{PLAIN} {YELLOW}  2400 B{PLAIN}  {place(shown[1])}", ""])
    for width in range(64, 84):
        table = uncoloured(on_terminal("callers", "--by", "line", "small.mtr", width=width)).split("\n")[4:]
        same(f"the longest line at {width}", max(map(columns, table)), min(width, 78))
    for width in 200, 100, 80, 40:
        rows = uncoloured(on_terminal("callees", "--by", "module", "wide.mtr", width=width)).split("\n")[5:-1]
        most = max((width - 32) // 2, 16)
        wanted = min(most, max(columns(name) for name in WHOLE))
        same(f"columns at {width}", [columns(row.split("  ->")[0]) for row in rows], [wanted] * 4)
    functions = on_terminal("report", "--format", "pstats", "--by", "line", "-n", "1", "small.mtr", width=60).split("\n")
    same("pstats at 60", functions[5:],
         ["   ncalls  totsize  percall  cumsize  percall filename:lineno(function)",
          f"   10/111 {YELLOW} 10000 B{PLAIN}   1000 B {YELLOW}16.1 KiB{PLAIN}    149 B {place(cut[0])}", ""])


def progress():
    def step(word, done, of):
        return f"\r{word:9} [{'#' * (20 * done // of):20}] {100 * done // of:3} %\33[K"

    slow = {"LD_PRELOAD": os.environ["SLOW_CLOCK"]}
    asked = "report", "--cost", "total", "--include", "app", "frames.mtr"
    bars = "".join(step("reading", done, 10) for done in range(4, 11)) + "\r\33[K" \
        + "".join(step("replaying", done, 10) for done in range(10)) + "\r\33[K" \
        + "".join(step("naming", done, 25) for done in [0, *range(15, 25)]) + "\r\33[K"
    same("a bar", on_terminal(*asked, only="stderr", **slow), bars)
    same("a bar before a report", on_terminal(*asked, **slow), bars + on_terminal(*asked))
    same("quick work", on_terminal(*asked, only="stderr"), "")
    for what, settings in ("TERM=dumb", {"TERM": "dumb"}), ("39 columns", {"width": 39}), ("COLUMNS=39", {"COLUMNS": "39"}):
        same(f"a bar with {what}", on_terminal(*asked, only="stderr", **slow, **settings), "")
    same("a bar at 40 columns", on_terminal(*asked, only="stderr", **slow, width=40), bars)
    on_terminal(*asked, only="stdout", **slow)


for check in colours, sizes, widths, two_places, progress:
    check()
sys.exit(1 if failures else 0)
