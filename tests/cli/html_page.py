"""What a page of memtrace html holds, read by its description (analyzer/render/html.h) alone."""

import base64
import json
import re


def numbers(text):
    """The varints of a column."""
    value = shift = 0
    for byte in base64.b64decode(text, validate=True):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0
    assert shift == 0


def signed(value):
    return value >> 1 ^ -(value & 1)


class Page:
    """self.rows: {node, thread, allocations, allocated, temporary, temporary_bytes, changes: [(stop, blocks, bytes)]}."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', self.text, re.S)
        assert len(found) == 1 and "<" not in found[0], "the data is one element, and nothing in it could end it"
        self.data = json.loads(found[0])
        self.slices = self.data["slices"]
        self.places, self.nodes = self.read_places(), self.read_nodes()
        self.rows, self.sizes = self.read_rows("rows"), self.read_rows("sizes")

    def read_places(self):
        column, texts = numbers(self.data["places"]), [None, *self.data["texts"]]
        places = []
        for _ in range(next(column)):
            file, function, module, line = (next(column) for _ in range(4))
            places.append({"file": texts[file], "function": texts[function], "module": texts[module],
                           "line": line - 1 if line else None})
        assert next(column, None) is None
        return places

    def read_nodes(self):
        """By number, which counts from 1: (parent, place)."""
        column = numbers(self.data["nodes"])
        nodes = [(0, None)]
        for number in range(1, next(column) + 1):
            nodes.append((number - next(column), next(column)))
        assert next(column, None) is None and all(parent < i for i, (parent, _) in enumerate(nodes) if i)
        return nodes

    def read_rows(self, name):
        column, rows = numbers(self.data[name]), []
        for _ in range(next(column)):
            node, thread, each = next(column), next(column), next(column) - 1
            row = {"node": node, "thread": thread, "allocations": next(column), "temporary": next(column)}
            row["allocated"] = next(column) if each < 0 else row["allocations"] * each
            row["temporary_bytes"] = next(column) if each < 0 else row["temporary"] * each
            stop, row["changes"] = 0, []
            for _ in range(next(column)):
                stop += next(column)
                blocks = signed(next(column))
                row["changes"].append((stop, blocks, signed(next(column)) if each < 0 else blocks * each))
            rows.append(row)
        assert next(column, None) is None
        return rows

    def path(self, row):
        """The places of a row from the charged one outwards; None: small ones, folded."""
        node, path = row["node"], []
        while node:
            node, place = self.nodes[node]
            path.append(self.places[place])
        return path or None

    @staticmethod
    def held(row, stop):
        """(bytes, blocks) at a stop; none before the first."""
        made = [(size, count) for at, count, size in row["changes"] if at <= stop]
        return sum(s for s, _ in made), sum(c for _, c in made)

    def sums(self, key, values, rows=None):
        """{key(row): (bytes, blocks)} without what is nothing; key may give several, each charged once."""
        sums = {}
        for row in self.rows if rows is None else rows:
            size, count = values(row)
            for one in set(key(row)):
                before = sums.get(one, (0, 0))
                sums[one] = before[0] + size, before[1] + count
        return {k: v for k, v in sums.items() if v != (0, 0)}
