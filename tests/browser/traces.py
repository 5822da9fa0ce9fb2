"""The traces that browser tests look at: of a program with phases, and of one whose names are hostile.

Each function gives a path in the story's directory. No hostile name may show as anything but itself: were one
ever taken for markup or script, the page's `hostile` would be set or an element be there that is none of ours.
"""

import os
import subprocess

CATALOGUE = 1023 * 120  # bytes that the shop plants first, and then holds for 40 ms

HOSTILE = [
    "<script>hostile=1</script>",
    "</script><script>hostile=1</script>",
    '"><img src=x onerror=hostile=1>',
    "' onclick='hostile=1' x='",
    "]]><b>bold</b><!--",
    "&lt;&amp;&#60;i&#62;",
    "\u202eotni denrut\u2066\u200f",
    "`${hostile=1}` \\'\\u003c\\",
    "\33[31mred\33[0m\x9b\rsecond line\t",
    "</title></style></svg><h1>big</h1>",
    "__proto__",
    "constructor",
]

# What hostile names would make, were they markup.
CREATED = "[...document.querySelectorAll('img, b, i, h1[onclick], iframe, object, embed, *[onload], *[onerror], *[onclick]')].map(e => e.outerHTML.slice(0, 80))"
HARMFUL = r"""(() => {
    const seen = new Set(), bad = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node; (node = walker.nextNode());)
        for (const text of node.nodeType === 3 ? [node.data] : [...node.attributes].map(a => a.value))
            if (bad.test(text))
                seen.add(text.slice(0, 60));
    return [...seen];
})()"""


def traced(story, program, name, *arguments):
    path = os.path.join(story.work, name + ".mtr")
    if os.path.exists(path):
        return path
    subprocess.run([story.memtrace, "run", "-o", path, "--", program, *arguments], check=True, cwd=story.work,
                   env=dict(os.environ, MEMTRACE_LIB=os.environ["LIBRARY"]), capture_output=True)  # fmt: skip
    return path


def shop(story):
    """Run anew where its first phase is not told as the 40 ms that it takes: a collector that gets no time on a busy
    machine dates what a single thread did by when it reads it."""
    for _ in range(10):
        path = traced(story, os.environ["SHOP"], "shop")
        if all(story.report(f"{path}@{at}ms")["selection"]["size"] == CATALOGUE for at in (12, 30)):
            break
        os.remove(path)
    return traced(story, os.environ["SHOP"], "shop")


def hostile(story):
    """Its functions or their files, its arguments and threads have hostile names; each function calls the next."""
    flags = ["-O1", "-fno-builtin", "-fno-inline", "-fno-optimize-sibling-calls", "-Wno-bidi-chars"]
    objects = []

    def compiled(name, source, *more):
        with open(os.path.join(story.work, name + ".c"), "w") as file:
            file.write(source)
        subprocess.run(["cc", *flags, *more, "-c", "-o", name + ".o", name + ".c"], check=True, cwd=story.work)
        objects.append(name + ".o")

    for number, name in enumerate(HOSTILE):
        text = "".join(c for c in name if c.isprintable() or c == "\u202e").replace("\\", "\\\\").replace('"', '\\"')
        following = f"f{number + 1}();" if number + 1 < len(HOSTILE) else ""
        compiled(f"f{number}", f"""
            #include <stdlib.h>
            #include <unistd.h>
            extern void *volatile kept;
            void f{number + 1}(void);
            #line {number + 1} "/nonexistent/{text}.c"
            void f{number}(void) {{ for (int i = 0; i <= {number}; i++) kept = malloc({1000 * (number + 1)}); {following} usleep(500); }}
            """, *(["-g"] if number % 2 else []))  # what has debug information has its names from there
    for number, name in enumerate(HOSTILE):
        for object in objects:
            subprocess.run(["objcopy", "--redefine-sym", f"f{number}={name}", object], check=True, cwd=story.work)
    compiled("main", """
        #define _GNU_SOURCE
        #include <pthread.h>
        void *volatile kept;
        void f0(void), f6(void);
        static void *thread(void *name) { pthread_setname_np(pthread_self(), name); f6(); return name; }
        int main(int argc, char **argv) {
            pthread_t id;
            f0();
            pthread_create(&id, 0, thread, argv[1]);
            pthread_join(id, 0);
        }""")
    for number in (0, 6):
        subprocess.run(["objcopy", "--redefine-sym", f"f{number}={HOSTILE[number]}", "main.o"], check=True, cwd=story.work)
    program = os.path.join(story.work, "<svg onload=hostile=1>")
    subprocess.run(["cc", "-o", program, *objects, "-lpthread"], check=True, cwd=story.work)
    return traced(story, program, "hostile", "\"'<b>\u202e\33[0m", *HOSTILE)


def inert(story, page):
    """Names are on the page, and did nothing but be names."""
    story.same("what hostile names set", page.evaluate("typeof hostile"), "undefined")
    story.same("elements that hostile names made", page.evaluate(CREATED), [])
    story.same("texts with control characters or marks of direction", page.evaluate(HARMFUL), [])
