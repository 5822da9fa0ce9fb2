/*
 * See suppressions.h. A stack is held against those suppressions alone that have a frame in common with it:
 * each is found by the one of its frames that the fewest others have. One thread.
 */
#include "judge/suppressions.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "default_supp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget_keys(struct suppressions *suppressions) {
        free(suppressions->keyed);
        free(suppressions->keyed_from);
        suppressions->keyed = suppressions->keyed_from = NULL;
}

void suppressions_deinit(struct suppressions *suppressions) {
        for (size_t i = 0; i < suppressions->count; i++) {
                free(suppressions->items[i].text);
                free(suppressions->items[i].origin);
                free(suppressions->items[i].frames);
        }
        free(suppressions->items);
        free(suppressions->stack);
        forget_keys(suppressions);
        matchers_deinit(&suppressions->matchers);
        *suppressions = (struct suppressions){ 0 };
}

int suppressions_add(struct suppressions *suppressions, const struct suppression *item) {
        if (array_reserve(&suppressions->items, &suppressions->capacity, suppressions->count + 1,
                          sizeof(*suppressions->items)) < 0)
                return -ENOMEM;
        suppressions->items[suppressions->count++] = *item;
        forget_keys(suppressions);
        return 0;
}

int suppressions_add_builtin(struct suppressions *suppressions) {
        return suppressions_read_text(suppressions, default_supp, strlen(default_supp), "default.supp", true);
}

/* The frame's matcher that the fewest suppressions have. */
static uint32_t rarest(const struct suppression *item, const uint32_t *uses) {
        uint32_t best = SUPPRESSIONS_NONE;

        for (size_t i = 0; i < item->frame_count; i++)
                if (item->frames[i] != SUPPRESSIONS_NONE &&
                    (best == SUPPRESSIONS_NONE || uses[item->frames[i]] < uses[best]))
                        best = item->frames[i];
        return best;
}

/* keyed[keyed_from[m]] up to keyed[keyed_from[m + 1]] are those that are found by matcher m. */
static int make_keys(struct suppressions *suppressions) {
        size_t matcher_count = suppressions->matchers.count, count = suppressions->count;
        uint32_t *uses = calloc(matcher_count + 1, sizeof(*uses)), *from, *keys;

        suppressions->keyed_from = from = calloc(matcher_count + 2, sizeof(*from));
        suppressions->keyed = calloc(count + 1, sizeof(*suppressions->keyed));
        keys = calloc(count + 1, sizeof(*keys));
        if (!uses || !from || !suppressions->keyed || !keys) {
                free(uses);
                free(keys);
                forget_keys(suppressions);
                return -ENOMEM;
        }
        for (size_t i = 0; i < count; i++)
                for (size_t k = 0; k < suppressions->items[i].frame_count; k++)
                        if (suppressions->items[i].frames[k] != SUPPRESSIONS_NONE)
                                uses[suppressions->items[i].frames[k]]++;
        for (size_t i = 0; i < count; i++) {
                keys[i] = rarest(&suppressions->items[i], uses);
                from[keys[i] + 2]++;
        }
        for (size_t i = 2; i < matcher_count + 2; i++)
                from[i] += from[i - 1];
        for (uint32_t i = 0; i < count; i++)
                suppressions->keyed[from[keys[i] + 1]++] = i;
        free(uses);
        free(keys);
        return 0;
}

/* A stack as one of its heads has it. */
struct view {
        struct matched head[2];
        const struct matched *stack;
        size_t head_count, depth;
};

static bool frame_has(const struct view *view, size_t at, uint32_t matcher) {
        return matched_has(at < view->head_count ? &view->head[at] : &view->stack[at - view->head_count],
                           matcher);
}

static bool part_matches(const struct view *view, size_t at, const uint32_t *part, size_t length) {
        for (size_t i = 0; i < length; i++)
                if (!frame_has(view, at + i, part[i]))
                        return false;
        return true;
}

/* Parts between any number of frames are taken where they first are: nothing has to come right at the end. */
static bool view_matches(const struct view *view, const struct suppression *item) {
        bool anywhere = false;
        size_t at = 0, i = 0;

        while (i < item->frame_count) {
                size_t end = i;

                if (item->frames[i] == SUPPRESSIONS_NONE) {
                        anywhere = true;
                        i++;
                        continue;
                }
                while (end < item->frame_count && item->frames[end] != SUPPRESSIONS_NONE)
                        end++;
                for (;; at++) {
                        if (end - i > view->depth - at)
                                return false;
                        if (part_matches(view, at, &item->frames[i], end - i))
                                break;
                        if (!anywhere)
                                return false;
                }
                at += end - i;
                i = end;
        }
        return true;
}

/* Which frames of a stack and of its heads match what. */
static int make_views(struct suppressions *suppressions, const struct symbol_frame *const *frames,
                      size_t count, const struct head *heads, size_t head_count, struct view *views) {
        if (array_reserve(&suppressions->stack, &suppressions->stack_capacity, count + 1,
                          sizeof(*suppressions->stack)) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                if (matchers_frame(&suppressions->matchers, frames[i], &suppressions->stack[i]) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < head_count; i++) {
                views[i] = (struct view){ .stack = suppressions->stack + heads[i].skipped,
                                          .head_count = heads[i].count,
                                          .depth = count - heads[i].skipped + heads[i].count };
                for (size_t k = 0; k < heads[i].count; k++)
                        if (matchers_frame(&suppressions->matchers, heads[i].frames[k], &views[i].head[k]) <
                            0)
                                return -ENOMEM;
        }
        return 0;
}

/* Lowers `best` to the first suppression that is found by one of these matchers and matches. */
static void ask(struct suppressions *suppressions, const struct matched *matched, const struct view *views,
                size_t view_count, uint32_t *best) {
        for (size_t i = 0; i < matched->count; i++) {
                uint32_t end = suppressions->keyed_from[matched->numbers[i] + 1];

                for (uint32_t k = suppressions->keyed_from[matched->numbers[i]]; k < end; k++) {
                        uint32_t number = suppressions->keyed[k];
                        struct suppression *item = &suppressions->items[number];

                        if (number >= *best)
                                break;
                        if (item->asked == suppressions->asked)
                                continue;
                        item->asked = suppressions->asked;
                        for (size_t v = 0; v<view_count && * best> number; v++)
                                if (view_matches(&views[v], item))
                                        *best = number;
                }
        }
}

int suppressions_match(struct suppressions *suppressions, const struct symbol_frame *const *frames,
                       size_t count, uint8_t kind, uint32_t *number) {
        struct head heads[HEADS_MAX];
        struct view views[HEADS_MAX];
        size_t head_count = heads_of(frames, count, kind, heads);

        *number = SUPPRESSIONS_NONE;
        if (suppressions->count == 0)
                return 0;
        if ((!suppressions->keyed && make_keys(suppressions) < 0) ||
            make_views(suppressions, frames, count, heads, head_count, views) < 0)
                return message_errno(ENOMEM, "check", "cannot look for suppressed stacks");
        suppressions->asked++;
        for (size_t i = 0; i < count; i++)
                ask(suppressions, &suppressions->stack[i], views, head_count, number);
        for (size_t i = 0; i < head_count; i++)
                for (size_t k = 0; k < views[i].head_count; k++)
                        ask(suppressions, &views[i].head[k], views, head_count, number);
        return 0;
}

void suppressions_use(struct suppressions *suppressions, uint32_t number, uint64_t bytes, uint64_t blocks) {
        struct suppression *item = &suppressions->items[number];

        item->bytes = saturate_add(item->bytes, bytes);
        item->blocks = saturate_add(item->blocks, blocks);
        item->used |= blocks > 0;
}
