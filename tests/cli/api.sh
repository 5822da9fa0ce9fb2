#!/usr/bin/env bash
# What a real program tells by memtrace.h, from the call to each command that shows it: the example named_requests,
# whose figures are known to the byte. And memtrace.h as it is installed, found by pkg-config.
. "$(dirname "$0")/lib.bash"

LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=requests.mtr run 0 "$NAMED_REQUESTS"
out_is "60 requests served, and traced"
err_empty
run 0 "$NAMED_REQUESTS"
out_is "60 requests served"

run 0 "$MEMTRACE" verify requests.mtr
out_is "requests.mtr: whole: $(sed -n 's/.*: \([0-9]* blocks\),.*/\1/p' out), 1182 events, 0 lost while tracing"

# each moment by its name, and what is live there: the table, and a line of the log for each request
run 0 "$MEMTRACE" snapshot list --format json requests.mtr
python3 - <<'END' >verdict 2>&1 || fail "snapshot list: $(cat verdict)"
import json
moments = json.load(open("out"))["traces"][0]["moments"]
names = [(m["name"], m["kind"]) for m in moments if m["kind"] in ("mark", "snapshot")]
requests = [("request" + (f"#{i}" if i > 1 else ""), "mark") for i in range(1, 61)]
assert names == [("loaded", "mark"), *requests[:31], ("half way", "snapshot"), *requests[31:]], names
live = {m["name"]: (m["size"], m["count"]) for m in moments}
assert live["loaded"] == (64000, 1000), live["loaded"]
first, thread = live["request"], 208
assert first[1] == 1000 + 1 + 1, first # and libc's block of the thread
for i in range(2, 61):
    assert live[f"request#{i}"] == (first[0] + thread * (i - 1), first[1] + i - 1), (i, live[f"request#{i}"], first)
assert live["half way"] == live["request#31"]
END

top() {
    run 0 "$MEMTRACE" report --include '*named_requests.c' "requests.mtr@$1"
    tail -n +9 out | sed 's/.*named_requests.c:[0-9]*: //' | head -n 2 >places
    diff places - >difference || fail "at $1: $(cat difference)"
}
top loaded <<<"size=62.5 KiB, count=1000, average=64 B"
top 'half way' <<<"size=62.5 KiB, count=1000, average=64 B
size=6448 B, count=31, average=208 B"
top 'request#2' <<<"size=62.5 KiB, count=1000, average=64 B
size=416 B, count=2, average=208 B"
run 2 "$MEMTRACE" report requests.mtr@request#61
err_has "@request#61 is no moment of it"

# the thread by the name it gave itself
run 0 "$MEMTRACE" report --by thread --include '*named_requests.c' requests.mtr
grep -q "^server:[0-9]*: size=16.2 KiB, count=61," out || fail "no thread that is called server"

# the scopes as brackets, each within the run
run 0 "$MEMTRACE" plot --format json requests.mtr
python3 - <<'END' >verdict 2>&1 || fail "plot: $(cat verdict)"
import json
run = json.load(open("out"))["runs"][0]
scopes = run["scopes"]
assert [s["name"] for s in scopes] == ["load"] + ["request"] * 60, [s["name"] for s in scopes]
assert all(a["end_s"] <= b["begin_s"] for a, b in zip(scopes, scopes[1:])), scopes
assert all(s["end_s"] - s["begin_s"] >= 0.001 for s in scopes[1:]), scopes # it sleeps for two milliseconds
END
run 0 "$MEMTRACE" plot requests.mtr -o requests.svg
[ "$(grep -c '<g class="scope">' requests.svg)" = 61 ] || fail "$(grep -c 'class="scope"' requests.svg) brackets"
grep -q '>request: 60 times, ' requests.svg || fail "no legend of the brackets"

# what each request leaves behind, from mark to mark and from scope to scope
for repeat in mark:request scope:request; do
    run 1 "$MEMTRACE" check requests.mtr --growth --repeat $repeat --min-slope 100B
    out_has "named_requests.c:52: +208 B a repetition"
    out_has "repetitions (${repeat/:/ })"
    [ "$(grep -c 'a repetition (95%' out)" = 1 ] || fail "$repeat: more than one place grows"
done
run 0 "$MEMTRACE" check requests.mtr --growth --repeat scope:request --min-slope 300B

# a name is harmless wherever it is printed
cat >names.c <<'END'
#include <memtrace/memtrace.h>
int main(void) {
        memtrace_mark("\x1b[31mred\n");
        memtrace_mark("<b>&amp;\"");
        memtrace_mark("peak");
        memtrace_scope_begin("<script>");
        memtrace_scope_end("</script>");
        memtrace_thread_name("\x1b]0;evil\x07");
        return 0;
}
END
if command -v cc >/dev/null; then
    cc -I "$INCLUDE" names.c -o names || fail "it does not compile"
    LD_PRELOAD=$LIBRARY MEMTRACE_OUTPUT=names.mtr run 0 ./names
    run 0 "$MEMTRACE" snapshot list names.mtr
    ! grep -q $'\033' out || fail "an escape on stdout"
    out_has '@\x1b[31mred\x0a'
    out_has '@<b>&amp;"'
    out_has '@peak#1'
    run 0 "$MEMTRACE" verify names.mtr
    out_has "names.mtr: scope ends without a begin: 1; begins without an end: 1"
    run 0 "$MEMTRACE" plot names.mtr -o names.svg
    ! grep -q '<script>\|<b>' names.svg || fail "a name is markup"
    run 0 "$MEMTRACE" report --by thread names.mtr
    ! grep -q $'\033' out || fail "an escape on stdout"
fi

# as it is installed: pkg-config knows where it is, and that there is nothing to link with
if command -v pkg-config meson cc >/dev/null; then
    run 0 meson install -C "$BUILD" --no-rebuild --destdir "$work/root" --quiet
    pc=$(find root -name memtrace.pc)
    export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$work/root
    run 0 pkg-config --libs-only-l memtrace
    [ -z "$(tr -d ' \n' <out)" ] || fail "it says to link with something"
    run 0 cc $(pkg-config --cflags memtrace) names.c -o installed
    run 0 ./installed
    [ "$(find root -path '*include*' -type f -printf '%P\n' | sed 's,.*include/,,' | sort | tr '\n' ' ')" = "memtrace/memtrace.h memtrace/pools.h " ] || fail "other headers are installed"
fi

finish
