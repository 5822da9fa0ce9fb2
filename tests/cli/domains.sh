#!/usr/bin/env bash
# A program's own heaps: --domain, --by domain, and what summaries say of them.
. "$(dirname "$0")/lib.bash"

"$MAKE_TRACE" heap:small heap.mtr
"$MAKE_TRACE" pool:small pool.mtr
told="domains:     pool: 111 allocations, peak 16.1 KiB, leaked 10.0 KiB in 20 blocks; 3 frees of unknown"

# the heap alone, if nothing else is said
run 0 "$MEMTRACE" report pool.mtr
err_empty
out_is "program:     app --input 'two words'
process:     1234, exited with code 7 after 0.012 s
allocations: 202, 1534 KiB in all; temporary: 0
frees:       0; foreign frees: 0; lost events: 0
peak:        1534 KiB at 0.009 s; peak RSS: 4096 KiB
leaked:      1534 KiB in 202 blocks
$told

Top 1 of 1 lines by live bytes at the peak (0.009 s), 1534 KiB in 202 blocks:
<unknown>:0: size=1534 KiB, count=202, average=7777 B"
cp out default
run 0 "$MEMTRACE" report --domain heap pool.mtr
cmp -s out default || fail "--domain heap is not the default"

run 0 "$MEMTRACE" report --domain pool pool.mtr
out_is "program:     app --input 'two words'
process:     1234, exited with code 7 after 0.012 s
selected:    pool
allocations: 111, 16.1 KiB in all; temporary: 1
frees:       91; foreign frees: 3; lost events: 0
peak:        16.1 KiB at 0.005 s; peak RSS: 4096 KiB
leaked:      10.0 KiB in 20 blocks
$told

Top 3 of 3 lines by live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks of pool:
app+0x401010: size=10000 B, count=10, average=1000 B
app+0x402020: size=4096 B, count=1, average=4096 B
app+0x403030: size=2400 B, count=100, average=24 B"
cp out pool
for glob in 'p*' '[po]ool' p?ol; do
    run 0 "$MEMTRACE" report --domain "$glob" pool.mtr
    cmp -s out pool || fail "--domain $glob is not --domain pool"
done

run 0 "$MEMTRACE" report --domain '*' pool.mtr
out_has "selected:    heap, pool"
out_has "allocations: 313, 1550 KiB in all; temporary: 1"
out_has "peak:        1544 KiB at 0.009 s; peak RSS: 4096 KiB"
out_has "leaked:      1544 KiB in 222 blocks"
cp out all
run 0 "$MEMTRACE" report --domain heap --domain pool pool.mtr
cmp -s out all || fail "both are not all"
run 0 "$MEMTRACE" report --domain '*' heap.mtr
cp out one
run 0 "$MEMTRACE" report heap.mtr
cmp -s out one || fail "--domain '*' of a trace without domains is not the report"

# no such domain
run 2 "$MEMTRACE" report --domain jit pool.mtr
out_empty
err_lines 1
err_has "memtrace: report: --domain jit matches no domain; there is heap, pool"
run 2 "$MEMTRACE" plot --domain jit heap.mtr
err_has "memtrace: plot: --domain jit matches no domain; there is heap"
run 2 "$MEMTRACE" diff --domain pool --domain jit heap.mtr pool.mtr
err_has "memtrace: diff: --domain jit matches no domain; there is heap, pool"

# of several traces one has to have it
run 0 "$MEMTRACE" diff --domain pool heap.mtr@end pool.mtr@end
out_has "app+0x401010: size=10000 B (+10000 B), count=10 (+10)"
run 1 "$MEMTRACE" check --domain pool --max-leak 1K --max-peak 10K heap.mtr pool.mtr
err_empty

# and one that has not has nothing of it, its heap's peak neither
run 0 "$MEMTRACE" merge --domain pool -o without.json heap.mtr pool.mtr
run 0 "$MEMTRACE" report without.json
out_has "peak:        16.1 KiB, the sum of each one's; peak RSS: 8192 KiB"
python3 - without.json <<'EOF' || fail "the merged processes' peaks"
import json, sys
made = json.load(open(sys.argv[1]))
assert sorted(process["peak_bytes"] for process in made["processes"]) == [0, 16496], made["processes"]
EOF

# a trace that was cut tells by its events
"$MAKE_TRACE" pool:no-end cut.mtr
run 0 "$MEMTRACE" report --domain pool cut.mtr
out_has "allocations: 111, 16.1 KiB in all; temporary: 1"
out_has "domains:     pool: 111 allocations, peak 16.1 KiB, leaked 10.0 KiB in 20 blocks"
run 0 "$MEMTRACE" report cut.mtr
out_has "domains:     pool: 111 allocations, peak 16.1 KiB, leaked 10.0 KiB in 20 blocks"

# and of a lost block the end does, though not by its name
{ head -c 200 pool.mtr; printf '\252'; tail -c +202 pool.mtr; } >damaged.mtr
run 0 "$MEMTRACE" report --domain 'domain 3' damaged.mtr
out_has "allocations: 111, 16.1 KiB in all; temporary: 1"
out_has "peak:        16.1 KiB at "
out_has "DAMAGED:"
run 1 "$MEMTRACE" verify damaged.mtr
out_has "damaged.mtr: domain 3: blocks reported twice: 0; frees of unknown blocks: 3"
out_lacks "domain domain"

# as JSON
run 0 "$MEMTRACE" report --format json --domain pool pool.mtr
python3 - out <<'EOF' || fail "the report's JSON"
import json, sys
made = json.load(open(sys.argv[1]))
assert made["selection"]["domains"] == ["pool"], made["selection"]
assert made["domains"] == [{"name": "pool", "selected": True, "allocations": 111, "frees": 91, "allocated_bytes": 16496,
                            "peak_bytes": 16496, "leaked_bytes": 10240, "leaked_blocks": 20, "temporary": 1,
                            "unknown_frees": 3, "reported_twice": 0}], made["domains"]
EOF
run 0 "$MEMTRACE" report --format json heap.mtr
out_lacks '"domains"'

# added up by it, which takes all, unless some are chosen
run 0 "$MEMTRACE" report --by domain pool.mtr
[ "$(tail -n 3 out)" = "Top 2 of 2 domains by live bytes at the peak (0.009 s), 1544 KiB in 222 blocks of heap, pool:
heap: size=1534 KiB, count=202, average=7777 B
pool: size=10.0 KiB, count=20, average=512 B" ] || fail "--by domain"
run 0 "$MEMTRACE" report --by domain --domain 'p*' --cost total pool.mtr
[ "$(tail -n 2 out)" = "Top 1 of 1 domains by bytes allocated at the end (0.012 s), 16.1 KiB in 111 blocks of pool:
pool: size=16.1 KiB, count=111, average=149 B" ] || fail "--by domain --domain"
run 0 "$MEMTRACE" report --by domain --format csv --sort place pool.mtr
out_is $'domain,size,count,average\r
heap,1570954,202,7777\r
pool,10240,20,512\r'
run 0 "$MEMTRACE" report --by domain --format json pool.mtr
python3 - out <<'EOF' || fail "--by domain as JSON"
import json, sys
made = json.load(open(sys.argv[1]))
assert made["selection"]["domains"] == ["heap", "pool"]
assert [(e["domain"], e["size"], e["count"], e["file"]) for e in made["entries"]] == \
    [("heap", 1570954, 202, None), ("pool", 10240, 20, None)], made["entries"]
EOF
run 0 "$MEMTRACE" diff --by domain heap.mtr@end pool.mtr@end
out_has "heap: size=1534 KiB (+1524 KiB), count=202 (+182), average=7777 B"
out_has "pool: size=10.0 KiB (+10.0 KiB), count=20 (+20), average=512 B [new]"
run 0 "$MEMTRACE" plot --stacked 2 --by domain --columns 1 --format csv pool.mtr
out_has ",heap,pool,everything else"
out_has ",1570954,10240,0"

# and so it is said wherever figures are
run 0 "$MEMTRACE" plot --domain pool -o - pool.mtr
out_has "live in pool, peak 16.1 KiB at 0.005 s, 10.0 KiB at the end"
run 0 "$MEMTRACE" flamegraph --domain pool -o - pool.mtr
out_has "<desc>live bytes at the peak (0.005 s), 16.1 KiB in 111 blocks of pool</desc>"
run 0 "$MEMTRACE" diff --domain '*' pool.mtr@start pool.mtr@end
out_has "after:       pool.mtr at the end (0.012 s), 1544 KiB in 222 blocks of heap, pool"
run 0 "$MEMTRACE" diff --domain pool --format json pool.mtr@start pool.mtr@end
python3 - out <<'EOF' || fail "the JSON of a difference"
import json, sys
after = json.load(open(sys.argv[1]))["after"]
assert after["selection"] == {"domains": ["pool"]} and after["domains"][0]["selected"] is True, after
EOF
for command in "plot --columns 2" export; do
    run 0 "$MEMTRACE" $command --domain pool --format json pool.mtr
    python3 - out <<'EOF' || fail "the JSON of $command"
import json, sys
made = json.load(open(sys.argv[1]))
assert (made["runs"][0] if "runs" in made else made["selection"])["domains"] == ["pool"], made
EOF
    run 0 "$MEMTRACE" $command --format json heap.mtr
    out_lacks '"domains"'
done
run 1 "$MEMTRACE" check --domain 'p*' --max-leak 0 pool.mtr
out_has "FAIL  leak in domain p*: 10.0 KiB in 20 blocks, limit 0 B in 0 blocks (--max-leak 0)"
out_lacks "heap"
run 1 "$MEMTRACE" check --domain '*' --domain heap --max-leak 0 --each pool.mtr
out_has "FAIL  leak of each place in domains *, heap: 1534 KiB in 202 blocks at the worst of 3 places, limit 0 B in 0 blocks (--max-leak 0)"
out_has "app+0x401010: 10000 B in 10 blocks, domain pool"
out_has "<unknown>:0: 1534 KiB in 202 blocks"
out_lacks "blocks, domain heap"
run 1 "$MEMTRACE" check --domain pool --max-leak 0 --limit 'a*:leak=1K' pool.mtr
out_has "FAIL  leak of a* in domain pool: 10.0 KiB in 20 blocks, limit 1024 B"
out_lacks "blocks, domain"
run 1 "$MEMTRACE" check --domain '*' --max-leak 0 --format junit pool.mtr
out_has '<testcase name="leak in domain *"'
out_has "app+0x401010: 10000 B in 10 blocks, domain pool"
run 1 "$MEMTRACE" check --domain '*' --max-leak 0 --format github pool.mtr
out_has "title=memtrace%3A leak in domain *::leak in domain *: app+0x401010: 10000 B in 10 blocks, domain pool, of 1544 KiB in 222 blocks"
run 1 "$MEMTRACE" check --domain '*' --max-leak 0 --format sarif pool.mtr
out_has '"text": "leak in domain *: app+0x401010: 10000 B in 10 blocks, domain pool, of 1544 KiB in 222 blocks'
grep memtraceStack out >all
run 1 "$MEMTRACE" check --domain heap --max-leak 0 --format sarif pool.mtr
grep memtraceStack out >one
run 1 "$MEMTRACE" check --max-leak 0 --format sarif pool.mtr
grep memtraceStack out >none
[ "$(cat all one none | sort -u | wc -l)" = 5 ] || fail "results of other domains are taken for one: $(cat all one none)"
run 1 "$MEMTRACE" check --domain 'p*' --max-leak 0 --format json pool.mtr
python3 -c 'import json; assert json.load(open("out"))["domains"] == ["p*"]' || fail "the JSON of a check"
run 1 "$MEMTRACE" check --domain '*' --max-leak 0 --format json pool.mtr
python3 - out <<'EOF' || fail "the domains of findings"
import json, sys
(check,) = json.load(open(sys.argv[1]))["checks"]
assert [(f["place"], f.get("domain", "heap")) for f in check["findings"]] == \
    [("<unknown>:0", "heap"), ("app+0x401010", "pool"), ("app+0x403030", "pool")], check["findings"]
EOF

# a baseline says whose it is, and is held against nothing else
run 0 "$MEMTRACE" check --domain pool --baseline pool.json --update-baseline pool.mtr
run 0 "$MEMTRACE" check --baseline heap.json --update-baseline pool.mtr
[ "$(sed -n 5p pool.json)" = '  "domains": ["pool"],' ] || fail "a baseline does not say whose it is: $(cat pool.json)"
! grep -q domains heap.json || fail "a baseline of the heap names it"
run 0 "$MEMTRACE" check --domain 'p*' --domain heap --domain 'p*' --baseline both.json --update-baseline pool.mtr
grep -qxF '  "domains": ["heap", "p*"],' both.json || fail "of several: $(cat both.json)"
cp pool.json kept.json
compared() { # CODE WORDS ARGUMENT...: with a baseline
    local code=$1 words=$2
    shift 2
    run "$code" "$MEMTRACE" check "$@"
    if [ "$code" = 2 ]; then
        out_empty
        err_lines 1
        err_has "$words"
    else
        err_empty
        out_has "$words"
    fi
}
compared 0 PASS --domain pool --baseline pool.json pool.mtr
compared 0 PASS --domain heap --baseline heap.json pool.mtr
compared 0 PASS --baseline heap.json pool.mtr
compared 0 PASS --domain heap --domain 'p*' --baseline both.json pool.mtr
compared 2 "memtrace: pool.json: is a baseline of domain pool, not of the heap: see --domain" --baseline pool.json pool.mtr
compared 2 "memtrace: heap.json: is a baseline of the heap, not of domain pool: see --domain" --domain pool --baseline heap.json pool.mtr
compared 2 "memtrace: pool.json: is a baseline of domain pool, not of domain p*: see --domain" --domain 'p*' --baseline pool.json pool.mtr
compared 2 "memtrace: both.json: is a baseline of domains heap, p*, not of domain heap*" --domain 'heap*' --baseline both.json pool.mtr
compared 2 "memtrace: pool.json: is a baseline of domain pool, not of the heap" --baseline pool.json --update-baseline pool.mtr
cmp -s pool.json kept.json || fail "a baseline of others was written over"
# also where another run is the baseline: a trace is read as is asked, a snapshot is what it is
run 0 "$MEMTRACE" snapshot save --domain pool -o end-pool.json pool.mtr@end
run 0 "$MEMTRACE" snapshot save -o end-heap.json pool.mtr@end
compared 0 PASS --domain pool --baseline pool.mtr pool.mtr@end
compared 0 PASS --domain pool --baseline end-pool.json pool.mtr
compared 0 PASS --domain 'p*' --baseline end-pool.json pool.mtr
compared 0 PASS --baseline pool.json end-pool.json
compared 0 PASS --baseline end-heap.json pool.mtr
compared 1 "growth since the baseline in domain pool: +10.0 KiB" --domain pool --baseline pool.mtr@start pool.mtr
compared 2 "end-pool.json: is a baseline of domain pool, not of the heap" --baseline end-pool.json pool.mtr
compared 2 "end-pool.json: is a baseline of domain pool, not of domain *" --domain '*' --baseline end-pool.json pool.mtr
compared 2 "end-heap.json: is a baseline of the heap, not of domain pool" --domain pool --baseline end-heap.json pool.mtr
compared 2 "heap.json: is a baseline of the heap, not of domain pool" --baseline heap.json end-pool.json
compared 2 "pool.mtr: is a baseline of the heap, not of domain pool" --baseline pool.mtr end-pool.json
run 0 "$MEMTRACE" html --domain pool -o - pool.mtr
out_has '"domains":["pool"]'
run 0 "$MEMTRACE" html -o - pool.mtr
out_has '"domains":null'
run 0 "$MEMTRACE" export --format sql --domain '*' pool.mtr
grep -q "'domain pool')" out || fail "no domain of a site"
runs=$(grep -o '^([0-9]*' out | sort -u)
[ "$(echo "$runs" | wc -l)" = 1 ] || fail "one run has several numbers"
run 0 "$MEMTRACE" export --format sql --domain pool pool.mtr
grep -qF -- "$runs," out && fail "two choices of domains are one run"

# the tables of traces and of moments
mkdir shelf && cp heap.mtr pool.mtr shelf
run 0 "$MEMTRACE" list --domain pool --format csv shelf
out_has ",shelf/heap.mtr,/nonexistent/bin/app,1234,2023-11-14 22:13:20,0.012,0,exited"
out_has ",shelf/pool.mtr,/nonexistent/bin/app,1234,2023-11-14 22:13:20,0.012,16496,exited"
run 0 "$MEMTRACE" list --domain pool --format json shelf
python3 - out <<'EOF' || fail "the JSON of a list"
import json, sys
rows = {row["trace"]: row for row in json.load(open(sys.argv[1]))["traces"]}
assert [row["totals"]["peak_bytes"] for row in (rows["shelf/heap.mtr"], rows["shelf/pool.mtr"])] == [0, 16496], rows
assert rows["shelf/pool.mtr"]["selection"] == {"domains": ["pool"]}, rows
assert rows["shelf/pool.mtr"]["domains"][0]["peak_bytes"] == 16496, rows
EOF
run 0 "$MEMTRACE" list --format json shelf
[ "$(grep -c '"selection"' out)" = 1 ] || fail "what has no domains tells of some"
run 0 "$MEMTRACE" peak --domain pool pool.mtr heap.mtr
out_is $'pool.mtr\t16.1 KiB
heap.mtr\t0 B'
run 0 "$MEMTRACE" peak --domain '*' -b pool.mtr
out_is 1581194
"$MAKE_TRACE" pool:marks marks.mtr
run 0 "$MEMTRACE" snapshot list --domain pool --format csv marks.mtr heap.mtr
out_has $'marks.mtr,peak,peak,0.002,1020,3\r'
out_has $'marks.mtr,peak#1,mark,0.004,30,3\r'
out_has $'heap.mtr,peak,peak,0.012,0,0\r'
run 0 "$MEMTRACE" snapshot list --domain pool --format json marks.mtr
python3 -c 'import json; assert json.load(open("out"))["traces"][0]["selection"] == {"domains": ["pool"]}' ||
    fail "the JSON of moments"
for command in "list" "peak pool.mtr heap.mtr" "snapshot list pool.mtr heap.mtr"; do
    run 2 "$MEMTRACE" $command --domain jit
    out_empty
    err_lines 1
    err_has "--domain jit matches no domain; there is heap, pool"
done

# a saved snapshot is of what it was saved of, and so is what is merged of several
run 0 "$MEMTRACE" report --domain pool pool.mtr
cp out told
run 0 "$MEMTRACE" snapshot save --domain pool -o saved.json pool.mtr
run 0 "$MEMTRACE" report saved.json
cmp -s out told || fail "a saved snapshot is not its trace: $(diff out told)"
run 2 "$MEMTRACE" report --domain pool saved.json
err_has "saved.json: a saved snapshot is of the domains that it was saved of: --domain does not go with it"
run 2 "$MEMTRACE" snapshot list --domain pool saved.json
err_has "saved.json: a saved snapshot is of the domains that it was saved of: --domain does not go with it"
run 0 "$MEMTRACE" snapshot list --format json saved.json
python3 - out <<'EOF' || fail "the moment of a saved snapshot"
import json, sys
(made,) = json.load(open(sys.argv[1]))["traces"]
assert [row["size"] for row in made["moments"]] == [16496] and made["selection"] == {"domains": ["pool"]}, made
EOF
run 0 "$MEMTRACE" merge --domain '*' -o merged.json pool.mtr heap.mtr cut.mtr
run 0 "$MEMTRACE" report --by domain merged.json
out_has "selected:    heap, pool"
out_has "domains:     pool: 222 allocations, peak 32.2 KiB, leaked 20.0 KiB in 40 blocks; 3 frees of unknown"
[ "$(tail -n 2 out)" = "heap: size=3084 KiB, count=515, average=6133 B
pool: size=20.0 KiB, count=40, average=512 B" ] || fail "--by domain of what was merged"
run 0 "$MEMTRACE" merge -o - heap.mtr
out_lacks '"domains"'

# a run's heap and its domain, saved one by one: the domain is told of once; of two runs it is of both
run 0 "$MEMTRACE" snapshot save -o saved-heap.json pool.mtr
for order in "saved-heap.json saved.json" "saved.json saved-heap.json"; do
    rm -f both.json
    run 0 "$MEMTRACE" merge -o both.json $order
    run 0 "$MEMTRACE" report both.json
    out_has "selected:    heap, pool"
    out_has "allocations: 313, 1550 KiB in all"
    out_has "$told"
done
run 0 "$MEMTRACE" merge -o twice.json saved-heap.json saved-heap.json
run 0 "$MEMTRACE" report twice.json
out_has "allocations: 404, 3068 KiB in all"
out_has "domains:     pool: 222 allocations, peak 32.2 KiB, leaked 20.0 KiB in 40 blocks; 6 frees of unknown"
run 0 "$MEMTRACE" merge -o thrice.json twice.json saved.json saved.json
run 0 "$MEMTRACE" report thrice.json
out_has "allocations: 626, 3100 KiB in all"
out_has "domains:     pool: 222 allocations, peak 32.2 KiB, leaked 20.0 KiB in 40 blocks; 6 frees of unknown"

# a snapshot that lies about its domains
python3 - saved.json <<'EOF' >lies || fail "no lies were told"
import copy, json, sys
told = json.load(open(sys.argv[1]))
del told["crc32c"]
heap, pool = told["domains"]
def lie(name, domains, wrong, **more):
    made = copy.deepcopy({**told, **more})
    made["domains"] = domains
    json.dump(made, open(f"{name}.json", "w"))
    print(name, wrong)
lie("twice", [heap, pool, pool], "a second domain of this number")
lie("large", [heap, {**pool, "number": 241}], "number is 241, more than 240")
lie("unselected", [heap, {**pool, "selected": 1}], "selected is neither true nor false")
lie("nameless", [heap, {**pool, "name": None}], "name")
lie("sumless", [heap, {k: v for k, v in pool.items() if k != "peak_bytes"}], "peak_bytes")
lie("unlisted", [heap], "there is no such domain")
lie("unlike", 7, "domains")
EOF
while read -r name wrong; do
    run 2 "$MEMTRACE" report "$name.json"
    err_lines 1
    err_has "$wrong"
done <lies

# what the trace says of them is held against its events; what the program told wrong is said
run 0 "$MEMTRACE" verify pool.mtr
out_is "pool.mtr: domain pool: blocks reported twice: 0; frees of unknown blocks: 3
pool.mtr: whole: 3 blocks, 404 events, 0 lost while tracing"
run 0 "$MEMTRACE" verify -q pool.mtr
out_empty
for scenario in threads threads-walk frames marks; do
    "$MAKE_TRACE" pool:$scenario whole.mtr
    run 0 "$MEMTRACE" verify -q whole.mtr
    out_empty
done
"$MAKE_TRACE" pool:wrong-domain wrong.mtr
run 1 "$MEMTRACE" verify -q wrong.mtr
out_is "wrong.mtr: domain pool: allocations: 111 by the events, 112 by the end record
wrong.mtr: DAMAGED: 3 blocks, 404 events, 0 lost while tracing"
"$MAKE_TRACE" pool:below-zero wrong.mtr
run 1 "$MEMTRACE" verify -q wrong.mtr
out_has "wrong.mtr: 1 events of domains cannot be (a free where nothing is live)"
"$MAKE_TRACE" pool:threads-long wrong.mtr
run 1 "$MEMTRACE" verify -q wrong.mtr
out_has "wrong.mtr: domain pool: frees: 12 by their lives, 9 by the end record"
"$MAKE_TRACE" pool:threads-stranger wrong.mtr
run 1 "$MEMTRACE" verify -q wrong.mtr
out_has "wrong.mtr: 1 frees of domains are of a thread's blocks that it does not hold"

# whose the counter of live bytes is, by its name
run 0 "$MEMTRACE" export --format chrome --domain '*' pool.mtr
out_has '{"name":"live in heap, pool","ph":"C",'
out_lacks '"live heap"'

# what is of no domain
run 2 "$MEMTRACE" export --format mprof --domain pool pool.mtr
err_has "memtrace: export: --format mprof: it is of the resident set, which is no domain's"

python3 "$(dirname "$0")/domains.py" "$MEMTRACE" "$MAKE_TRACE" >compared 2>&1 || fail "$(cat compared)"
finish
