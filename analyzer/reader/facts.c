/*
 * What a trace says about its run: the process, the resident set, losses, the end.
 */
#include "reader/records.h"

#include <string.h>

static const char wrong_end[] = "a fact is cut short";

const char *record_process(struct trace *trace, struct cursor *cursor) {
        struct trace_facts *facts = &trace->facts;
        const char *wrong = NULL;

        if (!cursor_copy(cursor, &facts->process, sizeof(facts->process)))
                return wrong_end;
        wrong = record_string(trace, cursor, MTR_STRING_MAX, &facts->exe, NULL);
        if (!wrong)
                wrong = record_string(trace, cursor, MTR_STRING_MAX, &facts->cwd, NULL);
        if (!wrong)
                wrong = record_string(trace, cursor, MTR_ARGV_MAX, &facts->argv, &facts->argv_bytes);
        if (!wrong)
                wrong = record_string(trace, cursor, MTR_STRING_MAX, &facts->tracer_version, NULL);
        facts->has_process = !wrong;
        facts->tells_owners |= !wrong && facts->process.flags & MTR_PROCESS_OWNERS;
        return wrong;
}

const char *record_rss(struct trace *trace, struct cursor *cursor) {
        uint64_t count, time, kib;

        if (!cursor_varint(cursor, &count))
                return wrong_end;
        for (; count > 0; count--) {
                if (!cursor_varint(cursor, &time) || !cursor_varint_max(cursor, UINT64_MAX >> 10, &kib))
                        return wrong_end;
                if (kib << 10 > trace->facts.peak_rss_bytes)
                        trace->facts.peak_rss_bytes = kib << 10;
        }
        return NULL;
}

const char *record_loss(struct trace *trace, struct cursor *cursor) {
        const size_t reasons = sizeof(trace->facts.lost_by_reason) / sizeof(*trace->facts.lost_by_reason);
        uint64_t time_ns, lost, reason;

        if (!cursor_varint(cursor, &time_ns) || !cursor_varint(cursor, &lost) ||
            !cursor_varint(cursor, &reason))
                return wrong_end;
        trace->facts.lost_events += lost;
        trace->facts.lost_by_reason[reason < reasons ? reason : 0] += lost;
        return NULL;
}

const char *record_end(struct trace *trace, struct cursor *cursor) {
        struct mtr_end end;

        if (!cursor_copy(cursor, &end, sizeof(end)))
                return wrong_end;
        trace->facts.end = end; /* the last one wins */
        trace->facts.has_end = true;
        return NULL;
}

const char *record_unseen(struct trace *trace, struct cursor *cursor) {
        return record_string(trace, cursor, MTR_STRING_MAX, &trace->facts.unseen, NULL);
}
