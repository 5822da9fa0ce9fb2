#!/usr/bin/env bash
# memtrace callers and callees, and report --format pstats: what is shown, in which order and form, and what cannot go together.
. "$(dirname "$0")/lib.bash"

"$MAKE_TRACE" small small.mtr
"$MAKE_TRACE" hostile hostile.mtr
"$MAKE_TRACE" empty empty.mtr
"$MAKE_TRACE" lossy lossy.mtr
"$MAKE_TRACE" unseen unseen.mtr

main="app+0x401010(<unknown>)"
load="app+0x402020(<unknown>)"
parse="app+0x403030(<unknown>)"
run 0 "$MEMTRACE" callers --by line small.mtr
err_empty
out_is "         live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks:

   Ordered by: internal size

Line                     was called by...
                             ncalls  totsize  cumsize
$main  <- 
$load  <-   1/101   4096 B   6496 B  $main
$parse  <-     100   2400 B   2400 B  $load"
run 0 "$MEMTRACE" callees --by line -n 2 small.mtr@end
out_is "         live bytes at the end (0.012 s), 10.0 KiB in 20 blocks:

   Ordered by: cumulative size
   List reduced from 3 to 2 due to restriction <2>

Line                     called...
                             ncalls  totsize  cumsize
$main  ->    0/10      0 B    240 B  $load
$parse  -> "
run 0 "$MEMTRACE" report --format pstats --by line --cost count --min 4096 small.mtr
out_is "         allocation calls at the end (0.012 s), 16.1 KiB in 111 blocks:

   Ordered by: call count
   List reduced from 3 to 2 due to restriction <4096 B>

   ncalls  totsize  percall  cumsize  percall filename:lineno(function)
   10/111  10000 B   1000 B 16.1 KiB    149 B $main
    1/101   4096 B   4096 B   6496 B     64 B $load"
run 0 "$MEMTRACE" report --format pstats small.mtr
out_has "   ncalls  totsize  percall  cumsize  percall filename(function)"
out_has "      111 16.1 KiB    149 B 16.1 KiB    149 B app(<unknown>)"
run 0 "$MEMTRACE" report --format pstats --from 1ms --by line small.mtr@peak
out_has "         live bytes from @1ms (0.001 s) to the peak (0.005 s), 6496 B in 101 blocks more, 0 B in 0 blocks less:"
out_has "    0/101      0 B            6496 B     64 B $main"

# a module that called itself; orders
run 0 "$MEMTRACE" callers --by module small.mtr
out_has "Module                was called by..."
out_has "/nonexistent/bin/app  <-     101   6496 B   6496 B  /nonexistent/bin/app"
first_is() {
    local place=$1
    shift
    run 0 "$MEMTRACE" "$@" small.mtr
    [ "$(sed -n '/^  *ncalls/{n;s/ *<-.*//;s/ *->.*//;p}' out)" = "$place" ] || fail "$* begins otherwise"
}
first_is "$main" callers --by line
first_is "$parse" callers --by line --sort count
first_is "$main" callers --by line --sort count --cumulative
first_is "$load" callers --by line --sort average
first_is "$main" callers --by line --sort place
first_is "$parse" callers --by line -c count
first_is "$parse" callees --by line --sort count
run 0 "$MEMTRACE" callers --by line --sort average --cumulative small.mtr
out_has "   Ordered by: cumulative average"

# globs are of functions and files, of files alone or of modules, as the key has them
run 0 "$MEMTRACE" callers --by line small.mtr app 'x*' app
out_has "$load  <-"
err_lines 1
err_has "callers: x* matches nothing here"
run 0 "$MEMTRACE" callees --by file small.mtr '/nonexistent/*'
err_has "/nonexistent/* matches nothing here"
run 0 "$MEMTRACE" callees --by module small.mtr '/nonexistent/*' app
out_has "/nonexistent/bin/app  ->"
err_empty
run 0 "$MEMTRACE" callees --by file small.mtr app
out_has "app  ->"
run 0 "$MEMTRACE" callers small.mtr nobody
err_lines 1
out_is "         live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks:

   Ordered by: internal size
   List reduced from 1 to 0 due to restriction <'nobody'>
"
run 0 "$MEMTRACE" callers --by line --include nothing small.mtr
err_has "--include nothing matches nothing here"
out_has "0 B in 0 blocks:"

# trouble stands above; nothing at all is no trouble
run 0 "$MEMTRACE" callers lossy.mtr
out_has "LOST: "
run 0 "$MEMTRACE" report --format pstats unseen.mtr
out_has "NOT SEEN: "
head -c 300 small.mtr >cut.mtr
run 0 "$MEMTRACE" callees cut.mtr
out_has "DAMAGED: "
for format in text json csv; do
    for command in callers callees; do
        run 0 "$MEMTRACE" $command --format $format empty.mtr
        err_empty
        run 0 "$MEMTRACE" $command --by module --format $format hostile.mtr
        ! grep -q $'\033' out || fail "$command --format $format passes an escape sequence on"
    done
done
run 0 "$MEMTRACE" report --format pstats --by module hostile.mtr
out_has '/nonexistent/\x1b[2Jlib\x0d\x0afake: size=1 B.so'
out_has "  percall  cumsize  percall module"
run 0 "$MEMTRACE" callers --by module --format csv hostile.mtr
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "hostile CSV: $(cat verdict)"
import csv
rows = list(csv.reader(open("out", newline=""), strict=True))
assert {len(row) for row in rows} == {13}, rows
assert rows[1][0] == "self" and rows[1][4] == r"/nonexistent/\x1b[2Jlib\x0d\x0afake: size=1 B.so", rows
END
run 0 "$MEMTRACE" callees --by line --format csv -n 1 small.mtr
printf '%s\r\n' relation,file,line,function,module,other_file,other_line,other_function,other_module,self_size,self_count,cumulative_size,cumulative_count \
    self,app+0x401010,,,/nonexistent/bin/app,,,,,10000,10,16496,111 \
    callee,app+0x401010,,,/nonexistent/bin/app,app+0x402020,,,/nonexistent/bin/app,4096,1,6496,101 | cmp - out || fail "CSV"

# a saved snapshot is a state like others
run 0 "$MEMTRACE" snapshot save -o small.json small.mtr@end
for options in "callers --by line" "callees --by line --format csv" "report --format pstats --by line"; do
    run 0 "$MEMTRACE" $options small.mtr@end
    cp out of_trace
    run 0 "$MEMTRACE" $options small.json
    cmp out of_trace || fail "$options of a saved snapshot"
done

run 0 "$MEMTRACE" callers --by line --min 5000 small.mtr # load has 4096 of its own, 6496 with what it called
out_has "List reduced from 3 to 1 due to restriction <5000 B>"
run 0 "$MEMTRACE" callees --by line --min 5000 small.mtr
out_has "List reduced from 3 to 2 due to restriction <5000 B>"

# what makes no sense: one line, nothing on stdout, exit 2
says() {
    local word=$1
    shift
    run 2 "$MEMTRACE" "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
for command in callers callees "report --format pstats"; do
    name=${command%% *}
    says "$name: of --by traceback nobody knows who calls whom" $command --by traceback small.mtr
    says "$name: of --by size nobody knows" $command --by size small.mtr
    says "$name: of --by thread nobody knows" $command --by thread small.mtr
done
says "callers: --format pstats is of memtrace report alone" callers --format pstats small.mtr
says "callees: a trace is needed; see memtrace callees --help" callees
says "nosuch.mtr" callers nosuch.mtr
says "--cost leaked is about the end" callees --cost leaked small.mtr@peak
says "--pretty is a text of places" report --format pstats --pretty small.mtr
says "--frames and --most-recent-first go with" report --format pstats --frames 3 small.mtr
finish
