#!/usr/bin/env bash
# memtrace check --baseline: another run of the program, of another build, in another directory: only what grew fails.
# The file that --update-baseline writes: the same bytes wherever the program was built.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >app.c <<'C'
#include <stdlib.h>
#include <unistd.h>

static void *volatile kept;

static void __attribute__((noinline)) insert(size_t size_bytes) {
        kept = malloc(size_bytes);
}

static void __attribute__((noinline)) load(size_t size_bytes) {
        kept = malloc(size_bytes);
        kept = malloc(10);
}

#ifdef ADDED
static void __attribute__((noinline)) added(void) {
        kept = calloc(1, 33);
}
#endif

/* app [INSERTED [LOADED [and become another program]]] */
int main(int argc, char **argv) {
        insert(argc > 1 ? (size_t)atoi(argv[1]) : 1000);
        load(argc > 2 ? (size_t)atoi(argv[2]) : 200);
        free(malloc(50));
#ifdef ADDED
        added();
#endif
        return argc > 3 ? execl("/bin/true", "true", NULL) : 0;
}
C

# traced NAME PROGRAM ARGUMENT...: NAME.mtr
traced() {
    local name=$1
    shift
    rm -f "$name.mtr"
    "$MEMTRACE" run -q -o "$name.mtr" -- "$@" || fail "$*"
}
check() { # CODE ARGUMENT...
    local code=$1
    shift
    run "$code" "$MEMTRACE" check "$@"
}
passes() { check 0 "$@"; err_empty; out_has PASS; out_lacks FAIL; }
refused() { # WORDS ARGUMENT...: one line on stderr
    local words=$1
    shift
    check 2 "$@"
    out_empty
    err_lines 1
    err_has "$words"
}
# grew ARGUMENT...: the places that failed, with what they held and hold
grew() {
    check 1 "$@" --format json
    err_empty
    jq -r '.checks[] | select(.kind == "baseline") | .findings[] | "\(.place | sub(".*/"; "")) \(.before.bytes) \(.actual.bytes)"' out
}
is() { [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }

# The same program built in three ways: from its own directory, from a directory beside, from above.
mkdir -p one/deep/src two/out two/src three/app
cp app.c one/deep/src && (cd one/deep/src && cc -g -O1 -o app app.c) || fail "no first build"
cp app.c three/app && cc -g -O1 -o three/app/app three/app/app.c || fail "no third build"
traced one one/deep/src/app
traced three "$PWD/three/app/app"
cp -r one/deep moved && rm -f moved/src/app && (cd moved/src && cc -g -O1 -o app "$PWD/app.c") || fail "no moved build"
traced moved moved/src/app

# There is none yet; then there is, small, sorted, and the same for the same program elsewhere.
refused "base.json: there is no such baseline; --update-baseline writes it" one.mtr --baseline base.json
passes one.mtr --baseline base.json --update-baseline
out_has "base.json is written, 2 places"
cat >wanted.json <<'JSON'
{
  "schema": "memtrace-baseline/1",
  "cost": "leaked",
  "by": "function",
  "parts": [
    {
      "programs": ["app"],
      "places": [
        {"file": "app.c", "function": "insert", "module": "app", "bytes": 1000, "blocks": 1},
        {"file": "app.c", "function": "load", "module": "app", "bytes": 210, "blocks": 2}
      ]
    }
  ]
}
JSON
diff wanted.json base.json >difference || fail "another baseline: $(cat difference)"
for name in three moved; do
    passes $name.mtr --baseline base.json
    passes $name.mtr --baseline $name.json --update-baseline
    cmp $name.json base.json || fail "$name is another baseline"
done
before=$(stat -c '%i %Y' base.json)
passes one.mtr --baseline base.json --update-baseline
out_has "base.json is as it was, 2 places"
is "$(stat -c '%i %Y' base.json)" "$before"
traced again one/deep/src/app
passes again.mtr --baseline base.json --max-growth 0

# Another build: lines moved, and a function more, which leaks. Only that fails.
{ printf '/* more */\n\n\n'; sed 's/^static void \*volatile kept;/\n&/' app.c; } >two/src/app.c
(cd two/out && cc -g -O2 -DADDED -o app ../src/app.c) || fail "no second build"
traced two two/out/app
is "$(grew two.mtr --baseline base.json)" "app.c:added null 33"
check 1 two.mtr --baseline base.json
out_has "FAIL  growth since the baseline: +33 B at one place"
passes two.mtr --baseline base.json --max-growth 33B
passes one.mtr --baseline two.mtr # less is no growth
out_has "better than the baseline: 1 place holds 33 B less"
out_lacks update

# Whatever the baseline is kept as, the verdict and the places are the same.
run 0 "$MEMTRACE" snapshot save one.mtr@end -o saved.json
for before in base.json one.mtr saved.json; do
    for limit in 0 32B 33B 5% 2000%; do
        check "$([ $limit = 33B ] && echo 0 || echo 1)" two.mtr --baseline $before --max-growth $limit --format json
        sed "s/$before/BASELINE/" out >"verdict.$before.$limit"
        cmp "verdict.$before.$limit" "verdict.base.json.$limit" || fail "$before has another verdict at $limit"
    done
done

# By lines, what moved is gone and new; without debug information there are functions all the same.
passes one.mtr --baseline lines.json --update-baseline --by line
is "$(grep -c '"line":' lines.json)" 3
passes again.mtr --baseline lines.json
check 1 two.mtr --baseline lines.json
mkdir -p bare bare2
cc -g0 -O1 -o bare/app app.c && cc -g0 -O2 -DADDED -falign-functions=64 -o bare2/app app.c || fail "no programs"
traced bare bare/app
traced bare2 bare2/app
passes bare.mtr --baseline bare.json --update-baseline
grep -q '{"file": "app", "function": "insert", "module": "app", "bytes": 1000, "blocks": 1}' bare.json || fail "no bare names"
is "$(grew bare2.mtr --baseline bare.json | sed 's/+0x[0-9a-f]*//')" "app:added null 33"

# How much a place may grow.
traced more one/deep/src/app 1100 250
is "$(grew more.mtr --baseline base.json)" $'app.c:insert 1000 1100\napp.c:load 210 260'
is "$(grew more.mtr --baseline base.json --max-growth 99B)" "app.c:insert 1000 1100"
is "$(grew more.mtr --baseline base.json --max-growth 10%)" "app.c:load 210 260"
passes more.mtr --baseline base.json --max-growth 100B
passes more.mtr --baseline base.json --max-growth 24%
passes more.mtr --baseline base.json --max-growth 60B,10%
is "$(grew more.mtr --baseline base.json --max-growth 49B,10%)" "app.c:load 210 260"

# What is fixed is told, and kept by writing the baseline again.
traced less one/deep/src/app 10
passes less.mtr --baseline base.json
out_has "better than the baseline: 1 place holds 990 B less; --update-baseline keeps it so"
cp base.json lower.json
passes less.mtr --baseline lower.json --update-baseline
is "$(diff base.json lower.json | grep -c '^[<>]')" 2
is "$(grew one.mtr --baseline lower.json)" "app.c:insert 10 1000"

# A moment of the same run.
is "$(grew one.mtr --baseline one.mtr@start)" $'app.c:insert null 1000\napp.c:load null 210'
passes one.mtr --baseline one.mtr@end
MEMTRACE_FOLLOW=none traced became one/deep/src/app 1000 200 true
passes one.mtr --baseline became.mtr@peak
is "$(grew one.mtr --baseline became.mtr)" $'app.c:insert null 1000\napp.c:load null 210' # exec leaves nothing

# What is suppressed is in no baseline, and does not count as grown.
echo 'leak:load' >supp
passes one.mtr --baseline supp.json --update-baseline --suppressions supp
is "$(grep -c load supp.json)" 0
passes more.mtr --baseline supp.json --suppressions supp --max-growth 100B
check 0 more.mtr --baseline one.mtr --suppressions supp --max-growth 100B --format json
is "$(jq -c '[.suppressed.bytes, .suppressed.count]' out)" '[260,2]' # of the run that is judged
is "$(grew one.mtr --baseline supp.json)" "app.c:load null 210"

# Several programs in one file, and as one tree.
cp one/deep/src/app one/deep/src/other && traced other one/deep/src/other
refused "base.json: is a baseline of app, not of other" other.mtr --baseline base.json
cp base.json both.json
passes other.mtr --baseline both.json --update-baseline
is "$(grep -c '"programs"' both.json)" 2
passes other.mtr --baseline both.json
passes one.mtr --baseline both.json
passes one.mtr other.mtr --baseline both.json --per program
refused "is a baseline of app and others, not of app, other" one.mtr other.mtr --baseline both.json
passes one.mtr other.mtr --baseline tree.json --update-baseline
grep -q '"programs": \["app", "other"\]' tree.json && grep -q '"insert", .*"bytes": 2000, "blocks": 2' tree.json ||
    fail "not the sum of the tree: $(cat tree.json)"
passes one.mtr other.mtr --baseline tree.json
is "$(grew one.mtr more.mtr other.mtr --baseline tree.json)" $'app.c:insert 2000 3100\napp.c:load 420 680'
refused "not of app" one.mtr other.mtr --baseline tree.json --per program
refused "--baseline does not go with --per process" one.mtr --baseline base.json --per process

# A trace that is cut proves nothing, and makes no baseline.
head -c $(($(stat -c %s one.mtr) - 60)) one.mtr >cut.mtr
check 2 cut.mtr --baseline base.json
out_has "CANNOT JUDGE"
check 2 one.mtr --baseline cut.mtr
cp base.json kept.json
check 2 cut.mtr --baseline kept.json --update-baseline
err_has "kept.json: is not written: "
cmp kept.json base.json || fail "a cut trace became a baseline"

# What is no baseline is refused with its line, and never written over.
refused "base.json: is a baseline by function, not by line" one.mtr --baseline base.json --by line
refused "base.json: is a baseline by function; to have one by line, remove it first" \
    one.mtr --baseline base.json --by line --update-baseline
refused "one.mtr: is no baseline, and is not written over" two.mtr --baseline one.mtr --update-baseline
refused "saved.json: is no baseline, and is not written over" two.mtr --baseline saved.json --update-baseline
broken() { # LINE WORDS SED
    sed "$3" base.json >broken.json
    refused "broken.json:$1: $2" one.mtr --baseline broken.json
    refused "broken.json:$1: $2" one.mtr --baseline broken.json --update-baseline
}
broken 2 'schema: "memtrace-baseline/7", not "memtrace-baseline/1"' 's,baseline/1,baseline/7,'
broken 9 '"bytes" is not a whole number of 0 or more' 's/1000/1e3/'
broken 10 'neither' 's/blocks": 1},/blocks": 1}/'
broken 10 'this place is there twice' 's/load/insert/'
broken 10 'a place has no "size"' '10s/bytes/size/'
broken 6 'it has no "places"' '7s/,$//;8,11d'
head -c 300 base.json >broken.json
refused "broken.json:" one.mtr --baseline broken.json
refused "this is not a memtrace trace" one.mtr --baseline app.c

# Threads that allocate the same in whatever order: the same verdict, to the letter, every time.
cat >threads.c <<'C'
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static void *kept[4][300];

static void __attribute__((noinline)) *take(unsigned i) {
        return malloc(16 + i % 7);
}

static void *work(void *argument) {
        void **mine = argument;

        for (unsigned i = 0; i < 300; i++) {
                mine[i] = i % 3 ? take(i) : calloc(1, 24 + i % 5);
                if (i % 5 == 0)
                        sched_yield();
                if (i % 2)
                        free(mine[i]);
        }
        return NULL;
}

int main(int argc, char **argv) {
        pthread_t threads[4];

        for (int i = 0; i < 4; i++)
                pthread_create(&threads[i], NULL, work, kept[i]);
        for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
        return argc > 1 && !take(3);
}
C
cc -g -O1 -pthread -o threads threads.c || fail "no threads"
traced threads ./threads
passes threads.mtr --baseline threads.json --update-baseline
traced threads ./threads more
check 1 threads.mtr --baseline threads.json --format json
jq 'del(.traces)' out >first
cp threads.json threads.1.json
for repeat in {1..100}; do
    traced threads ./threads
    "$MEMTRACE" check threads.mtr --baseline threads.json -q >out 2>err || fail "repeat $repeat"
    "$MEMTRACE" check threads.mtr --baseline threads.json --update-baseline -q >out 2>err || fail "repeat $repeat"
    cmp threads.json threads.1.json || fail "repeat $repeat is another baseline"
done
for repeat in {1..20}; do
    traced threads ./threads more
    "$MEMTRACE" check threads.mtr --baseline threads.json --format json | jq 'del(.traces)' | cmp - first ||
        fail "repeat $repeat has another verdict"
done

finish
