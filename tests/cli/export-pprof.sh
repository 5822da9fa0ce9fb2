#!/usr/bin/env bash
# memtrace export --format pprof, as `go tool pprof` reads it, beside the report and beside what binutils say of the program.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
command -v go >/dev/null || { echo "no go tool pprof here"; exit 77; }
export HOME=$work
python="/usr/bin/python3 -B"

# beside returns what the report says of the same: totals, functions and lines, by each of the four numbers
beside() {
    run 0 $python "$here/export_pprof.py" "$MEMTRACE" "$@"
}
raw() {
    run 0 go tool pprof -symbolize=none -raw "$1"
}
for scenario in small recursive frames hostile marks markup empty; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
    beside "$scenario.mtr"
done
for moment in @start @30% @peak; do
    beside frames.mtr$moment --frame leaf
done

# what is compressed is whole, and the same each time
run 0 "$MEMTRACE" export -f pprof -o small.pb.gz --frame leaf small.mtr
run 0 gzip -t small.pb.gz
"$MEMTRACE" export -f pprof --frame leaf small.mtr | cmp - small.pb.gz || fail "other bytes the second time"
raw small.pb.gz
sed -i 's/ *$//' out
diff out - <<'END' >difference || fail "not the samples, locations and mappings that the trace has: $(cat difference)"
Comment: memtrace 0.1.0: app --input 'two words'
Comment: inuse at the end (0.012 s), alloc up to then
PeriodType: space bytes
Period: 1
Time: 2023-11-14 22:13:20.135456789 +0000 UTC
Duration: 12ms
Samples:
alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes[dflt]
         10      10000         10      10000: 1
          1       4096          0          0: 2 1
        100       2400         10        240: 3 4 2 1
Locations
     1: 0x40100f M=1 app+0x401010 :0 s=0()
     2: 0x40201f M=1 app+0x402020 :0 s=0()
     3: 0x7f000000504f M=2 libc.so.6+0x5050 :0 s=0()
     4: 0x40302f M=1 app+0x403030 :0 s=0()
Mappings
1: 0x400000/0x500000/0x0 /nonexistent/bin/app 616e20616273656e74206275696c642069642100
2: 0x7f0000000000/0x7f0000200000/0x0 /nonexistent/lib/libc.so.6
END
run 0 "$MEMTRACE" export -f pprof -o peak.pb.gz small.mtr@peak
raw peak.pb.gz
out_has "Duration: 5ms"
out_has "inuse at the peak (0.005 s), alloc up to then"

# what makes the figures less than the truth goes with them
"$MAKE_TRACE" lossy lossy.mtr
run 0 "$MEMTRACE" export -f pprof -o lossy.pb.gz lossy.mtr
run 0 go tool pprof -comments lossy.pb.gz
out_has "LOST:"

# a program with templates, overloads, inlined functions and a library
cat >program.cpp <<'END'
#include <cstdlib>
#include <string>
#include <vector>
namespace shop {
template <class T> struct cart {
    std::vector<T *> all;
    __attribute__((noinline)) void add(int count) {
        all.push_back(new T[count]);
    }
    __attribute__((noinline)) void add(const std::string &text) {
        all.push_back(new T[text.size()]);
    }
};
static inline __attribute__((always_inline)) void *wrapper(size_t size) {
    return malloc(size);
}
static inline __attribute__((always_inline)) void *outer(size_t size) {
    return wrapper(size + 1);
}
}
static void *volatile kept[6];
static __attribute__((noinline)) void *leaf() {
    return malloc(70);
}
static __attribute__((noinline)) void *helper(bool direct) {
    void *made = direct ? malloc(7) : leaf();
    __asm__ volatile("" ::: "memory");
    return made;
}
static inline __attribute__((always_inline)) void *through(bool direct) {
    void *made = helper(direct);
    __asm__ volatile("" ::: "memory");
    return made;
}
void *elsewhere();
int main() {
    for (volatile int i = 0; i < 2; i++)
        kept[2 + i] = through(i == 0);
    kept[4] = helper(true);
    kept[5] = elsewhere();
    shop::cart<int> numbers;
    shop::cart<char> letters;
    numbers.add(10);
    letters.add(20);
    letters.add(std::string(100, 'x'));
    kept[0] = shop::outer(499);
    kept[1] = shop::wrapper(3);
    return 0;
}
END
cat >other.cpp <<'END'
#include <cstdlib>
static __attribute__((noinline)) void *helper(bool direct) {
    return direct ? malloc(9) : nullptr;
}
void *elsewhere() {
    return helper(true);
}
END
g++ -g -O1 -fno-builtin -fno-optimize-sibling-calls -w -o program program.cpp other.cpp || exit 1
run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run -o program.mtr -- ./program
beside program.mtr
beside program.mtr@peak --skip-std
beside program.mtr --skip 'helper*' --skip 'through*'
beside program.mtr --function '*cart<char>*'
beside program.mtr@peak --frame leaf
for frame in user leaf; do
    run 0 "$MEMTRACE" export -f pprof -o $frame.pb.gz --frame $frame program.mtr
    run 0 $python "$here/export_pprof_raw.py" program $frame.pb.gz
done
out_has "locations"
raw user.pb.gz
out_has "shop::cart<int>::add(int) $work/program.cpp:8 s=7(_ZN4shop4cartIiE3addEi)"
tr -s '\n ' '| ' <out >joined
grep -qF "wrapper $work/program.cpp:15 s=14| outer $work/program.cpp:18 s=17| main $work/program.cpp:46 s=36|" joined ||
    fail "not what is inlined, innermost first"
run 0 go tool pprof -symbolize=none -list 'cart<char>::add' -sample_index=alloc_space user.pb.gz
out_has 'all.push_back(new T[count]);'

# as other links lay it out; of a program at fixed addresses go tool pprof finds the instructions in its file
for link in "-no-pie" "-Wl,-z,noseparate-code" "-fuse-ld=lld"; do
    g++ -g -O1 -fno-builtin -fno-optimize-sibling-calls -w "$link" -o linked program.cpp other.cpp 2>/dev/null || { echo "not linked by $link"; continue; }
    run 0 env MEMTRACE_LIB="$LIBRARY" "$MEMTRACE" run --quiet -o linked.mtr ./linked
    run 0 "$MEMTRACE" export -f pprof -o linked.pb.gz linked.mtr
    run 0 $python "$here/export_pprof_raw.py" linked linked.pb.gz
    if [ "$link" = -no-pie ]; then
        run 0 go tool pprof -disasm leaf -sample_index=alloc_space linked.pb.gz
        grep -qE '^ +70B +70B +[0-9a-f]+: CALL ' out || fail "the call is not where pprof has it"
    fi
    rm -f linked linked.mtr linked.pb.gz
done

# a saved snapshot names the same places, at their addresses in the files
run 0 "$MEMTRACE" snapshot save -o snapshot.json program.mtr@peak
beside snapshot.json
run 0 "$MEMTRACE" export -f pprof -o snapshot.pb.gz snapshot.json
raw snapshot.pb.gz
out_has "shop::cart<int>::add(int) $work/program.cpp:8 s=0()"
out_has "$(readelf -n program | sed -n 's/ *Build ID: //p') [FN][FL][LN][IN]"

# it has all numbers and is no text
run 2 "$MEMTRACE" export -f pprof --cost total small.mtr
err_has "--cost"
run 2 script -qec "'$MEMTRACE' export -f pprof small.mtr" /dev/null
out_has "not for a terminal"
"$MEMTRACE" export -f pprof frames.mtr >/dev/full 2>err
[ $? = 2 ] || fail "a full disk goes unnoticed"

finish
