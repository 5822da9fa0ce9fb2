#!/usr/bin/env bash
# memtrace export --format sql: loaded into SQLite and PostgreSQL, and asked what docs/sql.md asks.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.bash"
export MEMTRACE_LIB=$LIBRARY

# two runs of one program with threads, and what is hard to print
cat >work.cpp <<'S'
#include <cstdlib>
#include <pthread.h>
#include <vector>
static std::vector<void *> kept;
static inline __attribute__((always_inline)) void *inlined(size_t size) { return malloc(size); }
__attribute__((noinline)) static void descend(int depth, size_t size) {
    if (depth > 0)
        descend(depth - 1, size);
    kept.push_back(inlined(size));
}
__attribute__((noinline)) static void short_lived(size_t size) {
    void *volatile block = malloc(size);
    free(block);
}
static void *work(void *argument) {
    pthread_setname_np(pthread_self(), "it's");
    for (int i = 0; i < 10; i++)
        short_lived(64);
    return malloc((size_t)argument);
}
int main(int argc, char **argv) {
    int count = atoi(argv[1]);
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        pthread_create(&thread, nullptr, work, (void *)(size_t)(1000 + i));
        pthread_join(thread, nullptr);
        descend(i % 4, 100 * (i + 1));
    }
    if (argc > 2)
        kept.push_back(operator new(12345));
    for (int i = 0; i < count / 2; i++)
        free(kept[i]);
}
S
g++ -g -O1 -o work work.cpp || fail "cannot compile"
run 0 "$MEMTRACE" run --quiet -o old.mtr ./work 6
run 0 "$MEMTRACE" run --quiet -o new.mtr ./work 9 more
for scenario in small recursive frames marks hostile markup vast empty threads threads-walk; do
    "$MAKE_TRACE" "$scenario" "$scenario.mtr"
done
"$MEMTRACE" snapshot save -o small.snapshot small.mtr@end >/dev/null 2>&1 || fail "cannot save"
"$MEMTRACE" snapshot save -o named.snapshot new.mtr@end >/dev/null 2>&1 || fail "cannot save"
/usr/bin/python3 "$here/hostile_names.py" named.snapshot names.snapshot
# what a lost block defined
{ head -c 200 threads-walk.mtr; printf '\252'; tail -c +202 threads-walk.mtr; } >flipped.mtr
traces="old.mtr new.mtr names.snapshot small.mtr recursive.mtr frames.mtr@50% marks.mtr@start hostile.mtr markup.mtr vast.mtr empty.mtr threads.mtr flipped.mtr"

run 0 /usr/bin/python3 "$here/export_sql_oracle.py" "$MEMTRACE" "$DOCS/sql.md" sqlite $traces
cat out

# a server of its own, by a user of its own where this one is root, which PostgreSQL refuses
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n1)
as=()
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 && as=(runuser -u postgres --) || programs=
fi
if [ -n "$programs" ] && [ -x "$programs/initdb" ]; then
    server=$(mktemp -d /tmp/memtrace-sql-XXXXXX)
    [ ${#as[@]} = 0 ] || chown postgres "$server"
    trap 'cd /; "${as[@]}" "$programs/pg_ctl" -D "$server/data" -s -m immediate stop; rm -rf "$server"; chmod -R u+w "$work"; rm -rf "$work"' EXIT
    (
        cd "$server" || exit 1
        "${as[@]}" "$programs/initdb" -D "$server/data" -A trust -N -U postgres -E UTF8 --locale C.UTF-8 &&
            "${as[@]}" "$programs/pg_ctl" -D "$server/data" -w -s -l "$server/log" \
                -o "-c listen_addresses='' -c unix_socket_directories='$server' -c fsync=off -c shared_buffers=16MB" start
    ) >started 2>&1 </dev/null || fail "no server: $(cat started)"
    export PGHOST=$server PGUSER=postgres PGDATABASE=postgres PGCLIENTENCODING=UTF8
    run 0 /usr/bin/python3 "$here/export_sql_oracle.py" "$MEMTRACE" "$DOCS/sql.md" postgres old.mtr new.mtr names.snapshot \
        frames.mtr@50% hostile.mtr vast.mtr empty.mtr threads.mtr
    cat out
else
    echo "no PostgreSQL here"
fi

# the same trace is the same text; another frame that answers, and a longer run, are another run
run_of() { sqlite3 :memory: '.read '"$1" 'SELECT run FROM runs'; }
"$MEMTRACE" export -f sql -o one.sql new.mtr
"$MEMTRACE" export -f sql new.mtr | cmp -s - one.sql || fail "not the same text"
"$MEMTRACE" export -f sql -o leaf.sql --frame leaf new.mtr
"$MEMTRACE" export -f sql -o half.sql new.mtr@100%
[ "$(run_of one.sql)" != "$(run_of leaf.sql)" ] || fail "other answers under the same number"
[ "$(run_of one.sql)" = "$(run_of half.sql)" ] || fail "a moment of it has another number"

# of the same process at the same time, with the same places and calls, but another peak, or in a snapshot other counts: another run
/usr/bin/python3 -B - "$PROGRAMS" <<'P'
import struct, sys
sys.path.insert(0, sys.argv[1])
from mtr_bytes import crc32c
data = bytearray(open("small.mtr", "rb").read())
at = data.index(b"MTRB")
time_ns, = struct.unpack_from("<Q", data, at + 96)
struct.pack_into("<Q", data, at + 96, time_ns - 1000000)
struct.pack_into("<I", data, at + 108, crc32c(bytes(data[at:at + 108])))
open("twin.mtr", "wb").write(data)
text = open("small.snapshot", "rb").read()
body = text[:text.index(b'"crc32c"')]
for row, other in (b"[4,24,0,10,100,0,", b"[4,24,0,10,100,1,"), (b"[2,4096,1,0,1,1,", b"[2,4096,1,0,1,0,"):
    assert body.count(row) == 1, body
    body = body.replace(row, other)
open("twin.snapshot", "wb").write(body + b'"crc32c":%d}\n' % crc32c(body))
P
runs=0
for name in small.mtr twin.mtr small.snapshot twin.snapshot; do
    "$MEMTRACE" export -f sql -o "$name.sql" "$name"
    runs=$((runs + 1))
    for again in 1 2; do
        run 0 sqlite3 -bail twins.db ".read $name.sql"
        [ "$(sqlite3 twins.db 'SELECT count(*) FROM runs')" = $runs ] || fail "$name is not a run of its own, or two"
    done
done
[ "$(sqlite3 twins.db "SELECT max(peak_time_ns) - min(peak_time_ns) FROM runs WHERE name LIKE '%.mtr'")" = 1000000 ] ||
    fail "not the peaks of both"

[ "$(grep -c '^INSERT INTO sites ' one.sql)" = 1 ] || fail "sites of both moments are written twice"

# many rows are many statements
"$MAKE_TRACE" places many.mtr 3000
"$MEMTRACE" export -f sql -o many.sql many.mtr
[ "$(grep -c '^INSERT INTO sites ' many.sql)" -ge 6 ] || fail "$(grep -c '^INSERT INTO sites ' many.sql) statements of sites"
[ "$(sqlite3 -bail :memory: '.read many.sql' 'SELECT count(*) FROM sites')" = 3000 ] || fail "not all sites"

# what a schema and its description have is the same
sed -n 's/^\*\*`\([a-z_]*\)`\*\*.*/\1/p' "$DOCS/sql.md" | sort >described
sed -n 's/^.*[^.]\*\*`\([a-z_]*\)`\*\*.*/\1/p' "$DOCS/sql.md" | sort >>described
sed -n 's/^CREATE TABLE IF NOT EXISTS \([a-z_]*\) .*/\1/p' one.sql | sort >made
sort -u described | diff - made >difference || fail "described and made tables differ: $(cat difference)"

run 2 "$MEMTRACE" export -f sql --cost live small.mtr
err_has "--cost has no say"

finish
