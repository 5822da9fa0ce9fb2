#!/usr/bin/env bash
# The heaps that a real program reports itself, from its calls of memtrace.h to what commands say of them.
. "$(dirname "$0")/lib.bash"
export MEMTRACE_LIB=$LIBRARY

cat >program.c <<'END'
#include <memtrace/memtrace.h>
#include <stdlib.h>
static char arena[1 << 16];
int main(void) {
    unsigned pool = memtrace_domain("pool"), jit = memtrace_domain("jit code");
    for (int i = 0; i < 30; i++)
        memtrace_report_alloc(pool, arena + i * 64, 32); /* POOL */
    for (int i = 0; i < 27; i++)
        memtrace_report_free(pool, arena + i * 64);
    memtrace_report_free(pool, arena + 5);
    memtrace_report_free(pool, arena);
    memtrace_report_alloc(pool, arena + 29 * 64, 48); /* AGAIN */
    memtrace_report_alloc(jit, arena, 4096);          /* CODE */
    for (int i = 0; i < 2; i++)
        memtrace_report_alloc(memtrace_domain(i ? "one twin" : "other twin"), arena, 16);
    free(malloc(10));
    return 0;
}
END
line() { grep -n "/\* $1 \*/" program.c | cut -d: -f1; }
pool="domains:     pool: 31 allocations, peak 960 B, leaked 112 B in 3 blocks; 1 reported twice, 2 frees of unknown"
jit="domains:     jit code: 1 allocations, peak 4096 B, leaked 4096 B in 1 blocks"

# as a call of the header's function, and inlined into its caller
for level in -O0 -O2; do
    rm -f traced.mtr
    cc -g $level -fno-builtin -I"$INCLUDE" -o program program.c || fail "no compiler"
    run 0 "$MEMTRACE" run -o traced.mtr ./program
    err_has "  allocations: 1, 10 B in all; frees: 1; temporary: 1"
    err_has "  $pool"
    err_has "  $jit"
    run 0 "$MEMTRACE" verify traced.mtr
    out_has "traced.mtr: domain pool: blocks reported twice: 1; frees of unknown blocks: 2"
    out_has "64 events, 0 lost while tracing"
    run 0 "$MEMTRACE" report --domain pool traced.mtr@end
    out_has "allocations: 31, 1008 B in all; temporary: 0"
    out_has "frees:       28; foreign frees: 2; lost events: 0"
    out_has "leaked:      112 B in 3 blocks"
    [ "$(tail -n 2 out | sed 's/.*program.c/program.c/')" = "program.c:$(line POOL): size=64 B, count=2, average=32 B
program.c:$(line AGAIN): size=48 B, count=1, average=48 B" ] || fail "the places of a pool with $level"
    run 0 "$MEMTRACE" report --by domain traced.mtr@end
    [ "$(tail -n 4 out)" = "jit code: size=4096 B, count=1, average=4096 B
pool: size=112 B, count=3, average=37 B
other twin: size=16 B, count=1, average=16 B
one twin: size=16 B, count=1, average=16 B" ] || fail "--by domain with $level"
    run 0 "$MEMTRACE" export --format sql --domain 'one twin' traced.mtr
    run_number=$(sed -n "s/^(\([0-9]*\),'traced.mtr'.*/\1/p" out)
    [ "$run_number" ] || fail "the run has no number"
    run 0 "$MEMTRACE" export --format sql --domain 'other twin' traced.mtr
    grep -q "^($run_number,'traced.mtr'" out && fail "two choices of domains are one run with $level"
    run 1 "$MEMTRACE" check --domain 'jit*' --max-leak 4095B traced.mtr
    run 0 "$MEMTRACE" check --domain 'jit*' --max-leak 4096B traced.mtr
    run 0 "$MEMTRACE" check --max-leak 0 traced.mtr
    run 1 "$MEMTRACE" check --domain 'jit*' --max-leak 0 --suggest traced.mtr
    printf '%s\n' leak:memtrace_report_alloc >known.supp
    run 0 "$MEMTRACE" check --domain 'jit*' --max-leak 0 --suppressions known.supp traced.mtr
done

# without debug information nothing tells of the inlined function, and it stands in stacks all the same
rm -f traced.mtr
cc -O2 -I"$INCLUDE" -o program program.c || fail "no compiler"
run 0 "$MEMTRACE" run -q -o traced.mtr ./program
run 0 "$MEMTRACE" check --domain 'jit*' --max-leak 0 --suppressions known.supp traced.mtr
run 0 "$MEMTRACE" export --format lsan --domain 'jit*' traced.mtr
out_has "    #0 0x000000000000 in memtrace_report_alloc (<unknown module>)"
finish
