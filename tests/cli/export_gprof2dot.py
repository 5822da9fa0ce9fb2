"""export_gprof2dot.py MEMTRACE COST TRACE...: the export added up as gprof2dot's JsonParser does, and as it draws it if installed, beside the report."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys

import jsonschema

# what gprof2dot's own description of the format comes to
TEXTS = {"type": "string"}
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["version", "costs", "functions", "events"],
    "properties": {
        "version": {"const": 0},
        "costs": {"type": "array", "minItems": 1, "items": {
            "type": "object", "additionalProperties": False, "properties": {"description": TEXTS, "unit": TEXTS}}},
        "functions": {"type": "array", "items": {
            "type": "object", "additionalProperties": False, "required": ["name"],
            "properties": {"name": TEXTS, "module": TEXTS, "process": TEXTS}}},
        "events": {"type": "array", "items": {
            "type": "object", "additionalProperties": False, "required": ["callchain", "cost"],
            "properties": {"callchain": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
                           "cost": {"type": "array", "minItems": 1, "items": {"type": "number"}}}}}},
}


def told(memtrace, cost, operand, kind, *more):
    command = [memtrace, "report", "--format", "json", "--cost", cost, "--by", "function", *more, operand]
    report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    rows = collections.Counter()
    for entry in report["entries"]:
        rows[entry["function"] or entry["file"], os.path.basename(entry["module"] or "<unknown>")] += entry[kind]
    return +rows, report["selection"][kind]


def drawn(path):
    """gprof2dot's nodes: (name, module) to its share of all in percent, with what it calls and without."""
    done = subprocess.run(["gprof2dot", "--format=json", "--node-thres=0", "--edge-thres=0", path],
                          capture_output=True, text=True, check=True)
    assert done.stderr == "", done.stderr
    found = {}
    for module, name, total, own in re.findall(r'label="(\w[^"\\]*)\\n([^"\\]*)\\n([\d.]+)%\\n\(([\d.]+)%\)', done.stdout):
        found[name, module] = (float(total), float(own))
    return found


def look_at(memtrace, cost, operand):
    path = operand + ".gprof2dot"
    if os.path.exists(path):
        os.remove(path)
    subprocess.run([memtrace, "export", "--format", "gprof2dot", "--cost", cost, "-o", path, operand], check=True)
    profile = json.load(open(path, encoding="utf-8"))
    jsonschema.validate(profile, SCHEMA)
    functions = [(function["name"], function["module"]) for function in profile["functions"]]
    own, cumulative, again = collections.Counter(), collections.Counter(), set()
    for event in profile["events"]:
        chain, amount = [functions[at] for at in event["callchain"]], event["cost"][0]
        assert amount > 0, event
        own[chain[0]] += amount
        for function in set(chain):
            cumulative[function] += amount
            if chain.count(function) > 1:
                again.add(function)
    kind = "count" if cost in ("count", "temporary") else "size"
    wanted, whole = told(memtrace, cost, operand, kind)
    assert own == wanted and sum(own.values()) == whole, (operand, own - wanted, wanted - own)
    everything, _ = told(memtrace, cost, operand, kind, "--cumulative")
    assert cumulative == everything, (operand, cumulative - everything, everything - cumulative)
    # what calls itself, in a circle too, gprof2dot estimates; and whatever is around functions without a name, which are one
    estimated = again if operand.startswith("calls") or not again else cumulative.keys()
    if shutil.which("gprof2dot"):
        shown = drawn(path)
        assert shown or not operand.startswith("calls"), operand
        for function, (total_percent, own_percent) in shown.items():
            assert abs(own_percent - 100 * own[function] / whole) < 0.00501, (operand, function)
            assert function in estimated or abs(total_percent - 100 * cumulative[function] / whole) < 0.00501, (operand, function)
    print(operand, cost, whole)


if __name__ == "__main__":
    for name in sys.argv[3:]:
        look_at(sys.argv[1], sys.argv[2], name)
    print("drawn by gprof2dot too" if shutil.which("gprof2dot") else "gprof2dot is not installed: not drawn")
