"""export_chrome.py MEMTRACE TRACE...: the chrome export as the Trace Event format's description has it, beside what report and
plot say of the same trace."""

import collections
import json
import subprocess
import sys

NEEDED = {"M": {"args"}, "C": {"ts", "args"}, "X": {"ts", "dur"}, "i": {"ts", "s"}, "b": {"ts", "id", "cat"}, "e": {"ts", "id", "cat"}}


def memtrace_json(memtrace, *words):
    return json.loads(subprocess.run([memtrace, *words, "--format", "json"], capture_output=True, check=True).stdout)


def nest(slices):
    """A thread's slices are each in one another or apart."""
    around = []
    for begin, end in sorted(slices, key=lambda s: (s[0], -s[1])):
        while around and around[-1] <= begin:
            around.pop()
        assert not around or end <= around[-1], (begin, end, around)
        around.append(end)


def live_at(counters, us):
    held = [size for at, size in counters if at <= us]
    return held[-1] if held else 0


def look_at(memtrace, trace):
    done = subprocess.run([memtrace, "export", "--format", "chrome", trace], capture_output=True, check=True)
    events = json.loads(done.stdout)["traceEvents"]
    report = memtrace_json(memtrace, "report", trace)
    run = memtrace_json(memtrace, "plot", trace)["runs"][0]
    kinds = collections.defaultdict(list)
    for event in events:
        assert NEEDED[event["ph"]] | {"name", "pid", "tid"} <= event.keys(), event
        assert event["pid"] == report["process"]["pid"] and event["tid"] > 0 and event.get("ts", 0) >= 0, event
        kinds[event["ph"]].append(event)

    live = [(e["ts"], e["args"]["bytes"]) for e in kinds["C"] if e["name"] == "live heap"]
    resident = [(e["ts"], e["args"]["bytes"]) for e in kinds["C"] if e["name"] == "resident set"]
    assert len(live) + len(resident) == len(kinds["C"])
    assert live == sorted(live, key=lambda c: c[0]) and live[0] == (0, 0)
    assert all(one[1] != other[1] for one, other in zip(live, live[1:]))
    assert max(size for _, size in live) == report["totals"]["peak_bytes"]
    if report["totals"]["peak_bytes"]:
        assert min(at for at, size in live if size == report["totals"]["peak_bytes"]) == report["totals"]["peak_time_s"] * 1e6
    assert max((size for _, size in resident), default=0) == report["totals"]["peak_rss_bytes"]
    last_ms = round(report["totals"]["duration_s"] * 1000)
    for ms in range(0, last_ms + 1, max(1, last_ms // 25)) if last_ms < 10000 else [last_ms]:  # each has its own value
        held = sum(e["size"] for e in memtrace_json(memtrace, "report", f"{trace}@{ms}ms")["entries"])
        assert live_at(live, ms * 1000 + 999) == held, (trace, ms, live_at(live, ms * 1000 + 999), held)
    for column in run["columns"]:
        if "rss_last" in column:
            assert live_at(resident, column["end_s"] * 1e6 - 1) == column["rss_last"], column

    threads = collections.defaultdict(list)
    for event in kinds["X"]:
        assert event["dur"] >= 0, event
        threads[event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for slices in threads.values():
        nest(slices)
    scopes = [(e["name"], e["ts"], e["ts"] + e["dur"], e["args"]) for e in kinds["X"]]
    assert [e["id"] for e in kinds["b"]] == [e["id"] for e in kinds["e"]] and len({e["id"] for e in kinds["b"]}) == len(kinds["b"])
    for begin, end in zip(kinds["b"], kinds["e"]):
        assert begin["name"] == end["name"] and begin["tid"] == end["tid"] and begin["ts"] <= end["ts"], (begin, end)
        scopes.append((begin["name"], begin["ts"], end["ts"], begin["args"]))
    named = {e["tid"] for e in kinds["M"] if e["name"] == "thread_name"}
    assert named == {e["tid"] for e in kinds["X"] + kinds["b"]}, named
    wanted = sorted((s["name"], s["begin_s"], s["end_s"]) for s in run["scopes"] if None not in (s["begin_s"], s["end_s"]))
    told = sorted((name, begin // 1000 / 1000, end // 1000 / 1000) for name, begin, end, args in scopes if not args)
    assert told == wanted, (told, wanted)
    unsure = sorted((name, *args) for name, _, _, args in scopes if args)
    assert unsure == sorted((s["name"], "begin" if s["begin_s"] is None else "end")
                            for s in run["scopes"] if None in (s["begin_s"], s["end_s"])), unsure
    print(trace, len(live), "of live bytes", len(resident), "of the resident set", len(kinds["X"]), "slices",
          len(kinds["b"]), "across", len(kinds["i"]), "marks")


if __name__ == "__main__":
    for name in sys.argv[2:]:
        look_at(sys.argv[1], name)
