"""What `go tool pprof -raw` shows of a profile, beside binutils' reading of the program: export_pprof_raw.py PROGRAM PROFILE."""

import os
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def lines_of(program, address):
    """Innermost first; of the functions there, addr2line names the innermost by the symbol table alone."""
    return [re.sub(r" \(discriminator \d+\)$", "", place) for place in output("addr2line", "-i", "-e", program, hex(address)).splitlines()]


def main():
    program, profile = sys.argv[1:]
    raw = output("go", "tool", "pprof", "-symbolize=none", "-raw", profile)
    build_id = re.search(r"Build ID: (\w+)", output("readelf", "-n", program))[1]
    mappings = re.findall(r"^(\d+): 0x(\w+)/0x(\w+)/0x(\w+) (\S+) (\w+) (\S*)$", raw, re.M)
    number, start, end, offset, path, shown_id, flags = mappings[0]
    start, end = int(start, 16), int(end, 16)
    if (path, shown_id, flags) != (os.path.realpath(program), build_id, "[FN][FL][LN][IN]"):
        sys.exit(f"not the program: {mappings[0]}")
    # what is mapped to be run: its segment's whole pages
    segment = re.search(r"^ +LOAD +0x(\w+) 0x(\w+) 0x\w+ 0x\w+ 0x(\w+) R E ", output("readelf", "-lW", program), re.M)
    at, vaddr, size = (int(number, 16) for number in segment.groups())
    first_page = vaddr & -4096
    if (int(offset, 16), end - start) != (at & -4096, (vaddr + size + 4095 & -4096) - first_page):
        sys.exit(f"not the segment {segment[0]}: {mappings[0]}")
    checked = inlined = 0
    for address, own, first, rest in re.findall(r"^ +\d+: 0x(\w+) M=(\d+) (.*)\n((?: {13}.*\n)*)", raw, re.M):
        address = int(address, 16)
        if own != number or first.startswith("_start "):  # which has no line
            continue
        shown = [re.search(r" (\S+:\d+) s=\d+", line)[1] for line in [first, *rest.splitlines()]]
        if not start <= address < end:
            sys.exit(f"{address:#x} is outside of {mappings[0]}")
        wanted = lines_of(program, address - start + first_page)
        # where a stack begins, runtime functions that are inlined there are left out
        if shown != wanted[len(wanted) - len(shown):]:
            sys.exit(f"{address:#x}: {shown}, but addr2line: {wanted}")
        checked += 1
        inlined += len(shown) > 1
    print(f"{checked} locations, {inlined} with inlined functions")


main()
