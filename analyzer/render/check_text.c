/*
 * See check_text.h.
 */
#include "render/check_text.h"

#include "base/saturate.h"
#include "base/terminal.h"
#include "base/text.h"
#include "render/check_kinds.h"
#include "render/check_places.h"
#include "render/check_words.h"

#include <inttypes.h>

static void put_styled(enum terminal_style style, const char *text, FILE *stream) {
        terminal_style(stream, style);
        fputs(text, stream);
        terminal_style(stream, TERMINAL_PLAIN);
}

static void put_verdict(enum check_verdict verdict, FILE *stream) {
        if (verdict == CHECK_PASSED)
                put_styled(TERMINAL_GOOD, "PASS", stream);
        else
                put_styled(TERMINAL_WARNING, verdict == CHECK_FAILED ? "FAIL" : "CANNOT JUDGE", stream);
}

/* Advice is given once: a rules file may hold a kind of memory to many limits. */
static bool is_first_failure(const struct checks *checks, const struct check *check) {
        for (const struct check *other = checks->items; other < check; other++)
                if (other->kind == check->kind && other->verdict == CHECK_FAILED)
                        return false;
        return check->verdict == CHECK_FAILED;
}

static int put_check(const struct checks *checks, const struct check *check,
                     const struct check_output *output, FILE *stream) {
        int error = 0;

        put_verdict(check->verdict, stream);
        fputs("  ", stream);
        check_words_sentence(check, NULL, stream);
        fputc('\n', stream);
        if (check->note) {
                fputs("      ", stream);
                text_put(stream, check->note);
                fputc('\n', stream);
        }
        if (check->verdict == CHECK_PASSED)
                return 0;
        error = check_places_list(output, check, stream);
        if (is_first_failure(checks, check)) {
                fputc('\n', stream);
                check_kinds_advice(&check_kinds[check->kind], check_kinds_trace(checks), false, stream);
        }
        fputc('\n', stream);
        return error;
}

/* By whom: the user's own rules are listed, and what else is missing those that come with us took. */
static void put_suppressors(const struct checks *checks, FILE *stream) {
        uint64_t blocks = 0;
        size_t used = 0;

        for (size_t i = 0; i < checks->suppression_count; i++) {
                used += checks->suppressions[i].used;
                blocks = saturate_add(blocks, checks->suppressions[i].blocks);
        }
        if (used > 0)
                fprintf(stream, " by %zu rule%s", used, used == 1 ? "" : "s");
        if (blocks < checks->suppressed_blocks)
                fputs(used > 0 ? " and those built in" : " by rules built in", stream);
}

static bool concerns_suppressions(const struct check *check) {
        return check->kind == CHECK_LEAK || check->kind == CHECK_BASELINE || check->kind == CHECK_GROWTH;
}

static void put_suppressed(const struct checks *checks, FILE *stream) {
        bool concerned = false;

        for (size_t i = 0; i < checks->count; i++)
                concerned |= concerns_suppressions(&checks->items[i]);
        if (concerned && checks->suppressed_blocks > 0) {
                fprintf(stream, "Suppressed: %s in %" PRIu64 " block%s",
                        text_size((double)checks->suppressed_bytes, false).text, checks->suppressed_blocks,
                        checks->suppressed_blocks == 1 ? "" : "s");
                put_suppressors(checks, stream);
                fputc('\n', stream);
        }
        for (size_t i = 0; i < checks->suppression_count; i++) {
                const struct check_suppression *suppression = &checks->suppressions[i];

                if (suppression->used)
                        continue;
                fputs("Suppresses nothing: ", stream);
                text_put(stream, suppression->origin);
                fputs(": ", stream);
                text_put(stream, suppression->text);
                fputc('\n', stream);
        }
}

int check_text(const struct checks *checks, const struct check_output *output, FILE *stream) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < checks->count; i++)
                if (checks->items[i].verdict != CHECK_PASSED || !output->quiet)
                        error = put_check(checks, &checks->items[i], output, stream);
        if (!output->quiet)
                put_suppressed(checks, stream);
        if (output->quiet && checks_verdict(checks) == CHECK_PASSED)
                return error;
        put_verdict(checks_verdict(checks), stream);
        fputs(": ", stream);
        check_words_verdict(checks, stream);
        fputc('\n', stream);
        return error;
}
