/*
 * Baselines from anywhere: read, written, and read again, which must give the very same bytes; and a run that
 * holds just what the first part says, held against it: nothing of it may have grown.
 */
#include "base/message.h"
#include "judge/baseline_file.h"
#include "judge/baseline_judge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct text {
        char *bytes;
        size_t length;
};

static struct text write_text(struct baseline *baseline) {
        struct text text;

        text.bytes = baseline_file_text(baseline, &text.length);
        if (!text.bytes)
                abort();
        return text;
}

static void write_twice(struct baseline *baseline) {
        struct text first = write_text(baseline), second;
        struct baseline again;

        if (baseline_file_load(first.bytes, first.length, "written", &again) != 0)
                abort();
        second = write_text(&again);
        if (second.length != first.length || memcmp(second.bytes, first.bytes, first.length) != 0)
                abort();
        free(first.bytes);
        free(second.bytes);
        baseline_deinit(&again);
}

/* What a row says, in a stack of one frame. */
static void hold(struct stacks *stacks, struct subject *subject, const struct baseline_row *row) {
        const struct ledger_sums sums = { .leaked_bytes = row->bytes, .leaked_blocks = row->blocks };
        const struct symbol_frame frame = { .file = row->file ? row->file : "a.c",
                                            .function = row->function,
                                            .module = row->module,
                                            .line = row->line,
                                            .has_line = true };
        const struct symbol_frame *frames[] = { &frame };
        uint32_t stack;

        stacks_begin(stacks);
        if (stacks_put(stacks, &(struct charge_frames){ frames, 1, 1 }, 0, 0, &stack) < 0 ||
            ledger_add(&subject->ledger, stack, &sums) < 0)
                abort();
}

static enum check_verdict judge(const struct baseline_part *before, const struct baseline *now,
                                const struct stacks *stacks) {
        struct checks checks = { 0 };
        struct check *check = checks_add(&checks, CHECK_BASELINE);
        enum check_verdict verdict;

        if (!check || baseline_judge(before, now, &now->parts[0], stacks, 10, check) != 0)
                abort();
        verdict = check->verdict;
        checks_deinit(&checks);
        return verdict;
}

static void judge_first(const struct baseline *baseline) {
        struct stacks stacks;
        struct subject subject;
        struct baseline now;

        stacks_init(&stacks);
        baseline_init(&now, baseline->by);
        if (subject_init(&subject, "", &stacks) < 0)
                abort();
        for (size_t i = 0; i < baseline->parts[0].count; i++)
                hold(&stacks, &subject, &baseline->parts[0].rows[i]);
        if (baseline_add_subject(&now, &subject) < 0 || judge(&now.parts[0], &now, &stacks) != CHECK_PASSED)
                abort();
        judge(&baseline->parts[0], &now, &stacks); /* names may be written there otherwise */
        baseline_deinit(&now);
        subject_deinit(&subject);
        stacks_deinit(&stacks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        struct baseline baseline;

        message_silence();
        if (baseline_file_load((const char *)data, length, "fuzz", &baseline) != 0)
                return 0;
        if (baseline.part_count > 0)
                judge_first(&baseline);
        write_twice(&baseline);
        baseline_deinit(&baseline);
        return 0;
}
