/*
 * See lives.h, and format.h for the records. One thread.
 */
#include "reader/lives.h"

#include "reader/records.h"

static const char wrong_end[] = "a record of freed blocks is cut short";

/* Passes over a column. */
static bool skip_column(struct cursor *cursor, uint64_t count) {
        uint64_t value;

        for (uint64_t i = 0; i < count; i++)
                if (!cursor_varint(cursor, &value))
                        return false;
        return true;
}

const char *lives_owners_begin(struct lives_owners *owners, struct cursor body) {
        uint64_t count;

        *owners = (struct lives_owners){ .event = LIVES_NO_EVENT };
        if (!cursor_varint(&body, &count) || count > cursor_left(&body) / 2)
                return wrong_end;
        owners->events = owners->threads = body;
        owners->left = count;
        return skip_column(&owners->threads, count) ? lives_owners_next(owners) : wrong_end;
}

const char *lives_owners_next(struct lives_owners *owners) {
        uint64_t before = owners->event, step;

        owners->event = LIVES_NO_EVENT;
        if (owners->left == 0)
                return NULL;
        owners->left--;
        if (!cursor_varint(&owners->events, &step) || !cursor_varint(&owners->threads, &owners->thread))
                return wrong_end;
        if (before == LIVES_NO_EVENT)
                owners->event = step;
        else if (step == 0 || __builtin_add_overflow(before, step, &owners->event))
                owners->event = LIVES_NO_EVENT;
        return owners->event == LIVES_NO_EVENT ? "the owners of freed blocks are out of order" : NULL;
}

const char *lives_begin(struct lives *lives, struct cursor body) {
        struct cursor *columns[] = { &lives->sites, &lives->distances, &lives->age_classes, &lives->frees,
                                     &lives->beyond_ms };
        const size_t column_count = sizeof(columns) / sizeof(*columns);
        uint64_t count;

        *lives = (struct lives){ 0 };
        if (!cursor_varint(&body, &count) || count > cursor_left(&body) / column_count)
                return wrong_end;
        for (size_t i = 0; i < column_count; i++) {
                *columns[i] = body;
                if (!skip_column(&body, count))
                        return wrong_end;
        }
        lives->left = count;
        return NULL;
}

uint64_t lives_least_ms(unsigned age_class) {
        return age_class < 4 ? age_class : (uint64_t)(4 + age_class % 4) << (age_class / 4 - 1);
}

uint64_t lives_most_ms(unsigned age_class) {
        return age_class < MTR_AGE_CLASS_MAX ? lives_least_ms(age_class + 1) - 1 : UINT64_MAX;
}

/* How long a row's blocks lived together, so long beyond the least. False: none can, or nothing counts that
 * far. */
static bool add_up(struct lives_row *row, uint64_t beyond_ms) {
        unsigned age_class = (unsigned)row->age_class;
        uint64_t least = lives_least_ms(age_class);

        return (unsigned __int128)(lives_most_ms(age_class) - least) * row->frees >= beyond_ms &&
               !__builtin_mul_overflow(least, row->frees, &row->lived_ms) &&
               !__builtin_add_overflow(row->lived_ms, beyond_ms, &row->lived_ms);
}

bool lives_next(struct lives *lives, const char **wrong) {
        struct lives_row before = lives->row, *row = &lives->row;
        uint64_t step, beyond_ms;

        *wrong = NULL;
        if (lives->left == 0)
                return false;
        lives->left--;
        if (!cursor_varint(&lives->sites, &step) || !cursor_varint(&lives->distances, &row->distance) ||
            !cursor_varint(&lives->age_classes, &row->age_class) ||
            !cursor_varint(&lives->frees, &row->frees) || !cursor_varint(&lives->beyond_ms, &beyond_ms)) {
                *wrong = wrong_end;
                return false;
        }
        if (__builtin_add_overflow(before.site, step, &row->site) || row->distance > MTR_DISTANCE_UNKNOWN ||
            row->age_class > MTR_AGE_CLASS_MAX || row->frees == 0 || !add_up(row, beyond_ms))
                *wrong = "blocks have lived as none can";
        else if (lives->begun && step == 0 &&
                 (row->distance < before.distance ||
                  (row->distance == before.distance && row->age_class <= before.age_class)))
                *wrong = "the lives of freed blocks are out of order";
        lives->begun = true;
        return !*wrong;
}

const char *record_owners(struct trace *trace, struct cursor *cursor) {
        uint64_t event_count = trace->reader->blocks[trace->block].header.event_count;
        struct lives_owners owners;
        const char *wrong;

        trace->facts.tells_owners = true;
        for (wrong = lives_owners_begin(&owners, *cursor); !wrong && owners.event != LIVES_NO_EVENT;
             wrong = lives_owners_next(&owners))
                if (owners.event >= event_count)
                        return "an owner is told of an event that its block has not";
                else if (trace->numbering_known && owners.thread > trace->tables[TRACE_THREADS].count)
                        return "an owner is a thread that is not defined";
        return wrong;
}

const char *record_lives(struct trace *trace, struct cursor *cursor) {
        const char *wrong;
        struct lives lives;

        trace->facts.tells_owners = true;
        wrong = lives_begin(&lives, *cursor);
        if (wrong)
                return wrong;
        while (lives_next(&lives, &wrong))
                if (trace->numbering_known && lives.row.site >= trace_site_count(trace))
                        return "blocks lived that are of a site which is not defined";
        return wrong;
}
