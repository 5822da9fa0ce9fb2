"""What is shared by tests of programs that print what they told memtrace: the run without it and with it, and the end."""

import ctypes
import os
import subprocess
import sys

from mtr_bytes import Damaged
from run import PR_SET_CHILD_SUBREAPER, Failure, plain_environment, wait_for_descendants


def run_both(program, mode, library, directory):
    """What came of the program untraced and traced, and the paths of its traces."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    preloaded = {"LD_PRELOAD": library, "MEMTRACE_OUTPUT": os.path.join(directory, "%p.%t.mtr")}
    untraced, traced = (subprocess.run([program, mode], env=plain_environment() | more, cwd=directory, capture_output=True, timeout=100)
                        for more in ({}, preloaded))
    wait_for_descendants(60)
    return untraced, traced, [os.path.join(directory, name) for name in os.listdir(directory) if name.endswith(".mtr")]


def exit_by(main):
    """What does not hold is said, and fails the test."""
    try:
        sys.exit(main())
    except (Failure, Damaged) as problem:
        print(problem)
        sys.exit(1)
