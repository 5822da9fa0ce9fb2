"""A damaged trace, through the built commands and through mtr_reader.py.

A small program is traced, and the trace cut, flipped and rewritten: by the sample through `verify` and `report`, which
must answer with a code and one clear line within a limit on their address space, and every cut and a bit of every byte
through mtr_reader.py, which must say Damaged and nothing else. Then what only an attacker writes: lengths and counts
beyond everything, payloads that unfold to thousands of times their size. (Every single bit goes through the library in
tests/support/every_damage.c, which also counts what is left; it is run on the same trace.)

usage: row34_damage.py LIBRARY MEMTRACE PROGRAM EVERY_DAMAGE GOLDEN
"""

import ctypes
import json
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile

import mtr_reader as mtr
from mtr_bytes import Damaged, Unzstd, crc32c
from run import tally

ADDRESS_SPACE = 1 << 30
RESIDENT_MAX = 400 << 20
SECONDS = 60
HEADER = mtr.BLOCK_HEADER
FIELDS = ["magic", "header", "sequence", "flags", "compression", "stored", "raw", "payload_crc", "first", "last",
          "events", "before", "live_bytes", "live_blocks", "peak", "peak_event", "peak_time", "reserved", "header_crc"]
MAGIC, STORED, ZSTD = 0x4252544D, 0, 1

failures = []
runs = 0


def check(condition, text):
    if not condition:
        failures.append(text)
        print("not ok:", text, flush=True)


# -- traces taken apart and put together

def blocks_of(data):
    """Each block's header as a dict, with its `payload` as it is in the file."""
    at, blocks = mtr.FILE_HEADER.size, []
    while at < len(data):
        block = dict(zip(FIELDS, HEADER.unpack_from(data, at)), at=at)
        at += HEADER.size
        block["payload"] = data[at:at + block["stored"]]
        at += block["stored"]
        blocks.append(dict(block, end=at))
    return blocks


def block_bytes(block, payload, lie=None):
    """Sealed: both checksums hold. `lie` replaces what was true."""
    block = dict(block, stored=len(payload), payload_crc=crc32c(payload))
    if block["compression"] == STORED:
        block["raw"] = len(payload)
    block.update(lie or {})
    header = HEADER.pack(*(block[name] for name in FIELDS[:-1]), 0)[:-4]
    return header + struct.pack("<I", crc32c(header)) + payload


def plain_block(sequence=0, **more):
    return dict({name: 0 for name in FIELDS}, magic=MAGIC, header=HEADER.size, sequence=sequence, **more)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def record(kind, body, length=None):
    return mtr.RECORD.pack(kind, len(body) if length is None else length) + body


def zstd(data):
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    room = ctypes.create_string_buffer(library.ZSTD_compressBound(ctypes.c_size_t(len(data))))
    length = library.ZSTD_compress(room, ctypes.c_size_t(len(room)), data, ctypes.c_size_t(len(data)), 3)
    return room.raw[:length]


def packed(sequence, payload):
    return block_bytes(plain_block(sequence, compression=ZSTD, raw=len(payload)), zstd(payload))


# -- the commands

def run(command):
    global runs
    runs += 1

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=limit)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read().decode(), err.read().decode(), usage.ru_maxrss * 1024


def one_line(err):
    return err.startswith("memtrace: ") and err.count("\n") == 1 and err.endswith("\n")


def verify(memtrace, path, what, events=None):
    """The code. `events`: how many it must still count."""
    code, out, err, resident = run([memtrace, "verify", path])
    check(code in (0, 1, 2), f"verify, {what}: exit status {code}: {err}")
    check(resident < RESIDENT_MAX, f"verify, {what}: {resident >> 20} MiB")
    if code == 2:
        check(one_line(err) and not out, f"verify, {what}: not one line: {err!r}")
        return code
    last = out.splitlines()[-1] if out else ""
    check(not err and (": DAMAGED: " if code else ": whole: ") in last, f"verify, {what}: {out!r} {err!r}")
    if events is not None:
        check(f" {events} events" in last, f"verify, {what}: not {events} events: {last}")
    return code


def report(memtrace, path, what):
    form = ("json", "text")[runs // 2 % 2]
    code, out, err, resident = run([memtrace, "report", "--format", form, path])
    check(code in (0, 2), f"report, {what}: exit status {code}: {err}")
    check(resident < RESIDENT_MAX, f"report, {what}: {resident >> 20} MiB")
    check(one_line(err) and not out if code else not err, f"report, {what}: {err!r}")
    if code == 0 and form == "json":
        json.loads(out)


def ask(memtrace, path, data, what, codes, events=None):
    with open(path, "wb") as file:
        file.write(data)
    code = verify(memtrace, path, what, events)
    check(code in codes, f"verify, {what}: {code} is not among {codes}")
    report(memtrace, path, what)


def read(path, data, what):
    """True where mtr_reader.py takes it for whole."""
    with open(path, "wb") as file:
        file.write(data)
    try:
        mtr.Trace(path).read()
    except Damaged:
        return False
    except Exception as error:  # pylint: disable=broad-except
        check(False, f"mtr_reader, {what}: {error!r}")
        return False
    return True


# -- what is done to them

def cuts(memtrace, path, data):
    blocks = blocks_of(data)
    ends = [block["end"] for block in blocks]
    places = set(range(0, len(data), max(1, len(data) // 40))) | {end + d for end in ends for d in (-1, 0, 1)}
    for length in sorted(place for place in places if place < len(data)):
        known = sum(block["events"] for block in blocks if block["end"] <= length)
        codes = (2,) if length < mtr.FILE_HEADER.size else (1,)
        ask(memtrace, path, data[:length], f"cut at {length}", codes, known if codes == (1,) else None)
    for length in range(len(data)):
        whole = read(path, data[:length], f"cut at {length}")
        check(not whole or length in (mtr.FILE_HEADER.size, *ends), f"mtr_reader takes a cut at {length} for whole")


def flips(memtrace, path, data, dice):
    for bit in sorted(dice.sample(range(len(data) * 8), 40)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        ask(memtrace, path, changed, f"bit {bit}", (1, 2))
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        check(not read(path, changed, f"a bit of byte {at}"), f"mtr_reader does not see a bit of byte {at}")


def sealed(memtrace, path, data, dice):
    """Damage whose checksums hold: unpacked payloads changed, and headers."""
    blocks, unzstd = blocks_of(data), Unzstd()
    raws = [unzstd.unpack(block["payload"], block["raw"], bool(block["flags"] & mtr.CONTINUES))
            if block["compression"] == ZSTD else block["payload"] for block in blocks]
    stored = [dict(block, compression=STORED, flags=block["flags"] & ~mtr.CONTINUES) for block in blocks]
    for turn in range(400):
        payloads, which, lie = [bytearray(raw) for raw in raws], dice.randrange(len(blocks)), {}
        for _ in range(dice.randint(1, 3)):
            if turn % 4 == 0:
                lie[dice.choice(FIELDS[1:7] + FIELDS[8:18])] = dice.choice((0, 1, 255, 1 << 31, (1 << 32) - 1))
            elif payloads[which]:
                payloads[which][dice.randrange(len(payloads[which]))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
        changed = data[:mtr.FILE_HEADER.size] + b"".join(
            block_bytes(block, bytes(payload), lie if i == which else None)
            for i, (block, payload) in enumerate(zip(stored, payloads)))
        read(path, changed, f"sealed {turn}")
        if turn % 20 == 0:
            ask(memtrace, path, changed, f"sealed {turn}", (0, 1, 2))


def bombs():
    """What an attacker writes: (what, bytes)."""
    huge = varint((1 << 63) + 5)
    for kind in range(1, 16):
        yield f"record {kind} that counts beyond everything", block_bytes(plain_block(), record(kind, huge + bytes(64)))
        yield f"record {kind} without an end", block_bytes(plain_block(), record(kind, bytes(64), 0xFFFFFFFF))
        yield f"record {kind} of a varint that does not end", block_bytes(plain_block(), record(kind, b"\xff" * 64))
        yield f"record {kind} of nothing", block_bytes(plain_block(), record(kind, b""))
    for name in FIELDS[1:-1]:
        limit = (1 << 32) - 1 if name in FIELDS[:8] + ["reserved"] else (1 << 64) - 1
        yield f"a header whose {name} is beyond everything", block_bytes(plain_block(), record(8, b"\0\0"), {name: limit})
    numbering = record(mtr.NUMBERING_T, varint((1 << 32) - 3) * 5)
    yield "numbers beyond everything after a gap", block_bytes(plain_block(7), numbering)
    some = record(mtr.NUMBERING_T, b"".join(map(varint, (100, 100, 200 << 20, 100, 100))))
    yield "two hundred million stacks that nobody wrote", block_bytes(plain_block(7), some)
    nothing = packed(0, record(99, bytes((16 << 20) - 8)))
    yield "sixteen MiB of nothing, sixteen times", b"".join(
        block_bytes(dict(plain_block(i, compression=ZSTD), raw=16 << 20), nothing[HEADER.size:]) for i in range(16))
    items = 5 << 20
    stacks = record(mtr.STACKS_T, varint(items) + b"\1" * items + bytes(items))
    frame = record(mtr.FRAMES_T, varint(1) + b"\0\0")
    yield "stacks from next to nothing", packed(0, frame) + b"".join(packed(i, stacks) for i in range(1, 25))
    sites = record(mtr.SITES_T, varint(items) + bytes(3 * items))
    yield "sites from next to nothing", b"".join(packed(i, sites) for i in range(24))
    header = HEADER.pack(*(dict(plain_block(), stored=16 << 20)[name] for name in FIELDS[:-1]), 0)[:-4]
    header += struct.pack("<I", crc32c(header))
    yield "a header at every step", header * 20000
    yield "the magic at every step", struct.pack("<I", MAGIC) * (1 << 18)


def once(memtrace, path, traces, dice, first):
    """One run: all of it the first time, then what the dice decide."""
    before = len(failures)
    for data in traces:
        if first:
            cuts(memtrace, path, data)
            flips(memtrace, path, data, dice)
        sealed(memtrace, path, data, dice)
    head = traces[0][:mtr.FILE_HEADER.size]
    for what, blocks in bombs() if first else ():
        ask(memtrace, path, head + blocks, what, (0, 1, 2))
        if len(blocks) < 4096:
            read(path, head + blocks, what)
    failed = failures[before:]
    tally({"outcome": "differs" if failed else "exact", "lost": 0, "why": "\n".join(failed)})


def main():
    library, memtrace, program, every_damage, golden = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        fresh, path = os.path.join(directory, "fresh.mtr"), os.path.join(directory, "damaged.mtr")
        subprocess.run([program], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, LD_PRELOAD=library, MEMTRACE_OUTPUT=fresh))
        check(verify(memtrace, fresh, "untouched") == 0, "the fresh trace is not whole")
        subprocess.run([every_damage, fresh], check=True)
        traces = []
        for name in (fresh, golden):
            with open(name, "rb") as file:
                traces.append(file.read())
        for repeat in range(int(os.environ.get("MEMTRACE_TEST_REPEAT", "1"))):
            once(memtrace, path, traces, random.Random(34 + repeat), repeat == 0)
    print(f"{runs} runs of the commands, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
