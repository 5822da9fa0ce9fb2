"""growth_oracle.py MEMTRACE OPTION... STATE STATE...: what `memtrace growth` tells must be what objgraph's show_growth adds
up to when it is called at each of the states: its deltas are of what is beyond all peaks before.
"""

import json
import subprocess
import sys

MEMTRACE, *ARGUMENTS = sys.argv[1:]
options = [a for a in ARGUMENTS if a.startswith("--")]
states = [a for a in ARGUMENTS if not a.startswith("--")]
measure = "count" if {"--cost=count", "--sort=count"} & set(options) else "size"


def run(*arguments):
    return json.loads(subprocess.run([MEMTRACE, *arguments, "--format", "json"], capture_output=True, check=True).stdout)


def name(entry):
    return tuple(entry[k] for k in ("file", "line", "function", "module"))


def show_growth(peaks, stats, first):
    """objgraph.growth: what has grown beyond its peak, by how much; the first call is where we begin."""
    deltas = {}
    for key, value in stats.items():
        peak = peaks.get(key, 0)
        if value > peak:
            if not first:
                deltas[key] = value - peak
            peaks[key] = value
    return deltas


history = {"size": [], "count": []}
for state in states:
    entries = run("report", *options, state)["entries"]
    for which, stats in history.items():
        stats.append({name(e): e[which] for e in entries})
peaks, grown, steps = ({"size": {}, "count": {}} for _ in range(3))
for which, stats in history.items():
    for number, state in enumerate(stats):
        for key, delta in show_growth(peaks[which], state, number == 0).items():
            grown[which][key] = grown[which].get(key, 0) + delta
            steps[which][key] = steps[which].get(key, 0) + 1

made = run("growth", *options, *states)
keys = sorted(grown[measure], reverse=True, key=lambda k: (
    grown[measure][k], peaks[measure][k], *((grown[w].get(k, 0), peaks[w][k]) for w in grown if w != measure),
    k[0] or "", k[1] or 0))
assert [name(e) for e in made["entries"]] == keys, "other places, or in another order"
for entry in made["entries"]:
    key = name(entry)
    assert [entry["size"], entry["count"]] == [peaks["size"][key], peaks["count"][key]], entry
    assert [entry["size_grown"], entry["count_grown"]] == [grown["size"].get(key, 0), grown["count"].get(key, 0)], entry
    assert entry["steps"] == steps[measure][key] and entry["every_step"] == (entry["steps"] == len(states) - 1), entry
    assert entry["sizes"] == [stats.get(key, 0) for stats in history["size"]], entry
    assert entry["counts"] == [stats.get(key, 0) for stats in history["count"]], entry
assert made["steps"] == len(states) - 1 and made["grown"] == len(keys)
assert made["grown_every_step"] == sum(e["every_step"] for e in made["entries"])
print(f"as objgraph has it: {len(keys)} places grew")
