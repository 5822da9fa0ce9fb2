"""export_mprof.py MEMTRACE TRACE...: what mprof's own reader and our plot find in the mprof export, beside plot of the trace."""

import json
import subprocess
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")
import mprof  # noqa: E402


def plot(memtrace, path):
    done = subprocess.run([memtrace, "plot", "--children", "--format", "json", path], capture_output=True, check=True)
    return json.loads(done.stdout)["runs"]


def sampled(run, key="rss_high"):
    """{ms since 1970: bytes} of the columns with samples."""
    return [(run["started"] + column["time_s"], run["started"] + column["end_s"], column[key]) for column in run["columns"] if key in column]


def told_again(samples):
    """Which of [(s, bytes)] only say that the value held until then: as the one before, a millisecond before another value."""
    again = set()
    for i in range(1, len(samples) - 1):
        (before, held), (time, size), (after, changed) = samples[i - 1:i + 2]
        if size == held != changed and abs(after - time - 0.001) < 2e-4:
            assert after - before > 0.0205, samples[i - 1:i + 2]
            again.add(i)
    return again


def same(samples, run):
    """Each column's highest sample is the highest of those in it, and what is no sample holds values until others come."""
    again = told_again(samples)
    samples = [sample for i, sample in enumerate(samples) if i not in again]
    far = [after[0] for before, after in zip(samples, samples[1:]) if before[1] != after[1] and after[0] - before[0] > 0.0205]
    assert len(far) == len(again), (len(far), len(again))
    columns = sampled(run)
    assert columns and len(samples) >= len(columns), (len(samples), len(columns))
    for begin, end, high in columns:
        inside = [size for time, size in samples if begin - 1e-4 <= time < end - 1e-4]
        assert inside and abs(max(inside) - high) <= 1, (begin, end, high, inside)
    highest = max(size for _, size in samples)
    assert abs(highest - run["peak_rss"]) <= 1, (highest, run["peak_rss"])


def look_at(memtrace, trace):
    path = trace + ".dat"
    subprocess.run([memtrace, "export", "--format", "mprof", "-o", path, trace], check=True)
    read = mprof.read_mprofile_file(path)
    own, *children = plot(memtrace, trace)
    assert read["cmd_line"] == own["command"] + "\n", (read["cmd_line"], own["command"])
    same([(time, size * 2**20) for time, size in zip(read["timestamp"], read["mem_usage"])], own)
    assert sorted(read["children"]) == [str(number) for number in range(len(children))]
    for number, child in enumerate(children):
        same([(time, size * 2**20) for size, time in read["children"][str(number)]], child)

    functions = sorted((first, last, name, level) for name, calls in read["func_timestamp"].items() for first, last, _, _, level in calls)
    samples = sorted(zip(read["timestamp"], read["mem_usage"]))
    assert len(functions) == len(own["scopes"]), (functions, own["scopes"])
    last_s = own["columns"][-1]["end_s"]
    wanted = sorted((own["started"] + (scope["begin_s"] or 0), own["started"] + (last_s if scope["end_s"] is None else scope["end_s"]),
                     scope["name"].replace(" ", "_")) for scope in own["scopes"])
    for (first, last, name, _), scope in zip(functions, wanted, strict=True):
        assert name == scope[2] and abs(first - scope[0]) < 0.0011 and abs(last - scope[1]) < 0.0021, (name, first, last, scope)
    around = []  # the last end, by level: none is over another in mprof's flames
    for first, last, name, level in sorted(functions, key=lambda f: (f[0], -f[1])):
        around += [0] * (level + 1 - len(around))
        assert around[level] <= first, (name, level, around)
        around[level] = last
    for calls in read["func_timestamp"].values():
        for first, last, before, after, _ in calls:
            for time, size in (first, before), (last, after):
                earlier = [value for at, value in samples if at <= time + 1e-4]
                assert size == (earlier[-1] if earlier else samples[0][1]), (time, size)

    again, *more = plot(memtrace, path)
    assert abs(again["peak"] - own["peak_rss"]) <= 1, (again["peak"], own["peak_rss"])
    assert len(again["scopes"]) == len(own["scopes"]) and len(more) == len(children)
    for drawn, child in zip(more, children):
        assert abs(drawn["peak"] - child["peak_rss"]) <= 1, (drawn["peak"], child["peak_rss"])
    print(trace, len(samples), "samples", len(functions), "functions on", len(around), "levels", len(children), "children")


if __name__ == "__main__":
    for name in sys.argv[2:]:
        look_at(sys.argv[1], name)
