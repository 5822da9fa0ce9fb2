/*
 * Saved snapshots from anywhere: read, added up by every key, printed, exported, saved again, and merged.
 * What is read, saved and read once more must be saved as the very same bytes: then nothing of it was
 * misunderstood.
 */
#include "output.h"

#include "base/message.h"
#include "render/export/export.h"
#include "render/snapshot.h"
#include "render_check.h"
#include "state/snapshot.h"
#include "state/snapshot_merge.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct text {
        char *bytes;
        size_t length;
};

static struct text save(const struct state *state) {
        struct text text;
        FILE *stream = open_memstream(&text.bytes, &text.length);

        if (!stream || render_snapshot(state, stream) != 0 || fclose(stream) != 0)
                abort();
        return text;
}

static void save_twice(const struct state *state) {
        struct text first = save(state), second;
        struct state again = { 0 };

        if (snapshot_load(first.bytes, first.length, "saved", &again) != 0)
                abort();
        second = save(&again);
        if (second.length != first.length || memcmp(second.bytes, first.bytes, first.length) != 0)
                abort();
        free(first.bytes);
        free(second.bytes);
        state_close(&again);
}

/* Tracebacks are left to others: they show source lines, and a fuzzer has no business in the files named. */
static void print(const struct state *state) {
        static const enum aggregate_by keys[] = { AGGREGATE_LINE,   AGGREGATE_FUNCTION, AGGREGATE_FILE,
                                                  AGGREGATE_MODULE, AGGREGATE_SIZE,     AGGREGATE_DOMAIN };
        struct charge *charge = charge_new(state->trace, state->symbols, CHARGE_SKIP_STD, NULL);

        for (size_t i = 0; charge && i < sizeof(keys) / sizeof(*keys); i++) {
                struct aggregate aggregate;
                struct report report = render_check_report(&state->summary, &aggregate);
                struct aggregate_wish wish = { .cost = (enum aggregate_cost)(i % (AGGREGATE_TEMPORARY + 1)),
                                               .by = keys[i],
                                               .cumulative = i % 2 };

                if (aggregate_make(&state->range.more, charge, &wish, &aggregate) < 0)
                        abort();
                report.moment = &state->moment;
                render_check_tables(&report);
                aggregate_deinit(&aggregate);
        }
        charge_free(charge);
}

/* What begins as JSON is JSON to its end. */
static void export_as(const struct export_format *format, const struct export_wish *wish) {
        struct output output;
        json_t *root;

        output_begin(&output);
        if (format->write(wish, output.stream) != 0)
                abort();
        output_end(&output);
        root = output.length > 0 && output.text[0] == '{' ? json_loadb(output.text, output.length, 0, NULL)
                                                          : json_null();
        if (!root)
                abort();
        json_decref(root);
        free(output.text);
}

static void export_all(struct state *state) {
        struct charge *charge = charge_new(state->trace, state->symbols, CHARGE_USER, NULL);
        struct filter filter = { 0 };
        const struct export_wish wish = {
                .operand = "fuzz", .state = state, .charge = charge, .filter = &filter
        };

        for (size_t i = 0; charge && export_format_names[i]; i++)
                if (!export_formats[i]->history)
                        export_as(export_formats[i], &wish);
        charge_free(charge);
}

/* With itself: twice all that it has. */
static void merge(const struct state *state) {
        struct snapshot_sums one = snapshot_sum(&state->range.more), both;
        struct snapshot_merge *merge = snapshot_merge_new("merged");
        struct state merged = { 0 };

        if (!merge || snapshot_merge_add(merge, state) != 0 || snapshot_merge_add(merge, state) != 0)
                abort();
        if (snapshot_merge_finish(merge, &merged) == 0) {
                both = snapshot_sum(&merged.range.more);
                if (both.allocations != 2 * one.allocations || both.live_blocks != 2 * one.live_blocks)
                        abort();
                save_twice(&merged);
                state_close(&merged);
        } else if (one.allocations <= INT64_MAX / 2 && one.live_blocks <= INT64_MAX / 2 &&
                   one.temporary <= INT64_MAX / 2) {
                abort();
        }
        snapshot_merge_free(merge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
        struct state state = { 0 };

        message_silence();
        if (snapshot_load((const char *)data, length, "fuzz", &state) != 0)
                return 0;
        print(&state);
        export_all(&state);
        save_twice(&state);
        merge(&state);
        state_close(&state);
        return 0;
}
