#!/usr/bin/env bash
# memtrace verify: whole, damaged and contradicting traces, and its exit codes.
. "$(dirname "$0")/lib.bash"

for scenario in small small-stored small-frame frames killed lossy no-numbering empty hostile; do
    "$MAKE_TRACE" $scenario $scenario.mtr
    run 0 "$MEMTRACE" verify $scenario.mtr
    out_has "$scenario.mtr: whole: "
    err_empty
done
run 0 "$MEMTRACE" verify small.mtr
out_is "small.mtr: whole: 3 blocks, 202 events, 0 lost while tracing"
run 0 "$MEMTRACE" verify lossy.mtr
out_is "lossy.mtr: whole: 3 blocks, 202 events, 17 lost while tracing"
run 0 "$MEMTRACE" verify -q small.mtr killed.mtr
out_empty

damaged() {
    run 1 "$MEMTRACE" verify -q "$1"
    out_has "$2"
    tail -n 1 out | grep -q "^$1: DAMAGED: " || fail "$1: no verdict"
}
"$MAKE_TRACE" no-end no-end.mtr
damaged no-end.mtr "no-end.mtr: has no end"
"$MAKE_TRACE" wrong-end wrong-end.mtr
damaged wrong-end.mtr "allocations: 111 by the events, 112 by the end record"
"$MAKE_TRACE" wrong-peak wrong-peak.mtr
damaged wrong-peak.mtr "block 2: peak 12400 bytes, its header says 12401"
"$MAKE_TRACE" wrong-count wrong-count.mtr
damaged wrong-count.mtr "block 2: 112 events before it, its header says 113"
"$MAKE_TRACE" threads threads.mtr
run 0 "$MEMTRACE" verify threads.mtr
out_is "threads.mtr: whole: 3 blocks, 28 events, 0 lost while tracing"
"$MAKE_TRACE" threads-stranger threads-stranger.mtr
damaged threads-stranger.mtr "1 frees are of a thread's blocks that it does not hold"
"$MAKE_TRACE" threads-long threads-long.mtr
damaged threads-long.mtr "more blocks have lived than were freed, at 1 sites"
out_has "frees: 12 by their lives, 9 by the end record"
"$MAKE_TRACE" threads-short threads-short.mtr
damaged threads-short.mtr "frees: 9 by their lives, 10 by the end record"
out_has "temporary: 1 by their lives, 2 by the end record"
"$MAKE_TRACE" below-zero below-zero.mtr
damaged below-zero.mtr "1 events cannot be"
head -c 600 small.mtr >cut.mtr
damaged cut.mtr "the file ends inside this block"
out_has "has no end"
{ head -c 200 small.mtr; printf '\252'; tail -c +202 small.mtr; } >flipped.mtr
damaged flipped.mtr "the payload does not match its checksum"
out_has "block 0"
out_has "111 events missing"
{ head -c 200 small-frame.mtr; printf '\252'; tail -c +202 small-frame.mtr; } >flipped-frame.mtr
damaged flipped-frame.mtr "block 0, the payload does not match its checksum"
out_has "blocks 1 to 2, it goes on with a block that is lost"
out_has "202 events missing"
{ cat small.mtr; head -c 300 /dev/zero; } >tail.mtr
damaged tail.mtr "no block can be made out here"

# halves of scopes are told, and are no damage
"$MAKE_TRACE" story story.mtr
run 0 "$MEMTRACE" verify story.mtr
grep -v ': whole: ' out >halves
mv halves out
out_is "story.mtr: scope ends without a begin: 1; begins without an end: 1"
run 0 "$MEMTRACE" verify -q story.mtr
out_empty

# the worst of several decides
run 1 "$MEMTRACE" verify small.mtr cut.mtr killed.mtr
[ "$(grep -c ': whole: ' out)" = 2 ] || fail "the whole ones are not told"
: >nothing.mtr
run 2 "$MEMTRACE" verify cut.mtr nothing.mtr small.mtr
err_has "nothing.mtr: the file is empty"
out_has "small.mtr: whole"
run 2 "$MEMTRACE" verify
err_lines 1
run 2 "$MEMTRACE" verify --what small.mtr
err_lines 1

# a budget too small is said, and can be raised
MEMTRACE_READ_BUDGET=nonsense run 0 "$MEMTRACE" verify small.mtr
err_has "MEMTRACE_READ_BUDGET=nonsense makes no sense"

finish
