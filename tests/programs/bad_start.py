"""Starts that cannot go as asked: bad_start.py CASE LIBRARY MEMTRACE PROGRAM STATIC_PROGRAM.

In each the program does what it does untraced: exit status and stdout the same. On stderr stands at most
one line of ours more, which names what is wrong, and nothing that was there before is overwritten.
"""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile

from run import PR_SET_CHILD_SUBREAPER, SKIPPED, Failure, check, plain_environment

NOBODY = 65534

# A value that makes no sense: the line names the variable, and the default serves.
BAD_VALUES = {
    "depth-word": ("MEMTRACE_DEPTH", "deep"),
    "depth-zero": ("MEMTRACE_DEPTH", "0"),
    "depth-negative": ("MEMTRACE_DEPTH", "-5"),
    "depth-trailing": ("MEMTRACE_DEPTH", "12x"),
    "depth-huge": ("MEMTRACE_DEPTH", "99999999999999999999"),
    "rss-interval": ("MEMTRACE_RSS_INTERVAL", "often"),
    "follow": ("MEMTRACE_FOLLOW", "some"),
    "enable": ("MEMTRACE_ENABLE", "perhaps"),
    "overflow": ("MEMTRACE_OVERFLOW", "explode"),
    "unwind": ("MEMTRACE_UNWIND", "guess"),
    "argv": ("MEMTRACE_ARGV", "maybe"),
}


class Start:
    def __init__(self, library, memtrace, program, static_program):
        self.library, self.memtrace = os.path.abspath(library), os.path.abspath(memtrace)
        self.program, self.static_program = os.path.abspath(program), os.path.abspath(static_program)
        self.directory = tempfile.mkdtemp(prefix="memtrace-start-")

    def run(self, extra=None, program=None, through=(), **options):
        environment = plain_environment()
        done = subprocess.run([*through, program or self.program, "return"], env=environment | (extra or {}),
                              cwd=self.directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, **options)
        try:
            while True:
                os.waitpid(-1, 0)  # the tracer's sibling
        except ChildProcessError:
            return done

    def compare(self, variables, named=None, **options):
        """Untraced and traced; returns the traced run's lines on stderr, of which one names what is wrong."""
        untraced = self.run(**options)
        traced = self.run({"LD_PRELOAD": self.library} | variables, **options)
        check(untraced.returncode == traced.returncode, f"exit status {traced.returncode}, not {untraced.returncode}")
        check(untraced.stdout == traced.stdout, f"stdout differs: {traced.stdout!r}")
        lines = traced.stderr.decode().splitlines()
        if named is None:
            check(not lines, f"stderr has {lines}")
        else:
            check(len(lines) == 1 and named in lines[0], f"not one line on stderr that names {named}: {lines}")
        return lines

    def trace(self, name="good.mtr"):
        return os.path.join(self.directory, name)

    def whole(self, path):
        verify = subprocess.run([self.memtrace, "verify", path], capture_output=True, text=True)
        check(verify.returncode == 0, f"verify: {verify.stdout}{verify.stderr}")


def missing_directory(start):
    output = start.trace("nowhere/x.mtr")
    start.compare({"MEMTRACE_OUTPUT": output}, output)


def not_a_directory(start):
    output = start.program + "/x.mtr"
    start.compare({"MEMTRACE_OUTPUT": output}, output)


def exists(start):
    output = start.trace()
    with open(output, "w") as file:
        file.write("precious")
    start.compare({"MEMTRACE_OUTPUT": output}, output)
    with open(output) as file:
        check(file.read() == "precious", "the file that was there is changed")


def dangling_link(start):
    output = start.trace()
    os.symlink(start.trace("elsewhere"), output)
    start.compare({"MEMTRACE_OUTPUT": output}, output)
    check(not os.path.exists(start.trace("elsewhere")), "a symbolic link was followed")


def private(start):
    output = start.trace()
    start.compare({"MEMTRACE_OUTPUT": output})
    check(os.stat(output).st_mode & 0o777 == 0o600, f"mode {os.stat(output).st_mode:o}")
    start.whole(output)


def default_name(start):
    start.compare({})
    left = [name for name in os.listdir(start.directory) if name.endswith(".mtr")]
    program = os.path.basename(start.program)
    check(len(left) == 1 and left[0].startswith(f"memtrace.{program}."), f"the directory holds {left}")


def static_program(start):
    start.compare({"MEMTRACE_OUTPUT": start.trace()}, program=start.static_program)
    check(not os.path.exists(start.trace()), "a static program left a trace")


def setuid_program(start):
    copy = start.trace("setuid")
    shutil.copy(start.program, copy)
    if os.geteuid() or os.statvfs(start.directory).f_flag & os.ST_NOSUID:
        print("needs root and a file system that honours setuid")
        sys.exit(SKIPPED)
    os.chown(copy, 65534, 65534)
    os.chmod(copy, 0o4755)
    os.chmod(start.directory, 0o777)
    # The loader drops the preload of such a program without a word; memtrace run has one.
    start.compare({"MEMTRACE_OUTPUT": start.trace()}, program=copy)
    check(not os.path.exists(start.trace()), "a setuid program was traced")


def limited(kind, value):
    def case(start):
        start.run()
        untraced = start.run(preexec_fn=lambda: resource.setrlimit(kind, (value, value)))
        traced = start.run({"LD_PRELOAD": start.library, "MEMTRACE_OUTPUT": start.trace()},
                           preexec_fn=lambda: resource.setrlimit(kind, (value, value)))
        check(untraced.returncode == traced.returncode, f"exit status {traced.returncode}: {traced.stderr}")
        check(untraced.stdout == traced.stdout, "stdout differs")
        check(traced.stderr.count(b"\n") <= 1, f"stderr has {traced.stderr!r}")
    return case


def need_nobody(start):
    """Nobody has to reach what was built: not so below a home of root's, say."""
    for path in start.library, start.program:
        while os.geteuid() == 0 and (path := os.path.dirname(path)) != "/":
            if not os.stat(path).st_mode & 0o001:
                print(f"{path} is closed to others than its owner")
                sys.exit(SKIPPED)


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def no_processes(start):
    need_nobody(start)

    def alone():
        become_nobody()  # first: a program is not even started by who is over the limit when becoming so
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    start.compare({"MEMTRACE_OUTPUT": start.trace()}, "cannot start the collector", preexec_fn=alone)
    check(not os.path.exists(start.trace()), "there is a trace")


def read_only_directory(start):
    need_nobody(start)
    os.chmod(start.directory, 0o555)
    start.compare({}, "memtrace.row21-death.", preexec_fn=become_nobody)
    check(not os.listdir(start.directory), "something was left in a read-only directory")
    os.chmod(start.directory, 0o755)


def closed_descriptors(start):
    output = start.trace()
    done = subprocess.run(["/bin/sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', "/usr/bin/env", f"LD_PRELOAD={start.library}",
                           f"MEMTRACE_OUTPUT={output}", start.program, "return"], timeout=60)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    # its own report cannot be written, which it says by its exit code
    check(done.returncode == 99, f"exit status {done.returncode}")
    start.whole(output)


def beyond(word, through_memtrace):
    """A program that tracing cannot reach, or must leave alone: started by memtrace run, or by a traced program."""
    def case(start):
        if not os.path.isfile(start.program):
            print("skip this compiler makes no such program")
            sys.exit(SKIPPED)
        untraced = start.run()
        if through_memtrace:
            traced = start.run({"MEMTRACE_LIB": start.library},
                               through=[start.memtrace, "run", "-o", start.trace(), "--"])
        else:
            traced = start.run({"LD_PRELOAD": start.library, "MEMTRACE_OUTPUT": start.trace("%e.mtr")},
                               through=["/usr/bin/env"])
            start.whole(start.trace("env.mtr"))
        check(untraced.returncode == traced.returncode, f"exit status {traced.returncode}, not {untraced.returncode}")
        check(untraced.stdout == traced.stdout, f"stdout differs: {traced.stdout!r}")
        said = traced.stderr.decode().removeprefix(untraced.stderr.decode()).splitlines()
        check(len(said) == 1 and word in said[0] and start.program in said[0], f"not one line that says {word!r}: {said}")
        check(len([name for name in os.listdir(start.directory) if name != "env.mtr"]) == 0, "it left a trace")
    return case


CASES = {
    "row27-run-32-bit": beyond("it is a 32-bit program; it runs untraced", True),
    "row27-run-address-sanitizer": beyond("the address sanitizer in it wants to be loaded first", True),
    "row27-run-static": beyond("it is statically linked; it runs untraced", True),
    "row27-child-32-bit": beyond("it is a 32-bit program; it runs untraced", False),
    "row27-child-address-sanitizer": beyond("the address sanitizer in it wants to be loaded first", False),
    "missing-directory": missing_directory,
    "not-a-directory": not_a_directory,
    "file-exists": exists,
    "dangling-link": dangling_link,
    "private-file": private,
    "default-name": default_name,
    "static-program": static_program,
    "setuid-program": setuid_program,
    "address-space": limited(resource.RLIMIT_AS, 256 << 20),
    "file-size": limited(resource.RLIMIT_FSIZE, 4096),
    "row32-no-processes": no_processes,
    "row32-read-only-directory": read_only_directory,
    "no-descriptors": limited(resource.RLIMIT_NOFILE, 4),
    "closed-descriptors": closed_descriptors,
}


def bad_value(name):
    variable, value = BAD_VALUES[name]

    def case(start):
        start.compare({"MEMTRACE_OUTPUT": start.trace(), variable: value}, variable)
        start.whole(start.trace())
    return case


def main():
    name, *paths = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    start = Start(*paths)
    try:
        (CASES[name] if name in CASES else bad_value(name))(start)
    except Failure as failure:
        print(failure)
        return 1
    finally:
        shutil.rmtree(start.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
