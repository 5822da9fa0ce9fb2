"""A shell on a pseudoterminal: completion.py SHELL SCRIPT, with lines to complete on standard input.

Types each, a TAB, and has the shell print the words it then holds, each in < >.
"""

import os
import pty
import re
import select
import subprocess
import sys

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "bind 'set bell-style none' 'set enable-bracketed-paste off'; source {}\n"),
    "zsh": (["zsh", "-f", "-i"],
            "PS1='$ '; unset zle_bracketed_paste; setopt no_list_ambiguous; bindkey -e; fpath+=({}(:h));"
            " autoload -Uz compinit; compinit -u -D\n"),
}


def main():
    shell, script = sys.argv[1:]
    command, prepare = SHELLS[shell]
    ours, its = pty.openpty()
    program = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, start_new_session=True,
                               env=os.environ | {"TERM": "dumb", "PS1": "$ ", "COLUMNS": "1000", "ZDOTDIR": "."})
    os.close(its)
    seen = ""

    def wait_for(pattern):
        nonlocal seen
        while not (found := re.search(pattern, seen)):
            if not select.select([ours], [], [], 60)[0]:
                sys.exit(f"no {pattern} in {seen!r}")
            seen += os.read(ours, 65536).decode(errors="replace")
        seen = seen[found.end():]
        return found

    os.write(ours, (prepare.format(script) + "echo rea''dy\n").encode())
    wait_for("ready\r?\n")
    for number, line in enumerate(sys.stdin.read().splitlines()):
        # ^A goes to the line's beginning
        os.write(ours, f"{line}\t\x01printf '<%s>' {number}: \x05 ; echo\n".encode())
        print(wait_for(f"(?<!')<{number}:>(.*?)\r?\n")[1])
    os.write(ours, b"exit\n")
    program.wait()


main()
