#!/usr/bin/env bash
# What a table looks like on a terminal: colour and width, and nothing of either anywhere else.
. "$(dirname "$0")/lib.bash"

"$MAKE_TRACE" small small.mtr
"$MAKE_TRACE" wide wide.mtr
"$MAKE_TRACE" lossy lossy.mtr
"$MAKE_TRACE" frames frames.mtr
/usr/bin/python3 -B "$(dirname "$0")/terminal.py" >verdict 2>&1 || fail "$(cat verdict)"
refuses "--color purple is not known" --color purple small.mtr
finish
