/*
 * See process.h. One thread.
 */
#include "judge/process.h"

#include "base/array.h"
#include "base/map.h"
#include "base/message.h"
#include "base/saturate.h"

#include <errno.h>
#include <stdlib.h>

static int no_memory(const struct process *process) {
        return message_errno(ENOMEM, process->state.trace->reader->name, "cannot judge");
}

/* Whether a stack is suppressed, asked once. */
static int ask(struct process *process, const struct process_wish *wish, uint32_t number) {
        struct stacks_stack *stack = &wish->stacks->items[number];
        uint32_t suppression;
        int error;

        if (stack->suppression != STACKS_NOT_ASKED)
                return 0;
        if (stacks_frames(wish->stacks, number, &process->frames) < 0)
                return no_memory(process);
        error = suppressions_match(wish->suppressions, process->frames.frames, process->frames.count,
                                   stack->kind, &suppression);
        if (error == 0)
                stack->suppression = suppression == SUPPRESSIONS_NONE ? STACKS_NOT_SUPPRESSED : suppression;
        return error;
}

static void count_suppressed(const struct process_wish *wish, uint32_t number,
                             const struct ledger_sums *sums) {
        if (!wish->other && stacks_is_suppressed(wish->stacks, number))
                suppressions_use(wish->suppressions, wish->stacks->items[number].suppression,
                                 sums->leaked_bytes, sums->leaked_blocks);
}

static int add_end(struct process *process, const struct process_wish *wish, uint32_t number) {
        const struct replay_site *site = &process->state.range.more.sites[number];
        struct ledger_sums sums = {
                .leaked_bytes = saturate_times(site->live_blocks, site->size_bytes),
                .leaked_blocks = site->live_blocks,
                .total_bytes = saturate_times(site->allocations, site->size_bytes),
                .allocations = site->allocations,
                .temporary_bytes = saturate_times(site->temporary, site->size_bytes),
                .temporary = site->temporary,
        };
        const struct trace_site *about = trace_site(process->state.trace, number);
        uint32_t *stack = &process->stack_of_site[number];
        uint8_t kind =
                about->kind < MTR_KIND_DOMAIN ? about->kind : process->kinds[domains_of_kind(about->kind)];
        int error;

        *stack = UINT32_MAX;
        if (site->allocations == 0 && site->live_blocks == 0)
                return 0;
        if (process->state.moment.kind == MOMENT_END && process->state.summary.has_end &&
            process->state.summary.how == MTR_END_EXEC)
                sums.leaked_bytes = sums.leaked_blocks = 0;
        error = stacks_take(wish->stacks, process->charge, about->stack, kind, stack);
        if (error == 0)
                error = ask(process, wish, *stack);
        if (error < 0)
                return error;
        count_suppressed(wish, *stack, &sums);
        return ledger_add(&process->ledger, *stack, &sums) < 0 ? no_memory(process) : 0;
}

static int read_peak(struct process *process, const struct moment *peak) {
        static const struct state_wish wish = { .fallback = MOMENT_PEAK };
        const struct replay *replay = &process->state.range.more;
        int error = process->state.when ? 0 : state_move(peak, &wish, &process->state);

        for (uint32_t i = 0; error == 0 && i < replay->site_count && i < process->site_count; i++) {
                const struct replay_site *site = &replay->sites[i];
                struct ledger_sums sums = {
                        .peak_bytes = saturate_times(site->live_blocks, site->size_bytes),
                        .peak_blocks = site->live_blocks,
                };

                if (site->live_blocks > 0 && process->stack_of_site[i] != UINT32_MAX &&
                    ledger_add(&process->ledger, process->stack_of_site[i], &sums) < 0)
                        error = no_memory(process);
        }
        return error;
}

static int number_domains(struct process *process, const struct process_wish *wish) {
        for (uint32_t i = 1; i < DOMAINS_MOST; i++) {
                const struct trace_domain *domain = domains_get(process->state.trace, i);

                if (domain && stacks_domain(wish->stacks, domain->name, &process->kinds[i]) < 0)
                        return no_memory(process);
        }
        return 0;
}

static int read_process(struct process *process, const char *operand, const struct process_wish *wish) {
        const struct state *state = &process->state;
        int error = 0;

        if (state->moment.kind != MOMENT_END && !wish->other) {
                message("%s: a whole run is judged, up to its end, and not one moment of it", operand);
                return -EINVAL;
        }
        process->site_count = state->range.more.site_count;
        process->stack_of_site = calloc(process->site_count + 1, sizeof(*process->stack_of_site));
        if (!process->stack_of_site)
                return no_memory(process);
        process->charge = charge_new(state->trace, state->symbols, wish->frame, wish->skips);
        if (!process->charge)
                return -ENOMEM;
        stacks_begin(wish->stacks);
        error = number_domains(process, wish);
        for (uint32_t i = 0; error == 0 && i < process->site_count; i++)
                error = add_end(process, wish, i);
        return error == 0 && wish->peak ? read_peak(process, wish->peak) : error;
}

int process_open(const char *operand, const struct process_wish *wish, struct process *process) {
        const struct state_wish end = { .fallback = MOMENT_END, .totals = true, .domains = wish->domains };
        int error;

        *process = (struct process){ 0 };
        error = state_open(operand, &end, &process->state);
        if (error < 0)
                return error;
        ledger_init(&process->ledger, wish->stacks);
        error = read_process(process, operand, wish);
        if (error < 0)
                process_close(process);
        return error;
}

void process_close(struct process *process) {
        charge_free(process->charge);
        ledger_deinit(&process->ledger);
        free(process->stack_of_site);
        free(process->frames.frames);
        state_close(&process->state);
        *process = (struct process){ 0 };
}

/* The group of a place, new or known. */
static int find_group(struct map *groups, uint32_t place, uint32_t **places, uint32_t *count,
                      size_t *capacity, uint32_t *group) {
        uint32_t *known = map_value(groups, place, *count);

        if (!known || array_reserve(places, capacity, (size_t)*count + 1, sizeof(**places)) < 0)
                return -ENOMEM;
        *group = *known;
        if (*known == *count)
                (*places)[(*count)++] = place;
        return 0;
}

int process_places(const struct process *process, struct keys *keys, bool held, uint32_t *groups,
                   uint32_t **places, uint32_t *count) {
        const struct stacks *stacks = process->ledger.stacks;
        struct map known = { 0 };
        size_t capacity = 0;
        int error = 0;

        *places = NULL;
        *count = 0;
        for (uint32_t i = 0; error == 0 && i < process->site_count; i++) {
                uint32_t stack = process->stack_of_site[i], place;

                groups[i] = GROUPS_NONE;
                if (stack == UINT32_MAX || (held && stacks_is_suppressed(stacks, stack)))
                        continue;
                error = keys_place(keys, stacks_charged(stacks, stack), &place);
                if (error == 0)
                        error = find_group(&known, place, places, count, &capacity, &groups[i]);
        }
        map_deinit(&known);
        if (error == 0)
                return 0;
        free(*places);
        return no_memory(process);
}

int process_add(const struct process *process, struct subject *subject) {
        const struct ledger *ledger = &process->ledger;
        int error = subject_add(subject, process->state.trace->reader->name, &process->state.summary);

        for (uint32_t i = 0; error == 0 && i < ledger->count; i++)
                error = ledger_add(&subject->ledger, i, &ledger->sums[i]);
        return error < 0 ? no_memory(process) : 0;
}

int process_add_peak(const struct process *process, struct subject *subject) {
        const struct ledger *ledger = &process->ledger;
        int error = 0;

        for (uint32_t i = 0; error == 0 && i < ledger->count; i++) {
                const struct ledger_sums sums = {
                        .peak_bytes = ledger->sums[i].peak_bytes,
                        .peak_blocks = ledger->sums[i].peak_blocks,
                };

                if (sums.peak_blocks > 0)
                        error = ledger_add(&subject->ledger, i, &sums);
        }
        return error < 0 ? no_memory(process) : 0;
}
