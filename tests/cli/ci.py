"""Does what docs/ci.md says, with what it says: ci.py MEMTRACE LIBRARY SOURCE_ROOT.

Blocks of code are taken out of the page. What belongs into a file must stand in the example's as it stands there; what is for a shell
is run on a copy of the example, as it is and with its leak; of the workflow each step that runs something is run as GitHub would.
Only what would change this machine is not done: packages are not installed, and instead of building memtrace the one under test is
put in place."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

memtrace, library, root = (os.path.abspath(path) for path in sys.argv[1:])
example = os.path.join(root, "examples", "leak-gate")
failures = 0
grown = 0  # runs whose growth was noticed: a machine that stands still for most of a run can hide it

FILES = {"json": "memtrace.check.json", "meson": "meson.build", "cmake": "CMakeLists.txt", "make": "Makefile"}
# For each block of commands of a section, with the leak: their exit code, and what is said.
FAILS = ["FAIL  leak: ", "cache.c:LINE: ", "FAIL  peak of *cache.c: "]
SECTIONS = {
    "Shell": [(1, FAILS)],
    "A baseline": [
        (1, ["FAIL  growth since the baseline: ", '/cache.c", line LINE, in cache_add']),
        (0, ["memory.json is written, 1 place"]),
    ],
    "Meson": [(1, FAILS + ["exit status 1"])],
    "CTest": [(8, FAILS + ["memory (Failed)"])],
    "Make": [(2, FAILS + ["Error 1"])],
}


def fail(line, output=""):
    global failures
    failures += 1
    print("not ok:", line)
    if output:
        print("  " + output.replace("\n", "\n  "))


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def blocks():
    """(section, language, text) of each block of the page."""
    section = None
    for match in re.finditer(r"^## ([^\n]*)$|^```(\w+)\n(.*?)^```$", read(root, "docs", "ci.md"), re.M | re.S):
        if match[1]:
            section = match[1]
        else:
            yield section, match[2], match[3]


def leaking_line():
    lines = read(example, "cache.c").splitlines()
    return next(number for number, line in enumerate(lines, 1) if "= strdup(answer)" in line)


LINE = leaking_line()


class Place:
    """A copy of the example, and a directory of programs in front of all others."""

    def __init__(self, directory, leaking):
        self.source = os.path.join(directory, "source")
        self.programs = os.path.join(directory, "programs")
        shutil.copytree(example, self.source)
        os.mkdir(self.programs)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("MEMTRACE_", "MESON_", "MAKE", "GITHUB_")) and name != "LD_PRELOAD"}
        self.environment |= {
            "PATH": self.programs + ":" + os.environ["PATH"],
            "CFLAGS": "-O1 -DLEAKING" if leaking else "-O1",
            "CCACHE_DISABLE": "1",  # may tell of the directory of an earlier run
            "LC_ALL": "C.UTF-8",
            "MEMTRACE_LIB": library,
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
        }

    def install(self):
        os.symlink(memtrace, os.path.join(self.programs, "memtrace"))

    def put(self, name, script):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/bash\n" + script)
        os.chmod(path, 0o755)

    def run(self, script, *options, **environment):
        """As a script of bash; both of its streams."""
        return subprocess.run(["bash", "-e", *options, "-c", script], cwd=self.source, env=self.environment | environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, timeout=300)


def check_commands(section, number, script):
    global grown
    for leaking in (False, True):
        wanted, signs = SECTIONS[section][number] if leaking else (0, [])
        what = f"{section}, {number}, {'leaking' if leaking else 'fixed'}"
        with tempfile.TemporaryDirectory(prefix="memtrace-ci-") as directory:
            place = Place(directory, leaking)
            place.install()
            result = place.run("./gate.sh" if section == "Shell" else script, "-o", "pipefail")
            grown += "FAIL  steady growth: " in result.stdout
            if result.returncode != wanted:
                fail(f"{what}: exit code {result.returncode}", result.stdout)
            for sign in signs:
                if sign.replace("LINE", str(LINE)) not in result.stdout:
                    fail(f"{what}: does not say {sign!r}", result.stdout)
            if wanted == 0 and "FAIL  " in result.stdout:
                fail(f"{what}: says that something failed", result.stdout)
            if (read(place.source, "memory.json") != read(example, "memory.json")) != ("--update" in script and leaking):
                fail(f"{what}: what it makes of the baseline", read(place.source, "memory.json"))


# Those that would change the machine say that they were there.
STAND_INS = {
    "sudo": 'exec "$@"\n',
    "apt-get": 'echo "apt-get $*" >>"$LOG"\n',
    "ldconfig": 'echo ldconfig >>"$LOG"\n',
    "meson": '''
case " $* " in
*" memtrace/build "*) echo "meson $*" >>"$LOG"
    [ "$1" != install ] || ln -s "$MEMTRACE_TESTED" "$(dirname "$0")/memtrace" ;;
*) exec "$MESON" "$@" ;;
esac
''',
}


def steps_of(workflow):
    (job,) = workflow["jobs"].values()
    return job["steps"]


def run_step(place, step, failed):
    """The exit code and what was said; None: GitHub would not run it."""
    condition = step.get("if", "success()")
    if condition not in ("success()", "failure()", "always()"):
        fail(f"{step}: a condition that this test does not know")
    if not (condition == "always()" or (condition == "failure()") == failed):
        return None
    if "run" not in step:
        return 0, ""
    log = os.path.join(os.path.dirname(place.source), "log")
    stand_ins = {"LOG": log, "MEMTRACE_TESTED": memtrace, "MESON": shutil.which("meson")}
    result = place.run(step["run"], GITHUB_WORKSPACE=place.source, GITHUB_ACTIONS="true", **stand_ins)
    return result.returncode, result.stdout


def check_workflow_run(workflow, leaking):
    what = f"GitHub, {'leaking' if leaking else 'fixed'}"
    told, used = {}, []
    with tempfile.TemporaryDirectory(prefix="memtrace-ci-") as directory:
        place = Place(directory, leaking)
        for name, script in STAND_INS.items():
            place.put(name, script)
        for step in steps_of(workflow):
            result = run_step(place, step, any(code for code, _ in told.values()))
            if result and "run" in step:
                told[step["name"]] = result
            elif result:
                used.append(step["uses"].split("@")[0])
        sarif = read(place.source, "memory.sarif") if os.path.exists(os.path.join(place.source, "memory.sarif")) else "{}"
        log = read(directory, "log")
    wanted = {"Install memtrace": 0, "Build": 0, "Run": 0, "Judge": 1 if leaking else 0}
    if {name: code for name, (code, _) in told.items()} != wanted:
        fail(f"{what}: {told}")
        return
    uploads = ["actions/checkout"] * 2 + ["github/codeql-action/upload-sarif"] + ["actions/upload-artifact"] * leaking
    if used != uploads:
        fail(f"{what}: uses {used}")
    annotation = f"::error file=cache.c,line={LINE},"
    if (annotation in told["Judge"][1]) != leaking:
        fail(f"{what}: annotations", told["Judge"][1])
    places = [(location["physicalLocation"]["artifactLocation"]["uri"], location["physicalLocation"]["region"]["startLine"])
              for run in json.loads(sarif)["runs"] for result in run["results"] for location in result["locations"]]
    if (("cache.c", LINE) in places) != leaking:
        fail(f"{what}: SARIF has {places}")
    check_installed(what, log)


def check_installed(what, log):
    """All that a build needs, by the list that the project itself installs by."""
    needed = re.search(r"^packages_build=\((.*?)\)", read(root, "scripts", "setup.sh"), re.M | re.S)[1].split()
    installed = re.search(r"^apt-get install --yes (.*)", log, re.M)
    if not installed or sorted(installed[1].split()) != sorted(needed):
        fail(f"{what}: installs other packages than {needed}", log)
    if not re.search(r"^meson setup .*\n^meson install .*\n^ldconfig$", log, re.M):
        fail(f"{what}: does not install memtrace", log)


def check_workflow(text):
    workflow = yaml.safe_load(text)
    for step in steps_of(workflow):
        if step.get("uses", "").startswith("github/codeql-action/") and step["with"]["sarif_file"] != "memory.sarif":
            fail("the workflow uploads another file than it writes")
    for leaking in (False, True):
        check_workflow_run(workflow, leaking)


def main():
    seen = []
    for section, language, text in blocks():
        seen.append((section, language))
        if language in FILES:
            if "\n" + text not in "\n" + read(example, FILES[language]):
                fail(f"{FILES[language]} of the example does not have what the page shows", text)
        elif language == "sh" and section in SECTIONS:
            if section == "Shell" and not read(example, "gate.sh").endswith("\n\n" + text):
                fail("gate.sh of the example does not do what the page shows", text)
            check_commands(section, seen.count((section, language)) - 1, text)
        elif language == "yaml":
            check_workflow(text)
        else:
            fail(f"a block of {language} below {section} that nothing is done with")
    wanted = [("The rules", "json"), ("Shell", "sh"), ("A baseline", "sh"), ("A baseline", "sh"), ("Meson", "meson"), ("Meson", "sh"),
              ("CTest", "cmake"), ("CTest", "sh"), ("Make", "make"), ("Make", "sh"), ("GitHub", "yaml")]
    if seen != wanted:
        fail(f"the page has {seen}")
    if grown == 0:
        fail("no run was seen to grow")
    sys.exit(failures > 0)


main()
