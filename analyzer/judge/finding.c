/*
 * See finding.h. One thread.
 */
#include "judge/finding.h"

#include "judge/ledger.h"

#include <errno.h>

int finding_add(struct check *check, const struct stacks *stacks, const struct keys *keys, uint32_t stack,
                struct check_finding **added) {
        struct check_finding *finding = check_add_finding(check);
        struct charge_frames frames = { 0 };

        if (!finding)
                return -ENOMEM;
        finding->frame = stacks_charged(stacks, stack);
        finding->place = ledger_place_name(keys, finding->frame);
        if (!finding->place || stacks_frames(stacks, stack, &frames) < 0)
                return -ENOMEM;
        finding->frames = frames.frames;
        finding->frame_count = frames.count;
        finding->charged = stacks_inner(stacks, stack);
        finding->domain = stacks_domain_name(stacks, stack);
        *added = finding;
        return 0;
}
