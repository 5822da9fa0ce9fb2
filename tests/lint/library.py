"""Rules about the built libmemtrace.so, which shares a process with programs that know nothing of it:

library.py RULE LIBRARY MAP. Prints what breaks it.
"""

import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exports(library, version_map):
    """Exactly the symbols of the map, no more: each one stands in front of the program's own."""
    with open(version_map) as file:
        listed = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    wanted = set(re.findall(r"\b([A-Za-z_]\w*)\s*;", re.search(r"global:(.*?)local:", listed, re.S).group(1)))
    found = {line.split()[-1].split("@")[0] for line in output("nm", "-D", "--defined-only", library).splitlines()
             if " A " not in line}
    yield from (f"exported but not in the map: {name}" for name in sorted(found - wanted))
    yield from (f"in the map but not exported: {name}" for name in sorted(wanted - found))


def needed(library, _):
    """libc alone. libunwind or libstdc++ here would put their _Unwind_* in front of the program's."""
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library)):
        # the loader itself is in every process; linking names it for _dl_find_object's sake
        if name not in ("libc.so.6", "ld-linux-x86-64.so.2"):
            yield f"needs {name}"


def tls(library, _):
    """Thread-locals are initial-exec: __tls_get_addr may allocate, inside malloc."""
    for line in output("readelf", "-rW", library).splitlines():
        if re.search(r"__tls_get_addr|DTPMOD|DTPOFF|TLSDESC", line):
            yield f"dynamic thread-local access: {line}"


def segments(library, _):
    """No executable stack and no text relocation: preloading must not weaken the program."""
    for line in output("readelf", "-lW", library).splitlines():
        if "GNU_STACK" in line and "E" in line.split()[-2]:
            yield f"executable stack: {line}"
    if "TEXTREL" in output("readelf", "-dW", library):
        yield "text relocations"


RULES = {rule.__name__: rule for rule in (exports, needed, tls, segments)}


def main():
    rule, library, version_map = sys.argv[1:]
    problems = list(RULES[rule](library, version_map))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
