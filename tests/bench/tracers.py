"""Runs a workload bare, under memtrace and under heaptrack, and says what each cost.

heaptrack is run as its own script does it (a pipe, its interpreter, a compressor), without the script:
so the script's own start, and its wait for the interpreter, count for neither side, and the program's
and the interpreter's memory can be told apart.
"""

import glob
import json
import os
import re
import subprocess
import time
from dataclasses import dataclass

HEAPTRACK_LIBRARY = "/usr/lib/heaptrack/libheaptrack_preload.so"
HEAPTRACK_INTERPRET = "/usr/lib/heaptrack/libexec/heaptrack_interpret"


@dataclass
class Run:
    wall_s: float
    cpu_s: float  # of all processes together
    rss_kib: int  # peak of the program
    tracer_rss_kib: int = 0  # peak of the process beside it
    file_bytes: int = 0
    path: str = ""


class Failed(Exception):
    pass


class Bench:
    def __init__(self, build, directory):
        self.measure = os.path.join(build, "tests/bench/measure")
        self.library = os.path.join(build, "preload/libmemtrace.so")
        self.memtrace = os.path.join(build, "analyzer/memtrace")
        self.directory = directory

    def start(self, result, command, environment, **streams):
        """Output is discarded, the same for all."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("LD_", "MEMTRACE_", "MALLOC_"))}
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | streams
        # The program's environment is set behind `measure`, which must not be traced itself.
        command = ["/usr/bin/env", *(f"{k}={v}" for k, v in environment.items()), *command] if environment else command
        return subprocess.Popen([self.measure, self.path(result), "--", *command], env=plain, **streams)

    def path(self, name):
        return os.path.join(self.directory, name)

    def result(self, name):
        with open(self.path(name)) as file:
            result = json.load(file)
        if result["status"]:
            raise Failed(f"exit status {result['status']}")
        return result

    def bare(self, workload):
        self.start("bare.json", workload.command, workload.environment).wait()
        result = self.result("bare.json")
        return Run(result["wall_s"], result["cpu_s"] + result["rest_cpu_s"], result["rss_kib"])

    def with_memtrace(self, workload):
        trace = self.path("memtrace.mtr")
        if os.path.exists(trace):
            os.remove(trace)
        self.start("memtrace.json", workload.command,
                   workload.environment | {"LD_PRELOAD": self.library, "MEMTRACE_OUTPUT": trace}).wait()
        result = self.result("memtrace.json")
        if not os.path.exists(trace):
            raise Failed("memtrace wrote no trace")
        return Run(result["wall_s"], result["cpu_s"] + result["rest_cpu_s"], result["rss_kib"],
                   result["rest_rss_kib"], os.path.getsize(trace), trace)

    def with_heaptrack(self, workload):
        for old in glob.glob(self.path("heaptrack.*")):
            os.remove(old)
        pipe, trace = self.path("heaptrack.fifo"), self.path("heaptrack.zst")
        os.mkfifo(pipe)
        holder = os.open(pipe, os.O_RDWR)  # so that opening either end does not wait for the other
        reader = os.open(pipe, os.O_RDONLY)
        with open(trace, "wb") as out:
            interpret = self.start("interpret.json", [HEAPTRACK_INTERPRET], {}, stdin=reader, stdout=subprocess.PIPE)
            compress = self.start("compress.json", ["zstd", "-c"], {}, stdin=interpret.stdout, stdout=out)
        interpret.stdout.close()
        os.close(reader)
        program = self.start("heaptrack.json", workload.command, workload.environment |
                             {"LD_PRELOAD": HEAPTRACK_LIBRARY, "DUMP_HEAPTRACK_OUTPUT": pipe})
        program.wait()
        os.close(holder)
        interpret.wait()
        compress.wait()
        result, other, packer = (self.result(n) for n in ("heaptrack.json", "interpret.json", "compress.json"))
        return Run(result["wall_s"], result["cpu_s"] + result["rest_cpu_s"] + other["cpu_s"] + packer["cpu_s"],
                   result["rss_kib"], other["rss_kib"], os.path.getsize(trace), trace)

    def memtrace_totals(self, trace):
        report = subprocess.run([self.memtrace, "report", "--format", "json", trace], capture_output=True, check=True)
        return json.loads(report.stdout)["totals"]

    def heaptrack_calls(self, trace):
        report = subprocess.run(["heaptrack_print", "-f", trace], capture_output=True, text=True, check=True)
        return int(re.search(r"^calls to allocation functions: (\d+)", report.stdout, re.M).group(1))

    def seconds(self, *command):
        begin = time.monotonic()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=True)
        return time.monotonic() - begin
