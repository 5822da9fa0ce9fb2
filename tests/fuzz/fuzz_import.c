/*
 * Another tool's file, whatever it holds: it is refused, or becomes a trace that is whole, with an end that
 * its own events come to, and names that can be looked up.
 */
#include "base/message.h"
#include "import/import.h"
#include "replay/range.h"
#include "symbols/symbols.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length_bytes);

/* It was written within what a file may define, so it is read with as much as that takes. */
static const struct reader_limits limits = { .raw_bytes = UINT64_C(1) << 30,
                                             .definition_bytes = UINT64_C(1) << 30 };

static void is_told_right(struct trace *trace) {
        const struct moment end = { .kind = MOMENT_END };
        const struct replay_totals *totals;
        struct range range;

        if (range_replay(trace, NULL, &end, REPLAY_FROM_BEGINNING, NULL, &range) != 0)
                abort();
        totals = &range.more.totals;
        if (trace->reader->damage_count != 0 ||
            (trace->facts.has_end && (totals->allocations != trace->facts.end.allocations ||
                                      totals->live_bytes != trace->facts.end.live_bytes ||
                                      totals->live_blocks != trace->facts.end.live_blocks ||
                                      totals->temporary != trace->facts.end.temporary)))
                abort();
        range_deinit(&range);
}

/* Of those that are named: the others would be looked for on this machine. */
static void has_names(struct trace *trace) {
        struct symbols *symbols = symbols_new(trace);
        struct symbol_frames frames;
        size_t count;

        if (!symbols)
                abort();
        for (uint32_t i = 0; i < trace->tables[TRACE_FRAMES].count; i++) {
                if (!trace_names(trace, i, &count))
                        continue;
                if (symbols_lookup(symbols, i, &frames) != 0 || frames.count != count)
                        abort();
                for (size_t k = 0; k < count; k++)
                        if (strlen(frames.frames[k].file) > MTR_NAME_MAX)
                                abort();
        }
        symbols_free(symbols);
}

static void read_trace(const char *bytes, size_t length) {
        int fd = memfd_create("fuzz", MFD_CLOEXEC);
        struct reader *reader;
        struct trace *trace;

        if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
                abort();
        if (reader_open_fd(fd, "fuzz", &limits, &reader) != 0 || trace_load(reader, &trace) != 0 ||
            trace->reader->damage_count != 0)
                abort();
        is_told_right(trace);
        has_names(trace);
        trace_free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length_bytes) {
        FILE *in = fmemopen((void *)data, length_bytes ? length_bytes : 1, "r"), *out;
        char *bytes = NULL;
        size_t length;
        int error;

        message_silence();
        out = open_memstream(&bytes, &length);
        if (!in || !out)
                abort();
        error = import_trace(in, "fuzz", length_bytes, out);
        fclose(out);
        fclose(in);
        if (error == 0)
                read_trace(bytes, length);
        free(bytes);
        return 0;
}
