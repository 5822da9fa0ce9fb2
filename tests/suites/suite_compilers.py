"""make and gcc on a small project, four at once; the program that comes out is the same, byte for byte."""

from case import Case

PACKAGES = ["make", "gcc", "g++", "libc6-dev", "binutils"]
NEEDS = ["make", "gcc", "g++"]

MAKEFILE = """
OBJECTS = $(patsubst %.c,%.o,$(wildcard *.c)) templates.o
program: $(OBJECTS)
\tg++ -o $@ $^
%.o: %.c
\tgcc -O2 -g0 -c $< -o $@
templates.o: templates.cc
\tg++ -O1 -g0 -c $< -o $@
broken: ; gcc -c no-such-file.c
"""
TEMPLATES = """
#include <map>
#include <string>
#include <vector>
#include <algorithm>
#include <regex>
extern "C" int templates(int n) {
        std::map<std::string, std::vector<int>> m;
        for (int i = 0; i < n; i++) m[std::to_string(i % 10)].push_back(i);
        for (auto &[k, v] : m) std::sort(v.begin(), v.end(), [](int a, int b) { return a > b; });
        return std::regex_match("abc123", std::regex("[a-c]+[0-9]+")) ? (int)m["3"][0] : 0;
}
"""
MAIN = """
#include <stdio.h>
int templates(int);
int f0(int), f9(int);
int main(void) { printf("%d\\n", templates(100) + f0(3) + f9(4)); return 0; }
"""
SCRIPT = "make -s -j4 && cksum program *.o && ./program && make -s broken 2>&1 | sed 's/^.*: //'; exit ${PIPESTATUS[0]}"


def module(n):
    body = "".join(f"        for (int i = 0; i < n; i++) s += (i * {k + n}) ^ (s >> {k % 5 + 1});\n" for k in range(30))
    return f"int f{n}(int n) {{\n        int s = {n};\n{body}        return s;\n}}\n"


def cases():
    files = {"Makefile": MAKEFILE, "templates.cc": TEMPLATES, "main.c": MAIN} | {f"m{n}.c": module(n) for n in range(10)}
    return [Case("make", ["bash", "-c", SCRIPT], files=files, short=True)]
