"""The programs that are traced: a loop of our own, and programs of Debian's at work on made-up data."""

import os
import subprocess
from dataclasses import dataclass, field


@dataclass
class Workload:
    name: str
    command: list
    wall_bound: float | None  # added wall time, as a share of what heaptrack adds
    threads: int = 1
    varies: str = ""  # why the program's own calls are not the same in every run
    environment: dict = field(default_factory=dict)


SQL = """
create table word(id integer primary key, text, weight);
with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows})
  insert into word select i, hex(i * 7919) || '-' || (i % 977), i % 1000 from n;
create index word_text on word(text);
create table pair as select a.id as a, b.id as b, a.text || b.text as text
  from word a join word b on b.id = a.weight + 1;
select weight % 10, count(*), group_concat(substr(text, 1, 3)) from word group by 1;
select count(distinct upper(text)), max(length(replace(text, '-', '+'))) from pair;
"""

JQ = """
[range({rows}) | {{id: ., name: "name \\(. * 7919)", tags: [. % 7, . % 11 | tostring]}}]
| map(select(.id % 3 != 0) | .name |= ascii_upcase) | group_by(.tags[0])
| map({{key: .[0].tags[0], value: (map(.name | length) | add)}}) | from_entries
"""

PYTHON = """
import json
class Node:
    def __init__(self, key, left, right):
        self.key, self.left, self.right = key, left, right
def tree(depth, key=1):
    return Node(key, tree(depth - 1, key * 2), tree(depth - 1, key * 2 + 1)) if depth else None
total = 0
for turn in range({turns}):
    words = [f"word {{i * 7919 % 10007}}" for i in range(20000)]
    seen = {{}}
    for word in words:
        seen.setdefault(word[-3:], []).append(word.upper())
    text = json.dumps({{key: value for key, value in seen.items()}})
    total += len(json.loads(text)) + len(sorted(words, key=lambda w: (len(w), w)))
    total += len(str(tree(12)))
    total += sum(float(i) * 1.5 for i in range(30000)) > 0
print(total)
"""


def c_source(functions):
    """A file for the compiler to chew on: structures, loops, switches, calls; no two functions alike."""
    parts = ["#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"]
    for n in range(functions):
        parts.append(f"""
struct s{n} {{ int a[{n % 13 + 2}]; double b; char name[{n % 29 + 4}]; struct s{n} *next; }};
static int f{n}(struct s{n} *list, int k) {{
        int sum = {n};
        for (struct s{n} *i = list; i; i = i->next) {{
                for (int j = 0; j < {n % 13 + 2}; j++)
                        sum += i->a[j] * (k ^ j) + (int)(i->b * {n}.5);
                switch (sum % {n % 5 + 3}) {{
                case 0: sum ^= (int)strlen(i->name); break;
                case 1: sum += abs(k - {n}); break;
                default: sum -= i->name[{n % 4}]; break;
                }}
        }}
        return sum;
}}
int call{n}(void *list, int k) {{ return f{n}(list, k) + f{n}(list, k + {n % 7}); }}
""")
    return "".join(parts)


def workloads(churn, directory, scale):
    """All of them, at full size with scale 1. Inputs are written to the directory."""
    def size(full):
        return max(1, int(full * scale))

    def written(name, text):
        path = os.path.join(directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    pairs = str(size(5_000_000))
    cc1 = subprocess.run(["gcc", "-print-prog-name=cc1"], capture_output=True, text=True, check=True).stdout.strip()
    source = written("source.c", c_source(size(150)))
    subprocess.run(["gcc", "-E", source, "-o", source[:-1] + "i"], check=True)
    sql = written("words.sql", SQL.format(rows=size(105_000)))
    return [
        Workload("churn, 16 frames", [churn, "16", pairs, "1"], 0.15),
        Workload("churn, 16 frames, 2 threads", [churn, "16", pairs, "2"], 0.15, threads=2),
        Workload("churn, 64 frames", [churn, "64", pairs, "1"], 0.12),
        Workload("sqlite3", ["/usr/bin/sqlite3", ":memory:", f".read {sql}"], 0.25),
        Workload("jq", ["/usr/bin/jq", "-n", "-f", written("names.jq", JQ.format(rows=size(40_000)))], 0.25),
        Workload("python3", ["/usr/bin/python3", written("words.py", PYTHON.format(turns=size(24)))], 0.25,
                 varies="its environment, addresses",
                 environment={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}),
        Workload("compiler (cc1)", [cc1, "-quiet", "-O2", "-fpreprocessed", source[:-1] + "i", "-o", "/dev/null"], None,
                 varies="hashed by address"),
    ]
