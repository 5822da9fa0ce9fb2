#!/usr/bin/env bash
# memtrace run where there is nothing to trace with: the program's own exit code, output and
# signals, whatever is wrong. run-traced.sh is about the traces.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$work/no-library.so

# untraced CODE COMMAND...: the code, the program's own output, one line of ours
untraced() {
    run "$@"
    err_lines 1
}
untraced 5 "$MEMTRACE" run sh -c 'echo hello; exit 5'
out_is hello
err_has "libmemtrace.so"
untraced 0 "$MEMTRACE" run -- sh -c 'exit 0'
untraced 137 "$MEMTRACE" run -- sh -c 'kill -KILL $$'
untraced 139 "$MEMTRACE" run -- sh -c 'kill -SEGV $$'
untraced 0 "$MEMTRACE" run -d 5 sh -c 'test "$1" = -d' -- -d
ls ./*.mtr >/dev/null 2>&1 && fail "a trace was made of nothing"

# the program's stdin is its own
printf 'in\n' | "$MEMTRACE" run cat >out 2>err
out_is in

# programs that are none
untraced 127 "$MEMTRACE" run no-such-program
err_has "no-such-program: no such program"
untraced 127 "$MEMTRACE" run ./no-such-program
echo data >data
untraced 126 "$MEMTRACE" run ./data
err_has "./data: cannot be executed"
untraced 126 "$MEMTRACE" run /
printf '#!/nonexistent/interpreter\n' >broken && chmod +x broken
run 127 "$MEMTRACE" run ./broken
err_has "./broken: cannot be executed"
run 126 sh -c 'chmod -x data; exec "$@"' - "$MEMTRACE" run ./data

# programs that cannot be traced run all the same
echo 'int main(void) { return 33; }' | cc -static -o static -x c - || fail "no static program"
untraced 33 "$MEMTRACE" run ./static
err_has "./static: cannot be traced: it is statically linked; it runs untraced"
printf '#!%s/static\n' "$work" >script && chmod +x script
untraced 33 "$MEMTRACE" run ./script
err_has "statically linked"
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$work"
    echo '#include <unistd.h>
int main(void) { return geteuid() == 65534 ? 44 : 1; }' | cc -o rights -x c - && chown 65534 rights && chmod 4755 rights
    untraced 44 "$MEMTRACE" run ./rights
    err_has "setuid"
fi

# outputs that cannot be
echo precious >there.mtr
export MEMTRACE_LIB=/lib/x86_64-linux-gnu/libm.so.6 # any library serves: it must not get as far as preloading
untraced 6 "$MEMTRACE" run -o there.mtr -- sh -c 'test -z "${LD_PRELOAD-}" && exit 6'
err_has "there.mtr: exists, and is not overwritten"
[ "$(cat there.mtr)" = precious ] || fail "an existing file was overwritten"
MEMTRACE_OUTPUT=there.mtr untraced 6 "$MEMTRACE" run sh -c 'exit 6'
err_has "there.mtr: exists"
ln -s nowhere link.mtr
untraced 6 "$MEMTRACE" run -o link.mtr sh -c 'exit 6'
err_has "link.mtr: exists"
untraced 6 "$MEMTRACE" run -o nowhere/x.mtr sh -c 'exit 6'
err_has "nowhere/: No such file or directory"
untraced 6 "$MEMTRACE" run -o data/x.mtr sh -c 'exit 6'
err_has "data/: "
if [ "$(id -u)" != 0 ]; then
    mkdir shut && chmod 555 shut
    untraced 6 "$MEMTRACE" run -o shut/x.mtr sh -c 'exit 6'
    err_has "shut/: not writable"
fi

# what the program finds in its environment
run 0 "$MEMTRACE" run -q -o x-%p.mtr -d 7 --follow none --rss-interval 0 --paused --overflow drop --unwind libunwind \
    --no-argv env
for pair in "MEMTRACE_OUTPUT=$work/x-%p.mtr" MEMTRACE_DEPTH=7 MEMTRACE_FOLLOW=none MEMTRACE_RSS_INTERVAL=0 \
    MEMTRACE_ENABLE=0 MEMTRACE_OVERFLOW=drop MEMTRACE_UNWIND=libunwind MEMTRACE_ARGV=0 "LD_PRELOAD=$MEMTRACE_LIB"; do
    grep -qxF "$pair" out || fail "no $pair in the environment"
done
LD_PRELOAD=/lib/x86_64-linux-gnu/libdl.so.2 run 0 "$MEMTRACE" run env
grep -qx "LD_PRELOAD=$MEMTRACE_LIB:/lib/x86_64-linux-gnu/libdl.so.2" out || fail "other preloads are lost"
grep -q "^MEMTRACE_DEPTH=" out && fail "options that were not given are set"
cp /lib/x86_64-linux-gnu/libm.so.6 "a library.so"
MEMTRACE_LIB="a library.so" untraced 3 "$MEMTRACE" run sh -c 'exit 3'
err_has "a space or colon"

# options that make no sense: nothing runs
for wrong in "-d 0" "-d 1025" "-d x" "--follow some" "--overflow explode" "--unwind guess" "--rss-interval often" \
    "-o a%z" "--nonsense" "-z"; do
    # shellcheck disable=SC2086
    untraced 2 "$MEMTRACE" run $wrong touch ran
    [ ! -e ran ] || fail "$wrong, and yet it ran"
done
untraced 2 "$MEMTRACE" run
untraced 2 "$MEMTRACE" run --

# signals: ours to pass on, the keyboard's to survive
export MEMTRACE_LIB=$work/no-library.so
"$MEMTRACE" run sh -c 'trap "exit 77" TERM; : >ready; while :; do sleep 0.05; done' 2>err &
tracer=$!
while [ ! -e ready ]; do sleep 0.02; done
kill -TERM $tracer
wait $tracer
[ $? = 77 ] || fail "SIGTERM was not passed on"
rm ready
# a shell's background jobs ignore SIGINT; python starts them without that
/usr/bin/python3 - "$MEMTRACE" >out 2>err <<'END' || fail "SIGINT"
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
def start():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setpgid(0, 0)
child = subprocess.Popen([sys.argv[1], "run", "sh", "-c", "trap 'exit 78' INT; : >ready; while :; do sleep 0.05; done"],
                         preexec_fn=start)
while not os.path.exists("ready"):
    time.sleep(0.02)
os.killpg(child.pid, signal.SIGINT)
code = child.wait()
print(code)
sys.exit(code != 78)
END
# a parent that ignores SIGCHLD gets the exit code, and its child finds it ignored
/usr/bin/python3 - "$MEMTRACE" >out 2>err <<'END' || fail "SIGCHLD"
import signal, subprocess, sys
def start(*command):
    return subprocess.Popen([sys.argv[1], "run", *command], restore_signals=False,
                            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)).wait()
codes = start("sh", "-c", "exit 79"), start("grep", "-q", "^SigIgn:.*[13579bdf]....$", "/proc/self/status")
print(codes)
sys.exit(codes != (79, 0))
END

finish
