"""LuaJIT: hot loops that become machine code, calls of malloc and free from within it, coroutines."""

from case import Case

PACKAGES = ["luajit"]
NEEDS = ["luajit"]

LUA = """
local ffi = require "ffi"
ffi.cdef "void *malloc(size_t); void free(void *); void *realloc(void *, size_t); int qsort_calls;"
local sum = 0
for i = 1, 300000 do
        local p = ffi.cast("char *", ffi.C.malloc(i % 500 + 1))
        p[0] = i % 100
        p = ffi.cast("char *", ffi.C.realloc(p, i % 900 + 1))
        sum = sum + p[0]
        ffi.C.free(p)
end
print(sum)
local function walk(n) if n > 0 then coroutine.yield(n); walk(n - 1) end end
local total = 0
for i = 1, 2000 do
        for n in coroutine.wrap(function() walk(i % 20) end) do
                ffi.C.free(ffi.C.malloc(n))
                total = total + n
        end
end
print(total)
local words = {}
for i = 1, 100000 do words[#words + 1] = ("w" .. i):rep(i % 5) end
table.sort(words)
print(#table.concat(words))
print(pcall(function() error "thrown" end))
ffi.cdef "void qsort(void *, size_t, size_t, int (*)(const int *, const int *));"
local numbers = ffi.new("int[?]", 1000)
for i = 0, 999 do numbers[i] = (i * 7919) % 1000 end
local compare = ffi.cast("int (*)(const int *, const int *)", function(a, b) ffi.C.free(ffi.C.malloc(9)); return a[0] - b[0] end)
ffi.C.qsort(numbers, 1000, 4, compare)
print(numbers[0], numbers[999])
os.exit(3)
"""


def cases():
    return [Case("jit", ["luajit", "s.lua"], files={"s.lua": LUA}, short=True)]
