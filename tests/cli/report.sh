#!/usr/bin/env bash
# memtrace report: exact text, JSON, options, moments, and input that is no trace.
. "$(dirname "$0")/lib.bash"

"$MAKE_TRACE" small small.mtr
head="program:     app --input 'two words'
process:     1234, exited with code 7 after 0.012 s
allocations: 111, 16.1 KiB in all; temporary: 1
frees:       91; foreign frees: 3; lost events: 0
peak:        16.1 KiB at 0.005 s; peak RSS: 4096 KiB
leaked:      10.0 KiB in 20 blocks
"

run 0 "$MEMTRACE" report small.mtr
err_empty
out_is "$head
Top 3 of 3 lines by live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks:
app+0x401010: size=10000 B, count=10, average=1000 B
app+0x402020: size=4096 B, count=1, average=4096 B
app+0x403030: size=2400 B, count=100, average=24 B"
cp out peak

run 0 "$MEMTRACE" report small.mtr@peak
cmp -s out peak || fail "@peak is not the default"
run 0 "$MEMTRACE-report" small.mtr
cmp -s out peak || fail "memtrace-report TRACE is not memtrace report TRACE"
run 0 "$MEMTRACE-report" report small.mtr
cmp -s out peak || fail "memtrace-report report TRACE is not memtrace report TRACE"
run 0 "$MEMTRACE-report" --cost live small.mtr
cmp -s out peak || fail "memtrace-report takes no options"

"$MAKE_TRACE" small-frame small-frame.mtr
run 0 "$MEMTRACE" report small-frame.mtr
cmp -s out peak || fail "a frame over several blocks changes the report"

run 0 "$MEMTRACE" report small.mtr@end
out_is "$head
Top 2 of 2 lines by live bytes at the end (0.012 s), 10.0 KiB in 20 blocks:
app+0x401010: size=10000 B, count=10, average=1000 B
app+0x403030: size=240 B, count=10, average=24 B"

run 0 "$MEMTRACE" report --cost leaked small.mtr
out_has "Top 2 of 2 lines by bytes never freed at the end (0.012 s), 10.0 KiB in 20 blocks:"
run 0 "$MEMTRACE" report small.mtr --cost total -n 1
out_is "$head
Top 1 of 3 lines by bytes allocated at the end (0.012 s), 16.1 KiB in 111 blocks:
app+0x401010: size=10000 B, count=10, average=1000 B"
run 0 "$MEMTRACE" report -c count small.mtr
[ "$(tail -n 3 out | head -n 1)" = "app+0x403030: size=2400 B, count=100, average=24 B" ] || fail "not by calls"
run 0 "$MEMTRACE" report --frame leaf small.mtr
out_has "libc.so.6+0x5050: size=2400 B, count=100, average=24 B"
out_lacks "app+0x403030"

run 0 "$MEMTRACE" report --pretty -n 2 small.mtr
out_is "Top 2 lines
#1: app+0x401010: 9.8 KiB
#2: app+0x402020: 4.0 KiB
1 other: 2.3 KiB
Total allocated size: 16.1 KiB"

# JSON: valid by another reader, with the exact figures
run 0 "$MEMTRACE" report --format json small.mtr
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "JSON: $(cat verdict)"
import json
report = json.load(open("out"))
assert list(report) == ["schema", "selection", "process", "totals", "unseen", "damage", "entries"], list(report)
assert report["schema"] == "memtrace-report-1"
assert report["process"] == {"exe": "/nonexistent/bin/app", "argv": ["app", "--input", "two words"], "pid": 1234,
                             "started": "2023-11-14T22:13:20.123Z", "ended": {"how": "exited", "code": 7}}
assert report["totals"] == {"allocations": 111, "frees": 91, "allocated_bytes": 16496, "peak_bytes": 16496,
                            "peak_time_s": 0.005, "leaked_bytes": 10240, "leaked_blocks": 20, "temporary": 1,
                            "foreign_frees": 3, "lost": 0, "peak_rss_bytes": 4194304, "duration_s": 0.012,
                            "collector_cpu_s": 0.0, "collector_rss_bytes": 0}
assert report["entries"][0] == {"file": "app+0x401010", "line": None, "function": None,
                                "module": "/nonexistent/bin/app", "size": 10000, "count": 10, "average": 1000.0}
assert [e["size"] for e in report["entries"]] == [10000, 4096, 2400]
END
run 0 "$MEMTRACE" report --format json -n 1 small.mtr
[ "$(/usr/bin/python3 -c 'import json; print(len(json.load(open("out"))["entries"]))')" = 1 ] || fail "-n with JSON"

# how it ended, losses, damage
"$MAKE_TRACE" killed killed.mtr
run 0 "$MEMTRACE" report killed.mtr
out_has "1234, killed by SIGKILL after 0.012 s"
"$MAKE_TRACE" no-end no-end.mtr
run 0 "$MEMTRACE" report no-end.mtr
out_has "the trace ends before the program did"
out_has "allocations: 111, 16.1 KiB in all; temporary: 1"
"$MAKE_TRACE" lossy lossy.mtr
run 0 "$MEMTRACE" report lossy.mtr
out_has "LOST:        17 events"
run 0 "$MEMTRACE" report --pretty lossy.mtr
out_has "LOST:        17 events"
"$MAKE_TRACE" unseen unseen.mtr
for format in text pretty; do
    run 0 "$MEMTRACE" report $([ $format = text ] || echo --pretty) unseen.mtr
    out_has "NOT SEEN:    app brings its own malloc"
done
run 0 "$MEMTRACE" report --format json unseen.mtr
out_has '"unseen": "app brings its own malloc"'
head -c 600 small.mtr >cut.mtr
run 0 "$MEMTRACE" report cut.mtr
out_has "DAMAGED:     the trace, at 1 place; memtrace verify says where"
out_has "app+0x401010: size=10000 B"

# hostile names reach no terminal
"$MAKE_TRACE" hostile hostile.mtr
for format in text json; do
    run 0 "$MEMTRACE" report --format $format hostile.mtr
    ! tr -d '\n' <out | grep -q '[[:cntrl:]]' || fail "control characters in $format"
    ! grep -q "^fake" out || fail "a name made a line of its own"
done
/usr/bin/python3 -c 'import json; json.load(open("out"))' || fail "hostile JSON"
cp small.mtr "$(printf 'na\033me')"
run 2 "$MEMTRACE" report "$(printf 'na\033me')x"
! tr -d '\n' <err | grep -q '[[:cntrl:]]' || fail "control characters on stderr"

# an @ of the file's own name
cp small.mtr a@b.mtr
run 0 "$MEMTRACE" report a@b.mtr
run 0 "$MEMTRACE" report a@b.mtr@end
out_has "at the end"

# what is no trace: one line that names it, nothing on stdout, exit 2
: >empty.mtr
refuses "empty.mtr: the file is empty" empty.mtr
echo hello >text.mtr
refuses "text.mtr: this is not a memtrace trace" text.mtr
head -c 20 small.mtr >header.mtr
refuses "header.mtr: the first bytes" header.mtr
{ head -c 8 small.mtr; printf '\011'; tail -c +10 small.mtr; } >version.mtr
refuses "version.mtr: the trace is of a format version" version.mtr
refuses "gone.mtr: cannot open: No such file or directory" gone.mtr
refuses ".: is not a regular file" .
mkfifo fifo.mtr
refuses "fifo.mtr" fifo.mtr
refuses "one trace is needed"
refuses "one trace is needed" small.mtr killed.mtr
refuses "--cost gold" --cost gold small.mtr
refuses "--by magic" --by magic small.mtr
refuses "--limit 0" -n 0 small.mtr
refuses "--limit many" --limit many small.mtr
refuses "--nonsense" --nonsense small.mtr
refuses "-z" -z small.mtr
refuses "needs a value" small.mtr --cost
refuses "--cost leaked is about the end" --cost leaked small.mtr@peak
printf 'x' >unreadable.mtr

# a trace of nothing
"$MAKE_TRACE" empty nothing.mtr
run 0 "$MEMTRACE" report nothing.mtr
out_has "allocations: 0, 0 B in all"
out_has "Top 0 of 0 lines"

# half a report must not pass for one
"$MEMTRACE" report small.mtr >/dev/full 2>err
[ $? = 2 ] || fail "a full disk went unnoticed"
err_has "cannot write the output"

finish
