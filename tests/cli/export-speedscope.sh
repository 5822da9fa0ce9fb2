#!/usr/bin/env bash
# memtrace export --format speedscope, held against speedscope's own schema and against the report.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"

beside() {
    run 0 /usr/bin/python3 -B "$here/export_speedscope.py" "$MEMTRACE" "$@"
}
for scenario in small recursive frames hostile marks markup empty "large 300"; do
    set -- $scenario
    "$MAKE_TRACE" "$1" "$1.mtr" ${2:-}
    beside "$1.mtr"
done
for moment in @start @30% @peak; do
    beside frames.mtr$moment --frame leaf
done

cat >program.cpp <<'END'
#include <cstdlib>
#include <string>
#include <vector>
template <class T> struct cart {
    std::vector<T *> all;
    void add(int count) {
        all.push_back(new T[count]);
    }
};
static void *volatile kept[2];
static void *deep(int depth) {
    return depth ? deep(depth - 1) : malloc(10);
}
static __attribute__((noinline)) void *brief() {
    return malloc(33);
}
int main() {
    cart<int> numbers;
    numbers.add(10);
    numbers.add(11);
    kept[0] = deep(3);
    kept[1] = deep(1);
    free(kept[1]);
    kept[1] = brief();
    free(kept[1]);
    return 0;
}
END
g++ -g -O1 -fno-builtin -fno-optimize-sibling-calls -w -o program program.cpp || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o program.mtr -- ./program
beside program.mtr
beside program.mtr@peak --skip-std
beside program.mtr@peak --frame leaf
beside program.mtr --function 'deep*'
beside program.mtr --function 'brief*' # of which nothing is left at the end
run 0 "$MEMTRACE" snapshot save -o snapshot.json program.mtr@peak
"$MEMTRACE" export -f speedscope program.mtr@peak >wanted
"$MEMTRACE" export -f speedscope snapshot.json | cmp - wanted || fail "other bytes of a saved snapshot"

run 2 "$MEMTRACE" export -f speedscope --cost total small.mtr
err_has "--cost"
"$MEMTRACE" export -f speedscope frames.mtr >/dev/full 2>err
[ $? = 2 ] || fail "a full disk goes unnoticed"

finish
