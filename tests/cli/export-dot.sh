#!/usr/bin/env bash
# memtrace export --format dot, drawn by graphviz.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
oracle="/usr/bin/python3 -B $here/export_dot.py $MEMTRACE"

for scenario in small recursive frames marks hostile markup deep vast instant "places 300"; do
    set -- $scenario
    "$MAKE_TRACE" "$1" "$1.mtr" ${2:-}
done
cc -g -O0 -fno-builtin -w -o calls "$here/calls.c" || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o calls.mtr -- ./calls free
all="calls.mtr small.mtr recursive.mtr frames.mtr marks.mtr hostile.mtr markup.mtr deep.mtr vast.mtr instant.mtr places.mtr"
for cost in live leaked total count temporary; do
    run 0 $oracle $cost 0.5% 0.1% $all
done
run 0 $oracle live 0% 0% $all calls.mtr@end
run 0 $oracle live 5% 2% calls.mtr
run 0 $oracle total 0.5% 50% calls.mtr places.mtr
run 0 "$MEMTRACE" snapshot save -o saved.json calls.mtr@peak
run 0 $oracle live 0.5% 0.1% saved.json

# what is left out is said, and only then
run 0 "$MEMTRACE" export -f dot --node-threshold 1% --edge-threshold 5% calls.mtr
out_has '\lnot drawn: 1 of 9 functions, each below 1%\lnot drawn: 4 of 12 calls, each of those or below 5%\l'
run 0 "$MEMTRACE" export -f dot --node-threshold 0% --edge-threshold 0% calls.mtr
out_lacks "not drawn"

# from blue to red, with what is written on it to be read
grep -qE '^	n[0-9]+ \[label="main\\n.*color="#ff0000", fontcolor="#ffffff"\];$' out || fail "main is not red"
grep -qE '^	n[0-9]+ \[label="descend\\n.*color="#0d[01][0-9a-f]73", fontcolor="#ffffff"\];$' out || fail "descend is not blue"

# what is left out if nobody says: descend has 0.107 % of all, and its call of itself 0.089 %
run 0 "$MEMTRACE" export -f dot --node-threshold 0% calls.mtr
out_has '\lnot drawn: 1 of 12 calls, each of those or below 0.1%\l'
run 0 "$MEMTRACE" export -f dot --edge-threshold 0% calls.mtr
out_has '\lnot drawn: 1 of 9 functions, each below 0.5%\l'

# templates and parameters of long names are folded, short ones and operators as they are
cat >names.cc <<'END'
#include <cstdlib>
void *kept[8];
template <class Key, class Value> struct TableOfManyThings {
    __attribute__((noinline)) void put(Key const &, Value const &) { kept[0] = malloc(10); }
    __attribute__((noinline)) bool operator<(TableOfManyThings const &) const { kept[1] = malloc(10); return kept[1] != nullptr; }
    __attribute__((noinline)) void operator()(Key const &, Value const &) { kept[2] = malloc(10); }
};
struct Short { __attribute__((noinline)) void put(int) { kept[3] = malloc(10); } };
struct SomethingWithAVeryLongName {};
int main() {
    TableOfManyThings<SomethingWithAVeryLongName, TableOfManyThings<int, SomethingWithAVeryLongName>> table;
    table.put({}, {});
    table({}, {});
    Short().put(1);
    return table < table ? 0 : 1;
}
END
g++ -g -O0 -w -o names names.cc || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o names.mtr -- ./names
run 0 "$MEMTRACE" export -f dot --cost total --module '*/names' names.mtr
for label in 'TableOfManyThings<…>::put' 'TableOfManyThings<…>::operator<' 'TableOfManyThings<…>::operator()' 'Short::put(int)'; do
    out_has "[label=\"$label\\nnames.cc\\n25.0% (25.0%)\\n10 B, 1×\""
done
out_has 'tooltip="'"$work"'/names.cc(TableOfManyThings<SomethingWithAVeryLongName, TableOfManyThings<int, SomethingWithAVeryLongName> >::put(SomethingWithAVeryLongName const&amp;, '
finish
