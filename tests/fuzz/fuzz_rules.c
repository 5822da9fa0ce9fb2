/*
 * memtrace.check.json and the options that set limits, from whoever writes them: taken or refused. A rule
 * that is taken is whole; the same file once more adds nothing. The input is a file, or else what stands
 * behind
 * --limit, --max-leak and its like.
 */
#include "base/message.h"
#include "judge/rules_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void need(bool holds) {
        if (!holds)
                abort();
}

static void check_amount(const struct check_amount *amount) {
        need(amount->has_bytes || amount->has_count || amount->has_share);
        need(amount->bytes < (uint64_t)1 << 63 && amount->share >= 0 && amount->share <= 100);
}

static void check(const struct rules *rules) {
        for (size_t i = 0; i < rules->count; i++) {
                const struct rule *rule = &rules->items[i];

                check_amount(&rule->limit.amount);
                need(rule->origin && (rule->scope == RULE_PLACES) == (rule->glob != NULL));
                need(!rule->glob || *rule->glob);
                need(!rule->program || *rule->program);
        }
}

static void check_file(const struct rules_file *file) {
        for (size_t i = 0; i < RULES_SETTINGS; i++)
                need(!file->settings[i].text == !file->settings[i].origin);
        for (size_t i = 0; i < file->suppression_count; i++)
                need(file->suppressions[i].text && file->suppressions[i].origin);
        need(file->by <= AGGREGATE_MODULE);
        need(file->false_alarm_rate >= 0 && file->false_alarm_rate < 1);
}

static void read_file(const char *text, size_t length) {
        struct rules rules = { .command = "fuzz" };
        struct rules_file first = { 0 }, second = { 0 };
        size_t count;

        if (rules_file_read(text, length, "directory/rules", &rules, &first) == 0) {
                check_file(&first);
                count = rules.count;
                need(rules_file_read(text, length, "directory/rules", &rules, &second) == 0);
                need(rules.count == count);
        }
        check(&rules);
        rules_file_deinit(&first);
        rules_file_deinit(&second);
        rules_deinit(&rules);
}

/* What is refused says why. */
static void take_value(const char *value) {
        struct rules rules = { .command = "fuzz" };

        for (enum check_kind kind = 0; kind < CHECK_KINDS; kind++) {
                struct limit_text wrong = { "" };
                struct limit limit;

                if (limit_parse(kind, value, &limit, &wrong) < 0)
                        need(wrong.text[0] && strlen(wrong.text) < sizeof(wrong.text));
                else
                        check_amount(&limit.amount);
        }
        rules_take_limit(&rules, value);
        check(&rules);
        rules_deinit(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        char *copy = malloc(length + 1);

        message_silence();
        need(copy);
        memcpy(copy, data, length);
        copy[length] = '\0';
        read_file(copy, length);
        take_value(copy);
        free(copy);
        return 0;
}
