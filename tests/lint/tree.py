"""Rules about the source tree, each a test by name: tree.py RULE SOURCE_ROOT [ARGUMENTS]. Prints what breaks it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
LINES_MAX = 500

# What a directory may include besides itself. Whoever is not listed may include anything.
PUBLIC = ["include"]
FLOORS = {
    "include": [],
    "preload/session": PUBLIC,
    "preload/tracer": PUBLIC + ["preload/session"],
    "preload/collector": PUBLIC + ["preload/session"],
}
# The analyzer's floors from the lowest up: each may include those before it.
ANALYZER = ["base", "reader", "writer", "replay", "symbols", "aggregate", "state", "judge", "select", "render", "launch", "import"]
for number, floor in enumerate(ANALYZER):
    FLOORS["analyzer/" + floor] = PUBLIC + ["analyzer/" + lower for lower in ANALYZER[:number]]
FLOORS["analyzer/commands"] = PUBLIC + ["analyzer/" + floor for floor in ANALYZER]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
INCLUDE_ROOTS = ["include", "preload", "analyzer", ""]


def files(root, *endings):
    """Tracked and new files of the tree, without what git ignores; all of it where there is no git."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:
        names = [os.path.relpath(os.path.join(d, n), root) for d, _, ns in os.walk(root) for n in ns]
        names = [n for n in names if not n.startswith(("build", ".git/"))]
    return sorted(n for n in names if n.endswith(endings) and os.path.isfile(os.path.join(root, n)))


def text(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def resolve(root, name, include):
    """The file of the tree that an #include means, or None when it is the system's."""
    for base in [os.path.dirname(name), *INCLUDE_ROOTS]:
        path = os.path.normpath(os.path.join(base, include))
        if os.path.isfile(os.path.join(root, path)):
            return path
    return None


def floors(root):
    for name in files(root, ".c", ".h"):
        for floor, below in FLOORS.items():
            if not name.startswith(floor + "/"):
                continue
            for include in INCLUDE.findall(text(root, name)):
                target = resolve(root, name, include)
                if target and not any(target.startswith(f + "/") for f in [floor, *below]):
                    yield f"{name} includes {target}, which is not on its floor or below"


def commands(root):
    """No subcommand of the analyzer includes another: what two share belongs on a floor below.

    What is before the first underscore says whose a file is: report_options.c is report's.
    """
    of = "analyzer/commands/"
    for name in files(root, ".c"):
        if not name.startswith(of):
            continue
        own = re.split(r"[_.]", name[len(of):])[0]
        for include in INCLUDE.findall(text(root, name)):
            target = resolve(root, name, include)
            if target and target.startswith(of) and re.split(r"[_.]", target[len(of):])[0] not in (own, "command"):
                yield f"{name} includes {target}"


def length(root):
    for name in files(root, ".c", ".h", ".cpp", ".py", ".sh"):
        lines = text(root, name).count("\n")
        if lines > LINES_MAX:
            yield f"{name} has {lines} lines, more than {LINES_MAX}"


def opening(root):
    for name in files(root, ".c", ".h", ".cpp"):
        if not text(root, name).startswith(("/*", "//")):
            yield f"{name} does not open with a comment on what it owns"


def unfinished(root):
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    for name in files(root, ".c", ".h", ".cpp", ".py", ".sh", ".md", "meson.build"):
        for number, line in enumerate(text(root, name).splitlines(), 1):
            if mark.search(line):
                yield f"{name}:{number}: {line.strip()}"


def links(root):
    """Relative links of the documents lead somewhere."""
    for name in files(root, ".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", text(root, name)):
            if "://" not in target and not os.path.exists(os.path.join(root, os.path.dirname(name), target)):
                yield f"{name} links to {target}, which is not there"


def man(root):
    """Every page is installed and formats without a warning, and the pages of ours that it names exist."""
    pages = {name for name in files(root, ".1", ".3", ".7") if name.startswith("docs/man/")}
    installed = {"docs/man/" + name for name in re.findall(r"'\.\./docs/man/([^']+)'", text(root, "analyzer/meson.build"))}
    for name in sorted(pages ^ installed):
        yield f"{name} is " + ("not installed by analyzer/meson.build" if name in pages else "installed, and not there")
    for name in sorted(pages):
        page = text(root, name)
        other = re.fullmatch(r"\.so man\d/(\S+)\n", page)
        if other:  # another name of that page, found once both are installed
            if f"docs/man/{other[1]}" not in pages:
                yield f"{name} is {other[1]}, which is not there"
            continue
        for other, section in re.findall(r"\b(memtrace[a-z-]*)\\?f?[A-Z]? ?\((\d)\)", page.replace("\\-", "-")):
            if f"docs/man/{other}.{section}" not in pages:
                yield f"{name} refers to {other}({section}), which is not there"
        shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", os.path.join(root, name)],
                               capture_output=True, text=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
        for line in shown.stderr.splitlines():
            yield f"{name}: {line}"


def headers(root, *compiler):
    """Each header compiles by itself, as C. The installed one in every language: tests/api."""
    with tempfile.TemporaryDirectory() as directory:
        for name in files(root, ".h"):
            if not name.startswith(("include/", "preload/", "analyzer/")):
                continue
            source = os.path.join(directory, "alone.c")
            with open(source, "w") as file:
                file.write(f'#include "{os.path.join(root, name)}"\n#include "{os.path.join(root, name)}"\n')
            done = subprocess.run([*compiler, "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wno-unused-function", "-Werror",
                                   *(f"-I{os.path.join(root, base)}" for base in INCLUDE_ROOTS[:3]), "-fsyntax-only",
                                   source], capture_output=True, text=True)
            if done.returncode:
                yield f"{name} does not compile alone:\n{done.stderr}"


def layout(root):
    """clang-format's layout, by the version of Debian 12: others differ in details."""
    tool = shutil.which("clang-format-14")
    if not tool:
        print("no clang-format-14 here")
        sys.exit(SKIPPED)
    names = files(root, ".c", ".h", ".cpp")
    done = subprocess.run([tool, "--dry-run", *names], cwd=root, capture_output=True, text=True)
    for line in done.stderr.splitlines():
        if "warning:" in line:
            yield line


RULES = {rule.__name__: rule for rule in (floors, commands, length, opening, unfinished, links, man, headers, layout)}


def main():
    rule, root, *arguments = sys.argv[1:]
    broken = 0
    for problem in RULES[rule](root, *arguments):
        print(problem)
        broken += 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
