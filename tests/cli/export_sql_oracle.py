#!/usr/bin/env python3
"""Loads `memtrace export --format sql` into a database and asks it the questions of docs/sql.md, whose answers
`memtrace report --format json` and `memtrace diff` give too.

export_sql_oracle.py MEMTRACE SQL.md sqlite|postgres TRACE...

Of the traces named old.mtr and new.mtr the difference is asked for as well. For postgres, psql must find its server.
"""

import csv
import io
import json
import re
import subprocess
import sys

NULL = "\\N"
COSTS = {"live": ("peak", "live_bytes", "live_blocks"), "leaked": ("end", "live_bytes", "live_blocks"),
         "total": ("end", "allocated_bytes", "allocations"), "count": ("end", "allocated_bytes", "allocations"),
         "temporary": ("end", "temporary_bytes", "temporary")}
TABLES = ["runs", "modules", "frames", "stacks", "sites", "threads", "marks", "moments", "counts", "thread_counts"]
failures = 0


def fail(*what):
    global failures
    failures += 1
    print("not ok:", *(str(part)[:600] for part in what))


class Sqlite:
    load_command = ["sqlite3", "-bail", "test.db"]

    def ask(self, query, **parameters):
        given = "".join(f".parameter set :{name} {value}\n" for name, value in parameters.items())
        return rows(["sqlite3", "-batch", "-bail", "-csv", "-header", "-nullvalue", NULL, "test.db"], given + query + "\n")

    def check(self):
        broken = self.ask("PRAGMA foreign_key_check;") + self.ask("PRAGMA integrity_check;")
        if broken != [{"integrity_check": "ok"}]:
            fail("the tables do not agree", broken)


class Postgres:
    load_command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]

    def ask(self, query, **parameters):
        given = [word for name, value in parameters.items() for word in ("-v", f"{name}={value}")]
        return rows([*self.load_command, *given, "--csv", "-P", f"null={NULL}"], query)

    def check(self):
        """Its tables cannot disagree."""


def rows(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr.strip():
        fail(command, done.stderr, text)
    return [{name: None if value == NULL else value for name, value in row.items()}
            for row in csv.DictReader(io.StringIO(done.stdout, newline=""))]


def queries(path):
    with open(path, encoding="utf-8") as stream:
        return dict(re.findall(r"^### ([^\n]+)\n(?:(?!###|```)[^\n]*\n)*```sql\n(.*?)```", stream.read(), re.M | re.S))


def tool(memtrace, *arguments):
    done = subprocess.run([memtrace, *arguments], capture_output=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def place(file, line):
    return file if line is None else f"{file}:{line}"


KEYS = {
    "line": (lambda row: place(row["file"], row["line"]), lambda entry: place(entry["file"], entry["line"])),
    "function": (lambda row: (row["source"], row["function"]), lambda entry: (entry["file"], entry["function"] or None)),
    "file": (lambda row: row["source"], lambda entry: entry["file"]),
    "module": (lambda row: row["path"], lambda entry: entry["module"] or None),
    "traceback": (lambda row: row["path"],
                  lambda entry: " > ".join(place(frame["file"], frame["line"]) for frame in entry["frames"])),
    "size": (lambda row: (int(row["least"]), int(row["below"])), lambda entry: (entry["from"], entry["below"])),
    "thread": (lambda row: (row["name"], row["tid"]),
               lambda entry: (entry["thread"], None if entry["tid"] is None else str(entry["tid"]))),
}


def with_cost(query, cost, moment):
    at, size, count = COSTS[cost]
    query = query.replace("'peak'", "'" + (moment or at).replace("'", "''") + "'").replace("LIMIT 10", "")
    query = query.replace("live_bytes", size).replace("live_blocks", count)
    return query.replace("ORDER BY size DESC, count DESC", "ORDER BY count DESC, size DESC") if cost == "count" else query


def answers(found, key):
    sums = {}
    for entry in found:
        size, count = sums.get(key(entry), (0, 0))
        sums[key(entry)] = (size + int(entry["size"]), count + int(entry["count"]))
    return sums


def compare_reports(database, asked, memtrace, operand, run, *options):
    moment = operand.partition("@")[2] or ("end" if operand.endswith(".snapshot") else None)
    for by, (of_row, of_entry) in KEYS.items():
        for cost in COSTS:
            if cost == "leaked" and moment:
                continue
            report = tool(memtrace, "report", "--format", "json", "--by", by, "--cost", cost, *options, operand)
            if not report:
                if by != "thread":
                    fail(f"{operand} --by {by} --cost {cost}: no report")
                continue
            found = database.ask(with_cost(asked[f"By {by}"], cost, moment), run=run)
            sizes = [int(row["count" if cost == "count" else "size"]) for row in found]
            if by != "size" and sizes != sorted(sizes, reverse=True):
                fail(f"{operand} --by {by} --cost {cost}: not the largest first", sizes)
            mine, theirs = answers(found, of_row), answers(report["entries"], of_entry)
            if mine != theirs or len(found) != len(mine):
                fail(f"{operand} --by {by} --cost {cost}: database", mine, "report", theirs)
    report = tool(memtrace, "report", "--format", "json", "--by", "function", "--cumulative", *options, operand)
    found = database.ask(with_cost(asked["With all that was called"], "live", moment), run=run)
    if answers(found, KEYS["function"][0]) != answers(report["entries"], KEYS["function"][1]):
        fail(f"{operand}: cumulative", found, report["entries"])


def compare_summary(database, asked, memtrace, operand, run):
    report = tool(memtrace, "report", "--format", "json", operand)
    [row] = database.ask(asked["A summary"], run=run)
    for name in ("allocations", "frees", "allocated_bytes", "temporary", "foreign_frees", "lost", "peak_bytes", "peak_rss_bytes",
                 "leaked_bytes", "leaked_blocks"):
        if int(row[name]) != report["totals"][name]:
            fail(f"{operand}: {name}: {row[name]}, not {report['totals'][name]}")
    for name in ("peak_time", "duration"):
        if int(row[name + "_ns"]) // 1000000 / 1000 != report["totals"][name + "_s"]:
            fail(f"{operand}: {name}: {row}")
    process = report["process"]
    code = process["ended"].get("code", process["ended"].get("signal"))
    told = (row["exe"] or "", row["pid"], row["ended"], row["code"])
    if told != (process["exe"], str(process["pid"]), process["ended"]["how"], None if code is None else str(code)):
        fail(f"{operand}: {told}, not {process}")


def compare_stack(database, asked, memtrace, operand, run):
    moment = operand.partition("@")[2] or ("end" if operand.endswith(".snapshot") else "peak")
    found = database.ask(asked["The stack of the largest site"].replace("'peak'", f"'{moment}'"), run=run)
    whole = operand if "@" in operand or operand.endswith(".snapshot") else operand + "@peak"
    stacks = tool(memtrace, "export", "-f", "json", "--frame", "leaf", whole)["stacks"]
    mine = [(row["file"], row["line"], row["function"]) for row in found]
    theirs = [[(frame["file"], None if frame["line"] is None else str(frame["line"]), frame["function"] or None)
               for frame in reversed(stack["frames"])] for stack in stacks if stack["live_blocks"]]
    if mine not in theirs and (mine or theirs):
        fail(f"{operand}: no such stack", mine)
    if [int(row["depth"]) for row in found] != list(range(len(found))):
        fail(f"{operand}: depths", found)


def compare_moments(database, memtrace, operand, run):
    listed = tool(memtrace, "snapshot", "list", "--format", "json", operand)["traces"][0]["moments"]
    marks = database.ask("SELECT name, time_ns, snapshot FROM marks WHERE run = :run ORDER BY mark;", run=run)
    theirs = [(entry["name"], entry["time_s"], entry["kind"] == "snapshot")
              for entry in listed if entry["kind"] in ("mark", "snapshot")]
    mine = [(mark["name"], int(mark["time_ns"]) // 1000000 / 1000, mark["snapshot"] == "1") for mark in marks]
    if sorted(mine) != sorted(theirs):
        fail(f"{operand}: marks {mine}, not {theirs}")
    moments = database.ask("SELECT * FROM moments WHERE run = :run;", run=run)
    told = {entry["name"]: (entry["size"], entry["count"]) for entry in listed}
    for moment in moments:
        if moment["moment"] in told and (int(moment["live_bytes"]), int(moment["live_blocks"])) != told[moment["moment"]]:
            fail(f"{operand}: {moment}, not {told}")


def compare_difference(database, asked, memtrace, runs):
    for cost, (moment, _, _) in COSTS.items():
        difference = tool(memtrace, "diff", "--format", "json", "--by", "line", "--cost", cost, "old.mtr", "new.mtr")
        query = with_cost(asked["What grew from one run to another"], cost, moment)
        found = database.ask(query, old=runs["old.mtr"], new=runs["new.mtr"])
        mine = {place(row["file"], row["line"]): tuple(int(row[name]) for name in ("size", "count", "size_diff", "count_diff"))
                for row in found}
        theirs = {place(entry["file"], entry["line"]): tuple(entry[name] for name in ("size", "count", "size_diff", "count_diff"))
                  for entry in difference["entries"]}
        if mine != theirs or not mine:
            fail(f"diff --cost {cost}: database", mine, "diff", theirs)


def compare_fleet(database, asked, memtrace, runs):
    sums = {}
    for operand in ("old.mtr", "new.mtr"):
        for entry in tool(memtrace, "report", "--format", "json", "--by", "function", "--cost", "leaked", operand)["entries"]:
            key = (entry["file"], entry["function"] or None)
            runs_so_far, size, count = sums.get(key, (0, 0, 0))
            sums[key] = (runs_so_far + 1, size + entry["size"], count + entry["count"])
    query = asked["Where a fleet leaks"].replace("LIMIT 10", "")
    query = query.replace("WHERE", f"WHERE run IN ({runs['old.mtr']}, {runs['new.mtr']}) AND")
    found = {(row["source"], row["function"]): (int(row["runs"]), int(row["size"]), int(row["count"])) for row in database.ask(query)}
    if found != sums:
        fail("fleet", found, sums)


def counts(database):
    return {table: int(database.ask(f"SELECT count(*) AS n FROM {table};")[0]["n"]) for table in TABLES}


def load(database, memtrace, operand, *options):
    text = subprocess.run([memtrace, "export", "--format", "sql", *options, operand], check=True, capture_output=True).stdout
    # what a loader prints about tables that are there is a notice
    done = subprocess.run(database.load_command, input=text, capture_output=True, check=False)
    problems = [line for line in done.stderr.decode().splitlines() if "NOTICE:" not in line]
    if done.returncode != 0 or done.stdout or problems:
        fail(f"{operand}: cannot be loaded", done.stdout, problems)
    return text


def load_new(database, memtrace, known, operand, *options):
    """Loads what the database has nothing of yet; its number."""
    before = counts(database) if known else dict.fromkeys(TABLES, 0)
    load(database, memtrace, operand, *options)
    if counts(database)["runs"] != before["runs"] + 1:
        fail(f"{operand} {options}: runs {before['runs']}, then {counts(database)['runs']}")
    [run] = [row["run"] for row in database.ask("SELECT run FROM runs;") if row["run"] not in known]
    return run


def main():
    memtrace, document, kind, *operands = sys.argv[1:]
    database = Sqlite() if kind == "sqlite" else Postgres()
    asked = queries(document)
    runs = {}
    for operand in operands:
        run = runs[operand] = load_new(database, memtrace, list(runs.values()), operand)
        if operand == "vast.mtr":
            continue # its sums are beyond 64 bits, as no run's can be
        compare_reports(database, asked, memtrace, operand, run)
        compare_summary(database, asked, memtrace, operand, run)
        compare_stack(database, asked, memtrace, operand, run)
        moments = database.ask("SELECT moment FROM moments WHERE run = :run ORDER BY moment;", run=run)
        wanted = [operand.partition("@")[2]] if "@" in operand else ["end", "peak"] if operand.endswith(".mtr") else ["end"]
        if [row["moment"] for row in moments] != wanted:
            fail(f"{operand}: {moments}, not {wanted}")
        if operand.endswith(".mtr"):
            compare_moments(database, memtrace, operand, run)
    # a function passed over, which is inlined into the one that answers instead
    runs["skip"] = load_new(database, memtrace, list(runs.values()), "new.mtr", "--skip", "inlined")
    compare_reports(database, asked, memtrace, "new.mtr", runs["skip"], "--skip", "inlined")
    database.check()
    if sorted(row["run"] for row in database.ask(asked["Which runs there are"])) != sorted(runs.values()):
        fail("other runs")

    # the same again changes nothing, another moment of a run adds that moment
    loaded = counts(database)
    load(database, memtrace, operands[0])
    if counts(database) != loaded:
        fail("a second load changes", loaded, counts(database))
    load(database, memtrace, "old.mtr@100%")
    load(database, memtrace, "new.mtr", "--function", "nothing_is_called_so")
    added = {table: number - loaded[table] for table, number in counts(database).items() if number != loaded[table]}
    if not set(added) <= {"moments", "counts", "thread_counts"} or added["moments"] != 1 or "counts" not in added:
        fail("another moment adds", added)
    database.check()
    compare_difference(database, asked, memtrace, runs)
    compare_fleet(database, asked, memtrace, runs)

    # one that is forgotten leaves nothing, and the others as they are
    kept = answers(database.ask(asked["By line"], run=runs["new.mtr"]), KEYS["line"][0])
    database.ask(asked["To forget a run"], run=runs["old.mtr"])
    left = [table for table in TABLES if database.ask(f"SELECT 1 AS n FROM {table} WHERE run = :run LIMIT 1;", run=runs["old.mtr"])]
    if left or answers(database.ask(asked["By line"], run=runs["new.mtr"]), KEYS["line"][0]) != kept:
        fail("it is not forgotten in", left)
    for run in runs.values():
        database.ask(asked["To forget a run"], run=run)
    if any(counts(database).values()):
        fail("rows of no run", counts(database))
    print(f"{kind}: {len(operands)} exports loaded and asked")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
