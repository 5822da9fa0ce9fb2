#!/usr/bin/env bash
# memtrace annotate beside Python's memory_profiler on the same numbers, and source that is elsewhere, newer, missing or hostile.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY
oracle="/usr/bin/python3 -B $here/annotate_oracle.py $MEMTRACE $PROGRAMS"

# tabs, CR LF, no line feed at the end, letters of several bytes, an inlined function
mkdir -p project/src project/build
{
    cat <<'END'
#include <stdlib.h>

static void *kept[4000];
static int count;

static inline __attribute__((always_inline)) void *wrapped(size_t size) {
    return malloc(size); // sizes: 300000 400001
}

static __attribute__((noinline)) void grow(int times) {
    for (int i = 0; i < times; i++) {
	kept[count++] = malloc(70001);	// sizes: 70001
        kept[count++] = calloc(11, 1009); /* größer */ // sizes: 11099
    }
}

static __attribute__((noinline)) int churn(int times) {
    int failed = 0;
    for (int i = 0; i < times; i++) {
        void *block = malloc(1200007); // sizes: 1200007
        failed += !block;
        free(block);
    }
    return failed;
}

int main(void) {
    kept[count++] = malloc(77); // sizes: 77
    grow(100);
    int failed = churn(50);
    kept[count++] = wrapped(300000);
    grow(30);
    for (int i = 0; i < 77; i++)
        free(kept[i]);
    kept[count++] = wrapped(400001);
    kept[count++] = malloc(5); // sizes: 5
    return failed;
END
    printf '    /* the last\r\n     */\r\n}'
} >project/src/annotated.c
for level in 0 2; do
    (cd project/build && cc -g -O$level -fno-builtin -o "annotated$level" ../src/annotated.c) || exit 1
    run 0 "$MEMTRACE" run -o "annotated$level.mtr" -- "project/build/annotated$level"
    source=../src/annotated.c
    (cd project/build && run 0 $oracle "../../annotated$level.mtr" "$source" && cat out err && [ "$failures" = 0 ]) ||
        fail "-O$level differs"
done

# annotate ARGUMENT...: it works and says nothing on stderr
annotate() {
    run 0 "$MEMTRACE" annotate "$@"
    err_empty
}

# however the file is called, it is the same one
annotate annotated0.mtr ../src/annotated.c
cp out whole
[ "$(wc -l <whole)" = 46 ] || fail "$(wc -l <whole) lines of the whole file"
for name in annotated.c src/annotated.c ./src//annotated.c "$work/project/src/annotated.c" "$work/project/build/../src/annotated.c" \
    'anno*d.c' '*/src/*' project/src/annotated.c; do
    annotate annotated0.mtr "$name"
    cmp -s out whole || fail "$name is another file"
done
for name in nothing rc/annotated.c /src/annotated.c wrap 's*.c'; do
    run 0 "$MEMTRACE" annotate annotated0.mtr "$name" grow
    err_lines 1
    err_has "annotate: $name matches neither a file nor a function here"
    out_has "kept[count++]"
done

# some lines around those with figures
annotate annotated0.mtr -C 1 -n 1 churn annotated.c
out_is "Filename: ../src/annotated.c

Line #    Mem usage    Increment  Occurrences   Line Contents
=============================================================
    19                                             for (int i = 0; i < times; i++) {
    20    8.879 MiB    0.000 MiB          50           void *block = malloc(1200007); // sizes: 1200007
    21                                                 failed += !block;

"
annotate annotated0.mtr --context 0 annotated.c
sed -n 's/^ *\([0-9.]\+\).*/\1/p' out | tr '\n' ' ' | grep -qx '7 \.\.\. 12 13 \.\.\. 20 \.\.\. 28 ' ||
    fail "not the lines with figures: $(cat out)"

# what is asked for and makes no sense
while read -r word arguments; do
    eval "run 2 '$MEMTRACE' annotate $arguments"
    out_empty
    err_lines 1
    err_has "$word"
done <<'END'
needed
--by --by module annotated0.mtr
--by --by traceback annotated0.mtr
--context --context -1 annotated0.mtr
--precision --precision 10 annotated0.mtr
--precision --precision 2 --format json annotated0.mtr
--context -C 3 -f csv annotated0.mtr
--source-dir --source-dir a= annotated0.mtr
--source-dir -d '' annotated0.mtr
leaked --cost leaked annotated0.mtr@peak
nothing.mtr nothing.mtr grow
trace annotate.sh
END

# of a saved snapshot it is the same
run 0 "$MEMTRACE" snapshot save -o saved.json annotated0.mtr
annotate saved.json annotated.c
cmp -s out whole || fail "a saved snapshot differs"

# what was held at each call is not known by thread
"$MAKE_TRACE" threads threads.mtr
run 0 "$MEMTRACE" snapshot save -o threads.json threads.mtr
for of in threads.mtr threads.json; do
    run 0 "$MEMTRACE" annotate -f json --thread '*' $of
    err_lines 1
    err_has "$of: what was held at each call is not known by thread"
    out_has '"mem_usage_bytes": null'
done

run 0 "$MEMTRACE" snapshot save -o nothing.json threads.mtr@start
run 0 "$MEMTRACE" annotate nothing.json
err_empty

# what holds nothing is left out of a text of all, and told to machines; what is named is shown however many it is
{
    printf '#include "other.h"\n'
    for i in 1 2 3 4 5 6 7 8 9 10 11; do
        echo "__attribute__((noinline)) void *take$i(void) { return malloc($i); }"
    done
    echo 'int main(void) {'
    for i in 1 2 3 4 5 6 7 8 9 10 11; do
        echo "    void *kept$i = take$i();"
    done
    printf '    free(other());\n    return !kept1;\n}\n'
} >many.c
printf '#include <stdlib.h>\nstatic __attribute__((noinline)) void *other(void) { return malloc(5000); }\n' >other.h
cc -g -O0 -fno-builtin -o many many.c || exit 1
run 0 "$MEMTRACE" run -o many.mtr -- ./many
for shown in "11 many.mtr@end take*" "1 many.mtr@end many.c" "11 --by function many.mtr@end many.c" "1 --by file many.mtr@end many.c" "1 --by file many.mtr@end other" \
    "1 many.mtr@end other" "11 -n 99 many.mtr@end" "10 many.mtr@end" "2 -n 2 many.mtr@end take*"; do
    set -f
    run 0 "$MEMTRACE" annotate ${shown#* }
    set +f
    [ "$(grep -c ^Filename: out)" = "${shown%% *}" ] || fail "annotate ${shown#* } shows $(grep -c ^Filename: out)"
done
run 0 "$MEMTRACE" annotate --by file many.mtr@end other
out_has "other.h"
run 0 "$MEMTRACE" annotate --format json many.mtr@end
/usr/bin/python3 -c '
import json
assert {t["function"]: t["increment_bytes"] for t in json.load(open("out"))["tables"]}["other"] == 0' || fail "what holds nothing is not told"

# a source that is newer than the program, or than the trace alone, is shown and said to be, once
touch -d "1 hour" project/src/annotated.c
run 0 "$MEMTRACE" annotate annotated0.mtr
err_lines 1
err_has "$work/project/src/annotated.c: newer than the program"
out_has "	kept[count++] = malloc(70001);"
touch -d "2 hours" project/build/annotated0
run 0 "$MEMTRACE" annotate annotated0.mtr grow churn
err_lines 1
err_has "annotated.c: newer than the trace"
for shown in "report --pretty" "report --by traceback" "diff --pretty annotated0.mtr@start" "growth --by traceback annotated0.mtr@start"; do
    run 0 "$MEMTRACE" $shown annotated0.mtr
    err_lines 1
    err_has "annotated.c: newer than the trace, so its lines may not be those that ran"
    out_has "    kept[count++] = malloc(70001);"
done
touch -d @1700000000.25 project/build/annotated0
touch -d @1700000000.75 project/src/annotated.c
run 0 "$MEMTRACE" report --pretty annotated0.mtr
err_has "annotated.c: newer than the program"
touch -d "2 hours" project/build/annotated0
touch -d "2 days ago" project/src/annotated.c
run 0 "$MEMTRACE" report --pretty annotated0.mtr
err_empty
for pair in "annotated0.mtr threads.mtr" "threads.mtr annotated0.mtr"; do # that one began long before the source was written
    run 0 "$MEMTRACE" diff --pretty $pair
    err_lines 1
    err_has "different programs"
    out_has "    kept[count++] = malloc(70001);"
done
touch -d "1 minute ago" project/src/annotated.c
annotate annotated0.mtr grow

# a source that has moved
mkdir -p moved/deep
mv project/src moved/deep
run 0 "$MEMTRACE" annotate annotated0.mtr
err_lines 1
err_has "../src/annotated.c: no source to show: it is not here; see --source-dir"
grep -v "^$\|^Filename\|^Line\|^====" out | sed 's/ *$//' >lines
diff - lines <<'END' >difference || fail "without source: $(cat difference)"
    12   10.330 MiB    8.679 MiB         130
    13   10.341 MiB    1.376 MiB         130
     7    8.020 MiB    0.286 MiB           1
    28    0.000 MiB    0.000 MiB           1
END
for directory in moved/deep moved/deep/src "$work/project=moved/deep" ..=moved/deep "nowhere -d moved/deep" "/=nowhere -d ../src=moved/deep/src"; do
    annotate -d $directory annotated0.mtr annotated.c
    cmp -s out whole || fail "--source-dir $directory"
done
run 0 "$MEMTRACE" annotate -d "$work/project/sr=moved/deep/src" annotated0.mtr annotated.c
err_has "no source to show"

# a source that is no source, or shorter than it was
hostile() {
    run 0 timeout 20 "$MEMTRACE" annotate -d hostile annotated0.mtr annotated.c
    grep -q "  12   10.330 MiB    8.679 MiB         130   " out || fail "$1: the line is not there"
}
mkdir hostile
mkfifo hostile/annotated.c
hostile "a fifo"
err_has "it is not a plain file"
rm hostile/annotated.c
ln -s /dev/zero hostile/annotated.c
hostile "a device"
err_has "it is not a plain file"
rm hostile/annotated.c
mkdir hostile/annotated.c
hostile "a directory"
err_has "it is not a plain file"
rmdir hostile/annotated.c
truncate -s 40M hostile/annotated.c
hostile "a huge file"
err_has "it is too large"
: >hostile/annotated.c
hostile "an empty file"
[ "$(wc -l <out)" = 11 ] || fail "more than the lines with figures"
{ printf '\n%.0s' {1..11}; printf '\033[2J\200\n\000\tx\f\342\200\256\n'; } >hostile/annotated.c
touch -d "1 minute ago" hostile/annotated.c
hostile "a binary"
err_empty
printf '   \\x1b[2J\\x80\n' >wanted
grep -qF -f wanted out || fail "the first line"
printf '   \\x00\tx\\x0c\\xe2\\x80\\xae\n' >wanted
grep -qF -f wanted out || fail "the second line"
run 0 "$MEMTRACE" annotate -f json -d hostile annotated0.mtr annotated.c
out_has '\\x00\tx\\x0c\\xe2\\x80\\xae'
run 0 "$MEMTRACE" annotate -f csv -d hostile annotated0.mtr annotated.c
out_has ',\x1b[2J\x80'

# without debug information there is nothing to show, and that is said
"$MAKE_TRACE" small small.mtr
run 0 "$MEMTRACE" annotate small.mtr
out_empty
err_lines 1
err_has "1 of the places have no lines, with 16.1 KiB"
run 0 "$MEMTRACE" annotate -f json small.mtr
out_has '"increment_bytes": 16496'
finish
