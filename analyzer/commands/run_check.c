/*
 * See run_check.h.
 */
#include "commands/run_check.h"

#include "base/message.h"
#include "commands/command.h"
#include "render/check.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int run_check_begin(struct checking *checking, const char *path) {
        checking_init(checking, "run");
        checking->path = path;
        return checking_settle(checking);
}

char *run_check_output(void) {
        char *output;

        return asprintf(&output, "memtrace.%ld.%%e.%%p.mtr", (long)getpid()) < 0 ? NULL : output;
}

static int judge(struct checking *checking, char *const *operands, size_t count, bool quiet) {
        const struct check_output output = {
                .limit = CHECK_OUTPUT_FINDINGS,
                .frame_limit = CHECK_OUTPUT_FRAMES,
                .quiet = quiet,
        };
        struct judge_wish wish = checking_wish(checking);
        enum check_verdict verdict;
        struct judge judge;
        int error;

        wish.finding_limit = output.limit;
        error = judge_traces(operands, count, &wish, &judge);
        verdict = checks_verdict(&judge.checks);
        if (error == 0 && !(quiet && verdict == CHECK_PASSED))
                error = check_print(CHECK_TEXT, &judge.checks, &output, stderr);
        judge_deinit(&judge);
        return error < 0 ? COMMAND_UNUSABLE : (int)verdict;
}

int run_check_end(struct checking *checking, const struct output_traces *found, bool quiet) {
        char **operands = calloc(found->count + 1, sizeof(*operands));
        int result = COMMAND_UNUSABLE;

        if (found->count == 0)
                message("run: no trace, so nothing can be judged");
        else if (!operands)
                message_errno(ENOMEM, "run", "cannot judge");
        for (size_t i = 0; operands && i < found->count; i++)
                operands[i] = found->traces[i].path;
        if (operands && found->count > 0)
                result = judge(checking, operands, found->count, quiet);
        free(operands);
        return result;
}
