"""Whose each block of a trace is, and how long it lived: records of owners and of lives, which must come to what the events
say. Part of mtr_reader.py."""

from mtr_bytes import need

DISTANCE_UNKNOWN = 17
NOBODY = -1  # an owner that is not known


def age_class(ms):
    bit = ms.bit_length() - 1
    return ms if ms < 4 else 4 * (bit - 1) + (ms >> (bit - 2) & 3)


def least_age(number):
    return number if number < 4 else (4 + number % 4) << number // 4 - 1


class Lives:
    """Of a whole trace: `rows`. Of the block read last: `owners`, the owner by its event where it is not the stream's thread."""

    def __init__(self):
        self.rows = {}  # (site, distance, age class): [frees, milliseconds]
        self.held = {}  # (site, thread that allocated them): live blocks
        self.ages = []  # by site: milliseconds that its freed blocks lived, less those at which live ones began
        self.begin_block()

    def begin_block(self):
        self.block_events, self.owners = [], {}

    def add_sites(self, count):
        self.ages.extend([0] * count)

    def event(self, allocates, site, thread, ms):
        self.block_events.append((allocates, site, thread))
        self.ages[site] += -ms if allocates else ms

    def read_owners(self, c, threads):
        count, event, events = c.varint(), 0, []
        for row in range(count):
            step = c.varint()
            need(row == 0 or step > 0, "owners stand in order")
            event += step
            events.append(event)
        for event in events:
            thread = c.varint() - 1
            need(event < len(self.block_events), "an owner is of an event of its block")
            need(thread == NOBODY or 0 <= thread < threads, "an owner is a thread that is known")
            self.owners[event] = thread
        need(not c.more(), "owners end with their record")

    def read_rows(self, c, sites_known):
        count, site, sites = c.varint(), 0, []
        for _ in range(count):
            site += c.varint()
            need(site < sites_known, "lives are of sites that are defined")
            sites.append(site)
        distances, classes, frees, beyond = ([c.varint() for _ in range(count)] for _ in range(4))
        rows = list(zip(sites, distances, classes))
        need(all(a < b for a, b in zip(rows, rows[1:])), "lives stand in order")
        for row, count, lived in zip(rows, frees, beyond):
            need(row[1] <= DISTANCE_UNKNOWN and count > 0, "a life is of a distance that there is")
            lived += count * least_age(row[2])
            need(age_class(lived // count) == row[2], "the mean age of a row is of its class")
            total = self.rows.setdefault(row, [0, 0])
            total[0] += count
            total[1] += lived
        need(not c.more(), "lives end with their record")

    def settle_block(self, process):
        """Whose blocks the block's events began and ended, which the record behind them completes."""
        need(process is not None, "a process is told of before its events")
        need(process["owners"] or not (self.owners or self.rows), "what tells of owners says so")
        if not process["owners"]:
            return
        for number, (allocates, site, thread) in enumerate(self.block_events):
            owner = self.owners.get(number, thread)
            need(not allocates or number not in self.owners, "owners are of frees")
            need(number not in self.owners or owner != thread, "the stream's thread is not listed")
            held = self.held.get((site, owner), 0) + (1 if allocates else -1)
            need(held >= 0 or owner == NOBODY, "no thread's blocks of a site are freed more often than it allocated")
            self.held[site, owner] = held

    def add_up(self, trace):
        """With all the trace's events, and with its ends."""
        if not trace.process["owners"]:
            return
        frees, ages, temporary = [0] * len(trace.sites), [0] * len(trace.sites), 0
        for (site, distance, _), (count, ms) in self.rows.items():
            frees[site] += count
            ages[site] += ms
            temporary += count * (distance == 0)
        ends = [trace.end] + [domain.end for domain in trace.domains.values() if domain.end]
        need(frees == trace.freed and sum(frees) == sum(end["frees"] for end in ends), "lives tell of every free")
        need(temporary == sum(end["temporary"] for end in ends), "what lived for no allocation is temporary")
        need(sum(self.held.values()) == sum(trace.live), "each live block is some thread's")
        for site, ms in enumerate(ages):
            need(trace.live[site] or ms == self.ages[site], "lives tell how long a site's blocks lived")
