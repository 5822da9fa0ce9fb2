/*
 * See rules.h. One thread.
 */
#include "judge/rules.h"

#include "base/array.h"
#include "base/message.h"

#include <stdio.h>
#include <string.h>

#define RULES_MAX 1000

static void rule_deinit(struct rule *rule) {
        free(rule->glob);
        free(rule->program);
        free(rule->origin);
}

void rules_deinit(struct rules *rules) {
        for (size_t i = 0; i < rules->count; i++)
                rule_deinit(&rules->items[i]);
        free(rules->items);
        *rules = (struct rules){ .command = rules->command };
}

static bool same_text(const char *one, const char *other) {
        return one == other || (one && other && strcmp(one, other) == 0);
}

/* Whether two rules are about the same, so that only one can hold. */
static bool same_subject(const struct rule *one, const struct rule *other) {
        return one->limit.kind == other->limit.kind && one->scope == other->scope &&
               same_text(one->glob, other->glob) && same_text(one->program, other->program);
}

static bool same_amount(const struct check_amount *one, const struct check_amount *other) {
        return one->has_bytes == other->has_bytes && one->bytes == other->bytes &&
               one->has_count == other->has_count && one->count == other->count &&
               one->has_share == other->has_share && one->share == other->share;
}

/* 0 or -ENOMEM, and nothing to free. */
static int copy(const struct rule *from, struct rule *to) {
        *to = *from;
        to->glob = from->glob ? strdup(from->glob) : NULL;
        to->program = from->program ? strdup(from->program) : NULL;
        to->origin = strdup(from->origin);
        if (to->origin && (to->glob || !from->glob) && (to->program || !from->program))
                return 0;
        rule_deinit(to);
        return -ENOMEM;
}

int rules_add(struct rules *rules, const struct rule *rule) {
        for (size_t i = 0; i < rules->count; i++) {
                const struct rule *other = &rules->items[i];

                if (!same_subject(rule, other))
                        continue;
                if (!rule->given || same_amount(&rule->limit.amount, &other->limit.amount))
                        return 0;
                message("%s: %s and %s contradict each other", rules->command, other->origin, rule->origin);
                return -EINVAL;
        }
        if (rules->count >= RULES_MAX) {
                message("%s: %s: more than %d limits", rules->command, rule->origin, RULES_MAX);
                return -E2BIG;
        }
        if (array_reserve(&rules->items, &rules->capacity, rules->count + 1, sizeof(*rules->items)) < 0 ||
            copy(rule, &rules->items[rules->count]) < 0)
                return message_errno(ENOMEM, rule->origin, "cannot keep it");
        rules->count++;
        return 0;
}

/* `rule` lacks its limit and its origin, which is the option and its value. */
static int take(struct rules *rules, struct rule *rule, const char *option, const char *value,
                const char *amount) {
        struct limit_text wrong;
        int error;

        if (limit_parse(rule->limit.kind, amount, &rule->limit, &wrong) < 0) {
                message("%s: --%s %s: %s", rules->command, option, value, wrong.text);
                return -EINVAL;
        }
        if (asprintf(&rule->origin, "--%s %s", option, value) < 0)
                return message_errno(ENOMEM, option, "cannot keep it");
        error = rules_add(rules, rule);
        free(rule->origin);
        return error;
}

int rules_take_max(struct rules *rules, const char *option, enum check_kind kind, const char *value) {
        struct rule rule = { .limit.kind = kind, .given = true };

        return take(rules, &rule, option, value, value);
}

enum check_kind rules_kind(const char *word, char end) {
        for (enum check_kind kind = CHECK_LEAK; kind <= CHECK_TEMPORARY; kind++) {
                size_t length = strlen(check_kind_names[kind]);

                if (strncmp(word, check_kind_names[kind], length) == 0 && word[length] == end)
                        return kind;
        }
        return CHECK_KINDS;
}

/* The last colon that a limit's name and "=" follow: a glob may have colons too. */
static const char *find_limit(const char *value, enum check_kind *kind) {
        const char *found = NULL;

        for (const char *colon = strchr(value, ':'); colon; colon = strchr(colon + 1, ':'))
                if (rules_kind(colon + 1, '=') != CHECK_KINDS) {
                        *kind = rules_kind(colon + 1, '=');
                        found = colon;
                }
        return found;
}

int rules_take_limit(struct rules *rules, const char *value) {
        struct rule rule = { .scope = RULE_PLACES, .given = true };
        const char *colon = find_limit(value, &rule.limit.kind);
        int error;

        if (!colon || colon == value) {
                message("%s: --limit %s: %s; write GLOB:leak=4K, where leak may also be peak, total, allocs "
                        "or temporary",
                        rules->command, value, colon ? "no glob before the colon" : "no limit in it");
                return -EINVAL;
        }
        rule.glob = strndup(value, (size_t)(colon - value));
        if (!rule.glob)
                return message_errno(ENOMEM, value, "cannot keep it");
        error = take(rules, &rule, "limit", value, strchr(colon, '=') + 1);
        free(rule.glob);
        return error;
}

void rules_each(struct rules *rules) {
        for (size_t i = 0; i < rules->count; i++)
                if (rules->items[i].scope == RULE_WHOLE && rules->items[i].limit.kind <= CHECK_TEMPORARY)
                        rules->items[i].scope = RULE_EACH;
}

const struct rule *rules_find(const struct rules *rules, enum check_kind kind) {
        for (size_t i = 0; i < rules->count; i++)
                if (rules->items[i].limit.kind == kind && !rules->items[i].glob && !rules->items[i].program)
                        return &rules->items[i];
        return NULL;
}
