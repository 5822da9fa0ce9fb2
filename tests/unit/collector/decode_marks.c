/* What the program named, decoded from the format's description alone: see decode.h. */
#include "decode.h"

#include <stdio.h>

void decode_name(struct reader *reader, char name[MTR_MARK_NAME_MAX + 1]) {
        uint64_t length = varint(reader);

        cr_assert(length > 0 && length <= MTR_MARK_NAME_MAX, "a name has a length");
        cr_assert_leq(length, (uint64_t)(reader->end - reader->at));
        memcpy(name, reader->at, length);
        name[length] = '\0';
        cr_assert_eq(strlen(name), length, "a name has no NUL");
        reader->at += length;
}

/* The last one of the same block that keeps this one's order: marks and snapshots together, and scopes. */
static const struct seen_mark *before(const struct seen *seen, uint32_t block, bool scope) {
        for (uint32_t i = seen->mark_count; i > 0 && seen->marks[i - 1].block == block; i--)
                if ((seen->marks[i - 1].type >= MTR_SCOPE_BEGIN) == scope)
                        return &seen->marks[i - 1];
        return NULL;
}

void decode_mark(struct seen *seen, struct reader *reader, const struct mtr_block_header *header,
                 uint32_t type) {
        bool scope = type >= MTR_SCOPE_BEGIN;
        struct seen_mark mark = { .type = type, .block = header->sequence };
        const struct seen_mark *last = before(seen, header->sequence, scope);

        mark.event = varint(reader);
        mark.time_ns = varint(reader);
        cr_assert_leq(mark.event, header->event_count);
        cr_assert(!last || (mark.event >= last->event && mark.time_ns >= last->time_ns),
                  "they stand in order");
        decode_name(reader, mark.name);
        if (scope) {
                mark.thread = varint(reader);
                cr_assert_lt(mark.thread, seen->thread_count);
        }
        cr_assert_eq(reader->at, reader->end);
        seen->marks = more(seen->marks, seen->mark_count, 1, sizeof(*seen->marks));
        seen->marks[seen->mark_count++] = mark;
}

void decode_thread_names(struct seen *seen, struct reader *reader) {
        uint64_t count = varint(reader);

        cr_assert_gt(count, 0);
        seen->named = more(seen->named, seen->named_count, count, sizeof(*seen->named));
        for (; count > 0; count--, seen->named_count++) {
                seen->named[seen->named_count].thread = varint(reader);
                cr_assert_lt(seen->named[seen->named_count].thread, seen->thread_count);
                decode_name(reader, seen->named[seen->named_count].name);
        }
        cr_assert_eq(reader->at, reader->end);
}

const char *seen_marks(const struct seen *seen) {
        static char story[4096];
        size_t length = 0;

        story[0] = '\0';
        for (uint32_t i = 0; i < seen->mark_count && length < sizeof(story); i++) {
                const struct seen_mark *mark = &seen->marks[i];
                uint64_t event = seen->blocks[mark->block].header.events_before + mark->event;

                length += (size_t)snprintf(story + length, sizeof(story) - length, "%s%c%lu:%s", i ? " " : "",
                                           mark->type == MTR_MARK          ? 'M'
                                           : mark->type == MTR_SNAPSHOT    ? 'S'
                                           : mark->type == MTR_SCOPE_BEGIN ? 'B'
                                                                           : 'E',
                                           (unsigned long)event, mark->name);
                if (mark->type >= MTR_SCOPE_BEGIN && length < sizeof(story))
                        length += (size_t)snprintf(story + length, sizeof(story) - length, "/%lu",
                                                   (unsigned long)mark->thread);
        }
        return story;
}
