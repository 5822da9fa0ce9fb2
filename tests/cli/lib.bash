# What the command tests share: a directory of their own, and checks that say what they saw.
# Called with the environment MEMTRACE (the program), MAKE_TRACE, and for some LIBRARY.

set -u
export LC_ALL=C.UTF-8
export ASAN_OPTIONS=verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS} # some tests preload into memtrace itself
unset MEMTRACE_OUTPUT MEMTRACE_LIB MEMTRACE_READ_BUDGET LD_PRELOAD DEBUGINFOD_URLS
work=$(mktemp -d /tmp/memtrace-cli-XXXXXX)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "not ok: $*"
    [ -s out ] && sed 's/^/  stdout: /' out
    [ -s err ] && sed 's/^/  stderr: /' err
    failures=$((failures + 1))
}

# run CODE COMMAND...: runs it into `out` and `err`; the exit code must be CODE.
run() {
    local wanted=$1
    shift
    "$@" >out 2>err </dev/null
    local code=$?
    [ "$code" = "$wanted" ] || fail "exit code $code, not $wanted: $*"
}

# refuses WORD ARGUMENT...: memtrace report says why in one line on stderr, nothing on stdout, and exits with 2.
refuses() {
    local word=$1
    shift
    run 2 "$MEMTRACE" report "$@"
    out_empty
    err_lines 1
    err_has "$word"
}

out_has() { grep -qF -- "$1" out || fail "no '$1' on stdout"; }
out_lacks() { ! grep -qF -- "$1" out || fail "'$1' on stdout"; }
err_has() { grep -qF -- "$1" err || fail "no '$1' on stderr"; }
out_is() { printf '%s\n' "$1" | diff - out >difference || fail "stdout differs: $(cat difference)"; }
out_empty() { [ ! -s out ] || fail "something on stdout"; }
err_empty() { [ ! -s err ] || fail "something on stderr"; }
err_lines() { [ "$(wc -l <err)" = "$1" ] || fail "$(wc -l <err) lines on stderr, not $1"; }

finish() {
    [ "$failures" = 0 ] || { echo "$failures failed"; exit 1; }
    echo "all as it should be"
}
