#!/usr/bin/env bash
# memtrace snapshot: moments listed, saved as files, and read back wherever a moment can stand.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

for scenario in small marks recursive hostile frames empty threads; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done

# a lost block: sites whose allocations nobody saw
cp frames.mtr damaged.mtr
printf '\377' | dd of=damaged.mtr bs=1 seek=1100 conv=notrunc status=none
run 1 "$MEMTRACE" verify damaged.mtr
out_has "DAMAGED"

# the golden rule: a snapshot says what the trace says of that moment
cat >pool.c <<'END'
#include <stdlib.h>
void *pool_get(size_t size) {
    return malloc(size);
}
END
cat >program.c <<'END'
#include <pthread.h>
#include <stdlib.h>
void *pool_get(size_t size);
static inline __attribute__((always_inline)) void *wrapped(size_t size) {
    return pool_get(size + 1);
}
static void *kept[200], *volatile temporary;
static void *work(void *unused) {
    free(kept[199]);
    kept[199] = pool_get(77);
    return unused;
}
int main(void) {
    pthread_t thread;
    for (int i = 0; i < 200; i++) {
        kept[i] = i % 3 ? malloc((size_t)i) : wrapped(100);
        free(temporary = malloc(7));
    }
    for (int i = 0; i < 200; i += 2)
        free(kept[i]);
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    return 3;
}
END
mkdir sources
mv pool.c sources/
(cd sources && cc -g -O1 -shared -fPIC -o ../libpool.so pool.c) && cc -g -O1 -o program program.c -L. -lpool -Wl,-rpath,"$work" ||
    fail "cannot build the program"
run 3 "$MEMTRACE" run -q -o program.mtr -- ./program
/usr/bin/python3 -B "$here/snapshot_golden.py" small.mtr small.mtr@end empty.mtr recursive.mtr marks.mtr@phase#2 marks.mtr@start \
    hostile.mtr frames.mtr@5ms threads.mtr threads.mtr@end damaged.mtr damaged.mtr@end program.mtr program.mtr@end >out 2>&1 || fail "another report than the trace's"
tail -n 1 out

# so do the other commands
run 0 "$MEMTRACE" snapshot save program.mtr -o peak
for command in "annotate T program.c" "annotate T main pool_get" "annotate --format csv T pool.c" "callers T" "callees --format json T main" \
    "report --format pstats T"; do
    run 0 "$MEMTRACE" ${command/T/program.mtr@peak}
    err_empty
    cp out wanted
    run 0 "$MEMTRACE" ${command/T/peak}
    err_empty
    cmp -s out wanted || fail "$command: another answer than the trace's"
    [ "$(wc -l <out)" -gt 1 ] || fail "$command says nothing"
done

# by itself: without the trace, the program and its library
run 0 "$MEMTRACE" snapshot save program.mtr@end -o kept
"$MEMTRACE" report --by traceback program.mtr@end >wanted
grep -qF "    return malloc(size);" wanted || fail "no source line of the library"
rm program.mtr program libpool.so
run 0 "$MEMTRACE" report --by traceback kept
cmp -s out wanted || fail "another report without the trace and the program"
out_has "program.c:16: size="
run 0 "$MEMTRACE" snapshot show --by traceback kept
cmp -s out wanted || fail "show is not report"
run 0 "$MEMTRACE-report" snapshot show --by traceback kept
cmp -s out wanted || fail "memtrace-report snapshot is not memtrace snapshot"
run 0 "$MEMTRACE-report" --by traceback kept
cmp -s out wanted || fail "memtrace-report is not report"

# names: told where not given, never overwritten, never half there
run 0 "$MEMTRACE" snapshot save small.mtr
out_empty
err_lines 1
err_has "memtrace: saved as small.peak.json"
run 0 "$MEMTRACE" report small.peak.json
cp small.peak.json before
run 2 "$MEMTRACE" snapshot save small.mtr
err_lines 1
err_has "small.peak.json: exists, and is not overwritten"
cmp -s small.peak.json before || fail "an existing file was changed"
run 0 "$MEMTRACE" snapshot save ./small.mtr@50%
[ -s small.50%.json ] || fail "no small.50%.json"
mkdir elsewhere
mv marks.mtr elsewhere/marks
run 0 "$MEMTRACE" snapshot save elsewhere/marks@$'\33[31mred\n'
err_has "saved as marks._[31mred_.json"
[ -s 'marks._[31mred_.json' ] || fail "no marks._[31mred_.json"
"$MAKE_TRACE" sizes sizes.mtr
run 0 "$MEMTRACE" snapshot save sizes.mtr@a/é
[ -s sizes.a___.json ] || fail "no sizes.a___.json"
run 0 "$MEMTRACE" snapshot save small.mtr@end -o -
err_empty
cp out end
run 0 "$MEMTRACE" snapshot save small.mtr@end -o elsewhere/end
cmp -s elsewhere/end end || fail "another snapshot on stdout"
run 2 "$MEMTRACE" snapshot save small.mtr -o nowhere/file
err_has "nowhere/file: cannot create: No such file or directory"
run 2 "$MEMTRACE" snapshot save small.mtr -o ''
err_has "--output needs a name"
(failures=0; ulimit -f 1; trap '' XFSZ; run 2 "$MEMTRACE" snapshot save recursive.mtr -o large; [ "$failures" = 0 ]) || fail "a file that does not fit"
err_lines 1
err_has "large: cannot write: File too large"
run 2 sh -c "$MEMTRACE snapshot save small.mtr -o - >/dev/full"
err_has "cannot write the output: No space left on device"
[ -z "$(ls | grep -e part -e large)" ] || fail "half a file is left: $(ls)"

# one moment, and not all costs are of each
run 0 "$MEMTRACE" report --cost leaked end
refuses "small.peak.json: a saved snapshot is one moment: neither --from, --to nor @WHEN goes with it" small.peak.json@50%
refuses "small.peak.json: a saved snapshot is one moment" --from start small.peak.json
refuses "small.peak.json: a saved snapshot is one moment" --to end small.peak.json
refuses "--cost leaked is about the end; @peak cannot be it" --cost leaked small.peak.json

# the moments that have a name
run 0 "$MEMTRACE" snapshot list elsewhere/marks
out_is '        time       size        count  kind      moment
     0.000 s        0 B            0  start     @start
     0.000 s        0 B            0  mark      @begun
     0.002 s     1010 B            2  mark      @phase
     0.002 s     1020 B            3  peak      @peak
     0.003 s     1020 B            3  snapshot  @kept
     0.003 s     1020 B            3  mark      @phase#2
     0.004 s       30 B            3  mark      @\x1b[31mred\x0a
     0.004 s       30 B            3  mark      @peak#1
     0.006 s       20 B            2  mark      @phase#2#1
     0.006 s       20 B            2  end       @end'
for name in begun phase peak kept phase#2 peak#1 phase#2#1 end; do
    run 0 "$MEMTRACE" report "elsewhere/marks@$name"
done
run 0 "$MEMTRACE" snapshot list --min 50% -n 3 small.mtr small.peak.json empty.mtr
out_is 'small.mtr:
        time       size        count  kind      moment
     0.005 s   16.1 KiB          111  peak      @peak
     0.012 s   10.0 KiB           20  end       @end

small.peak.json:
        time       size        count  kind      moment
     0.005 s   16.1 KiB          111  peak      @peak

empty.mtr:
        time       size        count  kind      moment
     0.000 s        0 B            0  start     @start
     0.000 s        0 B            0  peak      @peak
     0.000 s        0 B            0  end       @end'
run 0 "$MEMTRACE" snapshot list --format csv -n 2 small.mtr small.50%.json
out_is $'trace,name,kind,time_s,size,count\r
small.mtr,start,start,0.000,0,0\r
small.mtr,peak,peak,0.005,16496,111\r
small.50%.json,50%,share,0.006,16496,111\r'
run 0 "$MEMTRACE" snapshot list --format json -n 1 small.50%.json
out_is '{
  "schema": "memtrace-moments-1",
  "traces": [
    {
      "trace": "small.50%.json",
      "moments": [
        {
          "name": "50%",
          "kind": "share",
          "time_s": 0.006,
          "size": 16496,
          "count": 111
        }
      ]
    }
  ]
}'

# wrong use
run 2 "$MEMTRACE" snapshot
err_has "snapshot: list, show, save or diff?"
run 2 "$MEMTRACE" snapshot frobnicate small.mtr
err_lines 1
err_has "snapshot: there is no verb frobnicate: list, show, save or diff"
run 2 "$MEMTRACE" snapshot list
err_has "snapshot list: a trace is needed; see memtrace snapshot list --help"
run 2 "$MEMTRACE" snapshot list gone.mtr
err_has "gone.mtr: cannot open"
run 2 "$MEMTRACE" snapshot save small.mtr small.mtr
err_has "snapshot save: one trace is needed; see memtrace snapshot save --help"
run 2 "$MEMTRACE" snapshot save --frob small.mtr
err_has "snapshot save: option --frob is not known"
for verb in list save; do
    run 0 "$MEMTRACE" snapshot $verb --help
    out_has "Usage: memtrace snapshot $verb [OPTIONS] TRACE"
done
run 0 "$MEMTRACE" snapshot show --help
out_has "Usage: memtrace report"

# another format, or none: which file, and where in it
wrong() {
    printf '%s' "$1" >wrong.json
    refuses "memtrace: wrong.json: $2" wrong.json
}
wrong '{"schema":"memtrace-snapshot/2","moment":{}}' "its schema is memtrace-snapshot/2, not memtrace-snapshot/1"
wrong '{"schema":"memtrace-report-1"}' "its schema is memtrace-report-1, not memtrace-snapshot/1"
wrong '{"schema":1}' "its schema is not a name"
wrong '{"at":"peak"}' "JSON, but no snapshot: it does not begin with its schema"
wrong '{}' "line 1: "
wrong '{"schema":"memtrace-snapshot/1"}' "it has no moment"
wrong '{"schema":"memtrace-snapshot/1","sites":[],"sites":[]}' "sites: is there twice"
wrong '{"schema":"memtrace-snapshot/1","sites":{}}' "sites: is not an array"
wrong "{\"schema\":\"memtrace-snapshot/1\",\"later\":$(printf '[%.0s' {1..5000})" "line 1: maximum parsing depth reached"
wrong '[1]' "this is not a memtrace trace"

# edit WANTED SED: a whole snapshot, changed in one place; the checksum would notice all of it
sed -z 's/,\n"crc32c":[0-9]*}/}/' small.peak.json >unchecked.json
cmp -s small.peak.json unchecked.json && fail "no checksum to leave out"
edit() {
    sed "$2" unchecked.json >wrong.json
    cmp -s unchecked.json wrong.json && fail "nothing to change by $2"
    refuses "memtrace: wrong.json: $1" wrong.json
}
edit "sites[0]: the size is not a whole number of 0 or more" 's/^\[1,1000,/[1,-1000,/'
edit "sites[0]: the size is not a whole number of 0 or more" 's/^\[1,1000,/[1,1e3,/'
edit "sites[0]: the size is not a whole number of 0 or more" 's/^\[1,1000,/[1,"1000",/'
edit "sites[0]: the size is 72057594037927937, more than 72057594037927936" 's/^\[1,1000,/[1,72057594037927937,/'
edit "line 22: too big integer near" 's/^\[1,1000,/[1,9223372036854775808,/'
edit "sites[0]: temporary is not a whole number of 0 or more" 's/^\[1,1000,0,10,10,0,10000\]/[1,1000,0,10,10]/'
edit "sites[0]: there is no such stack" 's/^\[1,1000,/[5,1000,/'
edit "its sites come to 16497 live_bytes, its moment says 16496" 's/^\[1,1000,0,10,10,0,10000\]/[1,1001,0,1,1,0],[1,1000,0,9,9,0]/'
edit "stacks[2]: the parent is 3, more than 2" 's/^\[2,2\]/[3,2]/'
edit "stacks[2]: there is no such frame" 's/^\[2,2\]/[2,4]/'
edit "frames[0]: there is no such module" 's/^\[0,"0x401010"/[2,"0x401010"/'
edit "frames[0]: the address is not one like \"0x401010\"" 's/"0x401010"/"401010"/'
edit "frames[0]: exact is neither true nor false" 's/"0x401010",false/"0x401010",0/'
edit "frames[0]: names are there where, and only where, there is a module" 's/^\[0,"0x401010"/[null,"0x401010"/'
edit "frames[0]: a frame without a file" 's/"app+0x401010",null/null,null/'
edit "modules[0]: the build-id is not bytes in hexadecimal" 's/"616e20/"616G20/'
edit "moment: kind is none of a moment's" 's/"kind":"peak"/"kind":"top"/'
edit "moment: name is not of its kind" 's/"name":"peak"/"name":"end"/'
edit "process: pid is 4294967296, more than 4294967295" 's/"pid":1234/"pid":4294967296/'
edit "process: ended: how is no way to end" 's/"exited"/"vanished"/'
edit "process: argv is neither a text nor bytes" 's/"--input"/7/'
edit "process: argv has a byte 0" 's/"--input"/{"bytes":"6100"}/'
edit "totals: frees is not a whole number" 's/"frees":91/"freed":91/'
edit "line 3: duplicate object key near" 's/"exe":/"exe":"x","exe":/'
edit "has_end: neither true nor false" 's/"has_end":true/"has_end":1/'

sed 's/two words/too words/' small.peak.json >wrong.json
refuses "memtrace: wrong.json: crc32c: what stands before it was changed since it was saved" wrong.json
sed 's/"crc32c":[0-9]*/&,"sites":[]/' small.peak.json >wrong.json
refuses "memtrace: wrong.json: sites: stands behind the checksum" wrong.json

# who holds what
run 0 "$MEMTRACE" snapshot save threads.mtr@end -o threads.json
out_empty
sed -z 's/,\n"crc32c":[0-9]*}/}/' threads.json >unchecked.json
sed -n '/^"sites"/,$p' unchecked.json >out
out_is '"sites":[
[1,1000,0,2,5,0,5000],
[4,24,0,7,11,0,13384],
[2,4096,1,1,3,1,13360]],
"unsure_blocks":0,
"threads":[
[1234,0,"app"],
[1235,0,"worker"],
[1236,0,""]],
"thread_sites":[
[0,0,2,5,0],
[1,1,6,10,0],
[2,1,0,1,1],
[2,2,1,2,0],
[1,2,1,1,0]]}'
edit "thread_sites[0]: more than its site has" 's/^\[0,0,2,5,0\]/[0,0,3,5,0]/'
edit "sites[1]: more than its threads have" 's/^\[1,1,6,10,0\]/[1,1,6,9,0]/'
edit "thread_sites[1]: is there twice" 's/^\[0,0,2,5,0\]/[0,0,1,2,0],[0,0,1,3,0]/'
edit "thread_sites[0]: there is no such site" 's/^\[0,0,2,5,0\]/[3,0,2,5,0]/'
edit "thread_sites[0]: there is no such thread" 's/^\[0,0,2,5,0\]/[0,3,2,5,0]/'
edit "threads[0]: the tid is not a whole number" 's/^\[1234,/[-1,/'
edit "threads[2]: the name is neither a text nor bytes" 's/^\[1236,0,""\]/[1236,0]/'

# what this memtrace does not know is passed over: members, columns, blanks and another order
sed -z 's/,\n"crc32c":[0-9]*}/}/' small.peak.json >unchecked.json
sed 's/^\(\[1,1000,0,10,10,0,[0-9]*\)\]/\1,"more"]/; s/"has_end":true/"later":[1,[2],{"a":3}],"last":{"b":[]},"has_end" : true/' \
    unchecked.json >later.json
grep -q more later.json || fail "no column was added"
cmp -s unchecked.json later.json && fail "nothing was changed"
run 0 "$MEMTRACE" report later.json
cp out later
run 0 "$MEMTRACE" report small.mtr
cmp -s out later || fail "another report with what is not known"
/usr/bin/python3 -c '
import json
whole = json.load(open("unchecked.json"))
first = {"schema": whole.pop("schema")}
json.dump({**first, **dict(reversed(whole.items()))}, open("turned.json", "w"), indent=3)'
run 0 "$MEMTRACE" report turned.json
cmp -s out later || fail "another report with members in another order"
finish
