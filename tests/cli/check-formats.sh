#!/usr/bin/env bash
# memtrace check in every format: the same numbers as memtrace report has, documents that their schemas take, paths as the
# project has them, and fingerprints that stay when lines move.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY
unset GITHUB_WORKSPACE
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || { echo "no jsonschema here"; exit 77; }
command -v xmllint >/dev/null || { echo "no xmllint here"; exit 77; }

for scenario in small frames hostile recursive deep; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
    run 0 /usr/bin/python3 -B "$here/check_formats.py" "$MEMTRACE" "$scenario.mtr"
done
"$MAKE_TRACE" places places.mtr 40
run 0 /usr/bin/python3 -B "$here/check_formats.py" "$MEMTRACE" places.mtr 30

mkdir -p project/src "project/out 1"
cat >project/src/cache.c <<'C'
#include <stdlib.h>
#include <string.h>

void *volatile kept;

__attribute__((noinline)) void cache_put(const char *key) {
        kept = strdup(key); /* line 7 */
}

__attribute__((noinline)) void cache_grow(size_t size_bytes) {
        kept = malloc(size_bytes); /* line 11 */
}
C
cat >project/src/main.c <<'C'
#include <stddef.h>

void cache_put(const char *key);
void cache_grow(size_t size_bytes);

int main(void) {
        for (int i = 0; i < 3; i++)
                cache_put("key"); /* line 8 */
        cache_grow(10000);        /* line 9 */
        cache_grow(500);
        return 0;
}
C
build() { (cd "project/out 1" && cc -g -O0 -o app ../src/main.c ../src/cache.c) || fail "no program"; }
build
"$MEMTRACE" run -q -o app.mtr -- "project/out 1/app" || fail "app"
run 0 /usr/bin/python3 -B "$here/check_formats.py" "$MEMTRACE" app.mtr 2

# github FILE: the file that the worst place's annotation names
github() { grep -o '^::error file=[^,]*,line=11,' out | head -n 1 >place; [ "$(cat place)" = "::error file=$1,line=11," ] || fail "$(cat place), not $1"; }
# sarif URI BASE: the same of SARIF
sarif() {
    jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation | "\(.uri) \(.uriBaseId)"' out >place
    [ "$(cat place)" = "$1 $2" ] || fail "$(cat place), not $1 $2"
}
trace=app.mtr
judge() { run 1 "$MEMTRACE" check $trace --max-leak 0 "$@"; }
judge -f github
github project/src/cache.c
judge -f sarif
sarif project/src/cache.c %SRCROOT%
export GITHUB_WORKSPACE=$work/project
judge -f github
github src/cache.c
judge -f sarif
sarif src/cache.c %SRCROOT%
export GITHUB_WORKSPACE=/nonexistent
judge -f github
github "$work/project/src/cache.c"
judge -f sarif
sarif "file://$work/project/src/cache.c" null
mkdir moved && mv project/src moved # as where it was built elsewhere: told where the sources are, it finds them
judge -f github -d moved
github moved/src/cache.c
judge -f github
github "$work/project/src/cache.c"
mv moved/src project
unset GITHUB_WORKSPACE

# source lines, and all that one needs to know
judge
out_is 'FAIL  leak: 10.3 KiB in 5 blocks, limit 0 B in 0 blocks (--max-leak 0)

../src/cache.c:11: 10.3 KiB in 2 blocks
  File "../src/cache.c", line 11, in cache_grow
    kept = malloc(size_bytes); /* line 11 */
  File "../src/main.c", line 9, in main
    cache_grow(10000);        /* line 9 */

../src/cache.c:7: 12 B in 3 blocks
  File "../src/cache.c", line 7, in cache_put
    kept = strdup(key); /* line 7 */
  File "../src/main.c", line 8, in main
    cache_put("key"); /* line 8 */

Nothing in this run freed these blocks. All stacks: memtrace report app.mtr --cost leaked --by traceback
Meant to live as long as the program? This prints suppressions: memtrace check --suggest

FAIL: 1 of 1 check failed'
err_empty
judge -n 1 --frames 1 -q
out_has "  and 1 more frame"
out_has "and 1 more place"

# fingerprints: the same when lines move, others in another function
marks() { judge -f sarif && jq -r '.runs[0].results[].partialFingerprints["memtraceStack/v1"]' out; }
marks >before
[ "$(sort -u before | wc -l)" = 2 ] || fail "not two fingerprints: $(cat before)"
sed -i '1i\\n\n\n' project/src/cache.c project/src/main.c
build
trace=moved.mtr
"$MEMTRACE" run -q -o $trace -- "project/out 1/app" || fail "app"
marks >after
out_has '"startLine": 15'
cmp -s before after || fail "moved lines: $(diff before after)"
sed -i 's/cache_grow/cache_more/' project/src/cache.c project/src/main.c
build
trace=other.mtr
"$MEMTRACE" run -q -o $trace -- "project/out 1/app" || fail "app"
marks >other
[ "$(comm -12 <(sort before) <(sort other) | wc -l)" = 1 ] || fail "another function: $(cat before other)"
finish
