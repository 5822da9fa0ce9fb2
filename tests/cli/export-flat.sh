#!/usr/bin/env bash
# memtrace export --format csv and json: read by Python's own readers, sqlite3 and jq, with the report's numbers.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

for scenario in small recursive frames marks hostile markup vast empty; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
"$MEMTRACE" snapshot save -o named.snapshot small.mtr@end >/dev/null 2>&1 || fail "cannot save"
/usr/bin/python3 "$here/hostile_names.py" named.snapshot names.snapshot

# every grouping and cost, at moments with totals
for operand in names.snapshot small.mtr recursive.mtr frames.mtr@50% marks.mtr hostile.mtr markup.mtr vast.mtr empty.mtr; do
    for format in csv json; do
        "$MEMTRACE" export -f $format -o exported $operand || fail "$format $operand: cannot be exported"
        run 0 /usr/bin/python3 "$here/export_flat_oracle.py" "$MEMTRACE" $format exported $operand
        err_empty
        rm exported
    done
done

# what the names of the columns are is a promise
run 0 "$MEMTRACE" export -f csv empty.mtr
printf '%s\r\n' stack,file,line,function,module,live_bytes,live_blocks,allocated_bytes,allocations,temporary_bytes,temporary,frames,functions |
    diff - out >difference || fail "another head: $(cat difference)"
run 0 "$MEMTRACE" export -f json empty.mtr
[ "$(jq -c '[.schema, .selection.at, .stacks]' out)" = '["memtrace-export-1","end",[]]' ] || fail "another head"

# no byte of a name that a terminal obeys, and no line but the rows
for format in csv json; do
    for hostile in hostile.mtr names.snapshot; do
        "$MEMTRACE" export -f $format $hostile >exported
        tr -d '\r\n' <exported | LC_ALL=C grep -q '[[:cntrl:]]' && fail "control characters as they are in $format"
        [ $format = csv ] && LC_ALL=C grep -qavE $'^[^\r]+\r$' exported && fail "not a line each"
    done
done
"$MEMTRACE" export -f csv names.snapshot >names.csv
[ "$(/usr/bin/python3 -c 'import csv, sys; print(len(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))))' names.csv)" = "$(wc -l <names.csv)" ] ||
    fail "a row of several lines"

# by sqlite3's and jq's own sums
for trace in small.mtr hostile.mtr; do
    "$MEMTRACE" export -f csv $trace >table.csv
    rm -f table.db
    theirs=$(sqlite3 table.db '.import --csv table.csv stacks' 'SELECT sum(allocated_bytes), sum(allocations) FROM stacks')
    "$MEMTRACE" export -f json $trace >table.json
    jqs=$(jq -r '"\([.stacks[].allocated_bytes] | add)|\([.stacks[].allocations] | add)"' table.json)
    ours=$("$MEMTRACE" report --format json $trace | jq -r '"\(.totals.allocated_bytes)|\(.totals.allocations)"')
    [ "$theirs" = "$ours" ] || fail "sqlite3 comes to $theirs in $trace, not $ours"
    [ "$jqs" = "$ours" ] || fail "jq comes to $jqs in $trace, not $ours"
done

# a saved snapshot and its moment are the same table
"$MEMTRACE" snapshot save -o small.snapshot small.mtr@50% >/dev/null 2>&1 || fail "cannot save"
"$MEMTRACE" export -f csv small.mtr@50% >of-trace
"$MEMTRACE" export -f csv small.snapshot | diff of-trace - >difference || fail "a snapshot has another table: $(cat difference)"

# the filters, and where a stack begins
run 0 "$MEMTRACE" export -f csv --function 'nothing_is_called_so' small.mtr
[ "$(wc -l <out)" = 1 ] || fail "more than the head"
rm -f exported
"$MEMTRACE" export -f csv --frame leaf -o exported small.mtr || fail "cannot be exported"
run 0 /usr/bin/python3 "$here/export_flat_oracle.py" "$MEMTRACE" csv exported --frame leaf small.mtr

run 2 "$MEMTRACE" export -f csv --cost live small.mtr
err_has "--cost has no say"

finish
