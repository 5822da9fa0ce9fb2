"""export_dot.py MEMTRACE COST NODE% EDGE% TRACE...: what stands in the picture that dot draws of the export, beside what callers says."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


def size(size_bytes):
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size_bytes < 100 and unit != "B":
            return f"{size_bytes:.1f} {unit}"
        if size_bytes < 10240 or unit == "TiB":
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1024


def harmless(name):
    return "".join(f"\\x{ord(c):02x}" if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 else c for c in name)


def place(entry):
    return harmless(f"{entry['file']}({entry['function'] or '<unknown>'})")


def sums(entry, kind):
    return f"{size(entry[kind + '_size'])} in {entry[kind + '_count']} blocks"


def drawn(path):
    """The picture's functions as {node: (tooltip, lines)}, and calls as {(node, node): (tooltip, lines)}; its title's lines."""
    done = subprocess.run(["dot", "-Tsvg", path], capture_output=True, text=True, check=True)
    assert done.stderr == "", done.stderr
    root = ElementTree.fromstring(done.stdout).find(f"{SVG}g")
    found = {"node": {}, "edge": {}}
    for group in root.iter(f"{SVG}g"):
        if group.get("class") in found:
            anchor = group.find(f"{SVG}g/{SVG}a")
            lines = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]
            found[group.get("class")][group.find(f"{SVG}title").text] = (anchor.get(f"{LINK}title"), lines)
    title = ["".join(text.itertext()) for text in root.findall(f"{SVG}g/{SVG}a/{SVG}text")]
    return found["node"], {tuple(name.split("->")): edge for name, edge in found["edge"].items()}, title


def look_at(memtrace, cost, node_least, edge_least, operand):
    path = operand + ".dot"
    if os.path.exists(path):
        os.remove(path)
    subprocess.run([memtrace, "export", "--format", "dot", "--cost", cost, "--node-threshold", node_least,
                    "--edge-threshold", edge_least, "-o", path, operand], check=True)
    moment = operand if "@" in operand or operand.endswith(".json") or cost != "live" else operand + "@peak"
    done = subprocess.run([memtrace, "callers", "--format", "json", "--cost", cost, moment], capture_output=True, check=True)
    told = json.loads(done.stdout)
    kind = "count" if cost in ("count", "temporary") else "size"
    whole = told["selection"][kind]

    def share(entry, which):
        return min(entry[f"{which}_{kind}"] / whole, 1) if whole else 0

    def percent(entry, which):
        return f"{100 * share(entry, which):.1f}%"

    wanted, calls = {}, {}
    for entry in told["entries"]:
        if share(entry, "cumulative") >= float(node_least[:-1]) / 100:
            wanted[place(entry)] = (f"{place(entry)}: {sums(entry, 'cumulative')}; itself {sums(entry, 'self')}",
                                    [f"{percent(entry, 'cumulative')} ({percent(entry, 'self')})",
                                     f"{size(entry['cumulative_size'])}, {entry['cumulative_count']}×"])
        for caller in entry["callers"]:
            calls[place(caller), place(entry)] = caller
    wanted_calls = {ends: (sums(call, "cumulative"), [percent(call, "cumulative"), f"{call['cumulative_count']}×"])
                    for ends, call in calls.items() if ends[0] in wanted and ends[1] in wanted
                    and share(call, "cumulative") >= float(edge_least[:-1]) / 100}
    nodes, edges, title = drawn(path)
    assert all(tooltip == wanted[tooltip.split("): ")[0] + ")"][0] for tooltip, _ in nodes.values()), nodes
    names = {node: tooltip.split("): ")[0] + ")" for node, (tooltip, _) in nodes.items()}
    assert sorted(names.values()) == sorted(wanted), (names, wanted)
    for node, (tooltip, lines) in nodes.items():
        assert lines[-2:] == wanted[names[node]][1], (operand, lines, wanted[names[node]])
    edges = {(names[caller], names[callee]): edge for (caller, callee), edge in edges.items()}
    assert edges == wanted_calls, (operand, edges, wanted_calls)
    assert f", {size(told['selection']['size'])} in {told['selection']['count']} blocks" in title[1], title
    left_out = len(told["entries"]) - len(nodes), len(calls) - len(edges)
    words = [f"not drawn: {count} of {of}" for count, of in zip(left_out, (len(told["entries"]), len(calls))) if count]
    said = [line for line in title if line.startswith("not drawn")]
    assert len(said) == len(words) and all(line.startswith(word) for line, word in zip(said, words)), (title, words)
    print(operand, len(nodes), "functions", len(edges), "calls")


if __name__ == "__main__":
    for name in sys.argv[5:]:
        look_at(*sys.argv[1:5], name)
