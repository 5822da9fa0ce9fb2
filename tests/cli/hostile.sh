#!/usr/bin/env bash
# A program whose every name is hostile: its path, symbols, source files and lines, threads, arguments, the trace itself. No command lets
# a control character, a line of its own or a mark that turns the direction of writing through to a terminal.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

escape=$'\033[2J\033]0;owned\007' turn=$'\xe2\x80\xae' isolate=$'\xe2\x81\xa6' separator=$'\xe2\x80\xa8' c1=$'\xc2\x9b'
evil="$escape$turn$isolate$separator$c1"$'<script>\r\nfake: size 1 B\x7f\xff'
directory="$work/in $evil"
mkdir -p "$directory"

# a line that is shown as the source has it
cat >"$directory/code $evil.c" <<END2
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static void *kept[4];
void evil_function(void) {
    kept[0] = malloc(4000); /* $escape$turn$c1 */
}
#line 7 "no such $(printf '%s' "$evil" | tr -d '\r\n\177\377' | sed 's/\\/\\\\/g') file.c"
void other_function(void) {
    kept[1] = malloc(3000);
}
static void *in_thread(void *unused) {
    kept[2] = malloc(2000);
    return unused;
}
int main(int argc, char **argv) {
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_setname_np(thread, argv[1]);
    pthread_join(thread, NULL);
    evil_function();
    other_function();
    return argc;
}
END2
cc -g -O1 -fno-builtin -c -o object.o "$directory/code $evil.c" || fail "the program does not compile"
objcopy --redefine-sym "evil_function=</script>$evil" --redefine-sym "other_function=$turn" object.o || fail "no hostile symbols"
cc -o "$directory/prog $evil" object.o -lpthread || fail "the program does not link"

# harmless FILE...: what it says may go to a terminal
harmless() {
    /usr/bin/python3 - "$@" <<'END2'
import sys, unicodedata
for name in sys.argv[1:]:
    text = open(name, "rb").read().decode()
    bad = {hex(ord(c)) for c in text if c != "\n" and (unicodedata.category(c) in ("Cc", "Zl", "Zp")
           or unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))}
    bad |= {hex(ord(c)) for c in text if c in "\u061c\u200e\u200f"}
    forged = [line for line in text.split("\n") if line.startswith("fake")]
    if bad or forged:
        sys.exit(f"{name}: {sorted(bad)} {forged}")
END2
    [ $? = 0 ] || fail "harmful output"
}

# says CODE COMMAND...: as run, and what it says is harmless
says() {
    run "$@"
    harmless out err
}

trace="$directory/trace $evil.mtr"
says 4 "$MEMTRACE" run -o "$trace" -- "$directory/prog $evil" "$c1$escape" "</script>$evil" "$turn"
[ -e "$trace" ] || fail "no trace"
says 4 "$MEMTRACE" run -o "$trace" -- "$directory/prog $evil" 1 2 3
err_has "exists, and is not overwritten"
says 0 "$MEMTRACE" verify "$trace"
for format in text json; do
    for cost in live total count; do
        says 0 "$MEMTRACE" report --format $format --cost $cost "$trace"
        grep -q 4000 out || fail "the hostile function's block is not there"
    done
done
/usr/bin/python3 -c 'import json; json.load(open("out"))' || fail "no JSON"
for command in callers callees; do
    for format in text json; do
        for by in line function file module; do
            says 0 "$MEMTRACE" $command --by $by --format $format "$trace"
        done
    done
    says 0 "$MEMTRACE" $command "$trace" "$evil"
    err_has "matches nothing here"
done
says 0 "$MEMTRACE" report --format pstats "$trace"
says 0 "$MEMTRACE" report --pretty "$trace"
out_has "kept[0] = malloc(4000);"
says 0 "$MEMTRACE" report --frame leaf "$trace"
says 0 "$MEMTRACE" annotate "$trace"
out_has "kept[0] = malloc(4000);"
for format in text json csv; do
    run 0 "$MEMTRACE" annotate --format $format "$trace" '*' "$evil"
    err_has "matches neither"
    [ $format != csv ] || sed -i 's/\r$//' out
    harmless out err
    grep -q 4000 out || fail "the hostile line is not there"
done

# a trace that nobody's tracer wrote, and what is no trace at all
"$MAKE_TRACE" hostile hostile.mtr
for format in text json; do
    says 0 "$MEMTRACE" report --format $format hostile.mtr
done
says 0 "$MEMTRACE" verify hostile.mtr
head -c 300 "$trace" >"cut $evil"
says 0 "$MEMTRACE" report "cut $evil"
says 1 "$MEMTRACE" verify "cut $evil"
says 2 "$MEMTRACE" report "$evil"
says 2 "$MEMTRACE" report "$trace@$evil"
says 2 "$MEMTRACE" verify "$evil"

# whatever stands on a command line
says 2 "$MEMTRACE" "$evil"
says 2 "$MEMTRACE" help "$evil"
for command in run report callers callees verify help; do
    says 2 "$MEMTRACE" $command "--$evil"
done
says 2 "$MEMTRACE" report --cost "$evil" "$trace"
says 2 "$MEMTRACE" report --limit "$evil" "$trace"
says 127 "$MEMTRACE" run "$evil"
says 127 "$MEMTRACE" run "./$evil"

# the tracer's own lines
for variable in OUTPUT DEPTH FOLLOW RSS_INTERVAL ENABLE OVERFLOW UNWIND ARGV SIGNAL; do
    value=$evil
    [ $variable = OUTPUT ] && value="$work/$evil%x"
    says 1 env "MEMTRACE_$variable=$value" LD_PRELOAD="$LIBRARY" /bin/sh -c 'exit 1'
    err_has "MEMTRACE_$variable"
done
says 1 env MEMTRACE_OUTPUT="$work/no $evil/x" LD_PRELOAD="$LIBRARY" /bin/sh -c 'exit 1'
err_has "cannot write trace"
cp "$trace" "$work/there $evil"
says 1 env MEMTRACE_OUTPUT="$work/there $evil" LD_PRELOAD="$LIBRARY" /bin/sh -c 'exit 1'
err_has "not overwritten"
cc -O1 -fno-builtin -o "$directory/own $evil" "$(dirname "$0")/../programs/neighbours/own-malloc.c" object.o -lpthread
says 4 env MEMTRACE_OUTPUT="$work/own.mtr" LD_PRELOAD="$LIBRARY" "$directory/own $evil" 1 2 3
err_has "brings its own malloc"
says 0 "$MEMTRACE" report own.mtr
out_has "brings its own malloc"
finish
