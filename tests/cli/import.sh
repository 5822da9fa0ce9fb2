#!/usr/bin/env bash
# memtrace import: heaptrack's files beside heaptrack's own reading of them, and beside a trace of the same program.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >prog.c <<'END'
#include <stdlib.h>

static void *kept[1000];

static __attribute__((noinline)) void *leak(size_t size) {
    void *block = malloc(size);
    __asm__ volatile("" ::: "memory");
    return block;
}

static __attribute__((noinline)) void churn(int times) {
    for (int i = 0; i < times; i++) {
        void *block = malloc(100 + i % 7);
        __asm__ volatile("" : : "r"(block) : "memory");
        free(block);
    }
}

static inline __attribute__((always_inline)) void *inlined(size_t size) {
    return calloc(3, size);
}

static __attribute__((noinline)) void hold(int count) {
    for (int i = 0; i < count; i++)
        kept[i] = inlined(1000 + i);
    for (int i = 0; i < count; i += 2) {
        free(kept[i]);
        kept[i] = 0;
    }
}

int main(void) {
    void *grown = 0;

    kept[999] = leak(33);
    churn(5000);
    hold(500);
    for (int i = 1; i < 50; i++)
        grown = realloc(grown, (size_t)i * 1000);
    free(grown);
    kept[998] = leak(77777);
    return kept[1] == 0;
}
END
cc -g -O1 -fno-builtin -o prog prog.c || exit 1

heaptrack -o interpreted ./prog >heaptrack.log 2>&1 || fail "heaptrack: $(cat heaptrack.log)"
heaptrack --raw -o recorded ./prog >recorded.log 2>&1 || fail "heaptrack --raw: $(cat recorded.log)"
file=$(ls interpreted.zst interpreted.gz 2>/dev/null)
raw=$(ls recorded.raw.zst recorded.raw.gz 2>/dev/null)
run 0 "$MEMTRACE" run -o own.mtr ./prog
run 0 "$MEMTRACE" import "$file"
out_empty
err_lines 1
err_has "imported as interpreted.mtr"
run 0 "$MEMTRACE" import -o raw.mtr "$raw"
err_empty

# the same as heaptrack says, the same as memtrace sees
run 0 /usr/bin/python3 -B "$here/import_oracle.py" "$MEMTRACE" heaptrack_print "$file" interpreted.mtr own.mtr prog.c
out_is "the same"
for trace in interpreted.mtr raw.mtr; do
    run 0 "$MEMTRACE" verify $trace
    out_has "whole"
    err_empty
done
lines() { "$MEMTRACE" report --format json --cost "$1" "$2" | /usr/bin/python3 -c 'import json, sys
for entry in json.load(sys.stdin)["entries"]:
    if entry["file"].endswith("prog.c"):
        print(entry["line"], entry["function"], entry["size"], entry["count"])'; }
for cost in live leaked total count temporary; do
    lines $cost interpreted.mtr >one
    lines $cost raw.mtr >other
    [ "$(wc -l <one)" -ge 1 ] || fail "--cost $cost: no line"
    diff one other >out || fail "--cost $cost: not the same from what was recorded as from what was interpreted"
done
# what heaptrack_interpret counted itself
for trace in interpreted raw; do
    /usr/bin/python3 - "$("$MEMTRACE" report --format json $trace.mtr)" heaptrack.log >out <<'END' || fail "$trace: other totals"
import json, re, sys
totals, log = json.loads(sys.argv[1])["totals"], open(sys.argv[2]).read()
theirs = [int(number) for number in re.findall(r"allocations:\s+(\d+)", log)]
ours = [totals["allocations"], totals["leaked_blocks"], totals["temporary"]]
print(theirs, ours)
sys.exit(theirs != ours)
END
done

# whatever it is compressed with, and however it is named
zstdcat -f "$file" >plain || zcat -f "$file" >plain
gzip -c plain >app.gz
{ head -5 plain | gzip; tail -n +6 plain | gzip; } >members.gz
for source in plain app.gz members.gz; do
    run 0 "$MEMTRACE" import -o again.mtr $source
    cmp -s interpreted.mtr again.mtr || fail "$source becomes another trace"
    rm again.mtr
done
# strings had no length before version 3
sed -E '1s/.*/v 10100 1/; s/^s [0-9a-f]+ /s /' plain >older
run 0 "$MEMTRACE" import -o older.mtr older
"$MEMTRACE" report --format json older.mtr >one
"$MEMTRACE" report --format json interpreted.mtr | cmp -s - one || fail "version 1 becomes another trace"

# what does not know who freed whose block says so
run 2 "$MEMTRACE" lifetimes interpreted.mtr
err_lines 1
err_has "imported from a file of heaptrack"

# all a trace can be asked
for ask in "plot -o a.svg" "flamegraph -o a.svg" "html -o a.html" "snapshot save -o a.json" "growth" "check --max-leak 1G" "export -f folded"; do
    run 0 "$MEMTRACE" $ask interpreted.mtr
    rm -f a.*
done
run 0 "$MEMTRACE" diff interpreted.mtr own.mtr
run 0 "$MEMTRACE" report interpreted.mtr@50%
"$MEMTRACE" snapshot save -o end.json interpreted.mtr@end 2>/dev/null
"$MEMTRACE" report end.json | tail -n +7 >one
"$MEMTRACE" report interpreted.mtr@end | tail -n +7 | diff - one >out || fail "its saved snapshot has other lines"

# what memtrace exports for heaptrack comes back as it was
totals() { "$MEMTRACE" report --format json $1 | /usr/bin/python3 -c 'import json, sys
totals = json.load(sys.stdin)["totals"]
print([totals[name] for name in ("allocations", "frees", "allocated_bytes", "peak_bytes", "leaked_bytes", "temporary")])'; }
run 0 "$MEMTRACE" export -f heaptrack -o exported own.mtr
run 0 "$MEMTRACE" import exported
[ "$(totals own.mtr)" = "$(totals exported.mtr)" ] || fail "exported: $(totals own.mtr), imported again: $(totals exported.mtr)"
for cost in live leaked total count; do
    lines $cost own.mtr >one
    lines $cost exported.mtr >other
    diff one other >out || fail "--cost $cost: not the same when exported and imported again"
done

# by hand: names, versions, what heaptrack did not see
cat >hand <<'END'
v 10400 3
X ./app --fast
I 1000 100
A
S leak:nothing
# a comment

s 9 /lib/a.so
s 4 grow
s 7 src/g.c
s 5 inner
i 1000 1 2 3 2a 4 3 7
i 2000 1 2
i 3000 1
i 4000 0
t 1 0
t 2 1
t 3 2
t 4 3
a a 4
a 14 1
+ 0
+ 1
R 10
c a
- 1
- 0
+ 1
c 1f4
END
run 0 "$MEMTRACE" import hand
run 0 "$MEMTRACE" report --by traceback --frame leaf hand.mtr@end
out_is "program:     ./app --fast
process:     0, ended, nobody knows how after 0.500 s
allocations: 3, 50 B in all; temporary: 1
frees:       2; foreign frees: 0; lost events: 0
peak:        30 B at 0.000 s; peak RSS: 64.0 KiB
leaked:      20 B in 1 blocks
NOT SEEN:    what was allocated before heaptrack was attached

Top 1 of 1 tracebacks by live bytes at the end (0.500 s), 20 B in 1 blocks:
src/g.c:42: size=20 B, count=1, average=20 B
  File \"src/g.c\", line 7
  File \"src/g.c\", line 42"
run 0 "$MEMTRACE" report --by traceback --frame leaf --cost total hand.mtr
out_has '<unknown>:0: size=10 B, count=1, average=10 B'
out_has '  File "a.so:<unresolved>"'
out_has '  File "a.so:grow"'

# a free after a free is of no temporary
printf '%s\n' "v 10400 3" "a 8 0" "a 9 0" "+ 1" "+ 1" "- 1" "- 1" "+ 0" "- 0" >twice
run 0 "$MEMTRACE" import twice
run 0 "$MEMTRACE" report twice.mtr
out_has "allocations: 3, 26 B in all; temporary: 2"

# a recording with addresses: blocks it has not seen allocated, modules that come and go
cat >addresses <<'END'
v 10400 3
x 8 /gone/ap
X ap
m 1 -
m 1 x 10000 0 1000 2000 1000
m 5 /g/so 20000 0 1000
t 10100 0
t 20100 1
+ 10 2 aaaa
- bbbb
- aaaa
+ 10 2 aaaa
- aaaa
- aaaa
m 1 -
m 5 /h/so 20000 0 1000
t 20100 1
+ 20 3 cccc
END
run 0 "$MEMTRACE" import addresses
run 0 "$MEMTRACE" report --by traceback --cost total --frame leaf addresses.mtr
out_has "allocations: 3, 64 B in all; temporary: 1"
out_has "frees:       2; foreign frees: 2; lost events: 0"
out_has "so+0x100: size=64 B, count=3, average=21 B"
run 0 "$MEMTRACE" report --by module --cost count --frame leaf addresses.mtr
out_has "/g/so: size=32 B, count=2"
out_has "/h/so: size=32 B, count=1"

# cut short: what is there is taken
head -c 3000 plain >cut
run 0 "$MEMTRACE" import cut
err_has "cut: cut short in line $(($(wc -l <cut) + 1)); what stands before it is imported"
run 1 "$MEMTRACE" verify cut.mtr
out_has "has no end"
head -c $(($(wc -c <app.gz) / 2)) app.gz >half.gz
run 0 "$MEMTRACE" import half.gz
err_has "half.gz: cut short in line"
{ cat plain; seq -f '# %.0f' 200000; } | zstd -qc >whole.zst
head -c $(($(wc -c <whole.zst) / 2)) whole.zst >half.zst
run 0 "$MEMTRACE" import -o halfzst.mtr half.zst
err_has "half.zst: cut short in line"

wrong() {
    local what=$1
    cat >bad
    run 2 "$MEMTRACE" import -o bad.mtr bad
    out_empty
    err_lines 1
    err_has "memtrace: bad:$what"
    [ ! -e bad.mtr ] || fail "$what: something is left of it"
}
wrong " is no file of heaptrack's" </dev/null
wrong " is no file of heaptrack's" <<<"hello"
wrong "1: heaptrack's format 4 is not known, 3 is" <<<"v 10400 4"
wrong "2: is not as heaptrack writes it" <<<$'v 10400 3\nq 1'
wrong "2: is not as heaptrack writes it" <<<$'v 10400 3\n+ g'
wrong "2: is not as heaptrack writes it" <<<$'v 10400 3\nc 11112222333344445'
wrong "2: what is allocated or freed is not defined" <<<$'v 10400 3\n+ 0'
wrong "5: frees more than was allocated there" <<<$'v 10400 3\na 1 0\n+ 0\n- 0\n- 0'
wrong "2: a string is cut short or not defined" <<<$'v 10400 3\ns 9 short'
wrong "2: a string is cut short or not defined" <<<$'v 10400 3\ni 1 1'
wrong "2: a frame is not as heaptrack writes it" <<<$'v 10400 3\ni 1'
wrong "3: a frame is not as heaptrack writes it" <<<$'v 10400 3\ns 1 a\ni 1 1 1 1'
wrong "2: a stack's frame is not defined" <<<$'v 10400 3\nt 1 0'
wrong "3: a stack's caller is not defined" <<<$'v 10400 3\ni 1 0\nt 1 1'
wrong "2: an allocation's stack is not defined" <<<$'v 10400 3\na 1 1'
wrong "2: is not as heaptrack writes it" <<<$'v 10400 3\na 100000000000001 0'
wrong "3: a module is not as heaptrack writes it" <<<$'v 10400 3\nx 1 a\nm 1 x ffffffffffffffff 1 1'
{ echo "v 10400 3"; echo "i 1 0"; for ((i = 0; i < 1025; i++)); do printf 't 1 %x\n' $i; done; } | wrong "1027: a stack has more than 1024 frames"
{ echo "v 10400 3"; head -c 1048577 /dev/zero | tr '\0' a; } | wrong "2: is longer than a MiB"
{ echo "v 10400 3"; for ((i = 0; i < 300; i++)); do echo "a 100000000000000 0"; done; for ((i = 0; i < 300; i++)); do printf '+ %x\n' $i; done; } |
    wrong "557: more bytes are held than can be counted"
{ zstd -qc plain; echo "not zstd"; } | wrong "$(($(wc -l <plain) + 1)): what follows does not unpack"
# far more than its bytes: no such file is real
{ echo "v 10400 3"; head -c 500000000 /dev/zero | tr '\0' '\n'; } | zstd -qc >bomb
run 2 "$MEMTRACE" import bomb
err_lines 1
err_has "unpacks to more than any such file does"

run 2 "$MEMTRACE" import gone
err_lines 1
err_has "gone: cannot open"
run 2 "$MEMTRACE" import .
err_has "not a plain file"
run 2 "$MEMTRACE" import
err_has "one file"
run 2 "$MEMTRACE" import hand addresses
err_has "one file"
run 2 "$MEMTRACE" import hand
err_has "hand.mtr: exists"

finish
