/*
 * See json.h.
 */
#include "render/export/json.h"

#include "render/export/stacks.h"
#include "render/json.h"
#include "render/list.h"
#include "render/values.h"

#define SCHEMA "memtrace-export-1"

static json_t *frame_value(const struct symbol_frame *frame) {
        json_t *made = values_frame(frame);

        if (!made || json_object_set_new(made, "inlined", json_boolean(frame->inlined)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

/* The oldest first, as reports have them. */
static json_t *frames(const struct export_stack *stack) {
        json_t *array = json_array();

        for (size_t i = stack->frame_count; array && i-- > 0;)
                if (json_array_append_new(array, frame_value(stack->frames[i])) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        return array;
}

static int put_stack(void *context, const struct export_stack *stack) {
        struct list *list = context;

        list_add(list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "stack",
                                 values_number(stack->id), "live_bytes", values_number(stack->live_bytes),
                                 "live_blocks", values_number(stack->live_blocks), "allocated_bytes",
                                 values_number(stack->allocated_bytes), "allocations",
                                 values_number(stack->allocations), "temporary_bytes",
                                 values_number(stack->temporary_bytes), "temporary",
                                 values_number(stack->temporary), "frames", frames(stack)));
        return 0;
}

static json_t *head(const struct state *state) {
        json_t *made = json_pack("{s:s, s:{s:o, s:o}, s:o, s:o, s:o, s:o}", "schema", SCHEMA, "selection",
                                 "at", values_text(moment_name(&state->moment)), "time_s",
                                 values_seconds(state->range.to_ns), "process",
                                 values_process(&state->summary), "totals", values_totals(&state->summary),
                                 "unseen", values_text(state->summary.unseen), "damage",
                                 values_number(state->summary.damage_count));

        if (made && render_json_domains(made, json_object_get(made, "selection"), &state->summary) == 0)
                return made;
        json_decref(made);
        return NULL;
}

static int write_json(const struct export_wish *wish, FILE *stream) {
        struct list list;
        int error;

        list_begin(&list, head(wish->state), "stacks", stream);
        error = export_stacks(wish, put_stack, &list);
        return error < 0 ? error : list_end(&list, wish->operand);
}

const struct export_format export_json = {
        .about = "programs of your own: all stacks with all their numbers",
        .write = write_json,
};
