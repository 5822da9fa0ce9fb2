/*
 * From a frame of the trace to what a person calls it: file, line and function, with the
 * frames the compiler inlined, each looked up once and kept.
 *
 * A module is opened when its first frame is asked for, and only where the user's machine has it
 * with the trace's own build-id; else its frames are MODULE+0xOFFSET. debuginfod is never asked. What the
 * trace itself has names for is called so, and its module stays closed.
 *
 * Must not: fail because a module is missing or broken.
 */
#ifndef ANALYZER_SYMBOLS_SYMBOLS_H
#define ANALYZER_SYMBOLS_SYMBOLS_H

#include "base/intern.h"
#include "reader/trace.h"

/*
 * One frame as shown. Where there is a line, `file` and `line` are the place. Where there is
 * none, line is 0 and `file` is the whole place: "libz.so.1:inflate+0x1f", "libz.so.1+0x2f00",
 * or "<unknown>" (which is shown as <unknown>:0).
 */
struct symbol_frame {
        const char *file;
        const char *directory; /* the compile directory, where `file` is relative to it; NULL: not known */
        const char *function;  /* NULL: not known */
        const char *linkage;   /* the function as the linker knows it, mangled; NULL: not known */
        const char *module;    /* path, NULL: not known */
        uint32_t line;
        uint32_t declared_line; /* where the function begins in `file`; 0: not known, or elsewhere */
        bool has_line;
        bool inlined; /* into the next frame out; never the last of a trace's frame */
};

/* A frame of the trace with its inline frames, innermost first; at least one. */
struct symbol_frames {
        const struct symbol_frame *frames;
        size_t count;
};

struct symbols;

/* NULL after a report: no memory. The trace must outlive it. */
struct symbols *symbols_new(const struct trace *trace);

/*
 * The same where the names are known, so that no module is opened for them: `names` has an item for each
 * frame of the trace, empty where it has no module; their texts are in `texts`. Both are taken over, also on
 * failure.
 */
struct symbols *symbols_new_known(const struct trace *trace, struct symbol_frames *names,
                                  struct intern texts);
void symbols_free(struct symbols *symbols);

/* 0 or a negative errno already reported (no memory). TRACE_NO_NUMBER gives <unknown>. */
int symbols_lookup(struct symbols *symbols, uint32_t frame, struct symbol_frames *out);

/* What of a module's file is loaded to be run. */
struct symbols_code {
        uint64_t start, end; /* in memory, whole pages */
        uint64_t offset_bytes;
};

/* The part that an address in memory is in. False where the file has not been opened, by a look-up of one of
 * its frames, or the address is in none. */
bool symbols_code_at(const struct symbols *symbols, uint32_t module, uint64_t address,
                     struct symbols_code *code);

/*
 * The first and the last line, in its file, of the function that a frame of symbols_lookup is in. False where
 * that is not told. Walks all frames and the unit's lines: for a few functions.
 */
bool symbols_extent(struct symbols *symbols, const struct symbol_frame *frame, uint32_t *first_line,
                    uint32_t *last_line);

#endif
