/*
 * symbols/symbols.c: this very program's addresses, whose lines the preprocessor knows, and frames
 * that no file explains.
 */
#include "base/message.h"
#include "symbols/symbols.h"
#include "trace_builder.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
        uint64_t address;
        unsigned line;
};

__attribute__((noinline)) static struct place here(unsigned line) {
        return (struct place){ (uint64_t)__builtin_return_address(0), line };
}

/* One call inlined into another: the return address has three frames. */
static unsigned inner_line, outer_line;

__attribute__((always_inline)) static inline struct place inlined_inner(void) {
        struct place place = here(inner_line = __LINE__);

        __asm__ volatile("" ::: "memory"); /* no tail call */
        return place;
}

__attribute__((always_inline)) static inline struct place inlined_outer(void) {
        outer_line = __LINE__ + 1;
        struct place place = inlined_inner();

        __asm__ volatile("" ::: "memory");
        return place;
}

struct self {
        char path[4096];
        uint64_t start, end, bias;
        uint8_t build_id[64];
        size_t build_id_bytes;
};

/* The first object listed is the program. */
static int note_self(struct dl_phdr_info *info, size_t size, void *context) {
        struct self *self = context;

        self->bias = info->dlpi_addr;
        self->start = UINT64_MAX;
        for (int i = 0; i < info->dlpi_phnum; i++) {
                const ElfW(Phdr) *header = &info->dlpi_phdr[i];

                if (header->p_type == PT_LOAD) {
                        uint64_t start = self->bias + header->p_vaddr;

                        if (start < self->start)
                                self->start = start;
                        self->end = start + header->p_memsz;
                }
                if (header->p_type == PT_NOTE) {
                        const uint8_t *at = (const uint8_t *)(self->bias + header->p_vaddr);
                        const uint8_t *end = at + header->p_memsz;

                        while (at + 12 <= end) {
                                const ElfW(Nhdr) *note = (const void *)at;

                                if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4) {
                                        self->build_id_bytes = note->n_descsz;
                                        memcpy(self->build_id, at + 16, note->n_descsz);
                                }
                                at += 12 + ((note->n_namesz + 3) & ~3u) + ((note->n_descsz + 3) & ~3u);
                        }
                }
        }
        return 1;
}

static struct self find_self(void) {
        struct self self = { .path = "" };
        ssize_t length = readlink("/proc/self/exe", self.path, sizeof(self.path) - 1);

        cr_assert_gt(length, 0);
        dl_iterate_phdr(note_self, &self);
        return self;
}

static struct trace *load(struct tb *tb) {
        struct reader *reader;
        struct trace *trace;

        tb_end(tb, MTR_END_EXITED, 0);
        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", NULL, &reader), 0);
        cr_assert_eq(trace_load(reader, &trace), 0);
        cr_assert_eq(trace->reader->damage_count, 0);
        return trace;
}

/* A trace of one frame in `self`. */
static struct trace *one_frame(const struct self *self, uint64_t address, bool exact) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t module = tb_module(tb, self->start, self->end, self->bias, self->build_id,
                                    self->build_id_bytes, self->path);
        struct trace *trace;

        tb_frame(tb, module, address - self->start, exact);
        trace = load(tb);
        tb_free(tb);
        return trace;
}

static void is_place(const struct symbol_frame *frame, const char *function, unsigned line) {
        cr_assert(frame->has_line);
        cr_assert_not_null(strstr(frame->file, "tests/unit/analyzer/test_symbols.c"), "%s", frame->file);
        cr_assert_eq(frame->line, line, "%s: line %u, not %u", function, frame->line, line);
        cr_assert_str_eq(frame->function, function);
}

Test(symbols, a_return_address_is_the_call) {
        struct self self = find_self();
        struct place place = here(__LINE__);
        struct trace *trace = one_frame(&self, place.address, false);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames, again;

        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_eq(frames.count, 1);
        is_place(&frames.frames[0], "symbols_a_return_address_is_the_call_impl", place.line);
        cr_assert_str_eq(frames.frames[0].module, self.path);
        cr_assert_eq(symbols_lookup(symbols, 0, &again), 0);
        cr_assert_eq(again.frames, frames.frames, "looked up once");
        symbols_free(symbols);
        trace_free(trace);
}

Test(symbols, an_exact_address_is_itself) {
        struct self self = find_self();
        struct trace *trace = one_frame(&self, (uint64_t)here, true);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;

        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_str_eq(frames.frames[frames.count - 1].function, "here");
        symbols_free(symbols);
        trace_free(trace);
}

Test(symbols, inline_frames_stand_innermost_first) {
        struct self self = find_self();
        unsigned line = __LINE__ + 1;
        struct place place = inlined_outer();
        struct trace *trace = one_frame(&self, place.address, false);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;

        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_eq(frames.count, 3);
        is_place(&frames.frames[0], "inlined_inner", inner_line);
        is_place(&frames.frames[1], "inlined_outer", outer_line);
        is_place(&frames.frames[2], "symbols_inline_frames_stand_innermost_first_impl", line);
        cr_assert(frames.frames[0].inlined);
        cr_assert(frames.frames[1].inlined);
        cr_assert_not(frames.frames[2].inlined);
        cr_assert_eq(frames.frames[0].declared_line, inner_line - 1);
        cr_assert_eq(frames.frames[1].declared_line, outer_line - 2);
        cr_assert_str_eq(frames.frames[1].linkage, "inlined_outer");
        symbols_free(symbols);
        trace_free(trace);
}

static inline void inlined_from_below(volatile int *calls);

static const unsigned spread_begins = __LINE__ + 1;
__attribute__((noinline)) static struct place spread(volatile int *calls) {
        struct place place = inlined_outer();

        inlined_from_below(calls);
        --*calls;
        return place;
}
static const unsigned spread_ends = __LINE__ - 1;

__attribute__((always_inline)) static inline void inlined_from_below(volatile int *calls) {
        while (*calls > 2)
                --*calls;
}

/* Of what is inlined, the last lines may have no code of their own. */
static void has_extent(struct symbols *symbols, const struct symbol_frame *frame, unsigned first_line,
                       unsigned least_last, unsigned last_line) {
        uint32_t first, last;

        cr_assert(symbols_extent(symbols, frame, &first, &last), "%s", frame->function);
        cr_assert_eq(first, first_line, "%s begins at %u, not %u", frame->function, first, first_line);
        cr_assert(last >= least_last && last <= last_line, "%s ends at %u", frame->function, last);
}

/* What stands elsewhere and is inlined does not stretch a function. */
Test(symbols, a_function_has_a_first_and_a_last_line) {
        struct self self = find_self();
        volatile int calls = 3;
        struct place place = spread(&calls);
        struct trace *trace = one_frame(&self, place.address, false);
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;
        uint32_t first, last;

        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_eq(frames.count, 3);
        is_place(&frames.frames[2], "spread", spread_begins + 1);
        cr_assert_eq(frames.frames[2].declared_line, spread_begins);
        cr_assert(frames.frames[2].file[0] == '/' || frames.frames[2].directory[0] == '/');
        /* clang gives the closing brace no code of its own */
        has_extent(symbols, &frames.frames[2], spread_begins, spread_ends - 1, spread_ends);
        has_extent(symbols, &frames.frames[0], inner_line - 1, inner_line, inner_line + 4);
        has_extent(symbols, &frames.frames[1], outer_line - 2, outer_line - 1, outer_line + 4);
        cr_assert_not(symbols_extent(symbols, &(struct symbol_frame){ .has_line = true }, &first, &last));
        symbols_free(symbols);
        trace_free(trace);
}

/* The same frame in a trace that was made from another tool's file, and tells itself what it is called. */
static struct trace *one_named_frame(const struct self *self, uint64_t address,
                                     const struct symbol_frame *named) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t module = tb_module(tb, self->start, self->end, self->bias, self->build_id,
                                    self->build_id_bytes, self->path);
        const char *texts[] = { named->file, named->function };
        /* of one frame, the first, one name: texts and line, each + 1, but for a directory */
        const uint64_t numbers[] = { 1, 0, 1, 1, 0, 2, named->line + 1 };
        struct tb_bytes body = { 0 };
        struct trace *trace;

        tb_frame(tb, module, address - self->start, false);
        tb_block(tb);
        tb_varint(&body, 2);
        for (size_t i = 0; i < 2; i++) {
                tb_varint(&body, strlen(texts[i]));
                tb_append(&body, texts[i], strlen(texts[i]));
        }
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
                tb_varint(&body, numbers[i]);
        tb_record(tb, MTR_FRAME_NAMES, body.data, body.length);
        free(body.data);
        trace = load(tb);
        tb_free(tb);
        return trace;
}

/* Its lines are another machine's: what stands there in the file that is here says nothing of them. */
Test(symbols, a_frame_that_was_imported_has_no_extent) {
        struct self self = find_self();
        volatile int calls = 3;
        struct place place = spread(&calls);
        struct trace *own = one_frame(&self, place.address, false), *imported;
        struct symbols *symbols = symbols_new(own), *told;
        struct symbol_frames frames, names;
        uint32_t first, last;

        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert(symbols_extent(symbols, &frames.frames[0], &first, &last));
        imported = one_named_frame(&self, place.address, &frames.frames[0]);
        told = symbols_new(imported);
        cr_assert_eq(symbols_lookup(told, 0, &names), 0);
        cr_assert_eq(names.count, 1);
        cr_assert_str_eq(names.frames[0].file, frames.frames[0].file);
        cr_assert_eq(names.frames[0].line, frames.frames[0].line);
        cr_assert_not(symbols_extent(told, &names.frames[0], &first, &last));
        symbols_free(told);
        trace_free(imported);
        symbols_free(symbols);
        trace_free(own);
}

Test(symbols, another_build_gives_offsets) {
        struct self self = find_self();
        struct place place = here(__LINE__);
        char expected[4200];
        struct symbol_frames frames;
        struct symbols *symbols;
        struct trace *trace;

        message_silence();
        cr_assert_gt(self.build_id_bytes, 0);
        self.build_id[3] ^= 1;
        trace = one_frame(&self, place.address, false);
        symbols = symbols_new(trace);
        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_eq(frames.count, 1);
        cr_assert_not(frames.frames[0].has_line);
        snprintf(expected, sizeof(expected), "%s+0x%llx", strrchr(self.path, '/') + 1,
                 (unsigned long long)(place.address - self.bias));
        cr_assert_str_eq(frames.frames[0].file, expected);
        cr_assert_null(frames.frames[0].function);
        symbols_free(symbols);
        trace_free(trace);
}

Test(symbols, places_without_a_module) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t nameless = tb_module(tb, 0x1000, 0x2000, 0x800, NULL, 0, "");
        struct symbol_frames frames;
        struct symbols *symbols;
        struct trace *trace;

        tb_frame(tb, UINT32_MAX, 0x1234, false);
        tb_frame(tb, nameless, 0x10, false);
        trace = load(tb);
        symbols = symbols_new(trace);
        cr_assert_eq(symbols_lookup(symbols, 0, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "<unknown>");
        cr_assert_eq(symbols_lookup(symbols, 1, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "<unknown>+0x810");
        cr_assert_eq(symbols_lookup(symbols, TRACE_NO_NUMBER, &frames), 0);
        cr_assert_str_eq(frames.frames[0].file, "<unknown>");
        symbols_free(symbols);
        trace_free(trace);
        tb_free(tb);
}
