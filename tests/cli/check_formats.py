"""The same run judged in every format says the same: check_formats.py MEMTRACE TRACE [PLACES].

The numbers are held against memtrace report, all formats against the JSON, and each document against its schema. PLACES is how many
places the trace must have that hold anything at the end: a trace of nothing would agree with anything.
"""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as xml

ALL = ["--max-leak", "0", "--max-peak", "0", "--max-total", "0", "--max-allocs", "0", "--max-temporary", "0"]
EACH = ["--max-leak", "0", "--each"]
PLENTY = ["-n", "1000", "--no-default-suppressions"]
SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_schemas.py")
memtrace, trace = sys.argv[1:3]
problems = 0


def same(what, seen, expected):
    global problems
    if seen != expected:
        problems += 1
        print(f"{what}:\n  {seen!r}\nis not\n  {expected!r}")


def check(form, *arguments):
    done = subprocess.run([memtrace, "check", trace, "--format", form, *PLENTY, *arguments], capture_output=True)
    same(f"exit code of {form} {arguments}", done.returncode, 1)
    same(f"stderr of {form} {arguments}", done.stderr, b"")
    return done.stdout.decode()


def report(*arguments):
    done = subprocess.run([memtrace, "report", trace, "--format", "json", "-n", "1000", *arguments], capture_output=True, check=True)
    return json.loads(done.stdout)


def valid(form, document):
    with open(f"document.{form}", "w") as file:
        file.write(document)
    done = subprocess.run([sys.executable, "-B", SCHEMAS, form, file.name], capture_output=True, text=True)
    same(f"schema of {form}", done.stdout + done.stderr, "")


def size(size_bytes):
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(size_bytes) < 100 and unit != "B":
            return f"{size_bytes:.1f} {unit}"
        if abs(size_bytes) < 10240 or unit == "TiB":
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1024


def blocks(finding):
    count = finding["actual"]["count"]
    return f"{finding['place']}: {size(finding['actual']['bytes'])} in {count} block{'' if count == 1 else 's'}"


def sums():
    """All limits at once: each number is the report's."""
    made, totals = json.loads(check("json", *ALL)), report()["totals"]
    seen = {one["kind"]: one["actual"] for one in made["checks"]}
    same("leak", (seen["leak"]["bytes"], seen["leak"]["count"]), (totals["leaked_bytes"], totals["leaked_blocks"]))
    same("peak", seen["peak"]["bytes"], totals["peak_bytes"])
    same("total", seen["total"]["bytes"], totals["allocated_bytes"])
    same("allocs", seen["allocs"]["count"], totals["allocations"])
    same("temporary", seen["temporary"]["count"], totals["temporary"])
    failed = [one["kind"] for one in made["checks"] if one["verdict"] == "failed"]
    text = check("text", *ALL)
    same("failed lines", len(re.findall("^FAIL  ", text, re.M)), len(failed))
    same("verdict", text.splitlines()[-1], f"FAIL: {len(failed)} of 5 checks failed")
    root = xml.fromstring(check("junit", *ALL))
    same("failures", [case.find("failure").get("type") for case in root.iter("testcase") if case.find("failure") is not None], failed)
    told = {item.get("name"): item.get("value") for item in root.iter("property")}
    for number, one in enumerate(made["checks"], 1):
        for which in ("limit", "actual"):
            for part in ("bytes", "count"):
                value = one[which][part]
                same(f"{one['kind']}'s {which} {part}", told.get(f"{number}.{one['kind']}.{which}_{part}"), None if value is None else str(value))


def places(least):
    """Each place that holds anything is a finding, in the order of the report by size, in every format."""
    document = check("json", *EACH)
    valid("json", document)
    findings = json.loads(document)["checks"][0]["findings"]
    entries = report("--cost", "leaked", "--by", "line")["entries"]
    if len(findings) < least:
        same("places", len(findings), f"{least} or more")

    def row(frame, amount, bytes_name):
        return frame["file"], frame["line"], frame["function"], amount[bytes_name], amount["count"]

    same("places", sorted(row(f["frame"], f["actual"], "bytes") for f in findings if f["actual"]["bytes"]),
         sorted(row(e, e, "size") for e in entries if e["size"]))
    same("order", [f["actual"]["bytes"] for f in findings], sorted((f["actual"]["bytes"] for f in findings), reverse=True))
    for finding in findings:
        same("charged", finding["frames"][finding["charged"]], finding["frame"])

    text = check("text", *EACH).splitlines()
    expected = [blocks(f) for f in findings]
    same("text", [line for line in text if line in expected], expected)
    document = check("junit", *EACH)
    valid("junit", document)
    failure = xml.fromstring(document).find(".//failure").text.splitlines()
    same("JUnit", [line for line in failure if line in expected], expected)

    document = check("sarif", *EACH)
    valid("sarif", document)
    results = json.loads(document)["runs"][0]["results"]
    same("results", [r["message"]["text"] for r in results], [f"leak of each place: {words}, limit 0 B in 0 blocks (--max-leak 0)" for words in expected])
    for finding, result in zip(findings, results):
        place = result["locations"][0]["physicalLocation"]
        if finding["frame"]["line"]:
            same("line", place["region"]["startLine"], finding["frame"]["line"])
            same("file", os.path.basename(urllib.parse.unquote(place["artifactLocation"]["uri"])), os.path.basename(finding["frame"]["file"]))
        steps = [step["location"].get("logicalLocations", [{}])[0].get("fullyQualifiedName")
                 for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
        same("steps", steps, [frame["function"] for frame in reversed(finding["frames"])])

    lines = check("github", *EACH).splitlines()
    shown = len(findings) if len(findings) <= 10 else 9
    same("errors", len(lines), min(len(findings), 10))
    for finding, line in zip(findings[:shown], lines):
        same("annotation", line.split("::")[2].split("%0A")[0].replace("%25", "%").startswith(f"leak of each place: {blocks(finding)}"), True)
    if len(findings) > 10:
        same("the rest", lines[-1], f"::error title=memtrace::and {len(findings) - 9} more")


sums()
places(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
sys.exit(1 if problems else 0)
