"""CPython's own tests of threads, processes, signals and memory, told test by test."""

import os
import xml.etree.ElementTree as tree

from case import Case

PYTHON = "/usr/bin/python3.11"
PACKAGES = ["python3.11", "libpython3.11-testsuite"]
NEEDS = [PYTHON, "/usr/lib/python3.11/test/test_threading.py"]

MODULES = ["test_threading", "test_thread", "test_fork1", "test_subprocess", "test_ctypes", "test_signal",
           "test_multiprocessing_fork", "test_os", "test_posix", "test_mmap", "test_faulthandler"]
SHORT = {"test_thread", "test_ctypes", "test_os", "test_posix", "test_mmap"}
RESULTS = "results.xml"


def results(run):
    path = os.path.join(run.directory, RESULTS)
    if not os.path.exists(path):
        return {"stdout": run.stdout, "stderr": run.stderr}
    named = {}
    for test in tree.parse(path).iter("testcase"):
        outcome = next((child.tag for child in test if child.tag in ("error", "failure", "skipped")), "passed")
        named[test.get("name")] = outcome
    return named


def cases():
    return [Case(module, [PYTHON, "-m", "test", "--junit-xml", RESULTS, module], results,
                 environment={"PYTHONMALLOC": "malloc"}, seconds=300, short=module in SHORT) for module in MODULES]
