/*
 * See suppressions_parts.h: Valgrind's entries, from "{" to "}".
 */
#include "judge/suppressions_parts.h"

#include "base/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next line of an entry, which has to end. */
static int entry_line(struct suppressions_reading *reading) {
        int got = suppressions_line(reading);

        if (got != 0)
                return got;
        message("%s:%lu: the entry that begins here has no \"}\"", reading->name, reading->opened);
        return -EINVAL;
}

/* Whether the first `length` bytes of `word` are one of the comma-separated `list`. */
static bool is_listed(const char *list, const char *word, size_t length) {
        for (;;) {
                size_t part = strcspn(list, ",:");

                if (part == length && memcmp(list, word, length) == 0)
                        return true;
                if (list[part] != ',')
                        return false;
                list += part + 1;
        }
}

/* Kinds of leaks are Valgrind's alone: what is held is held. `taken` is false where it is none of them. */
static int read_kinds(struct suppressions_reading *reading, const char *list, bool *taken) {
        size_t length;

        list += strspn(list, SUPPRESSIONS_BLANK);
        *taken = strcmp(list, "none") != 0;
        for (; *taken; list += length + 1) {
                length = strcspn(list, ",");
                if (!is_listed("definite,indirect,possible,reachable,all", list, length))
                        return suppressions_wrong(
                                reading, "names no kinds of leaks: they are definite, indirect, possible, "
                                         "reachable, all and none");
                if (!list[length])
                        break;
        }
        return 0;
}

/* FILE or FILE:LINE. */
static int read_source(struct suppressions_reading *reading, struct suppression *item, char *source) {
        char *colon = strrchr(source, ':');
        unsigned long line = 0;

        if (colon) {
                size_t digits = strspn(colon + 1, "0123456789");

                line = digits > 0 && digits < 10 ? strtoul(colon + 1, NULL, 10) : 0;
                if (line == 0 || colon[1 + digits] != '\0')
                        return suppressions_wrong(reading, "has no line's number behind its last colon");
                *colon = '\0';
                if (!*source)
                        return suppressions_wrong(reading, "has no file");
        }
        return suppressions_add_pattern(reading, item, MATCHER_SOURCE, source, (uint32_t)line);
}

/* A line that says which frame, or "...". */
static int read_frame(struct suppressions_reading *reading, struct suppression *item) {
        static const char prefixes[][5] = { "fun:", "obj:", "src:" };
        static const enum matcher_of of[] = { MATCHER_FUNCTION, MATCHER_OBJECT, MATCHER_SOURCE };

        if (item->frame_count == SUPPRESSIONS_FRAMES_MAX) {
                message("%s:%lu: an entry of more than %u frames", reading->name, reading->number,
                        SUPPRESSIONS_FRAMES_MAX);
                return -EINVAL;
        }
        if (strcmp(reading->line, "...") == 0)
                return suppressions_add_frame(reading, item, SUPPRESSIONS_NONE);
        for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
                char *pattern = reading->line + strlen(prefixes[i]);

                if (strncmp(reading->line, prefixes[i], strlen(prefixes[i])) != 0)
                        continue;
                if (!*pattern)
                        return suppressions_wrong(reading, "has no pattern behind its colon");
                return of[i] == MATCHER_SOURCE ? read_source(reading, item, pattern)
                                               : suppressions_add_pattern(reading, item, of[i], pattern, 0);
        }
        return suppressions_wrong(reading, "is no frame: fun:NAME, obj:NAME, src:FILE or ...");
}

/* What stands behind the entry's kind, up to its end. */
static int read_frames(struct suppressions_reading *reading, struct suppression *item, bool *taken) {
        static const char kinds[] = "match-leak-kinds:";
        bool any = false;
        int got = entry_line(reading), error = 0;

        if (got > 0 && strncmp(reading->line, kinds, strlen(kinds)) == 0) {
                error = read_kinds(reading, reading->line + strlen(kinds), taken);
                if (error == 0)
                        got = entry_line(reading);
        }
        while (error == 0 && got > 0 && strcmp(reading->line, "}") != 0) {
                error = read_frame(reading, item);
                if (error == 0)
                        got = entry_line(reading);
        }
        if (error < 0 || got < 0)
                return error < 0 ? error : got;
        for (size_t i = 0; i < item->frame_count; i++)
                any |= item->frames[i] != SUPPRESSIONS_NONE;
        if (any)
                return 0;
        message("%s:%lu: the entry that begins here has no frames%s", reading->name, reading->opened,
                item->frame_count > 0 ? " but ..., and would suppress everything" : "");
        return -EINVAL;
}

static int pass_over(struct suppressions_reading *reading) {
        int got;

        if (reading->passed_over++ == 0)
                reading->first_passed_over = reading->opened;
        while ((got = entry_line(reading)) > 0)
                if (strcmp(reading->line, "}") == 0)
                        return 0;
        return got;
}

int suppressions_entry(struct suppressions_reading *reading) {
        struct suppression item = { 0 };
        bool taken = true;
        size_t tools;
        int got;

        reading->opened = reading->number;
        got = entry_line(reading);
        if (got > 0 && asprintf(&item.text, "{ %s }", reading->line) < 0)
                got = message_errno(ENOMEM, reading->name, "cannot keep its suppressions");
        if (got > 0 && strcmp(reading->line, "}") == 0)
                got = suppressions_wrong(reading, "ends an entry that has no name");
        if (got > 0)
                got = entry_line(reading);
        if (got > 0 && !strchr(reading->line, ':'))
                got = suppressions_wrong(reading, "is not TOOL:KIND, as in Memcheck:Leak");
        if (got < 0) {
                free(item.text);
                return got;
        }
        tools = strcspn(reading->line, ":");
        if (!is_listed(reading->line, "Memcheck", strlen("Memcheck")) ||
            strcmp(reading->line + tools, ":Leak") != 0) {
                free(item.text);
                return pass_over(reading);
        }
        got = read_frames(reading, &item, &taken);
        if (got == 0 && taken)
                return suppressions_add_item(reading, &item, reading->opened);
        suppressions_drop(&item);
        if (got == 0 && reading->passed_over++ == 0)
                reading->first_passed_over = reading->opened;
        return got;
}
