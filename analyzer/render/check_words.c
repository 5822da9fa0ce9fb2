/*
 * See check_words.h. Plain functions, no state.
 */
#include "render/check_words.h"

#include "base/text.h"
#include "render/check_kinds.h"

#include <inttypes.h>
#include <string.h>

/* `beside` is what it is compared with: where rounding would hide that it is another, it is exact. */
static void put_size(uint64_t size_bytes, uint64_t beside_bytes, FILE *stream) {
        struct size_text text = text_size((double)size_bytes, false);

        if (size_bytes != beside_bytes && strcmp(text.text, text_size((double)beside_bytes, false).text) == 0)
                fprintf(stream, "%" PRIu64 " B", size_bytes);
        else
                fputs(text.text, stream);
}

/* The same: with as many digits as tell it from `beside`. */
static void put_share(double share, double beside, FILE *stream) {
        char text[40], other[40];
        int digits = 0;

        do {
                snprintf(text, sizeof(text), "%.*f%%", ++digits, 100 * share);
                snprintf(other, sizeof(other), "%.*f%%", digits, 100 * beside);
        } while (share != beside && strcmp(text, other) == 0 && digits < 9);
        fputs(text, stream);
}

static void put_count(uint64_t count, const char *noun, FILE *stream) {
        fprintf(stream, noun ? "%" PRIu64 " %s%s" : "%" PRIu64, count, noun, count == 1 ? "" : "s");
}

/* "12.0 KiB in 3 blocks", or what of it there is; `sign` is before each number that is a change. */
static void put_amount(const struct check_amount *amount, const struct check_amount *beside, const char *sign,
                       const char *noun, FILE *stream) {
        bool more = amount->has_bytes || amount->has_count;

        fputs(sign, stream);
        if (amount->has_bytes)
                put_size(amount->bytes, beside->has_bytes ? beside->bytes : amount->bytes, stream);
        if (amount->has_bytes && amount->has_count)
                fputs(" in ", stream);
        if (amount->has_count)
                put_count(amount->count, noun, stream);
        if (!amount->has_share)
                return;
        if (more)
                fprintf(stream, " (%s", sign);
        put_share(amount->share, beside->has_share ? beside->share : amount->share, stream);
        fputs(more ? ")" : "", stream);
}

static void put_why(const char *why, FILE *stream) {
        text_put(stream, why ? why : "it is not known why");
}

/* What is counted; NULL: the check's name has said it. */
static const char *noun_of(const struct check *check, bool named) {
        switch (check->kind) {
        case CHECK_ALLOCS:
                return named ? NULL : "allocation";
        case CHECK_TEMPORARY:
                return named ? NULL : "temporary allocation";
        case CHECK_TOTAL:
                return "allocation";
        default:
                return "block";
        }
}

static bool is_change(const struct check *check) {
        return check->kind == CHECK_BASELINE || check->kind == CHECK_GROWTH;
}

/* What is about a change is told with its sign. */
static const char *sign_of(const struct check *check) {
        return is_change(check) ? "+" : "";
}

/* Whose memory it is about, where that was asked. */
static void put_domains(const struct domain_choice *domains, FILE *stream) {
        for (size_t i = 0; domains && i < domains->count; i++) {
                fputs(i > 0 ? ", " : domains->count > 1 ? " in domains " : " in domain ", stream);
                text_put(stream, domains->globs[i].glob);
        }
}

void check_words_name(const struct check *check, FILE *stream) {
        if (check->subject && *check->subject) {
                text_put(stream, check->subject);
                fputs(": ", stream);
        }
        fputs(check_kinds[check->kind].title, stream);
        if (check->each && !is_change(check))
                fputs(" of each place", stream);
        if (check->glob) {
                fputs(check->each ? " in " : " of ", stream);
                text_put(stream, check->glob);
        }
        put_domains(check->domains, stream);
}

/* Whether each place is judged by itself, which for steady growth goes without saying. */
static bool is_each(const struct check *check) {
        return check->each || check->kind == CHECK_GROWTH;
}

/* How many places are too much, as far as that is known. */
static size_t failed_places(const struct check *check) {
        size_t count = check->finding_total;

        for (size_t i = 0; i < check->finding_count && count > 0; i++)
                count -= check->findings[i].undecided;
        return count;
}

static void put_measured(const struct check *check, FILE *stream) {
        size_t places = failed_places(check);

        if (check->kind == CHECK_GROWTH && check->verdict == CHECK_PASSED) {
                fprintf(stream, "none of %zu place%s that change%s", check->place_count,
                        check->place_count == 1 ? "" : "s", check->place_count == 1 ? "s" : "");
                return;
        }
        if (is_each(check) && check->verdict != CHECK_FAILED)
                fputs("at most ", stream);
        put_amount(&check->actual, &check->limit, sign_of(check), noun_of(check, true), stream);
        if (!is_each(check) || check->verdict != CHECK_FAILED || places == 0)
                return;
        if (places > 1)
                fprintf(stream, " at the worst of %zu places", places);
        else
                fputs(" at one place", stream);
}

static void put_limit(const struct check *check, FILE *stream) {
        fputs(", limit ", stream);
        put_amount(&check->limit, &check->actual, sign_of(check), noun_of(check, true), stream);
        if (check->kind == CHECK_GROWTH)
                fputs(" a repetition", stream);
}

void check_words_result(const struct check *check, FILE *stream) {
        if (check->verdict == CHECK_UNDECIDED) {
                put_why(check->why, stream);
                return;
        }
        put_measured(check, stream);
        put_limit(check, stream);
}

/* "was 4096 B in 2 blocks (+8192 B, +200.0%)" */
static void put_change(const struct check_finding *finding, FILE *stream) {
        const struct check_amount *now = &finding->actual, *before = &finding->before;

        if (!before->has_bytes && !before->has_count) {
                fputs(", new", stream);
                return;
        }
        fputs(", was ", stream);
        put_amount(before, now, "", "block", stream);
        if (!now->has_bytes || !before->has_bytes)
                return;
        fprintf(stream, " (%s", text_size((double)now->bytes - (double)before->bytes, true).text);
        if (before->bytes > 0)
                fprintf(stream, ", %+.1f%%", 100 * ((double)now->bytes / (double)before->bytes - 1));
        fputc(')', stream);
}

static void put_slope(double slope_bytes, FILE *stream) {
        if (slope_bytes > -100 && slope_bytes < 100)
                fprintf(stream, "%+.1f B", slope_bytes);
        else
                fputs(text_size(slope_bytes, true).text, stream);
}

/* "+512 B a repetition (95% confidence: +480 B to +530 B), p = 0.0003 (0.002 corrected for all places)" */
static void put_trend(const struct check_trend *trend, FILE *stream) {
        put_slope(trend->slope, stream);
        fprintf(stream, " a repetition (%g%% confidence: ", 100 * trend->confidence);
        put_slope(trend->slope_low, stream);
        fputs(" to ", stream);
        put_slope(trend->slope_high, stream);
        fprintf(stream, "), p = %.2g (%.2g corrected for all places)", trend->p, trend->p_adjusted);
}

/* Whether the check's name says already that it is of that domain and no other. */
static bool is_only_domain(const struct domain_choice *domains, const char *name) {
        return domains && domains->count == 1 && strcmp(domains->globs[0].glob, name) == 0;
}

void check_words_finding(const struct check *check, const struct check_finding *finding, FILE *stream) {
        if (finding->undecided) {
                fputs("cannot judge: ", stream);
                put_why(finding->why, stream);
                return;
        }
        if (finding->trend)
                put_trend(finding->trend, stream);
        else
                put_amount(&finding->actual,
                           check->each && !is_change(check) ? &check->limit : &finding->actual, "",
                           noun_of(check, false), stream);
        if (!finding->trend && check->kind == CHECK_BASELINE)
                put_change(finding, stream);
        if (!finding->domain || is_only_domain(check->domains, finding->domain))
                return;
        fputs(", domain ", stream);
        text_put(stream, finding->domain);
}

/* Whether the place is all that there is of the sum. */
static bool is_all(const struct check *check, const struct check_finding *finding) {
        const struct check_amount *all = &check->actual, *part = &finding->actual;

        return all->has_bytes == part->has_bytes && (!all->has_bytes || all->bytes == part->bytes) &&
               (!all->has_count || all->count == part->count);
}

void check_words_sentence(const struct check *check, const struct check_finding *finding, FILE *stream) {
        check_words_name(check, stream);
        fputs(": ", stream);
        if (finding) {
                text_put(stream, finding->place);
                fputs(": ", stream);
                check_words_finding(check, finding, stream);
        }
        if (!finding) {
                check_words_result(check, stream);
        } else if (!finding->undecided && (is_each(check) || is_all(check, finding))) {
                put_limit(check, stream);
        } else if (!finding->undecided) {
                fputs(", of ", stream);
                check_words_result(check, stream);
        }
        check_words_origin(check, stream);
}

void check_words_origin(const struct check *check, FILE *stream) {
        if (!check->origin)
                return;
        fputs(" (", stream);
        text_put(stream, check->origin);
        fputc(')', stream);
}

void check_words_note(const struct check *check, FILE *stream) {
        check_words_name(check, stream);
        fputs(": ", stream);
        text_put(stream, check->note);
        check_words_origin(check, stream);
}

size_t check_words_count(const struct checks *checks, enum check_verdict verdict) {
        size_t count = 0;

        for (size_t i = 0; i < checks->count; i++)
                count += checks->items[i].verdict == verdict;
        return count;
}

void check_words_verdict(const struct checks *checks, FILE *stream) {
        size_t failed = check_words_count(checks, CHECK_FAILED),
               undecided = check_words_count(checks, CHECK_UNDECIDED);
        const char *plural = checks->count == 1 ? "" : "s";

        if (checks->count == 0)
                fputs("nothing was checked", stream);
        else if (failed == 0 && undecided == 0)
                fprintf(stream, "%zu check%s passed", checks->count, plural);
        else if (failed > 0)
                fprintf(stream, "%zu of %zu check%s failed", failed, checks->count, plural);
        if (undecided > 0 && failed > 0)
                fprintf(stream, ", %zu cannot be judged", undecided);
        else if (undecided > 0)
                fprintf(stream, "%zu of %zu check%s cannot be judged", undecided, checks->count, plural);
}
