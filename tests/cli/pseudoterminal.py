"""Programs that write on a terminal, and what they wrote."""

import fcntl
import os
import pty
import struct
import subprocess
import termios


def run_on_terminal(command, columns, environment, stdout=None, stderr=None):
    """The ended program, and the bytes as it wrote them. `stdout` and `stderr`: of Popen, for what is not to be a terminal."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    flags = termios.tcgetattr(its)
    flags[1] &= ~termios.OPOST
    termios.tcsetattr(its, termios.TCSANOW, flags)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment,
                               stdout=its if stdout is None else stdout, stderr=its if stderr is None else stderr)
    os.close(its)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # the end of a terminal that nobody has open any more
        pass
    os.close(ours)
    program.wait()
    return program, written
