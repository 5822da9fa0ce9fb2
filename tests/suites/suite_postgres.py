"""PostgreSQL: initdb, pgbench, a parallel query, a backend terminated, a crash and its recovery, as its own user."""

import glob

from case import Case

PACKAGES = ["postgresql"]
PROGRAMS = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or ["/usr/lib/postgresql/bin"])[-1]
NEEDS = [f"{PROGRAMS}/initdb", f"{PROGRAMS}/pgbench"]

SCRIPT = r"""
set -e
initdb -D data -A trust -N > initdb.log
cat >> data/postgresql.conf << END
listen_addresses = ''
unix_socket_directories = '$PWD'
fsync = off
shared_buffers = 16MB
END
q() { psql -X -h "$PWD" -qAt -d postgres "$@"; }
pg_ctl -D data -w -s -l log start
pgbench -h "$PWD" -q -i -s 1 postgres 2> init.log
pgbench -h "$PWD" -n -c 4 -j 2 -t 100 postgres 2> bench.log | grep -E 'number of (transactions|failed)'
q -c 'select (select sum(abalance) from pgbench_accounts) = (select sum(bbalance) from pgbench_branches), count(*) from pgbench_history'
q -c 'create index on pgbench_accounts (filler)'
q -c 'vacuum analyze'
q -c "select count(*) from (select md5(i::text) m from generate_series(1, 50000) i order by m) x"
q -c 'set parallel_setup_cost = 0' -c 'set parallel_tuple_cost = 0' -c 'set min_parallel_table_scan_size = 0' \
  -c 'select count(*), sum(aid) from pgbench_accounts'
q -c 'do $$ begin perform 1 / 0; exception when division_by_zero then raise notice $x$caught$x$; end $$'
q -c 'select pg_terminate_backend(pg_backend_pid())' 2> terminated.log || echo "a backend ended with $?"
kill -KILL "$(q -c 'select pid from pg_stat_activity where backend_type = $$walwriter$$')"
for i in $(seq 100); do
        q -c 'select 1' > ready 2>&1 && break
        sleep 0.1
done
q -c 'select count(*) from pgbench_history'
pg_ctl -D data -w -s -m immediate stop
pg_ctl -D data -w -s -l log start
q -c 'select count(*) from pgbench_history'
pg_ctl -D data -w -s -m fast stop
"""


def cases():
    return [Case("pgbench", ["bash", "-c", SCRIPT], user="postgres",
                 environment={"PATH": f"{PROGRAMS}:/usr/bin:/bin"})]
