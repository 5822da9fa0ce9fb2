/*
 * See check.h. One thread.
 */
#include "judge/check.h"

#include "base/array.h"

const char *const check_kind_names[] = { "leak",      "peak",     "total",  "allocs",
                                         "temporary", "baseline", "growth", NULL };
const char *const check_verdict_names[] = { "passed", "failed", "undecided", NULL };

struct check *checks_add(struct checks *checks, enum check_kind kind) {
        if (array_reserve(&checks->items, &checks->capacity, checks->count + 1, sizeof(*checks->items)) < 0)
                return NULL;
        checks->items[checks->count] = (struct check){ .kind = kind, .domains = checks->domains };
        return &checks->items[checks->count++];
}

struct check_finding *check_add_finding(struct check *check) {
        if (array_reserve(&check->findings, &check->findings_capacity, check->finding_count + 1,
                          sizeof(*check->findings)) < 0)
                return NULL;
        check->findings[check->finding_count] = (struct check_finding){ 0 };
        return &check->findings[check->finding_count++];
}

enum check_verdict checks_verdict(const struct checks *checks) {
        enum check_verdict worst = CHECK_PASSED;

        for (size_t i = 0; i < checks->count; i++) {
                if (checks->items[i].verdict == CHECK_FAILED)
                        return CHECK_FAILED;
                if (checks->items[i].verdict == CHECK_UNDECIDED)
                        worst = CHECK_UNDECIDED;
        }
        return worst;
}

static void finding_deinit(struct check_finding *finding) {
        free(finding->place);
        free(finding->frames);
        free(finding->why);
        if (finding->trend)
                free(finding->trend->least_bytes);
        free(finding->trend);
}

static void check_deinit(struct check *check) {
        for (size_t i = 0; i < check->finding_count; i++)
                finding_deinit(&check->findings[i]);
        free(check->findings);
        free(check->subject);
        free(check->glob);
        free(check->origin);
        free(check->unit);
        free(check->why);
        free(check->note);
}

void checks_deinit(struct checks *checks) {
        for (size_t i = 0; i < checks->count; i++)
                check_deinit(&checks->items[i]);
        for (size_t i = 0; i < checks->trace_count; i++)
                free(checks->traces[i]);
        for (size_t i = 0; i < checks->suppression_count; i++) {
                free(checks->suppressions[i].text);
                free(checks->suppressions[i].origin);
        }
        free(checks->items);
        free(checks->traces);
        free(checks->suppressions);
        *checks = (struct checks){ 0 };
}
