"""together_oracle.py PRINT_TOGETHER TRACE...: what processes held together, beside what a second reader adds up.

Millisecond by millisecond: no less was held together than by the one with its highest while the others have their
lowest, and no more than all highest. Prints how many traces there were and the answer.
"""

import os
import struct
import subprocess
import sys

sys.path.insert(0, os.environ["PROGRAMS"])
import mtr_reader  # noqa: E402


def changes_of(path):
    """{millisecond since 1970: (least, most)}, wherever they differ from the millisecond before."""
    trace = mtr_reader.Trace(path)
    start = struct.unpack_from("<Q", trace.data, 16)[0] // 1000000
    held, spans, after = 0, {}, {}

    def on_event(event, site, _):
        nonlocal held
        least, most = spans.get(trace.clock, (held, held))
        held += trace.sites[site][1] if event == mtr_reader.ALLOC else -trace.sites[site][1]
        spans[trace.clock] = min(least, held), max(most, held)
        after[trace.clock + 1] = held

    trace.read(on_event)
    last = max([trace.end["time_ns"] // 1000000, *spans])
    changes, held = {}, 0
    for clock in sorted({0, *spans, *after, last}):
        held = after.get(clock, held)
        changes[start + clock] = spans.get(clock, (held, held))
    changes[start + last] = 0, changes[start + last][1]  # it may be gone already
    changes[start + last + 1] = 0, 0
    return changes


def add_up(paths):
    times = {}
    for number, path in enumerate(paths):
        for time, span in changes_of(path).items():
            times.setdefault(time, []).append((number, span))
    now = [(0, 0)] * len(paths)
    low_bytes = high_bytes = 0
    when = min(times)
    for time in sorted(times):
        for number, span in times[time]:
            now[number] = span
        beyond = max(most - least for least, most in now)
        low_bytes = max(low_bytes, sum(least for least, _ in now) + beyond)
        if sum(most for _, most in now) > high_bytes:
            high_bytes, when = sum(most for _, most in now), time
    return low_bytes, high_bytes, when


def main():
    command, *paths = sys.argv[1:]
    output = subprocess.run([command, *paths], capture_output=True, text=True, check=True).stdout
    told, wanted = tuple(map(int, output.split())), add_up(paths)
    print(len(paths), *told)
    if told != wanted:
        sys.exit("told %s, but it is %s" % (told, wanted))


main()
