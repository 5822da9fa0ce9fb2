"""Reads a trace from the format's description alone: the tests' second opinion on the analyzer.

Keeps nothing it does not check: checksums, sequence, bounds, that no site ever has more frees than allocations, nor a
thread of it, and that lives come to what the events say. Slow (a Python loop per event), so meant for small traces.
"""

import struct

from mtr_bytes import Cursor, Unzstd, crc32c, need
from mtr_lives import Lives

KINDS = ["malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "memalign", "posix_memalign",
         "valloc", "pvalloc"]
ENDS = ["unknown", "exited", "signaled", "exec", "stopped"]

FILE_HEADER = struct.Struct("<8sIIQII")
BLOCK_HEADER = struct.Struct("<8I9Q2I")
RECORD = struct.Struct("<II")
PROCESS = struct.Struct("<IIQIIII")
END = struct.Struct("<QIi12Q")
END_FIELDS = ["allocations", "frees", "allocated_bytes", "peak_bytes", "live_bytes", "live_blocks", "temporary",
              "foreign_frees", "lost", "unknown_stacks", "collector_cpu_ns", "collector_rss_bytes"]

(PROCESS_T, MODULES_T, FRAMES_T, STACKS_T, THREADS_T, SITES_T, CHECKPOINT_T, EVENTS_T, RSS_T, LOSS_T,
 END_T) = range(1, 12)
(MARK_T, SNAPSHOT_T, NUMBERING_T, UNSEEN_T, OWNERS_T, LIVES_T, SCOPE_BEGIN_T, SCOPE_END_T,
 THREAD_NAMES_T) = range(12, 21)
DOMAINS_T, DOMAIN_ENDS_T = 22, 23
KIND_DOMAIN, DOMAIN_MAX = 16, 240
DOMAIN_FIELDS = ["allocations", "frees", "temporary", "allocated_bytes", "peak_bytes", "live_bytes", "live_blocks",
                 "foreign_frees", "twice"]
OWNERS_FLAG = 4
LOSS_MEMORY, LOSS_WRITE = 3, 5
CONTINUES = 4
PAYLOAD_MAX = 16 << 20
ALLOC, FREE, FREE_TEMPORARY, CONTROL = range(4)


class Domain:
    """A heap of the program's own: what its events come to, as DOMAIN_FIELDS but the last two, and its end."""

    def __init__(self):
        self.name, self.end = None, None
        self.counts = dict.fromkeys(DOMAIN_FIELDS[:-2], 0)

    def event(self, event, size):
        counts, took = self.counts, event == ALLOC
        counts["allocations" if took else "frees"] += 1
        counts["temporary"] += event == FREE_TEMPORARY
        counts["allocated_bytes"] += took * size
        counts["live_bytes"] += size if took else -size
        counts["live_blocks"] += 1 if took else -1
        counts["peak_bytes"] = max(counts["peak_bytes"], counts["live_bytes"])


class Trace:
    """One whole trace. `stacks[id]` is (frame, parent), innermost frame first. What is not of a Domain is of malloc's heap
    alone, but for events, lives and what is counted by site."""

    def __init__(self, path):
        self.path = path
        self.modules, self.frames, self.stacks = [], [], [None]
        self.threads, self.sites, self.marks, self.scopes, self.resident = [], [], [], [], []
        self.live, self.allocs, self.freed = [], [], []
        self.lives = Lives()
        self.domains = {}  # Domain by number
        self.domain_of = []  # number by site, 0: the heap
        self.losses = set()
        self.end = self.process = self.unseen = None
        self.lost = self.live_bytes = self.peak_bytes = self.temporary = self.events = 0
        self.on_event = None
        self.unzstd = Unzstd()
        with open(path, "rb") as file:
            self.data = file.read()

    def read(self, on_event=None, cut=False):
        """on_event(event, site, thread) is called for each event, in order. cut: the last block may be torn."""
        self.on_event = on_event
        data = self.data
        need(len(data) >= FILE_HEADER.size, "the file holds a header")
        magic, version, header, _, self.pid, checksum = FILE_HEADER.unpack_from(data)
        need(magic == b"MEMTRACE" and version == 1, "the file is a trace of version 1")
        need(checksum == crc32c(data[:FILE_HEADER.size - 4]), "the file header's checksum holds")
        need(header == FILE_HEADER.size, "the file header has its length")
        at, sequence = header, 0
        while at < len(data) and not (cut and self.is_torn(at)):
            at = self.block(at, sequence)
            sequence += 1
        if self.end and not self.losses & {LOSS_MEMORY, LOSS_WRITE}:
            self.lives.add_up(self)
            for domain in self.domains.values():
                need(domain.name and domain.end, "a domain has a name and an end")
                need(domain.counts.items() <= domain.end.items(), f"{domain.name} ends as its events do")
        return self

    def is_torn(self, at):
        """The file ends within this block."""
        if len(self.data) - at < BLOCK_HEADER.size:
            return True
        header = BLOCK_HEADER.unpack_from(self.data, at)
        return at + header[1] + header[5] > len(self.data)

    def block(self, at, sequence):
        need(at + BLOCK_HEADER.size <= len(self.data), "a block's header is whole")
        raw = self.data[at:at + BLOCK_HEADER.size]
        (magic, header, number, flags, compression, stored, size, payload_crc, first, _, count, before, live, _, peak,
         _, _, _, header_crc) = BLOCK_HEADER.unpack(raw)
        need(magic == 0x4252544D and number == sequence, "blocks follow each other without a gap")
        need(header_crc == crc32c(raw[:-4]), "a block header's checksum holds")
        need(header == BLOCK_HEADER.size, "a block header has its length")
        need(max(stored, size) <= PAYLOAD_MAX, "a payload keeps within its cap")
        need(compression == 1 or (compression == 0 and stored == size), "a payload is stored or zstd's")
        at += header
        payload = self.data[at:at + stored]
        need(len(payload) == stored and payload_crc == crc32c(payload), "a payload's checksum holds")
        if compression == 1:
            payload = self.unzstd.unpack(payload, size, bool(flags & CONTINUES))
        else:
            self.unzstd.stored(bool(flags & CONTINUES))
        self.before, self.count, self.last_mark, self.last_scope = before, count, (0, 0), (0, 0)
        need(before == self.events and live == self.live_bytes, "a block begins where the one before ended")
        self.block_peak, self.clock = live, first // 1000000
        self.lives.begin_block()
        cursor = Cursor(payload)
        while cursor.more():
            kind, length = RECORD.unpack(cursor.bytes(RECORD.size))
            self.record(kind, Cursor(cursor.bytes(length)))
        self.lives.settle_block(self.process)
        need(self.events == before + count, "a block holds as many events as it says")
        need(self.block_peak == peak, "a block's peak is the peak of its events")
        self.peak_bytes = max(self.peak_bytes, peak)
        return at + stored

    def record(self, kind, c):
        if kind == PROCESS_T:
            fields = PROCESS.unpack(c.bytes(PROCESS.size))
            self.process = {"pid": fields[0], "ppid": fields[1], "forked": bool(fields[5] & 1),
                            "owners": bool(fields[5] & OWNERS_FLAG), "exe": c.string(), "cwd": c.string(), "argv": c.string()}
        elif kind == NUMBERING_T:
            before = [c.varint() for _ in range(5)]
            here = [len(self.modules), len(self.frames), len(self.stacks) - 1, len(self.threads), len(self.sites)]
            need(before == here, "a block's numbering is what the blocks before it defined")
        elif kind == MODULES_T:
            for _ in range(c.varint()):
                start, length, bias, generation = c.varint(), c.varint(), c.svarint(), c.varint()
                build_id = c.bytes(c.varint())
                self.modules.append({"start": start, "length": length, "bias": bias, "generation": generation,
                                     "build_id": build_id, "path": c.string()})
        elif kind == FRAMES_T:
            count = c.varint()
            modules = [c.varint() for _ in range(count)]
            offset = 0
            for module in modules:
                need(module <= len(self.modules), "a frame's module is defined before it")
                offset += c.svarint()
                self.frames.append((module - 1, offset >> 1, offset & 1))
        elif kind == STACKS_T:
            first = len(self.stacks)
            count = c.varint()
            parents = [first + i - c.varint() for i in range(count)]
            for parent in parents:
                frame = c.varint()
                need(frame < len(self.frames) and 0 <= parent < len(self.stacks), "a stack's parts come before it")
                self.stacks.append((frame, parent))
        elif kind == THREADS_T:
            for _ in range(c.varint()):
                self.threads.append({"tid": c.varint(), "start_ns": c.varint(), "name": c.string()})
        elif kind == SITES_T:
            count, stack, stacks = c.varint(), 0, []
            for _ in range(count):
                stack += c.svarint()
                need(0 <= stack < len(self.stacks), "a site's stack is defined before it")
                stacks.append(stack)
            sizes = [c.varint() for _ in range(count)]
            kinds = c.bytes(count)
            for stack, size, kind_of_site in zip(stacks, sizes, kinds):
                need(not len(KINDS) <= kind_of_site < KIND_DOMAIN, "a site is of a function that there is")
                domain = max(kind_of_site - KIND_DOMAIN + 1, 0)
                self.sites.append((stack, size, f"domain {domain}" if domain else KINDS[kind_of_site]))
                self.domain_of.append(domain)
                if domain:
                    self.domains.setdefault(domain, Domain())
            for counters in (self.live, self.allocs, self.freed):
                counters.extend([0] * count)
            self.lives.add_sites(count)
        elif kind == CHECKPOINT_T:
            count, site, sites = c.varint(), 0, []
            for _ in range(count):
                site += c.varint()
                sites.append(site)
            held = {site: c.varint() for site in sites}
            need(held == {s: n for s, n in enumerate(self.live) if n}, "a checkpoint is the state of its instant")
        elif kind == EVENTS_T:
            self.replay(c)
        elif kind == LOSS_T:
            c.varint()
            self.lost += c.varint()
            self.losses.add(c.varint())
        elif kind in (MARK_T, SNAPSHOT_T):
            self.last_mark, mark = self.read_mark(c, self.last_mark)
            self.marks.append(mark | {"snapshot": kind == SNAPSHOT_T})
        elif kind in (SCOPE_BEGIN_T, SCOPE_END_T):
            self.last_scope, scope = self.read_mark(c, self.last_scope)
            thread = c.varint()
            need(thread < max(len(self.threads), 1), "a scope is of a thread that is known")
            self.scopes.append(scope | {"ends": kind == SCOPE_END_T, "thread": thread})
        elif kind == THREAD_NAMES_T:
            for _ in range(c.varint()):
                thread = c.varint()
                need(thread < len(self.threads), "a name is of a thread that is known")
                self.threads[thread]["name"] = c.string()
        elif kind == DOMAINS_T:
            for _ in range(c.varint()):
                number, length = c.varint(), c.varint()
                name = c.bytes(length)
                need(0 < number <= DOMAIN_MAX and 0 < length < 256 and 0 not in name, "a domain has a number and a name")
                self.domains.setdefault(number, Domain()).name = name.decode(errors="surrogateescape")
        elif kind == DOMAIN_ENDS_T:
            numbers = []
            for _ in range(c.varint()):
                numbers.append(c.varint())
                need(numbers[-1] in self.domains, "a domain that ends has a name")
                self.domains[numbers[-1]].end = {field: c.varint() for field in DOMAIN_FIELDS}
            need(numbers == sorted(set(numbers)), "domains' ends stand in order")
        elif kind == RSS_T:
            units = 0
            for _ in range(c.varint()):
                units += c.varint()
                self.resident.append((units, c.varint() << 10))
        elif kind == UNSEEN_T:
            self.unseen = c.string()
        elif kind == OWNERS_T:
            self.lives.read_owners(c, len(self.threads))
        elif kind == LIVES_T:
            self.lives.read_rows(c, len(self.sites))
        elif kind == END_T:
            time_ns, how, code, *totals = END.unpack(c.bytes(END.size))
            need(how < len(ENDS), "a run ended as one can")
            self.end = dict(zip(END_FIELDS, totals), time_ns=time_ns, how=ENDS[how], code=code)

    def read_mark(self, c, last):
        at = c.varint(), c.varint()
        length = c.varint()
        need(0 < length < 256, "a mark has a name")
        need(at[0] <= self.count and at[0] >= last[0] and at[1] >= last[1], "marks stand in their block in order")
        name = c.bytes(length)
        need(0 not in name, "a mark's name has no NUL")
        return at, {"event": self.before + at[0], "time_ns": at[1], "name": name.decode(errors="surrogateescape")}

    def replay(self, c):
        thread = 0
        while c.more():
            value = c.varint()
            event, argument = value & 3, value >> 2
            if event == CONTROL:
                if argument & 1:
                    self.clock += argument >> 1
                else:
                    thread = argument >> 1
                    need(thread < len(self.threads), "a thread is defined before its events")
                continue
            need(argument < len(self.sites), "a site is defined before its events")
            size, domain = self.sites[argument][1], self.domain_of[argument]
            self.events += 1
            self.lives.event(event == ALLOC, argument, thread, self.clock)
            if domain:
                self.domains[domain].event(event, size)
                size = 0
            if event == ALLOC:
                self.live[argument] += 1
                self.allocs[argument] += 1
                self.live_bytes += size
                self.block_peak = max(self.block_peak, self.live_bytes)
            else:
                need(self.live[argument] > 0, "no site frees more than it allocated")
                self.live[argument] -= 1
                self.freed[argument] += 1
                self.live_bytes -= size
                self.temporary += event == FREE_TEMPORARY and not domain
            if self.on_event:
                self.on_event(event, argument, thread)

    def stack_of(self, site):
        """The frames of a site as (module path, offset), innermost first."""
        frames, stack = [], self.sites[site][0]
        while stack:
            frame, stack = self.stacks[stack]
            module, offset, _ = self.frames[frame]
            frames.append((self.modules[module]["path"] if module >= 0 else "", offset))
        return frames

    def totals(self):
        """The analyzer's totals, told from the events alone."""
        heap = [number for number, domain in enumerate(self.domain_of) if not domain]
        return {"allocations": sum(self.allocs[site] for site in heap), "frees": sum(self.freed[site] for site in heap),
                "allocated_bytes": sum(self.allocs[site] * self.sites[site][1] for site in heap),
                "peak_bytes": self.peak_bytes, "leaked_bytes": self.live_bytes,
                "leaked_blocks": sum(self.live[site] for site in heap),
                "temporary": self.temporary, "lost": self.lost}
