#!/usr/bin/env bash
# memtrace report's groupings, orders, filters and formats, and the options that cannot go together.
. "$(dirname "$0")/lib.bash"

"$MAKE_TRACE" small small.mtr
"$MAKE_TRACE" recursive recursive.mtr

# under the heading
table_is() {
    local expected=$1
    shift
    run 0 "$MEMTRACE" report "$@"
    sed '1,/ blocks:$/d' out >table
    printf '%s\n' "$expected" | diff - table >difference || fail "report $*: $(cat difference)"
}

table_is "app:0: size=16.1 KiB, count=111, average=149 B" --by file small.mtr
table_is "/nonexistent/bin/app: size=16.1 KiB, count=111, average=149 B" --by module small.mtr
table_is "app:<unknown>: size=16.1 KiB, count=111, average=149 B" --by function small.mtr
out_has "Top 1 of 1 functions by live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks:"
table_is 'app+0x401010: size=10000 B, count=10, average=1000 B
  File "app+0x401010"
app+0x402020: size=4096 B, count=1, average=4096 B
  File "app+0x401010"
  File "app+0x402020"
app+0x403030: size=2400 B, count=100, average=24 B
  File "app+0x401010"
  File "app+0x402020"
  File "app+0x403030"' --by traceback small.mtr
table_is 'app+0x403030: size=2400 B, count=100, average=24 B
  File "app+0x403030"
  File "app+0x402020"' --by traceback --frames 2 --most-recent-first --function '*' --sort place --min 2400 --exclude 'x' \
    --sort count -n 1 small.mtr
run 0 "$MEMTRACE" report --by traceback --pretty -n 1 small.mtr
out_is 'Top 1 tracebacks
10 memory blocks: 9.8 KiB
  File "app+0x401010"
2 other: 6.3 KiB
Total allocated size: 16.1 KiB'
table_is "\
      from      below        count       size
      16 B       32 B          100     2400 B ##########
     512 B     1024 B           10    10000 B ########################################
    4096 B     8192 B            1     4096 B ################" --by size small.mtr
table_is "\
      from      below        count       size
     512 B     1024 B           10    10000 B ########################################
    4096 B     8192 B            1     4096 B ####" --by size -c count --sort size --min 2400 \
    --exclude 'x' --function '<unknown>' -n 2 --include app --module app --exclude y --include '*' small.mtr@peak
# a histogram is shown whole, whatever the command, where no other number is given
"$MAKE_TRACE" sizes sizes.mtr
for command in report "diff sizes.mtr@start" "growth sizes.mtr@start" lifetimes; do
    run 0 "$MEMTRACE" $command --by size sizes.mtr
    rows=15
    [ "$command" = "growth sizes.mtr@start" ] && rows=14 # no bytes, no growth
    out_has "Top $rows of $rows sizes by "
    out_has "8192 B"
    run 0 "$MEMTRACE" $command --by size -n 3 sizes.mtr
    out_has "Top 3 of $rows sizes by "
done

run 0 "$MEMTRACE" report --by size recursive.mtr
out_has "       0 B        1 B            4        0 B"

table_is "app+0x401010: size=16.1 KiB, count=111, average=149 B
app+0x402020: size=6496 B, count=101, average=64 B
app+0x403030: size=2400 B, count=100, average=24 B" --cumulative small.mtr
table_is "app+0x402020: size=4096 B, count=1, average=4096 B" --cost temporary small.mtr
out_has "bytes of temporaries at the end"
table_is "app+0x402020: size=4096 B, count=1, average=4096 B
app+0x401010: size=10000 B, count=10, average=1000 B
app+0x403030: size=2400 B, count=100, average=24 B" --sort average small.mtr
table_is "app+0x401010: size=10000 B, count=10, average=1000 B
app+0x402020: size=4096 B, count=1, average=4096 B
app+0x403030: size=2400 B, count=100, average=24 B" --sort place small.mtr
table_is "app+0x403030: size=2400 B, count=100, average=24 B" --sort count -n 1 small.mtr
table_is "app+0x401010: size=10000 B, count=10, average=1000 B" -c count --sort size -n 1 small.mtr

# the smallest that is shown
for least in 4096 4KiB 4096B 4K 24.83% 0.00390625MiB; do
    run 0 "$MEMTRACE" report --min $least small.mtr
    out_has "Top 2 of 3 lines"
done
for least in 4097 4.01K 24.84%; do
    run 0 "$MEMTRACE" report --min $least small.mtr
    out_has "Top 1 of 3 lines"
done
run 0 "$MEMTRACE" report --min 4096 --format json small.mtr
[ "$(grep -c '"average"' out)" = 2 ] || fail "--min with JSON"

# filters narrow the table and its total, not the summary
table_is "app+0x401010: size=10000 B, count=10, average=1000 B" --include app --cost live --function '<unknown>' --min 5000 small.mtr
run 0 "$MEMTRACE" report --exclude 'app' small.mtr
out_has "Top 0 of 0 lines by live bytes at the peak (0.005 s), 0 B in 0 blocks:"
out_has "peak:        16.1 KiB"
table_is "app+0x403030: size=2400 B, count=100, average=24 B" --module '*/libc.so.6' --all-frames small.mtr
err_empty
run 0 "$MEMTRACE" report --module libc.so.6 small.mtr
out_has "Top 0 of 0 lines"
err_lines 1
err_has "--module libc.so.6 matches nothing here"
run 0 "$MEMTRACE" report --include ap --exclude 'x[y]' --include 'app:12' --function main --skip malloc --include app small.mtr
err_lines 5
for told in "--include ap " "--exclude x[y] " "--include app:12 " "--function main " "--skip malloc "; do
    err_has "${told}matches nothing here"
done
run 0 "$MEMTRACE" report --skip app small.mtr
err_empty
out_has "libc.so.6+0x5050: size=2400 B"
out_has "app+0x401010: size=10000 B"

# CSV by another reader; what JSON says of each key
run 0 "$MEMTRACE" report --format csv small.mtr
printf 'file,line,function,module,size,count,average\r\n%s\r\n%s\r\n%s\r\n' app+0x401010,,,/nonexistent/bin/app,10000,10,1000 \
    app+0x402020,,,/nonexistent/bin/app,4096,1,4096 app+0x403030,,,/nonexistent/bin/app,2400,100,24 | cmp - out || fail "CSV"
"$MAKE_TRACE" hostile hostile.mtr
run 0 "$MEMTRACE" report --format csv --by module hostile.mtr
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "hostile CSV: $(cat verdict)"
import csv
rows = list(csv.reader(open("out", newline=""), strict=True))
assert [len(row) for row in rows] == [7, 7], rows
assert rows[1][3] == r"/nonexistent/\x1b[2Jlib\x0d\x0afake: size=1 B.so", rows
END
for by in function file module size traceback; do
    run 0 "$MEMTRACE" report --format json --by $by -n 1 --sort size small.mtr
    cp out $by.json
done
run 0 "$MEMTRACE" report --format json --exclude app small.mtr
cp out nothing.json
run 0 "$MEMTRACE" report --format json --by traceback small.mtr
cp out tracebacks.json
/usr/bin/python3 - >verdict 2>&1 <<'END' || fail "JSON: $(cat verdict)"
import json
for name in "nothing", "tracebacks", "size": # the layout too
    written = open(name + ".json").read()
    assert written == json.dumps(json.loads(written), indent=2) + "\n", name
def first(by):
    made = json.load(open(by + ".json"))
    assert made["selection"] == {"cost": "live", "by": by, "cumulative": False, "at": "peak", "time_s": 0.005,
                                 "size": 16496, "count": 111}, made["selection"]
    [entry] = made["entries"]
    return entry
app, all_of_it = "/nonexistent/bin/app", {"size": 16496, "count": 111, "average": 148.612612612613}
nothing = dict.fromkeys(["file", "line", "function", "module"])
assert first("function") == nothing | {"file": "app", "module": app} | all_of_it
assert first("file") == nothing | {"file": "app", "module": app} | all_of_it
assert first("module") == nothing | {"module": app} | all_of_it
tens = {"size": 10000, "count": 10, "average": 1000.0}
assert first("size") == nothing | tens | {"from": 512, "below": 1024}
place = nothing | {"file": "app+0x401010", "module": app}
assert first("traceback") == place | tens | {"frames": [place]}
END

# what makes no sense: one line, nothing on stdout, exit 2
refuses "--temporary is a cost of its own, it is not total" --temporary 3 --cost total small.mtr
refuses "temporary=15: a trace tells 0 to 14 allocations" --temporary 15 small.mtr
refuses "--by colour is not known" --by colour small.mtr
refuses "--sort weight is not known" --sort weight small.mtr
refuses "--format xml is not known" --format xml small.mtr
refuses "--frames 0 is not a number" --by traceback --frames 0 small.mtr
for least in 0x10 1e3 1.5.2 "" -1 x 4X 4KX 4iB 101% 1e400 99999999T; do
    refuses "--min $least is neither a size nor a percentage" --min "$least" small.mtr
done
refuses "--cumulative charges frames" --cumulative --by traceback small.mtr
refuses "--cumulative charges frames" --cumulative --by size small.mtr
refuses "--all-frames needs a filter" --all-frames small.mtr
refuses "--frames and --most-recent-first go with" --frames 3 small.mtr
refuses "--frames and --most-recent-first go with" --most-recent-first small.mtr
refuses "--frame leaf is the innermost" --frame leaf --skip x small.mtr
refuses "--frame leaf is the innermost" --frame leaf --skip-std small.mtr
for other in "--format json" "--format csv" "--by size"; do
    refuses "--pretty is a text of places" --pretty $other small.mtr
done
finish
