"""flamegraph_oracle.py MEMTRACE OPERANDS...: what `memtrace flamegraph` draws must be what the tables of the same command line say.

The tree is made anew from the JSON of `report --by traceback` (or `diff`, of two operands), and read back from the SVG: names, bytes
and blocks of each frame, where it stands and how wide it is. Each function's frames come to what `report --cumulative` says.
Operands are traces, with their moment; `A,B` is a difference. Options of both commands stand before them, all in one word; -- ends them.
"""

import collections
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
SIGNS = {1: "+ ", 0: "", -1: "\u2212 "}


def run(memtrace, *arguments):
    done = subprocess.run([memtrace, *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout.decode()


def table(memtrace, *arguments):
    return json.loads(run(memtrace, *arguments, "--format", "json"))


def place(frame, by):
    """What makes frames one, and the name they have."""
    base = os.path.basename(frame["module"] or "<unknown>")
    file = frame["file"] if frame["line"] is not None else base
    if by == "module":
        return (frame["module"],), base
    if by == "file":
        return (file,), os.path.basename(file)
    if by == "function":
        return (file, frame["function"]), frame["function"] or os.path.basename(file)
    return (frame["file"], frame["line"]), frame["function"] or frame["file"]


class Node:
    """Bytes and blocks now and earlier: its own, and with what stands on it."""

    def __init__(self, name):
        self.name, self.own, self.all, self.children = name, [0, 0, 0, 0], [0, 0, 0, 0], {}

    def add_up(self, unit):
        now, earlier = self.own[unit], self.own[unit + 2]
        self.all, self.width = list(self.own), now or earlier
        for child in self.children.values():
            child.add_up(unit)
            self.width += child.width
            self.all = [a + b for a, b in zip(self.all, child.all)]

    def plain(self):
        return self.name, self.width, tuple(self.all), tuple(sorted(child.plain() for child in self.children.values()))


def expected(entries, by, unit, inverted, fold):
    root = Node("all")
    for entry in entries:
        node, last = root, None
        earlier = [entry["size"] - entry.get("size_diff", entry["size"]), entry["count"] - entry.get("count_diff", entry["count"])]
        places = [place(frame, by) for frame in entry["frames"]]  # the oldest first
        if fold:
            places = [p for p, before in zip(places, [None, *places]) if p != before]
        for key, name in reversed(places) if inverted else places:
            node = node.children.setdefault(key, Node(name))
        node.own = [a + b for a, b in zip(node.own, [entry["size"], entry["count"], *earlier])]
    root.add_up(unit)
    return root


def drawn(text):
    """The frames, and the picture's width."""
    document = ElementTree.fromstring(text)
    frames = [g for g in document.iter(SVG + "g") if "frame" in g.get("class", "").split()]
    return frames, float(document.get("width")), document


def name_of(group, difference):
    label = group.find(SVG + "title").text.split("\n")[0]
    name = re.sub(r"( \(inlined\))?( \[[^\[\]]*\])?$", "", label)
    now, before = (int(group.get("data-" + key, 0)) for key in ("size", "earlier-size"))
    if difference:
        sign = SIGNS[(now > before) - (now < before)]
        assert name.startswith(sign), (name, now, before)
        name = name[len(sign):]
    return name


def read(frames, unit, difference):
    """As Node.plain; frames stand in preorder."""
    nodes = []
    for number, group in enumerate(frames):
        assert group.get("id") == f"f{number}"
        value = [int(group.get("data-" + key, 0)) for key in ("size", "count", "earlier-size", "earlier-count")]
        node = Node(name_of(group, difference))
        node.all, node.width = value, int(group.get("data-width", value[unit]))
        parent = int(group.get("data-parent"))
        if number:
            assert parent < number
            nodes[parent].children[number] = node
            assert int(group.get("data-depth")) == int(frames[parent].get("data-depth")) + 1
        nodes.append(node)
    return nodes


def check_places(frames, nodes, inverted):
    """Each frame stands on its parent, beside its siblings, as wide as its share."""
    rects = [{key: float(group.find(SVG + "rect").get(key)) for key in ("x", "y", "width", "height")} for group in frames]
    whole, ends = rects[0]["width"], {}
    for number, (group, rect) in enumerate(zip(frames, rects)):
        assert abs(rect["width"] - whole * nodes[number].width / nodes[0].width) < 0.011, (number, rect)
        if number:
            parent = rects[int(group.get("data-parent"))]
            left = ends.get(int(group.get("data-parent")), parent["x"])
            assert abs(rect["x"] - left) < 0.021, (number, rect, left)
            assert rect["x"] + rect["width"] < parent["x"] + parent["width"] + 0.021
            assert rect["y"] == parent["y"] + (18 if inverted else -18)
            ends[int(group.get("data-parent"))] = rect["x"] + rect["width"]


def check_cumulative(memtrace, options, operand, frames):
    """A function's frames without one of it under them come to what it is charged with."""
    sums, over = collections.Counter(), []
    for group in frames[1:]:
        own = name_of(group, False)
        del over[int(group.get("data-depth")) - 1:]
        if own not in over:
            sums[own] += int(group.get("data-size"))
        over.append(own)
    told = collections.Counter()
    for entry in table(memtrace, "report", *options, "--by", "function", "--cumulative", operand)["entries"]:
        told[entry["function"] or os.path.basename(entry["file"])] += entry["size"]
    assert sums == told, (sums - told, told - sums)


def check(memtrace, options, operand):
    difference = "," in operand
    operands = operand.split(",")
    cost = options[options.index("--cost") + 1] if "--cost" in options else "live"
    unit = 1 if cost == "count" else 0
    if difference:
        entries = table(memtrace, "diff", "--unchanged", "--by", "traceback", *options, *operands)["entries"]
    else:
        report = table(memtrace, "report", "--by", "traceback", *options, operand)
        entries = report["entries"]
    for by in ("function", "line", "file", "module"):
        for inverted in (False, True):
            for fold in (False, True):
                extra = ["--inverted"] * inverted + ["--fold-recursion"] * fold + ["--diff"] * difference
                text = run(memtrace, "flamegraph", "--by", by, "--min", "0%", "-o", "-", *extra, *options, *operands)
                frames, _, document = drawn(text)
                if by == "line":  # the line stands behind the name
                    for title in (group.find(SVG + "title") for group in frames):
                        first, *rest = title.text.split("\n")
                        title.text = "\n".join([re.sub(r" \([^()]*:\d+\)(?=( \(inlined\))?( \[|$))", "", first), *rest])
                nodes = read(frames, unit, difference)
                wanted = expected(entries, by, unit, inverted, fold)
                assert nodes[0].plain() == wanted.plain(), (operand, by, inverted, fold, nodes[0].plain(), wanted.plain())
                check_places(frames, nodes, inverted)
                if not difference and by == "function" and not inverted:
                    assert nodes[0].all[:2] == [report["selection"]["size"], report["selection"]["count"]]
                    check_cumulative(memtrace, options, operand, frames)
                if by == "function" and not inverted and not fold:
                    check_left_out(memtrace, extra + options, operands, nodes)


def check_left_out(memtrace, options, operands, all_nodes):
    """Without the narrow ones: each that is there holds what it did, and the others are counted, in all and where they stood."""
    for percent in (1, 10):
        frames, _, document = drawn(run(memtrace, "flamegraph", "--min", f"{percent}%", "-o", "-", *options, *operands))
        least = all_nodes[0].width * percent / 100
        wide = [node for node in all_nodes[1:] if node.width >= least]
        rest = [group for group in frames if "rest" in group.get("class").split()]
        assert len(frames) - len(rest) == len(wide) + 1, (percent, len(frames), len(rest), len(wide))
        note = next(t.text or "" for t in document.iter(SVG + "text") if "left-out" in t.get("class", ""))
        left = len(all_nodes) - 1 - len(wide)
        assert note == ("" if left == 0 else f"{left} frame{'s' * (left > 1)} below {percent} % not shown"), (note, left)
        assert all(int(group.get("data-left")) > 0 for group in rest)
        assert sum(int(group.get("data-left")) for group in rest) <= left


def main():
    memtrace, *words = sys.argv[1:]
    options = []
    sys.setrecursionlimit(10000)
    for word in words:
        if word.startswith("--"):
            options = word.split() if word != "--" else []
        else:
            check(memtrace, options, word)


if __name__ == "__main__":
    main()
