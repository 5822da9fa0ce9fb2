/*
 * See suggest.h. One thread.
 */
#include "judge/suggest.h"

#include "aggregate/charge.h"
#include "base/array.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/path.h"
#include "base/saturate.h"
#include "base/text.h"
#include "judge/frame_names.h"
#include "judge/heads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of a deeper stack the innermost are left open, and of a longer name the end. */
#define FRAMES_MAX 100u
#define NAME_BYTES_MAX 4096u

void suggest_deinit(struct suggest *suggest) {
        for (size_t i = 0; i < suggest->count; i++) {
                free(suggest->items[i].place);
                free(suggest->items[i].name);
        }
        free(suggest->items);
        intern_deinit(&suggest->entries);
        *suggest = (struct suggest){ 0 };
}

/* A name as a pattern that covers it, in one line: what a line or a terminal would make something else of is
 * any byte, and so is a blank at the end. */
static void put_pattern(FILE *stream, const char *name) {
        size_t length = strnlen(name, NAME_BYTES_MAX);

        for (size_t i = 0; i < length; i++) {
                bool plain = name[i] > ' ' && name[i] < 0x7f;

                fputc(plain || (name[i] == ' ' && name[i + 1]) ? name[i] : '?', stream);
        }
        if (name[length])
                fputc('*', stream);
}

static bool has_text(const char *text) {
        return text && *text;
}

/* A function by the name that it has with debug information and without. */
static const char *stable_name(const struct symbol_frame *frame) {
        return frame->module && charge_is_runtime_module(frame->module) ? frame_names_outer(frame->function)
                                                                        : frame->function;
}

static void put_frame(FILE *stream, const struct symbol_frame *frame) {
        bool named = has_text(frame->function);

        fputs(named ? "   fun:" : "   obj:", stream);
        if (named || has_text(frame->module))
                put_pattern(stream, named ? stable_name(frame) : frame->module);
        else
                fputc('*', stream);
        fputc('\n', stream);
}

/* The frame that tells the stack from others: the one that answers, unless it has no name or is of the
 * standard library, as what all programs' containers allocate by; then the first further out that is neither.
 */
static size_t telling_frame(const struct symbol_frame *const *frames, size_t count, size_t charged) {
        size_t at = charged;

        while (at + 1 < count && (!has_text(frames[at]->function) || charge_is_std(frames[at])))
                at++;
        return at;
}

/* Writes the frames up to `last`. False where none of them says anything. */
static bool put_frames(FILE *stream, const struct symbol_frame *const *frames, size_t last, uint8_t kind) {
        size_t first = 0;
        bool known = false;

        /* of C++'s own functions that call each other, the one that was called */
        while (first < last && heads_gives_block(frames[first]) && heads_gives_block(frames[first + 1]))
                first++;
        if (last - first >= FRAMES_MAX) {
                first = last - FRAMES_MAX + 1;
                fputs("   ...\n", stream);
        } else if (!heads_gives_block(frames[first])) {
                fprintf(stream, "   fun:%s\n", heads_name(kind));
        }
        for (size_t i = first; i <= last; i++) {
                known |= has_text(frames[i]->function) || has_text(frames[i]->module);
                put_frame(stream, frames[i]);
        }
        return known;
}

/* "leak in FUNCTION"; heap, NULL: no memory. */
static char *entry_name(const struct symbol_frame *frame) {
        char *name = NULL;
        size_t length;
        FILE *stream = memo_stream(&name, &length);

        if (!stream)
                return NULL;
        fputs("leak in ", stream);
        if (has_text(frame->function))
                put_pattern(stream, frame->function);
        else
                put_pattern(stream, has_text(frame->module) ? path_base(frame->module) : "what has no name");
        if (fclose(stream) == 0)
                return name;
        free(name);
        return NULL;
}

static int add_entry(struct suggest *suggest, const char *entry, const char *place,
                     const struct symbol_frame *frame, uint64_t bytes, uint64_t blocks) {
        struct suggest_item *item;
        uint32_t number;

        if (array_reserve(&suggest->items, &suggest->capacity, suggest->count + 1, sizeof(*suggest->items)) <
                    0 ||
            intern_text(&suggest->entries, entry, &number) < 0)
                return -ENOMEM;
        item = &suggest->items[number];
        if (number == suggest->count) {
                *item = (struct suggest_item){ .name = entry_name(frame) };
                suggest->count++;
        }
        item->bytes = saturate_add(item->bytes, bytes);
        item->blocks = saturate_add(item->blocks, blocks);
        if (!item->place || bytes > item->place_bytes) {
                free(item->place);
                item->place = strdup(place);
                item->place_bytes = bytes;
        }
        return item->name && item->place ? 0 : -ENOMEM;
}

int suggest_add(struct suggest *suggest, const char *place, const struct symbol_frame *const *frames,
                size_t count, size_t charged, uint8_t kind, uint64_t bytes, uint64_t blocks) {
        char *entry = NULL;
        size_t length;
        FILE *stream = count > 0 ? memo_stream(&entry, &length) : NULL;
        size_t last = count > 0 ? telling_frame(frames, count, charged) : 0;
        bool known = stream && put_frames(stream, frames, last, kind);
        int error = 0;

        if (count > 0 && (!stream || fclose(stream) != 0))
                error = -ENOMEM;
        if (known && error == 0) {
                error = add_entry(suggest, entry, place, frames[last], bytes, blocks);
        } else if (error == 0) {
                suggest->unknown_bytes = saturate_add(suggest->unknown_bytes, bytes);
                suggest->unknown_blocks = saturate_add(suggest->unknown_blocks, blocks);
        }
        free(entry);
        return error;
}

/* An entry by its number, to be sorted. */
struct ranked {
        uint64_t bytes;
        const char *entry;
        size_t number;
};

static int most_first(const void *left_pointer, const void *right_pointer) {
        const struct ranked *left = left_pointer, *right = right_pointer;

        if (left->bytes != right->bytes)
                return left->bytes > right->bytes ? -1 : 1;
        return strcmp(left->entry, right->entry);
}

static void put_amount(FILE *stream, uint64_t bytes, uint64_t blocks) {
        fprintf(stream, "# %" PRIu64 " B in %" PRIu64 " block%s: ", bytes, blocks, blocks == 1 ? "" : "s");
}

int suggest_write(const struct suggest *suggest, FILE *stream) {
        struct ranked *ranked = calloc(suggest->count + 1, sizeof(*ranked));

        if (!ranked)
                return message_errno(ENOMEM, "check", "cannot write suppressions");
        for (size_t i = 0; i < suggest->count; i++)
                ranked[i] = (struct ranked){ suggest->items[i].bytes,
                                             intern_get(&suggest->entries, (uint32_t)i), i };
        if (suggest->count > 1)
                qsort(ranked, suggest->count, sizeof(*ranked), most_first);
        for (size_t i = 0; i < suggest->count; i++) {
                const struct suggest_item *item = &suggest->items[ranked[i].number];

                put_amount(stream, item->bytes, item->blocks);
                text_put(stream, item->place);
                fprintf(stream, "\n{\n   %s\n   Memcheck:Leak\n%s}\n", item->name, ranked[i].entry);
        }
        if (suggest->unknown_blocks > 0) {
                put_amount(stream, suggest->unknown_bytes, suggest->unknown_blocks);
                fputs("nothing is known of their stacks that an entry could say\n", stream);
        }
        free(ranked);
        return 0;
}
