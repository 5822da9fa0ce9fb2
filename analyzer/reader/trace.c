/*
 * Walks the records of every whole block once and keeps what definitions.c and facts.c make of
 * them. One thread.
 */
#include "reader/trace.h"

#include "base/message.h"
#include "base/progress.h"
#include "reader/domains.h"
#include "reader/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef const char *record_decode(struct trace *trace, struct cursor *cursor);

/* One for each type that this floor understands; replay/ reads checkpoints and events. */
static const struct {
        uint32_t type;
        record_decode *decode;
} decoders[] = {
        { MTR_NUMBERING, record_numbering },
        { MTR_PROCESS, record_process },
        { MTR_MODULES, record_modules },
        { MTR_FRAMES, record_frames },
        { MTR_STACKS, record_stacks },
        { MTR_THREADS, record_threads },
        { MTR_SITES, record_sites },
        { MTR_RSS, record_rss },
        { MTR_LOSS, record_loss },
        { MTR_END, record_end },
        { MTR_UNSEEN, record_unseen },
        { MTR_MARK, record_mark },
        { MTR_SNAPSHOT, record_snapshot },
        { MTR_OWNERS, record_owners },
        { MTR_LIVES, record_lives },
        { MTR_SCOPE_BEGIN, record_scope_begin },
        { MTR_SCOPE_END, record_scope_end },
        { MTR_THREAD_NAMES, record_thread_names },
        { MTR_FRAME_NAMES, record_names },
        { MTR_DOMAINS, record_domains },
        { MTR_DOMAIN_ENDS, record_domain_ends },
};

bool records_next(struct cursor *payload, uint32_t *type, struct cursor *body) {
        struct mtr_record record;
        const uint8_t *bytes;

        if (!cursor_copy(payload, &record, sizeof(record)))
                return false;
        bytes = cursor_bytes(payload, record.length);
        if (!bytes)
                return false;
        *type = record.type;
        *body = cursor_over(bytes, record.length);
        return true;
}

static const char *decode_payload(struct trace *trace, struct cursor payload) {
        struct cursor body;
        uint32_t type;

        while (cursor_left(&payload) > 0) {
                if (!records_next(&payload, &type, &body))
                        return "a record reaches past the payload";
                for (size_t i = 0; i < sizeof(decoders) / sizeof(*decoders); i++) {
                        const char *wrong =
                                decoders[i].type == type ? decoders[i].decode(trace, &body) : NULL;

                        if (wrong)
                                return wrong;
                }
        }
        return NULL;
}

static int load_block(struct trace *trace, size_t index) {
        struct reader *reader = trace->reader;
        size_t marks = trace->mark_count, scopes = trace->scope_count;
        const char *wrong;
        const uint8_t *data;
        size_t length_bytes;
        int error;

        trace->block = index;
        if (reader->blocks[index].after_loss)
                trace->numbering_known = false;
        error = reader_payload(reader, index, &data, &length_bytes);
        if (error == READER_E_BLOCK)
                return 0;
        if (error != 0)
                return error;
        wrong = decode_payload(trace, cursor_over(data, length_bytes));
        if (wrong == records_no_memory)
                return message_errno(ENOMEM, reader->name, "cannot keep what the trace defines");
        if (wrong) {
                reader_spoil(reader, index, wrong);
                marks_keep(trace, marks);
                scopes_keep(trace, scopes);
        }
        return 0;
}

int trace_load(struct reader *reader, struct trace **out) {
        struct trace *trace = calloc(1, sizeof(*trace));
        int error = 0;

        if (trace) {
                trace->reader = reader;
                trace->numbering_known = true;
                trace->sites_after = calloc(reader->block_count + 1, sizeof(*trace->sites_after));
        }
        if (!trace || !trace->sites_after) {
                error = message_errno(ENOMEM, reader->name, "cannot read");
                if (!trace)
                        reader_free(reader);
                trace_free(trace);
                return error;
        }
        progress_begin("reading", reader->block_count);
        for (size_t i = 0; error == 0 && i < reader->block_count; i++) {
                error = load_block(trace, i);
                trace->sites_after[i] = (uint32_t)trace_site_count(trace);
                progress_at(i + 1);
        }
        progress_end();
        if (error == 0)
                error = domains_settle(trace);
        if (error != 0) {
                trace_free(trace);
                return error;
        }
        *out = trace;
        return 0;
}

int trace_open(const char *path, struct trace **out) {
        struct reader *reader;
        int error = reader_open(path, &reader);

        return error != 0 ? error : trace_load(reader, out);
}

void trace_free(struct trace *trace) {
        if (!trace)
                return;
        for (uint32_t i = 0; i < trace->tables[TRACE_MODULES].count; i++)
                free(trace_module(trace, i)->path);
        for (uint32_t i = 0; i < trace->tables[TRACE_THREADS].count; i++)
                free(trace_thread(trace, i)->name);
        for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
                free(trace->tables[i].items);
        free(trace->facts.exe);
        free(trace->facts.cwd);
        free(trace->facts.argv);
        free(trace->facts.tracer_version);
        free(trace->facts.unseen);
        marks_keep(trace, 0);
        free(trace->marks);
        scopes_keep(trace, 0);
        free(trace->scopes);
        names_free(trace);
        domains_free(trace);
        free(trace->sites_after);
        reader_free(trace->reader);
        free(trace);
}
