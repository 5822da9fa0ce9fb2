"""Holds the schema of memtrace.check.json against what reads it: rules_schema.py RULES_VERDICT SOURCE_ROOT. Both must take what the
corpus calls good and what the documentation shows, both refuse what it calls bad; what it calls odd (a key that is there twice, say) is refused by the
program, whatever a schema can tell of it."""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

verdict, root = sys.argv[1:]
corpus = os.path.join(root, "tests", "fuzz", "corpus", "rules")
with open(os.path.join(root, "docs", "memtrace.check.schema.json"), encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failures = 0


def fail(line):
    global failures
    failures += 1
    print("not ok:", line)


def by_schema(path):
    with open(path, encoding="utf-8") as file:
        return "taken" if validator.is_valid(json.load(file)) else "refused"


def check(paths, wanted):
    """Both verdicts of each file; there must be some."""
    if not paths:
        fail(f"no files to be {wanted}")
        return
    told = subprocess.run([verdict, *paths], capture_output=True, text=True, check=True).stdout.split()
    for path, program in zip(paths, told, strict=True):
        name = os.path.basename(path)
        if program != wanted:
            fail(f"{name} is {program} by the program")
        if not name.startswith("odd-") and by_schema(path) != wanted:
            fail(f"{name} is {by_schema(path)} by the schema")


def of(kind):
    return sorted(glob.glob(os.path.join(corpus, kind + "-*.json")))


with tempfile.TemporaryDirectory() as directory:
    shown = []
    with open(os.path.join(root, "docs", "check-rules.md"), encoding="utf-8") as file:
        for number, text in enumerate(re.findall(r"^```json\n(.*?)^```", file.read(), re.M | re.S)):
            shown.append(os.path.join(directory, f"example-{number}.json"))
            with open(shown[-1], "w", encoding="utf-8") as example:
                example.write(text)
    check(shown, "taken")
check(of("good"), "taken")
check(of("bad") + of("odd"), "refused")
sys.exit(failures > 0)
