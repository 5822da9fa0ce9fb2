#!/usr/bin/env bash
# memtrace merge: many processes as one snapshot, whose reports are the sums of theirs.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

oracle() { /usr/bin/python3 -B "$here/merge_oracle.py" "$@" >out 2>err || fail "not the sum: $*"; }

cat >program.c <<'END'
#include <pthread.h>
#include <stdlib.h>
static void *kept[200], *volatile temporary;
static void *get(size_t size) {
    return malloc(size);
}
static void *work(void *unused) {
    kept[199] = get(EXTRA);
    return unused;
}
int main(int argc, char **argv) {
    int count = atoi(argv[argc - 1]);
    pthread_t thread;
    for (int i = 0; i < count; i++) {
        kept[i] = i % 3 ? malloc((size_t)i) : get(100);
        free(temporary = malloc(7));
    }
    for (int i = 0; i < count; i += 2)
        free(kept[i]);
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    return 0;
}
END
mkdir one other
cp program.c one/
cp program.c other/
build() { (cd $1 && cc -D_GNU_SOURCE -g -O0 -DEXTRA=$2 -o worker program.c) || fail "cannot build the program"; }
build one 77
build other 78
for count in 50 100 150; do
    run 0 "$MEMTRACE" run -q -o $count.mtr -- one/worker $count
    run 0 "$MEMTRACE" run -q -o other-$count.mtr -- other/worker $count
done
for scenario in small threads; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done

# one trace is what snapshot save makes of it, whatever the moment
for operand in 100.mtr 100.mtr@end 100.mtr@50% small.mtr threads.mtr@end; do
    rm -f merged saved
    run 0 "$MEMTRACE" merge -o merged $operand
    err_empty
    out_empty
    run 0 "$MEMTRACE" snapshot save -o saved $operand
    cmp -s merged saved || fail "$operand: merged is not saved"
done
rm -f merged
run 0 "$MEMTRACE" merge -o merged --at end 100.mtr
run 0 "$MEMTRACE" snapshot save 100.mtr@end -o -
cmp -s merged out || fail "--at end is not @end"

# several are the sum of theirs: at their peaks, at their ends, at a moment each
run 0 "$MEMTRACE" merge -o peaks 50.mtr 100.mtr 150.mtr
oracle peaks 50.mtr 100.mtr 150.mtr
run 0 "$MEMTRACE" merge -o ends -a end 50.mtr 100.mtr 150.mtr
oracle ends 50.mtr@end 100.mtr@end 150.mtr@end
run 0 "$MEMTRACE" merge -o moments -a end 50.mtr@peak 100.mtr 150.mtr@50% threads.mtr
QUICK="traceback thread" STABLE=1 oracle moments 50.mtr@peak 100.mtr@end 150.mtr@50% threads.mtr@end
run 0 "$MEMTRACE" merge -o twice 100.mtr 100.mtr
QUICK="traceback thread" oracle twice 100.mtr 100.mtr
run 0 "$MEMTRACE" report peaks
out_has "program:     one/worker 50"
out_lacks "others"
out_has "process:     3 processes merged; the longest took "
out_has ", the sum of each one's; peak RSS: "
out_has " by live bytes at the peak ("
run 0 "$MEMTRACE" report moments
out_has "program:     one/worker 50, and others"
out_has "process:     4 processes merged"
out_has " by live bytes at @merged ("
run 0 "$MEMTRACE" report --by thread ends
[ "$(grep -c ": size=" out)" = 2 ] || fail "threads of one name are not one"

# merged before or merged at once is the same
run 0 "$MEMTRACE" merge -o first 50.mtr 100.mtr
run 0 "$MEMTRACE" merge -o - first 150.mtr
cmp -s out peaks || fail "merging what was merged gives something else"
run 0 "$MEMTRACE" snapshot save 50.mtr -o fifty
run 0 "$MEMTRACE" merge -o - fifty 100.mtr 150.mtr
cmp -s out peaks || fail "a saved snapshot is not its trace"

# two builds in two directories are one program
run 0 "$MEMTRACE" merge -o builds 50.mtr 100.mtr other-50.mtr other-150.mtr
STABLE=1 oracle builds 50.mtr 100.mtr other-50.mtr other-150.mtr
run 0 "$MEMTRACE" report --by module builds
[ "$(grep -c "worker: size=" out)" = 1 ] || fail "two builds are not one module"
run 0 "$MEMTRACE" report builds
out_has "program.c:5: size="
out_lacks "/program.c:"
run 0 "$MEMTRACE" merge -o builds-before 50.mtr other-150.mtr
run 0 "$MEMTRACE" merge -o builds-again builds-before 100.mtr other-50.mtr
QUICK="traceback thread" STABLE=1 oracle builds-again 50.mtr other-150.mtr 100.mtr other-50.mtr
for key in line function traceback; do
    run 0 "$MEMTRACE" report --by $key --format csv builds
    cp out wanted
    run 0 "$MEMTRACE" report --by $key --format csv builds-again
    cmp -s out wanted || fail "another order of builds gives another report by $key"
done
run 0 "$MEMTRACE" merge -o - builds
cmp -s out builds || fail "what was merged of builds is not what it was when it is merged alone"
# a module that stands for itself keeps its build-id, one of several builds has none
/usr/bin/python3 - >out 2>&1 <<'END' || fail "build-ids and addresses are not as they should be"
import json
merged = json.load(open("builds"))
modules = {row[0].split("/")[-1]: row for row in merged["modules"]}
assert modules["worker"][1:] == ["", True], modules
assert len(modules["libc.so.6"][1]) == 40 and len(modules["libc.so.6"]) == 2, modules
for module, address, exact, names in merged["frames"]:
    several = len(merged["modules"][module]) > 2
    assert (address == "0x0") == several, (module, address)
    assert not several or all("+0x" not in name[0] and len(name) == 3 for name in names), names
END
# two modules of one name in one process are two
mkdir -p two/a two/b
for part in a b; do
    echo '#include <stdlib.h>
void *get_'$part'(void) { return malloc(10); }' >two/$part.c
    cc -g -shared -fPIC -o two/$part/libsame.so two/$part.c
done
echo 'void *get_a(void), *get_b(void); int main(void) { return !get_a() + !get_b(); }' >two/main.c
cc -g -o two/main two/main.c two/a/libsame.so two/b/libsame.so -Wl,-rpath,"$work" || fail "cannot build with two libraries"
run 0 "$MEMTRACE" run -q -o two.mtr -- two/main
run 0 "$MEMTRACE" merge -o twos two.mtr two.mtr
QUICK="traceback thread" oracle twos two.mtr two.mtr
run 0 "$MEMTRACE" report --by module twos
[ "$(grep -c "libsame.so: size=20 B, count=2" out)" = 2 ] || fail "two libraries of one name became one"

# a tree: each process its own trace
run 0 "$MEMTRACE" run -q -o tree.%p.mtr -- sh -c 'one/worker 20; one/worker 30; exit 0'
[ "$(ls tree.*.mtr | wc -l)" = 3 ] || fail "not three traces of a tree"
run 0 "$MEMTRACE" merge -o tree tree.*.mtr
QUICK="traceback thread" oracle tree tree.*.mtr

# what is damaged, cut or old is merged with what there is, and said
head -c $(($(stat -c %s 150.mtr) - 100)) 150.mtr >cut.mtr
run 0 "$MEMTRACE" merge -o cuts 50.mtr cut.mtr
QUICK="traceback thread" oracle cuts 50.mtr cut.mtr
run 0 "$MEMTRACE" report cuts
out_has "DAMAGED:"
run 0 "$MEMTRACE" merge -o old -a end 50.mtr "$GOLDEN/v1.mtr"
run 0 "$MEMTRACE" report --by thread old
out_has "<unknown>"
QUICK=traceback oracle old 50.mtr@end "$GOLDEN/v1.mtr@end"

# whatever takes a snapshot takes it
for command in "flamegraph -o flame.svg peaks" "export -f folded peaks" "annotate peaks program.c" "callers peaks" "diff first peaks" \
    "diff builds 100.mtr" "snapshot list peaks" "check --max-leak 1G ends"; do
    run 0 "$MEMTRACE" $command
done
run 1 "$MEMTRACE" check --max-leak 1B ends
run 0 "$MEMTRACE" diff builds builds-again
out_lacks "(+1"
rm -r one other
run 0 "$MEMTRACE" report --by traceback peaks
out_has "program.c\", line 5"

# a fleet: with few files open, in memory that does not grow with it
for i in $(seq 200); do cp 50.mtr fleet.$i.mtr; done
cat >limited.py <<'END'
import resource, subprocess, sys
subprocess.run(["sh", "-c", 'ulimit -n 16; exec "$@"', "sh", *sys.argv[1:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
export ASAN_OPTIONS=quarantine_size_mb=0:thread_local_quarantine_size_kb=0:$ASAN_OPTIONS # which keeps what is freed
few=$(/usr/bin/python3 limited.py "$MEMTRACE" merge -o few fleet.?.mtr)
many=$(/usr/bin/python3 limited.py "$MEMTRACE" merge -o many fleet.*.mtr)
[ $((many - few)) -lt 2048 ] || fail "$many KiB for 200 traces, $few for 9"
run 0 "$MEMTRACE" report many
out_has "200 processes merged"

# what is refused leaves nothing
rm -f x
wrong() {
    local word=$1
    shift
    run 2 "$MEMTRACE" merge "$@"
    out_empty
    err_lines 1
    err_has "$word"
    [ ! -e x ] || fail "a file is left: $*"
}
cp peaks kept
wrong "peaks: exists, and is not overwritten" -o peaks 50.mtr
cmp -s peaks kept || fail "an existing file was changed"
wrong "give --output a name" 50.mtr
wrong "give --output a name" -o '' 50.mtr
wrong "a trace is needed" -o x
wrong "gone.mtr" -o x 50.mtr gone.mtr 100.mtr
wrong "not a memtrace trace" -o x 50.mtr program.c
wrong "a saved snapshot is one moment" -o x 50.mtr peaks@end
wrong "50.mtr: @nowhere" -o x 50.mtr@nowhere
wrong "no moment" -o x --at '' 50.mtr
sed '/crc32c/s/.*/"more":0}/; s/"live_blocks":[0-9]*,"allocations"/"live_blocks":1,"allocations"/' peaks >changed
wrong "changed: its processes come to 3 live_blocks, all is said to be 303" -o x changed
sed '/crc32c/s/.*/"more":0}/; s/,"started_ns":[0-9]*,"peak_time_ns"/,"peak_time_ns"/' peaks >changed
wrong "changed: processes[0]: started_ns is not a whole number" -o x changed
sed 's/,true\]/,1]/; /crc32c/s/.*/"more":0}/' builds >changed
wrong "changed: modules[0]: several builds is neither true nor false" -o x changed

finish
