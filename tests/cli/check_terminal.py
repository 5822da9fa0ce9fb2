"""Checks on a pseudoterminal: check_terminal.py MAKE_CHECKS. What passed and failed has its colour, what grows its bars."""

import os
import sys

from pseudoterminal import run_on_terminal

GOOD, ALARM, CYAN, PLAIN = "\33[32m", "\33[1;31m", "\33[36m", "\33[0m"
problems = 0


def on_terminal(width, **settings):
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "LANG", "LC_CTYPE")}
    program, written = run_on_terminal([sys.argv[1], "rich", "text"], width, kept | {"TERM": "xterm"} | settings)
    assert program.returncode == 0
    return written.decode().splitlines()


def has(what, lines, expected):
    global problems
    if expected not in lines:
        problems += 1
        print(f"{what}: no line {expected!r} in\n  " + "\n  ".join(map(repr, lines)))


seen = on_terminal(200, LC_ALL="C.UTF-8")
has("failed", seen, f"{ALARM}FAIL{PLAIN}  total: 10485761 B in 1 allocation, limit 10485760 B (--max-total 10M)")
has("passed", seen, f"{GOOD}PASS{PLAIN}  allocations of each place: at most 999, limit 1000 (--max-allocs 1000 --each)")
has("undecided", seen, f"{ALARM}CANNOT JUDGE{PLAIN}  worker: steady growth: 5 repetitions after the warm-up; 9 are needed (--growth)")
has("verdict", seen, f"{ALARM}FAIL{PLAIN}: 6 of 10 checks failed, 1 cannot be judged")
has("place", seen, f"{CYAN}server+0x2f00{PLAIN}: 144 B in 16 blocks")
has("frame", seen, f'  File "{CYAN}../src/cache.c{PLAIN}", line 42, in cache_put')
HISTORY = "  4096 B in the first to 5096 B in the last of 11 repetitions (mark request), after 1 of warm-up"
has("bars", seen, "  ▁▂▂▃▄▅▅▆▇▇█" + HISTORY)
has("digits", on_terminal(200, LC_ALL="C"), "  01234556789" + HISTORY)
has("no colour", on_terminal(200, LC_ALL="C.UTF-8", NO_COLOR="1"), "PASS  peak: 12.3 MiB in 340 blocks, limit 64.0 MiB (--max-peak 64M)")
has("narrow", on_terminal(44, LC_ALL="C"), f'  File "{CYAN}/opt/... b/dep.cpp{PLAIN}", line 7, in dep::Pool<int>::get(unsigned long)')
sys.exit(1 if problems else 0)
