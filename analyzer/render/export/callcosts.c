/*
 * See callcosts.h. Stacks are walked from their outermost frame, so the first call met that leads to a
 * function is the one that pays. One thread.
 */
#include "render/export/callcosts.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "render/export/stacks.h"

#include <errno.h>
#include <stdlib.h>

static void add(struct callcosts_sum *sum, struct callcosts_sum more) {
        sum->size_bytes = saturate_add(sum->size_bytes, more.size_bytes);
        sum->blocks = saturate_add(sum->blocks, more.blocks);
}

static int function_of(struct callcosts *costs, const struct symbol_frame *frame, uint32_t *number) {
        if (keys_place(&costs->keys, frame, number) < 0 ||
            array_reserve(&costs->functions, &costs->function_capacity, costs->keys.place_count,
                          sizeof(*costs->functions)) < 0)
                return -ENOMEM;
        if (*number == costs->function_count)
                costs->functions[costs->function_count++] = (struct callcosts_function){ .frame = frame };
        return 0;
}

static int line_of(struct callcosts *costs, uint32_t function, const struct symbol_frame *frame,
                   uint32_t *number) {
        uint32_t line = frame->has_line ? frame->line : 0;
        uint32_t *known =
                map_value(&costs->by_line, (uint64_t)function << 32 | line, (uint32_t)costs->line_count);

        if (!known || array_reserve(&costs->lines, &costs->line_capacity, costs->line_count + 1,
                                    sizeof(*costs->lines)) < 0)
                return -ENOMEM;
        if (*known == costs->line_count)
                costs->lines[costs->line_count++] = (struct callcosts_line){ function, line, { 0 } };
        *number = *known;
        return 0;
}

/* `caller`: a line, or CALLCOSTS_NOBODY. */
static int charge_call(struct callcosts *costs, uint32_t caller, uint32_t callee, struct callcosts_sum cost) {
        struct callcosts_function *function = &costs->functions[callee];
        bool first = function->last_stack != costs->stack_count;
        struct callcosts_call *call;
        uint32_t *known;

        function->last_stack = costs->stack_count;
        if (caller == CALLCOSTS_NOBODY) {
                add(&function->begins, cost);
                return 0;
        }
        known = map_value(&costs->by_call, (uint64_t)caller << 32 | callee, (uint32_t)costs->call_count);
        if (!known || array_reserve(&costs->calls, &costs->call_capacity, costs->call_count + 1,
                                    sizeof(*costs->calls)) < 0)
                return -ENOMEM;
        if (*known == costs->call_count)
                costs->calls[costs->call_count++] =
                        (struct callcosts_call){ .line = caller, .callee = callee };
        call = &costs->calls[*known];
        function->called = true;
        if (first)
                add(&call->cost, cost);
        if (call->last_stack != costs->stack_count)
                call->count = saturate_add(call->count, cost.blocks);
        call->last_stack = costs->stack_count;
        return 0;
}

static int charge(void *context, const struct export_stack *stack) {
        struct callcosts *costs = context;
        struct callcosts_sum cost;
        uint32_t line = CALLCOSTS_NOBODY;

        export_sum(costs->wish, stack, &cost.size_bytes, &cost.blocks);
        if (cost.blocks == 0)
                return 0;
        costs->stack_count++;
        for (size_t i = stack->frame_count; i-- > 0;) {
                uint32_t function;

                if (function_of(costs, stack->frames[i], &function) < 0 ||
                    charge_call(costs, line, function, cost) < 0 ||
                    line_of(costs, function, stack->frames[i], &line) < 0)
                        return message_errno(ENOMEM, costs->wish->operand, "cannot add up its calls");
        }
        add(&costs->lines[line].self, cost);
        add(&costs->total, cost);
        return 0;
}

static int compare_numbers(uint32_t left, uint32_t right) {
        return left < right ? -1 : left > right;
}

static int compare_lines(const void *left_pointer, const void *right_pointer, void *lines_pointer) {
        const struct callcosts_line *lines = lines_pointer;
        const struct callcosts_line *left = &lines[*(const uint32_t *)left_pointer];
        const struct callcosts_line *right = &lines[*(const uint32_t *)right_pointer];
        int functions = compare_numbers(left->function, right->function);

        return functions ? functions : compare_numbers(left->line, right->line);
}

static int compare_calls(const void *left_pointer, const void *right_pointer) {
        const struct callcosts_call *left = left_pointer, *right = right_pointer;
        int lines = compare_numbers(left->line, right->line);

        return lines ? lines : compare_numbers(left->callee, right->callee);
}

/* Rows were numbered as they were met; from here on by function and line. */
static int sort(struct callcosts *costs) {
        size_t count = costs->line_count;
        uint32_t *order = calloc(count + 1, sizeof(*order)), *number = calloc(count + 1, sizeof(*number));
        struct callcosts_line *lines = calloc(count + 1, sizeof(*lines));
        bool whole = order && number && lines;

        for (uint32_t i = 0; whole && i < count; i++)
                order[i] = i;
        if (whole && count > 0)
                qsort_r(order, count, sizeof(*order), compare_lines, costs->lines);
        for (uint32_t i = 0; whole && i < count; i++) {
                lines[i] = costs->lines[order[i]];
                number[order[i]] = i;
        }
        for (size_t i = 0; whole && i < costs->call_count; i++)
                costs->calls[i].line = number[costs->calls[i].line];
        if (whole && costs->call_count > 0)
                qsort(costs->calls, costs->call_count, sizeof(*costs->calls), compare_calls);
        if (whole) {
                free(costs->lines);
                costs->lines = lines;
        } else {
                free(lines);
        }
        free(order);
        free(number);
        return whole ? 0 : message_errno(ENOMEM, costs->wish->operand, "cannot order its calls");
}

int callcosts_make(const struct export_wish *wish, struct callcosts *out) {
        int error;

        *out = (struct callcosts){ .wish = wish, .keys.by = AGGREGATE_FUNCTION };
        error = export_stacks(wish, charge, out);
        return error < 0 ? error : sort(out);
}

void callcosts_deinit(struct callcosts *costs) {
        keys_deinit(&costs->keys);
        map_deinit(&costs->by_line);
        map_deinit(&costs->by_call);
        free(costs->functions);
        free(costs->lines);
        free(costs->calls);
        *costs = (struct callcosts){ 0 };
}
