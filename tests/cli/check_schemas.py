"""Holds a document of `memtrace check` against its schemas: check_schemas.py FORMAT FILE [--mutate].

FORMAT is json, sarif or junit. With --mutate the document is broken in every way that its shape has, one at a time, and each
must be refused: a schema that takes anything would say nothing.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import jsonschema

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schemas")
OWN = {"json": "check-result-1.schema.json", "sarif": "sarif-2.1.0-used.schema.json", "junit": "junit-used.xsd"}
OFFICIAL = {"sarif": "MEMTRACE_SARIF_SCHEMA", "junit": "MEMTRACE_JUNIT_SCHEMA"}


def validator(path):
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    return jsonschema.validators.validator_for(schema)(schema)


def refused_json(schema, made):
    for error in schema.iter_errors(made):
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:300]
    return None


def refused_xml(schema, path):
    done = subprocess.run(["xmllint", "--noout", "--schema", schema, path], capture_output=True, text=True)
    return done.stderr[:300] if done.returncode else None


def sarif_rules(made):
    """What the schema cannot say: results mean the rules that they name, and no two have one fingerprint."""
    run = made["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    seen = set()
    for result in run["results"]:
        if rules[result["ruleIndex"]] != result["ruleId"]:
            return f"rule {result['ruleIndex']} is not {result['ruleId']}"
        mark = result["partialFingerprints"]["memtraceStack/v1"]
        if mark in seen:
            return f"fingerprint {mark} twice"
        seen.add(mark)
    return None


def junit_sums(root):
    """The counts of suites are those of their cases."""
    for suite in [root, *root.iter("testsuite")]:
        cases = list(suite.iter("testcase"))
        found = [len(cases), sum(c.find("failure") is not None for c in cases), sum(c.find("error") is not None for c in cases)]
        told = [int(suite.get(name)) for name in ("tests", "failures", "errors")]
        if found != told:
            return f"{suite.get('name')}: {told} told, {found} there"
    return None


def paths_of(value, path=()):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from paths_of(part, (*path, key))


def json_mutations(made):
    """Of each shape of place once: a member less, a member that nobody knows, a value of a kind that is nowhere."""
    seen = set()
    for path, value in paths_of(made):
        shape = tuple("*" if isinstance(key, int) else key for key in path) + (type(value).__name__,)
        if not path or shape in seen:
            continue
        seen.add(shape)
        optional = path[-1] in ("codeFlows", "logicalLocations", "region", "message", "uriBaseId", "physicalLocation")
        for kind in ("other", "less", "more"):
            broken = copy.deepcopy(made)
            inside = broken
            for key in path[:-1]:
                inside = inside[key]
            if kind == "other":
                inside[path[-1]] = {"none": "such"} if not isinstance(value, dict) else 1.5
            elif kind == "more" and isinstance(value, dict):
                inside[path[-1]]["surplus"] = 1
            elif kind == "less" and isinstance(inside, dict) and not optional:
                del inside[path[-1]]
            else:
                continue
            yield f"{kind} at {'/'.join(map(str, path))}", broken


def xml_mutations(root):
    seen = set()
    for number, element in enumerate(root.iter()):
        shape = (element.tag, element.get("type"))
        if shape in seen:
            continue
        seen.add(shape)
        for change in ["tag", "surplus", "child", *element.attrib]:
            broken = copy.deepcopy(root)
            target = list(broken.iter())[number]
            if change == "tag":
                target.tag = "other"
            elif change == "surplus":
                target.set("surplus", "1")
            elif change == "child":
                xml.SubElement(target, "other")
            else:
                del target.attrib[change]
            yield f"{change} of {element.tag}", broken


def check_json(form, path, mutate):
    with open(path, encoding="utf-8") as file:
        made = json.load(file)
    own = validator(os.path.join(SCHEMAS, OWN[form]))
    problem = refused_json(own, made) or (sarif_rules(made) if form == "sarif" else None)
    official = os.environ.get(OFFICIAL.get(form, ""))
    if not problem and official:
        problem = refused_json(validator(official), made)
    if problem:
        return [f"{path}: {problem}"]
    return [f"{path}: {how} is taken" for how, broken in json_mutations(made) if not refused_json(own, broken)] if mutate else []


def check_junit(path, mutate):
    own = os.path.join(SCHEMAS, OWN["junit"])
    official = os.environ.get(OFFICIAL["junit"])
    root = xml.parse(path).getroot()
    problem = refused_xml(own, path) or (refused_xml(official, path) if official else None) or junit_sums(root)
    if problem:
        return [f"{path}: {problem}"]
    taken = []
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        for how, broken in xml_mutations(root) if mutate else ():
            xml.ElementTree(broken).write(file.name)
            if not refused_xml(own, file.name):
                taken.append(f"{path}: {how} is taken")
    return taken


def main():
    form, path, *more = sys.argv[1:]
    problems = check_junit(path, bool(more)) if form == "junit" else check_json(form, path, bool(more))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
