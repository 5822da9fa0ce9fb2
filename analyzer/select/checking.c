/*
 * See checking.h.
 */
#include "select/checking.h"

#include "base/array.h"
#include "base/message.h"
#include "base/size.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define WARM_UP_PERCENT_MAX 90

static const char *const by_names[] = { "line", "function", "file", "module", NULL };
static const enum aggregate_by by_of[] = { AGGREGATE_LINE, AGGREGATE_FUNCTION, AGGREGATE_FILE,
                                           AGGREGATE_MODULE };

enum index {
        MAX_LEAK,
        MAX_PEAK,
        MAX_TOTAL,
        MAX_ALLOCS,
        MAX_TEMPORARY,
        EACH,
        LIMIT,
        RULES,
        BASELINE,
        MAX_GROWTH,
        UPDATE_BASELINE,
        GROWTH,
        MIN_SLOPE,
        REPEAT,
        WARM_UP,
        FALSE_ALARMS,
        SUPPRESSIONS,
        NO_DEFAULTS,
        BY,
        PER,
};

static const struct option_spec specs[] = {
        [MAX_LEAK] = { "max-leak", 0, "SIZE[,N]", "held at the end: at most SIZE, in N blocks at most",
                       NULL },
        [MAX_PEAK] = { "max-peak", 0, "SIZE", "held at one time: at most SIZE", NULL },
        [MAX_TOTAL] = { "max-total", 0, "SIZE", "allocated in all: at most SIZE", NULL },
        [MAX_ALLOCS] = { "max-allocs", 0, "N", "at most N allocations", NULL },
        [MAX_TEMPORARY] = { "max-temporary", 0, "N|N%", "at most N temporary allocations, or N% of all",
                            NULL },
        [EACH] = { "each", 0, NULL, "these limits are on each place by itself", NULL },
        [LIMIT] = { "limit", 0, "GLOB:KEY=LIMIT",
                    "a limit on the files or modules of GLOB together; KEY is leak, peak, total, allocs or "
                    "temporary",
                    NULL },
        [RULES] = { "rules", 0, "FILE", "limits and all else from FILE (" RULES_FILE_NAME ")", NULL },
        [BASELINE] = { "baseline", 0, "FILE", "against a baseline, a saved snapshot or another trace", NULL },
        [MAX_GROWTH] = { "max-growth", 0, "SIZE|N%",
                         "since the baseline: no place by more than that (0); SIZE,N%: than both", NULL },
        [UPDATE_BASELINE] = { "update-baseline", 0, NULL, "write the baseline instead", NULL },
        [GROWTH] = { "growth", 0, NULL, "no place grows while the run repeats its work", NULL },
        [MIN_SLOPE] = { "min-slope", 0, "SIZE", "not by more than SIZE for each repetition (0)", NULL },
        [REPEAT] = { "repeat", 0, "WHAT", "what a repetition is: mark:NAME, scope:NAME or time:N", NULL },
        [WARM_UP] = { "warm-up", 0, "N|N%", "repetitions at the beginning that do not count (20%)", NULL },
        [FALSE_ALARMS] = { "false-alarm-rate", 0, "SHARE",
                           "how many of the places found grow by chance (0.01)", NULL },
        [SUPPRESSIONS] = { "suppressions", 0, "FILE", "known leaks, as for LeakSanitizer or Valgrind", NULL },
        [NO_DEFAULTS] = { "no-default-suppressions", 0, NULL, "count what the C and C++ runtime keeps, too",
                          NULL },
        [BY] = { "by", 'b', "KEY", "what a place is:", by_names },
        [PER] = { "per", 0, "WHAT", "what of several traces is judged together:", judge_per_names },
        { 0 },
};

static int take_suppressions(struct checking *checking, const char *path) {
        if (array_reserve(&checking->suppression_files, &checking->suppressions_capacity,
                          checking->suppression_count + 1, sizeof(*checking->suppression_files)) < 0)
                return message_errno(ENOMEM, path, "cannot keep it");
        checking->suppression_files[checking->suppression_count++] = path;
        return 0;
}

static int take_once(struct checking *checking, enum index index, const char **place, const char *value) {
        if (*place) {
                message("%s: --%s is given twice", checking->command, specs[index].name);
                return -EINVAL;
        }
        *place = value;
        return 0;
}

static int take_rate(struct checking *checking, const char *value) {
        char *end;
        double rate = *value >= '0' && *value <= '9' ? strtod(value, &end) : 0;

        if (!(rate > 0 && rate < 1) || *end) {
                message("%s: --false-alarm-rate %s is not a share above 0 and below 1", checking->command,
                        value);
                return -EINVAL;
        }
        checking->false_alarm_rate = rate;
        return 0;
}

static int take(void *context, size_t index, const char *value) {
        static const enum check_kind kinds[] = {
                [MAX_LEAK] = CHECK_LEAK,     [MAX_PEAK] = CHECK_PEAK,           [MAX_TOTAL] = CHECK_TOTAL,
                [MAX_ALLOCS] = CHECK_ALLOCS, [MAX_TEMPORARY] = CHECK_TEMPORARY, [MAX_GROWTH] = CHECK_BASELINE,
                [MIN_SLOPE] = CHECK_GROWTH,
        };
        struct checking *checking = context;
        int choice = specs[index].choices ? options_choose(checking->command, &specs[index], value) : 0;

        if (choice < 0)
                return choice;
        switch ((enum index)index) {
        case MAX_LEAK:
        case MAX_PEAK:
        case MAX_TOTAL:
        case MAX_ALLOCS:
        case MAX_TEMPORARY:
        case MAX_GROWTH:
        case MIN_SLOPE:
                return rules_take_max(&checking->rules, specs[index].name, kinds[index], value);
        case EACH:
                checking->each = true;
                return 0;
        case LIMIT:
                return rules_take_limit(&checking->rules, value);
        case RULES:
                return take_once(checking, RULES, &checking->path, value);
        case BASELINE:
                return take_once(checking, BASELINE, &checking->settings[RULES_BASELINE], value);
        case UPDATE_BASELINE:
                checking->update_baseline = true;
                return 0;
        case GROWTH:
                checking->growth = true;
                return 0;
        case REPEAT:
                return take_once(checking, REPEAT, &checking->settings[RULES_REPEAT], value);
        case WARM_UP:
                return take_once(checking, WARM_UP, &checking->settings[RULES_WARM_UP], value);
        case FALSE_ALARMS:
                return take_rate(checking, value);
        case SUPPRESSIONS:
                return take_suppressions(checking, value);
        case NO_DEFAULTS:
                checking->no_default_suppressions = true;
                return 0;
        case BY:
                checking->by = by_of[choice];
                checking->by_given = true;
                return 0;
        case PER:
                checking->per = (enum judge_per)choice;
                return 0;
        }
        return -EINVAL;
}

const struct option_group checking_options = { specs, take };

void checking_init(struct checking *checking, const char *command) {
        *checking = (struct checking){ .command = command, .rules.command = command, .by = AGGREGATE_LINE };
}

void checking_deinit(struct checking *checking) {
        rules_deinit(&checking->rules);
        rules_file_deinit(&checking->file);
        suppressions_deinit(&checking->suppressions);
        free(checking->suppression_files);
}

static int refuse(const struct checking *checking, const char *wrong) {
        message("%s: %s", checking->command, wrong);
        return -EINVAL;
}

/* Whether there is a limit of that kind, or, for CHECK_KINDS, any on what was allocated. */
static bool has_limit(const struct checking *checking, enum check_kind kind) {
        for (size_t i = 0; i < checking->rules.count; i++) {
                enum check_kind other = checking->rules.items[i].limit.kind;

                if (other == kind || (kind == CHECK_KINDS && other <= CHECK_TEMPORARY))
                        return true;
        }
        return false;
}

/* Whether there is a limit that may be on each place instead. */
static bool has_whole(const struct checking *checking) {
        for (size_t i = 0; i < checking->rules.count; i++)
                if (checking->rules.items[i].scope == RULE_WHOLE &&
                    checking->rules.items[i].limit.kind <= CHECK_TEMPORARY)
                        return true;
        return false;
}

static bool asks_anything(const struct checking *checking) {
        return has_limit(checking, CHECK_KINDS) || checking->growth || checking->settings[RULES_BASELINE];
}

/* What the options say of each other, before a file has a say. */
static int settle_options(struct checking *checking) {
        if (checking->each && !has_whole(checking))
                return refuse(checking, "--each is about limits such as --max-leak 4K, and none is given");
        if (checking->each)
                rules_each(&checking->rules);
        return 0;
}

static int read_file(struct checking *checking) {
        if (!checking->path && !asks_anything(checking)) {
                if (access(RULES_FILE_NAME, F_OK) < 0)
                        return refuse(checking,
                                      "nothing to check: give a limit such as --max-leak 0, --baseline, "
                                      "--growth, or a file " RULES_FILE_NAME);
                checking->path = RULES_FILE_NAME;
        }
        return checking->path ? rules_file_open(checking->path, &checking->rules, &checking->file) : 0;
}

/* A file that asks for nothing would let everything pass. */
static int refuse_file(const struct checking *checking) {
        message("%s: asks for nothing: neither a limit, a baseline nor growth", checking->path);
        return -EINVAL;
}

/* Options come before what the file says. */
static void merge(struct checking *checking) {
        const struct rules_file *file = &checking->file;

        for (size_t i = 0; i < RULES_SETTINGS; i++)
                if (!checking->settings[i])
                        checking->settings[i] = file->settings[i].text;
        if (!checking->by_given && file->has_by)
                checking->by = file->by;
        if (!(checking->false_alarm_rate > 0))
                checking->false_alarm_rate = file->false_alarm_rate;
        checking->growth |= file->growth;
        checking->no_default_suppressions |= file->no_default_suppressions;
}

static int settle_together(const struct checking *checking) {
        if (!checking->growth && (has_limit(checking, CHECK_GROWTH) || checking->settings[RULES_REPEAT] ||
                                  checking->settings[RULES_WARM_UP] || checking->false_alarm_rate > 0))
                return refuse(checking,
                              "--repeat, --warm-up, --min-slope and --false-alarm-rate go with --growth");
        if (!checking->settings[RULES_BASELINE] &&
            (checking->update_baseline || has_limit(checking, CHECK_BASELINE)))
                return refuse(checking, "--max-growth and --update-baseline go with --baseline");
        if (checking->settings[RULES_BASELINE] && checking->per == JUDGE_PROCESS)
                return refuse(checking,
                              "--baseline does not go with --per process: another run has other processes");
        return 0;
}

/* "20" or "20%". */
static int settle_warm_up(struct checking *checking, const char *value) {
        unsigned long long count;

        checking->drift.warm_up_share = 0;
        if (options_number(value, 1, REPETITIONS_MAX, &count) == 0) {
                checking->drift.warm_up = (size_t)count;
                return 0;
        }
        if (size_share(value, WARM_UP_PERCENT_MAX, &checking->drift.warm_up_share) == 0)
                return 0;
        message("%s: --warm-up %s is neither a number of repetitions nor a percentage up to %d%%",
                checking->command, value, WARM_UP_PERCENT_MAX);
        return -EINVAL;
}

static int settle_growth(struct checking *checking) {
        const struct rule *slope = rules_find(&checking->rules, CHECK_GROWTH);
        const char *repeat = checking->settings[RULES_REPEAT], *warm_up = checking->settings[RULES_WARM_UP];
        int error = 0;

        checking->drift = drift_default;
        if (checking->false_alarm_rate > 0)
                checking->drift.false_alarm_rate = checking->false_alarm_rate;
        if (slope)
                checking->drift.min_slope_bytes = (double)slope->limit.amount.bytes;
        if (warm_up)
                error = settle_warm_up(checking, warm_up);
        if (error == 0 && repeat)
                error = repetitions_parse("--repeat", repeat, &checking->repeat);
        return error;
}

static int read_suppressions(struct checking *checking) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < checking->suppression_count; i++)
                error = suppressions_read(&checking->suppressions, checking->suppression_files[i]);
        for (size_t i = 0; error == 0 && i < checking->file.suppression_count; i++)
                error = suppressions_read(&checking->suppressions, checking->file.suppressions[i].text);
        if (error == 0 && !checking->no_default_suppressions)
                error = suppressions_add_builtin(&checking->suppressions);
        return error;
}

int checking_settle(struct checking *checking) {
        int error = settle_options(checking);

        if (error == 0)
                error = read_file(checking);
        if (error < 0)
                return error;
        merge(checking);
        if (!asks_anything(checking))
                return refuse_file(checking);
        error = settle_together(checking);
        if (error == 0 && checking->growth)
                error = settle_growth(checking);
        return error == 0 ? read_suppressions(checking) : error;
}

struct judge_wish checking_wish(struct checking *checking) {
        const struct rule *slope = rules_find(&checking->rules, CHECK_GROWTH);

        return (struct judge_wish){
                .rules = &checking->rules,
                .suppressions = &checking->suppressions,
                .by = checking->by,
                .per = checking->per,
                .baseline = {
                        .path = checking->settings[RULES_BASELINE],
                        .growth = rules_find(&checking->rules, CHECK_BASELINE),
                        .by = checking->by,
                        .by_given = checking->by_given,
                        .exact = checking->per == JUDGE_PROGRAM,
                        .update = checking->update_baseline,
                },
                .growth = checking->growth,
                .repeat = checking->repeat,
                .drift = checking->drift,
                .growth_origin = slope ? slope->origin : "--growth",
        };
}
