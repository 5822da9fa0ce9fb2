#!/usr/bin/env bash
# memtrace check with suppressions: files of LeakSanitizer's and of Valgrind's, what is suggested, what is built in,
# and what is refused. Files that the two tools take themselves are held against them where they are there.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >kinds.c <<'C'
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *volatile kept;

#define LEAK(name, block) __attribute__((noinline)) static void name(void) { kept = block; __asm__(""); }
LEAK(by_malloc, malloc(11))
LEAK(by_calloc, calloc(1, 12))
LEAK(by_realloc, realloc(NULL, 13))
LEAK(by_moving, realloc(malloc(3), 1300))
LEAK(by_reallocarray, reallocarray(NULL, 2, 7))
LEAK(by_aligned_alloc, aligned_alloc(64, 64))
LEAK(by_memalign, memalign(64, 16))
LEAK(by_valloc, valloc(18))
LEAK(by_strdup, strdup("hello twenty"))

__attribute__((noinline)) static void by_posix_memalign(void) {
        void *block = NULL;

        if (posix_memalign(&block, 64, 17) == 0)
                kept = block;
}

int main(void) {
        puts("a buffer");
        by_malloc();
        by_calloc();
        by_realloc();
        by_moving();
        by_reallocarray();
        by_aligned_alloc();
        by_memalign();
        by_valloc();
        by_strdup();
        by_posix_memalign();
        kept = NULL;
        return 0;
}
C
cc -g -O1 -o kinds kinds.c || exit 1
run 0 "$MEMTRACE" run -o kinds.mtr -- ./kinds
bytes=$((11 + 12 + 13 + 1300 + 14 + 64 + 16 + 18 + 13 + 17))

# check CODE ARGUMENT...: of the leaks of kinds.mtr.
check() {
    local code=$1
    shift
    run "$code" "$MEMTRACE" check kinds.mtr --max-leak 0 "$@"
}

# used FILE [TRACE]: the suppressions of a file, each with the bytes and blocks that it suppressed.
used() {
    "$MEMTRACE" check "${2:-kinds.mtr}" --max-leak 1G --suppressions "$1" --format json 2>err >checked.json
    python3 -c '
import json
for one in json.load(open("checked.json"))["suppressed"]["suppressions"]:
    print(one["text"], one["bytes"], one["count"])' >out
}

# Without any, all is told but the buffer of stdout, which is built in.
check 1
err_empty
out_has "leak: $bytes B in 10 blocks, limit 0 B"
check 1 --no-default-suppressions
err_empty
out_has "leak: $((bytes + 4096)) B in 11 blocks, limit 0 B"

# LeakSanitizer's: by function, source file and module, in any frame; each stack goes to the first that matches.
cat >sanitizer.supp <<'S'
# a comment
leak:by_malloc
leak:^by_calloc$
leak:strdup
leak:by_mem*ign$
leak:nowhere
S
check 1 --suppressions sanitizer.supp
out_has "leak: $((bytes - 11 - 12 - 13 - 16)) B in 6 blocks"
out_has "Suppresses nothing: sanitizer.supp:6: leak:nowhere"
used sanitizer.supp
out_is 'leak:by_malloc 11 1
leak:^by_calloc$ 12 1
leak:strdup 13 1
leak:by_mem*ign$ 16 1
leak:nowhere 0 0'
for pattern in kinds.c /kinds$ '^main$'; do
    echo "leak:$pattern" >all.supp
    check 0 --suppressions all.supp
    used all.supp
    out_is "leak:$pattern $((bytes + 4096)) 11" # those built in come after
done

# Valgrind's, as version 3.19 wrote them for this program.
cat >valgrind.supp <<'S'
{
   <insert_a_suppression_name_here>
   Memcheck:Leak
   match-leak-kinds: definite
   fun:malloc
   fun:by_malloc
   fun:main
}
{
   zeroed
   Memcheck:Leak
   match-leak-kinds: definite
   fun:calloc
   fun:by_calloc
   fun:main
}
{
   new
   Memcheck:Leak
   match-leak-kinds: definite
   fun:malloc
   fun:by_realloc
   fun:main
}
{
   moved
   Memcheck:Leak
   match-leak-kinds: definite
   fun:realloc
   fun:by_moving
   fun:main
}
{
   array
   Memcheck:Leak
   match-leak-kinds: definite
   fun:malloc
   fun:by_reallocarray
   fun:main
}
{
   aligned
   Memcheck:Leak
   match-leak-kinds: definite
   fun:memalign
   fun:by_aligned_alloc
   fun:main
}
{
   old
   Memcheck:Leak
   match-leak-kinds: definite
   fun:memalign
   fun:by_memalign
   fun:main
}
{
   page
   Memcheck:Leak
   match-leak-kinds: definite
   fun:memalign
   fun:by_valloc
   fun:main
}
{
   copy
   Memcheck:Leak
   match-leak-kinds: definite
   fun:malloc
   fun:strdup
   fun:by_strdup
   fun:main
}
{
   posix
   Memcheck:Leak
   match-leak-kinds: definite
   fun:memalign
   fun:posix_memalign
   fun:by_posix_memalign
   fun:main
}
{
   of another kind
   Memcheck:Cond
   fun:by_malloc
}
S
check 0 --suppressions valgrind.supp
err_lines 1
err_has "valgrind.supp: entries of other kinds than Memcheck:Leak are passed over: 1, the first in line 83"
used valgrind.supp
out_is '{ <insert_a_suppression_name_here> } 11 1
{ zeroed } 12 1
{ new } 13 1
{ moved } 1300 1
{ array } 14 1
{ aligned } 64 1
{ old } 16 1
{ page } 18 1
{ copy } 13 1
{ posix } 17 1'

# What is suggested suppresses what failed, all of it or what is asked for, and says so of each.
check 1 --suggest
err_empty
cp out suggested.supp
out_has '# 1300 B in 1 block: '"$work/kinds.c:15
{
   leak in by_moving
   Memcheck:Leak
   fun:realloc
   fun:by_moving
}"
[ "$(grep -c '^{' out)" = 10 ] || fail "10 entries are wanted"
check 0 --suppressions suggested.supp
err_empty
check 1 --suggest --each --suppressions sanitizer.supp
[ "$(grep -c '^{' out)" = 6 ] || fail "6 entries are wanted"
check 1 --suggest --each --by file --suppressions sanitizer.supp # what is suppressed of the place needs no other
[ "$(grep -c '^{' out)" = 6 ] || fail "6 entries are wanted"
run 1 "$MEMTRACE" check kinds.mtr --suggest --each --max-leak 100B
[ "$(grep -c '^{' out)" = 1 ] || fail "1 entry is wanted"
out_has "leak in by_moving"
check 0 --suggest --suppressions suggested.supp
out_empty
err_empty
run 1 "$MEMTRACE" check kinds.mtr --suggest --max-peak 1B
out_empty
err_has "check: what failed is nothing that suppressions concern"

# The peak and what was ever allocated are not less for it.
run 1 "$MEMTRACE" check kinds.mtr --max-total 1B --suppressions suggested.supp
out_has "total: $((bytes + 4096 + 3)) B in 12 allocations"

# C++: names are mangled in Valgrind's files, and inlined functions have their last part alone.
cat >made.cpp <<'C'
#include <new>
#include <vector>

static void *volatile kept;

namespace app {
__attribute__((noinline)) static void one(int) { kept = new int; }
__attribute__((noinline)) static void many(const char *) { kept = new int[100]; }
__attribute__((noinline)) static void quiet() { kept = new (std::nothrow) int[5]; }
template <class T> __attribute__((noinline)) void fill(std::vector<T> *list) { list->reserve(100); }
}

int main() {
        app::one(1);
        app::many("x");
        app::quiet();
        app::fill(new std::vector<long>);
        kept = nullptr;
}
C
if c++ -g -O1 -o made made.cpp 2>/dev/null; then
    run 0 "$MEMTRACE" run -o made.mtr -- ./made
    cat >made.supp <<'S'
{
   one
   Memcheck:Leak
   fun:_Znwm
   fun:_ZN3appL3oneEi
   fun:main
}
{
   many
   Memcheck:Leak
   fun:_Znam
   fun:_ZN3appL4manyEPKc
   fun:main
}
{
   quiet
   Memcheck:Leak
   fun:_ZnamRKSt9nothrow_t
   fun:_ZN3appL5quietEv
   fun:main
}
{
   list
   Memcheck:Leak
   fun:_Znwm
   ...
   fun:reserve
   fun:_ZN3app4fillIlEEvPSt6vectorIT_SaIS2_EE
   fun:main
}
{
   its head
   Memcheck:Leak
   fun:_Znwm
   fun:main
}
S
    used made.supp made.mtr
    out_is '{ one } 4 1
{ many } 400 1
{ quiet } 20 1
{ list } 800 1
{ its head } 24 1'
    run 0 "$MEMTRACE" check made.mtr --max-leak 0 --suppressions made.supp
    # with wildcards in them, mangled names are held against mangled names
    cat >wild.supp <<'S'
{
   list
   Memcheck:Leak
   fun:_Znw?
   ...
   fun:_ZN3app4fill*IlE*
   fun:main
}
{
   not known under this name
   Memcheck:Leak
   ...
   fun:_ZN3app4Fill*
}
{
   the rest
   Memcheck:Leak
   fun:_Zn*
   ...
   fun:main
}
S
    used wild.supp made.mtr
    out_is '{ list } 800 1
{ not known under this name } 0 0
{ the rest } 448 4'
    run 0 "$MEMTRACE" check made.mtr --max-leak 0 --suppressions wild.supp
    if valgrind -q true 2>/dev/null; then
        run 0 valgrind -q --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all --error-exitcode=3 --suppressions=wild.supp ./made
    fi
    run 1 "$MEMTRACE" check made.mtr --max-leak 0 --suggest
    cp out suggested.supp
    run 0 "$MEMTRACE" check made.mtr --max-leak 0 --suppressions suggested.supp
fi

# What Valgrind itself writes here suppresses all but the buffer, which it frees.
for program in kinds made; do
    [ -x $program ] && command -v valgrind >/dev/null || continue
    valgrind --gen-suppressions=all --leak-check=full --show-leak-kinds=all --log-file=valgrind.log ./$program >/dev/null
    grep -v '^==' valgrind.log >written.supp
    grep -q Memcheck:Leak written.supp || continue # it does not run here
    run 0 "$MEMTRACE" check $program.mtr --max-leak 0 --suppressions written.supp
    err_empty
done

# LeakSanitizer counts the same blocks by the same patterns. It does not run where nothing may be traced.
printf 'leak:by_malloc\nleak:^by_calloc$\nleak:by_mem*ign$\nleak:by_r*loc\n' >same.supp
if cc -g -O1 -fsanitize=leak -o kinds.lsan kinds.c 2>/dev/null &&
    LSAN_OPTIONS=suppressions=same.supp ./kinds.lsan >/dev/null 2>lsan.log; [ -s lsan.log ] &&
    grep -q 'Suppressions used' lsan.log; then
    used same.supp
    sed -n 's/^ *\([0-9][0-9]*\)  *\([0-9][0-9]*\) \(.*by_.*\)$/leak:\3 \2 \1/p' lsan.log | sort >theirs
    sort out | diff - theirs >difference || fail "LeakSanitizer says otherwise: $(cat difference)"
fi

# What is wrong with a file is one line that says where.
refused() { # refused WORDS TEXT
    printf "$2" >bad.supp
    check 2 --suppressions bad.supp
    out_empty
    err_lines 1
    err_has "$1"
}
refused 'bad.supp:2: "race:foo" is neither leak:PATTERN' 'leak:a\nrace:foo\n'
refused 'bad.supp:1: "leak:" has no pattern' 'leak:\n'
refused 'bad.supp:2: the entry that begins here has no "}"' '#\n{\nname\nMemcheck:Leak\nfun:a\n'
refused 'bad.supp:1: the entry that begins here has no frames' '{\nname\nMemcheck:Leak\n}\n'
refused 'bad.supp:1: a NUL byte' 'leak:a\0b\n'
refused 'bad.supp:1: "\x1b[2J" is neither' '\033[2J\n'
check 2 --suppressions nowhere.supp
err_has "nowhere.supp: cannot open: No such file or directory"
check 2 --suppressions .
err_lines 1

finish
