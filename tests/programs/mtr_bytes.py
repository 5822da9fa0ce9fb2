"""What a trace's bytes are read by: checksums, varints, and payloads unpacked in order. Part of mtr_reader.py."""

import ctypes


class Damaged(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damaged(what)


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC = crc32c_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ CRC[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("at", ctypes.c_size_t)]


class Unzstd:
    """The payloads of a trace, in order: a zstd frame may reach over several."""

    BLOCKS_MAX, RAW_MAX, WINDOW_LOG_MAX = 64, 8 << 20, 23
    RESET_SESSION, WINDOW_LOG_PARAMETER = 1, 100

    def __init__(self):
        self.zstd = ctypes.CDLL("libzstd.so.1")
        self.zstd.ZSTD_createDStream.restype = ctypes.c_void_p
        self.stream = ctypes.c_void_p(self.zstd.ZSTD_createDStream())
        self.call("ZSTD_DCtx_setParameter", ctypes.c_int(self.WINDOW_LOG_PARAMETER),
                  ctypes.c_int(self.WINDOW_LOG_MAX))
        self.open, self.blocks, self.raw = False, 0, 0

    def __del__(self):
        self.zstd.ZSTD_freeDStream(self.stream)

    def call(self, name, *arguments):
        function = getattr(self.zstd, name)
        function.restype = ctypes.c_size_t
        result = function(self.stream, *arguments)
        need(not self.zstd.ZSTD_isError(ctypes.c_size_t(result)), "a payload is zstd's")
        return result

    def stored(self, continues):
        need(not continues, "a stored block continues no frame")
        self.open = False

    def unpack(self, data, size, continues):
        if continues:
            need(self.open, "a block continues a frame that has not ended")
            self.blocks, self.raw = self.blocks + 1, self.raw + size
            need(self.blocks <= self.BLOCKS_MAX and self.raw <= self.RAW_MAX, "a frame keeps within its caps")
        else:
            self.call("ZSTD_DCtx_reset", ctypes.c_int(self.RESET_SESSION))
            self.open, self.blocks, self.raw = True, 1, size
        # Room for one byte more than there should be: whatever is left in the decompressor would fill it.
        source, room = ctypes.create_string_buffer(data, max(len(data), 1)), ctypes.create_string_buffer(size + 1)
        read = Buffer(ctypes.addressof(source), len(data), 0)
        made = Buffer(ctypes.addressof(room), size + 1, 0)
        while self.open and read.at < read.size and made.at < made.size:
            self.open = self.call("ZSTD_decompressStream", ctypes.byref(made), ctypes.byref(read)) != 0
        need(read.at == len(data) and made.at == size, "a block decompresses to its declared size")
        return room.raw[:size]


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def varint(self):
        value = shift = 0
        while True:
            need(self.at < len(self.data) and shift < 64, "a varint ends inside its record")
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def svarint(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def bytes(self, count):
        need(self.at + count <= len(self.data), "a string ends inside its record")
        self.at += count
        return self.data[self.at - count:self.at]

    def string(self):
        return self.bytes(self.varint()).decode(errors="surrogateescape")
