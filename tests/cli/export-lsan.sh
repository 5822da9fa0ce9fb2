#!/usr/bin/env bash
# memtrace export --format lsan: beside what LeakSanitizer writes of the same programs, and read by asan_symbolize.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >leaks.c <<'S'
#include <stdlib.h>
#include <string.h>
struct node { struct node *next; char text[40]; };
static void *volatile sink;
__attribute__((noinline)) void *wrapped(size_t size) { return malloc(size); }
__attribute__((noinline)) void many(int count) {
    for (int i = 0; i < count; i++)
        sink = wrapped(100 + (size_t)i);
}
__attribute__((noinline)) void chain(void) {
    struct node *first = calloc(1, sizeof *first);
    first->next = malloc(sizeof *first);
    first->next->next = NULL;
    sink = first;
}
__attribute__((noinline)) void moved(void) {
    sink = realloc(malloc(10), 3000);
    sink = aligned_alloc(64, 128);
}
static inline __attribute__((always_inline)) void *inlined(void) {
    return calloc(7, 11);
}
__attribute__((noinline)) void chosen(void *(*give)(size_t)) {
    sink = give(77);
}
int main(void) {
    char over[4096];
    many(3);
    many(2);
    chain();
    moved();
    sink = inlined();
    free(wrapped(50));
    for (volatile int i = 0; i < 3; i++)
        chosen(i == 1 ? valloc : malloc);
    sink = NULL;
    memset(over, 0, sizeof over);
    __asm__ volatile("" : : "r"(over) : "memory");
    return 0;
}
S
cat >leaks.cpp <<'S'
#include <cstring>
#include <new>
namespace shop {
struct item { int number[30]; };
static void *volatile sink;
template <typename T> __attribute__((noinline)) void make(int count) {
    for (int i = 0; i < count; i++)
        sink = new T;
}
__attribute__((noinline)) void silent() { sink = new (std::nothrow) item; }
}
int main() {
    char over[4096];
    shop::make<shop::item>(4);
    shop::make<long>(5);
    shop::silent();
    shop::sink = nullptr;
    memset(over, 0, sizeof over);
    __asm__ volatile("" : : "r"(over) : "memory");
}
S

# by each compiler that has LeakSanitizer and can run it here
compared=0
for compiler in "gcc leaks.c" "clang leaks.c" "g++ leaks.cpp" "clang++ leaks.cpp"; do
    set -- $compiler
    command -v $1 >/dev/null || continue
    $1 -g -O1 -o leaks $2 || fail "$1 cannot compile"
    $1 -g -O1 -fsanitize=leak -o leaks.lsan $2 2>err || continue
    LSAN_OPTIONS=fast_unwind_on_malloc=0 ./leaks.lsan 2>theirs
    grep -q 'detected memory leaks' theirs || continue # where nothing may be traced
    run 0 "$MEMTRACE" run --quiet -o leaks.mtr ./leaks
    # what the program's libraries hold to the end is not lost, which only LeakSanitizer can tell
    "$MEMTRACE" export -f lsan --include "$2" -o ours leaks.mtr || fail "cannot be exported"
    run 0 /usr/bin/python3 "$here/export_lsan_oracle.py" ours theirs "$2"
    out_has "leaks of $2 are the same"
    [ "$(tail -n1 ours)" = "$(tail -n1 theirs)" ] || fail "another summary: $(tail -n1 ours theirs)"
    rm -f ours leaks.mtr
    compared=$((compared + 1))
done
echo "$compared programs compared with LeakSanitizer"

# A module without lines is named so that asan_symbolize finds them in one that has them.
for kind in -pie -no-pie; do
    command -v asan_symbolize >/dev/null && command -v llvm-symbolizer >/dev/null || continue
    rm -f leaks stripped* named
    cc -g -O1 $kind -o leaks leaks.c
    cp leaks leaks.full
    strip --strip-all leaks
    run 0 "$MEMTRACE" run --quiet -o stripped.mtr ./leaks
    "$MEMTRACE" export -f lsan -o stripped stripped.mtr
    ! grep -q 'wrapped' stripped || fail "there are names in a stripped program"
    cp leaks.full leaks
    asan_symbolize <stripped >symbolized 2>err || fail "asan_symbolize fails"
    "$MEMTRACE" export -f lsan -o named stripped.mtr
    # it counts the frames that it looked up itself, so numbers are not compared
    names() { sed -n 's/^ *#[0-9]* 0x[0-9a-f]* in \([a-z_]*\) .*leaks\.c:\([0-9]*\).*/\1 \2/p' "$1"; }
    names symbolized >theirs
    names named | diff - theirs >difference || fail "asan_symbolize finds other places: $(cat difference)"
    [ "$(grep -c '^wrapped 5$' theirs)" = 2 ] || fail "not both calls of wrapped: $(cat theirs)"
done

# what an export has of any trace: the numbers of the report, and lines of one shape
"$MAKE_TRACE" small small.mtr
"$MEMTRACE" snapshot save -o named.snapshot small.mtr@end >/dev/null 2>&1 || fail "cannot save"
/usr/bin/python3 "$here/hostile_names.py" named.snapshot names.snapshot
for trace in small.mtr recursive.mtr frames.mtr hostile.mtr markup.mtr vast.mtr names.snapshot; do
    [ -f $trace ] || "$MAKE_TRACE" "${trace%.mtr}" "$trace"
    for moment in @end @peak @50%; do
        [ $trace != names.snapshot ] || moment=
        "$MEMTRACE" export -f lsan $trace$moment >report.txt || fail "$trace$moment cannot be exported"
        LC_ALL=C grep -vaE '^$|^=+$|^==1234==ERROR: LeakSanitizer: detected memory leaks$|^Direct leak of [0-9]+ byte\(s\) in [0-9]+ object\(s\) allocated from:$|^    #[0-9]+ 0x[0-9a-f]{12,16} [^[:cntrl:]]+$|^SUMMARY: LeakSanitizer: [0-9]+ byte\(s\) leaked in [0-9]+ allocation\(s\)\.$' report.txt &&
            fail "$trace$moment: not a line of LeakSanitizer's"
        wanted=$("$MEMTRACE" report --format json $trace$moment | jq -r '.selection | "\(.size) \(.count)"')
        [ "$(sed -n 's/^SUMMARY: LeakSanitizer: \([0-9]*\) byte(s) leaked in \([0-9]*\) .*/\1 \2/p' report.txt | sed 's/^18446744073709551615/9223372036854775807/')" = \
            "$([ "$wanted" = '0 0' ] || echo "$wanted")" ] || fail "$trace$moment: $(tail -n1 report.txt), not $wanted"
    done
done

# where nothing is held there is nothing to say
"$MAKE_TRACE" empty empty.mtr
run 0 "$MEMTRACE" export -f lsan empty.mtr
out_empty

# the filters look at the frame that answers, as everywhere
run 0 "$MEMTRACE" export -f lsan --function nothing_is_called_so small.mtr
out_empty
run 2 "$MEMTRACE" export -f lsan --cost leaked small.mtr
err_has "--cost has no say"

finish
