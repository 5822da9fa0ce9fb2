#!/usr/bin/env bash
# memtrace check: limits at the very byte, of all, of each place and of globs, on real programs and process trees;
# what cannot be told; what is refused. And memtrace run --check.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >leak.c <<'C'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

static void forget(size_t size_bytes) {
        kept = malloc(size_bytes); /* line 8 */
}

static void use(size_t size_bytes) {
        void *volatile block = malloc(size_bytes); /* line 12 */
        free(block);
}

/* leak [COUNT [CHILDREN]] */
int main(int argc, char **argv) {
        int count = argc > 1 ? atoi(argv[1]) : 0, children = argc > 2 ? atoi(argv[2]) : 0;
        void *volatile large = malloc(100000); /* line 19 */

        for (int i = 0; i < children; i++)
                if (fork() == 0) {
                        void *volatile own = malloc(50000); /* line 23 */
                        forget(300);
                        usleep(20000); /* no millisecond has both ends of it */
                        free(own);
                        _exit(0);
                } else {
                        wait(NULL);
                        usleep(200000); /* by the clocks of the traces, too, they run one after another */
                }
        for (int i = 0; i < count; i++)
                forget(1000);
        use(7);
        use(7);
        free(large);
        return argc > 3 ? atoi(argv[3]) : 0;
}
C
mkdir -p src && cp leak.c src/leak.c && cc -g -O0 -o leak src/leak.c || fail "no program"
traced() { # NAME ARGUMENT...
    local name=$1
    shift
    "$MEMTRACE" run -q -o "$name" -- ./leak "$@" || fail "leak $*"
}
traced none.mtr
traced three.mtr 3

# passes SIZE..., fails ...: the exit code, and nothing on stderr
passes() { run 0 "$MEMTRACE" check "$@"; err_empty; out_has PASS; out_lacks FAIL; }
fails() { run 1 "$MEMTRACE" check "$@"; err_empty; out_has FAIL; }

# at the very byte, block and call
passes none.mtr --max-leak 0
passes three.mtr --max-leak 3000B
fails three.mtr --max-leak 2999B
out_has "src/leak.c:8"
passes three.mtr --max-leak 3000B,3
fails three.mtr --max-leak 1M,2
passes three.mtr --max-peak 103007B
fails three.mtr --max-peak 103006B
passes three.mtr --max-total 103014B
fails three.mtr --max-total 103013B
passes three.mtr --max-allocs 6
fails three.mtr --max-allocs 5
passes three.mtr --max-temporary 2
fails three.mtr --max-temporary 1
out_has "src/leak.c:12"
passes three.mtr --max-temporary 33.4%
fails three.mtr --max-temporary 33.3%
# of one that fails and one that passes both are said
fails three.mtr --max-leak 0 --max-allocs 6
out_has PASS

# each place; the places of a glob
passes three.mtr --each --max-leak 3000B
fails three.mtr --each --max-leak 2999B
passes three.mtr --each --max-peak 100000B
fails three.mtr --each --max-peak 99999B
out_has "src/leak.c:19"
out_lacks "src/leak.c:8"
passes three.mtr --each --max-total 100000B --max-allocs 3
fails three.mtr --each --max-allocs 2
passes three.mtr --limit 'src/*:leak=3000B'
fails three.mtr --limit 'src/*:leak=2999B'
passes three.mtr --limit 'lib/*:leak=0' --limit '*/leak:peak=103007B'
fails three.mtr --limit '*/leak:peak=103006B'
passes three.mtr --limit 'scr/*:leak=0'
out_has "no file or module here matches"
fails three.mtr --limit 'leak.c:allocs=5'
passes three.mtr --limit 'leak.c:temporary=2' --limit 'leak.c:total=103014B'
fails three.mtr --by module --each --max-leak 2999B
out_has "$work/leak"
fails three.mtr --by function --each --max-leak 0
out_has "src/leak.c:forget"

# a block of no bytes is a block that leaks; who does not mind says how many there may be
cat >empty.c <<'C'
#include <stdlib.h>

static void *volatile kept;

int main(void) {
        for (int i = 0; i < 3; i++)
                kept = malloc(0); /* line 7 */
        return 0;
}
C
cc -g -O0 -o empty empty.c || fail "no program"
"$MEMTRACE" run -q -o empty.mtr -- ./empty || fail "empty"
fails empty.mtr --max-leak 0
out_has "leak: 0 B in 3 blocks, limit 0 B in 0 blocks (--max-leak 0)"
out_has "empty.c:7: 0 B in 3 blocks"
fails empty.mtr --each --max-leak 0
out_has "leak of each place: 0 B in 3 blocks at one place, limit 0 B in 0 blocks"
fails empty.mtr --limit 'empty.c:leak=0'
fails empty.mtr --max-leak 0,2
passes empty.mtr --max-leak 0,3
passes empty.mtr --max-leak 1B
passes empty.mtr --each --max-leak 1B
out_has "at most 0 B in 3 blocks, limit 1 B"

# a tree: sums, and the most held at one time by all together
"$MEMTRACE" run -q -o tree.%p.mtr -- ./leak 3 2 || fail "no tree"
set -- tree.*.mtr
[ $# = 3 ] || fail "$# traces of three processes"
passes "$@" --max-leak 3600B,5
fails "$@" --max-leak 3599B
passes "$@" --max-peak 150300B # a child's 50300 B beside its parent's 100000
fails "$@" --max-peak 150299B
out_has "src/leak.c:19: 97.7 KiB" # of the parent and one child, and not of both children
out_has "src/leak.c:23: 48.8 KiB"
passes "$@" --max-allocs 10
fails "$@" --max-allocs 9
passes "$@" --per process --max-leak 3000B
fails "$@" --per process --max-leak 2999B
[ "$(grep -c '^FAIL  ' out)" = 1 ] || fail "not one process failed"
cp three.mtr again.mtr # of the same pid, as in two containers
passes three.mtr again.mtr --per process --max-leak 3000B
fails three.mtr again.mtr --per process --max-leak 2999B
out_has "in again.mtr: leak: 3000 B"
rm again.mtr
passes "$@" --per program --max-leak 3600B
fails "$@" --per program --max-leak 3599B

# the same by a file
rules() { printf '{ "schema": "memtrace-check/1", %s }\n' "$1" >"${2:-memtrace.check.json}"; }
run 2 "$MEMTRACE" check three.mtr
err_lines 1
err_has "nothing to check"
rules '"limits": { "leak": "3000B" }'
passes three.mtr
rules '"limits": { "leak": "2999B" }'
fails three.mtr
out_has "memtrace.check.json:1"
passes three.mtr --max-peak 1M # the file is for who asks for nothing
fails three.mtr --max-peak 1M --rules memtrace.check.json
rules '"programs": { "leak": { "limits": { "leak": "3599B" } }, "other": { "limits": { "leak": "0" } } }'
fails "$@"
[ "$(grep -c '^FAIL  ' out)" = 1 ] || fail "not one rule was about the program"
rules '"each": { "leak": "2999B" }, "by": "file"'
fails three.mtr
rm memtrace.check.json

# what cannot be told: damage, a missing end, events that were lost
head -c $(($(wc -c <three.mtr) - 100)) three.mtr >cut.mtr
run 2 "$MEMTRACE" check cut.mtr --max-leak 1G
out_has "CANNOT JUDGE"
run 2 "$MEMTRACE" check cut.mtr --max-allocs 1000
run 2 "$MEMTRACE" check none.mtr cut.mtr --max-leak 1G
run 1 "$MEMTRACE" check none.mtr cut.mtr --max-leak 1G --max-allocs 0
err_empty

# what grows: too few repetitions, enough of them, and a cache that is full
cat >serve.c <<'C'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <memtrace/memtrace.h>

static void *cache[64], *batch[10], *forgotten;

/* serve leak|fixed MICROSECONDS */
int main(int argc, char **argv) {
        int leak = strcmp(argv[1], "leak") == 0;

        for (int i = 0; i < 500; i++) {
                void **block = malloc(sizeof(void *) * 4); /* line 14 */

                free(cache[i % 64]);
                cache[i % 64] = malloc(200 + (size_t)i * 37 % 100); /* line 17 */
                if (i % 10 == 0)
                        for (int k = 0; k < 10; k++) {
                                free(batch[k]);
                                batch[k] = NULL;
                        }
                batch[i % 10] = malloc(3000); /* line 23 */
                if (leak) {
                        *block = forgotten;
                        forgotten = block;
                } else {
                        free(block);
                }
                if (i % 10 == 9)
                        memtrace_mark("request");
                usleep((useconds_t)atoi(argv[2]));
        }
        return 0;
}
C
cc -g -O0 -I"$INCLUDE" -o serve serve.c || fail "no server"
for way in leak fixed; do
    "$MEMTRACE" run -q -o $way.mtr -- ./serve $way 2000 || fail "serve $way"
done
fails leak.mtr --growth
out_has "serve.c:14"
out_lacks "serve.c:17:"
out_lacks "serve.c:23:"
passes fixed.mtr --growth
passes leak.mtr --growth --min-slope 4K
fails leak.mtr --growth --repeat time:40 --warm-up 5 --min-slope 100B
fails leak.mtr --growth --false-alarm-rate 0.001
# by the program's own marks it takes no time to tell, and what a request leaves is told to the byte
for way in leak fixed; do
    "$MEMTRACE" run -q -o marked-$way.mtr -- ./serve $way 0 || fail "serve $way at once"
done
fails marked-leak.mtr --growth --repeat mark:request
out_has "serve.c:14: +320 B a repetition (95% confidence: +320 B to +320 B)"
out_has "(mark request)"
fails marked-leak.mtr --growth # the mark is found by itself
out_has "(mark request)"
passes marked-leak.mtr --growth --repeat mark:request --min-slope 320B
fails marked-leak.mtr --growth --repeat mark:request --min-slope 319B
passes marked-fixed.mtr --growth --repeat mark:request
run 2 "$MEMTRACE" check leak.mtr --growth --repeat time:5
out_has "CANNOT JUDGE"
out_has "at least"
run 2 "$MEMTRACE" check three.mtr --growth # over before it repeats anything
out_has "too short to be cut into 50 repetitions"
err_empty
fails three.mtr --growth --max-leak 0 # which hides nothing else
passes fixed.mtr three.mtr --growth   # of several, those that last long enough
fails three.mtr leak.mtr --growth
[ "$(grep -c '^FAIL  \|^PASS  \|^CANNOT JUDGE  ' out)" = 1 ] || fail "more than one process was judged"
run 2 "$MEMTRACE" check three.mtr none.mtr --growth --repeat time:40
out_has "too short to be cut into 40 repetitions"

# what is refused, each in one line
wrong() {
    local word=$1
    shift
    run 2 "$MEMTRACE" check "$@"
    out_empty
    err_lines 1
    err_has "$word"
}
wrong "a trace is needed" --max-leak 0
wrong "no-such.mtr" no-such.mtr --max-leak 0
wrong "whole run" three.mtr@peak --max-leak 0
wrong "512 of what" three.mtr --max-leak 512
wrong "1000 or 1024" three.mtr --max-peak 1MB
wrong "contradict" three.mtr --max-leak 1K --max-leak 2K
wrong "--each" three.mtr --each
wrong "--each" three.mtr --each --limit 'src/*:leak=0' # which is a sum
rules '"by": "line"' idle.json
wrong "idle.json: asks for nothing" three.mtr --rules idle.json
rules '"programs": { "server": { "limits": { "leak": 0 } } }' idle.json
wrong "nothing was checked" three.mtr --rules idle.json
wrong "--growth" three.mtr --min-slope 1K
wrong "--baseline" three.mtr --max-growth 1K
wrong "--max-leak" three.mtr --max-leak
wrong "GLOB" three.mtr --limit 'src/*'
wrong "no-such.json" three.mtr --rules no-such.json
wrong "no-such.supp" three.mtr --max-leak 0 --suppressions no-such.supp
wrong "nothing" marked-leak.mtr --growth --repeat mark:nothing
wrong "--warm-up" three.mtr --growth --warm-up 95%
wrong "--repeat" three.mtr --growth --repeat time:1
wrong "--write" three.mtr --max-leak 0 --write check.xml
wrong "given twice" three.mtr none.mtr ./three.mtr --max-leak 0
ln -s three.mtr link.mtr
wrong "not written over" three.mtr --max-leak 0 --write json=link.mtr
wrong "--suggest" three.mtr --max-leak 0 --suggest --format json

wrong "given twice" three.mtr --max-leak 0 --write json=check.out --write junit=check.out
run 2 "$MEMTRACE" check three.mtr --max-leak 0 --write json=out # into what it prints to
err_has "where the output goes"

# into files, beside the text, over what a run before left
echo old >check.xml
fails three.mtr --max-leak 0 --write junit=check.xml --write json=check.json
grep -q '<testsuites' check.xml || fail "no JUnit in check.xml"
grep -q '"memtrace-check-result/1"' check.json || fail "no result in check.json"
rm check.xml check.json

# memtrace run --check: the program's code first, then the verdict
rules '"limits": { "leak": "3K" }' rules.json
rm -f ./memtrace.*.mtr
run 0 "$MEMTRACE" run -q --check rules.json -- ./leak 3
err_empty
ls ./memtrace.*.mtr >/dev/null 2>&1 && fail "traces of a run that passed are left"
run 1 "$MEMTRACE" run -q --check rules.json -- ./leak 4
err_has FAIL
err_has "src/leak.c:8"
[ "$(ls ./memtrace.*.mtr | wc -l)" = 1 ] || fail "the trace of what failed is not there"
rm -f ./memtrace.*.mtr
run 1 "$MEMTRACE" run -q --check rules.json -- ./leak 3 2 # its children leak too
[ "$(ls ./memtrace.*.mtr | wc -l)" = 3 ] || fail "not the traces of all its processes"
rm -f ./memtrace.*.mtr
run 9 "$MEMTRACE" run -q --check rules.json -- ./leak 4 0 9
err_has FAIL
run 1 "$MEMTRACE" run -q -o kept.mtr --check rules.json -- sh -c 'exec ./leak 4'
rules '"programs": { "leak": { "limits": { "leak": "3K" } } }' programs.json # whatever the shell leaks
run 0 "$MEMTRACE" run -q -o kept2.%p.mtr --check programs.json -- sh -c './leak 3; :'
run 1 "$MEMTRACE" run -q --check programs.json -- sh -c './leak 4; :'
ls kept2.*.mtr >/dev/null 2>&1 || fail "traces that were asked for are gone"
run 2 "$MEMTRACE" run -q --check no-such.json -- touch ran
[ ! -e ran ] || fail "the program ran without its rules"
run 127 "$MEMTRACE" run --check rules.json -- ./no-such-program
MEMTRACE_LIB=$work/no-library.so run 2 "$MEMTRACE" run -q --check rules.json -- true
err_has "nothing can be judged"

finish
