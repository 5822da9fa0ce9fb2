"""The sqlite3 shell: tables, indices, sorting, a query over many rows, a full text index, a backup."""

from case import Case

PACKAGES = ["sqlite3"]
NEEDS = ["sqlite3"]

SQL = """
pragma journal_mode = wal;
create table t (n integer primary key, s text, k integer);
with recursive c(n) as (select 1 union all select n + 1 from c where n < 50000)
    insert into t select n, 'row ' || (n * 7919 % 50000), n % 97 from c;
create index by_s on t (s);
select k, count(*), min(s), max(s) from t group by k order by 2 desc, 1 limit 5;
select count(*) from t a join t b on a.s = b.s;
create virtual table f using fts5 (s);
insert into f select s from t;
select count(*) from f where f match 'row';
select json_group_array(n) from (select n from t order by s limit 20);
delete from t where n % 3 = 0;
.backup copy.db
vacuum;
pragma integrity_check;
.open copy.db
select count(*), sum(n), sum(length(s)) from t;
select no_such_function(1);
"""


def cases():
    return [Case("sql", ["sqlite3", "-batch", "first.db", ".read s.sql"], files={"s.sql": SQL}, short=True)]
