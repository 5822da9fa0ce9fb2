/* Makes a page and takes its data out again: see page_check.h. */
#include "page_check.h"

#include "render/html.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void look(const char *text) {
        static const char opening[] = "id=\"data\">", closing[] = "</script>";
        const char *data = strstr(text, opening), *end = data ? strstr(data, closing) : NULL;
        json_t *root;

        if (!end)
                abort();
        data += sizeof(opening) - 1;
        if (memchr(data, '<', (size_t)(end - data)))
                abort();
        root = json_loadb(data, (size_t)(end - data), JSON_REJECT_DUPLICATES, NULL);
        if (!root || !json_is_string(json_object_get(root, "rows")) ||
            !json_is_array(json_object_get(root, "texts")))
                abort();
        json_decref(root);
}

static void write_page(struct state *state, struct selection *selection) {
        struct report report = { .trace_name = "fuzz", .summary = &state->summary, .moment = &state->moment };
        struct history history;
        struct html html = { .report = &report,
                             .history = &history,
                             .filter = &selection->filter,
                             .title = "</script>",
                             .frame = "user" };
        size_t length;
        char *text;
        FILE *stream = open_memstream(&text, &length);

        if (!stream)
                abort();
        if (history_make(state, selection, false, &history) == 0) {
                if (html_page(&html, stream) != 0 || fflush(stream) != 0)
                        abort();
                look(text);
                history_deinit(&history);
        }
        fclose(stream);
        free(text);
}

void page_check(struct trace *trace) {
        struct selection selection = { .command = "fuzz", .frame = CHARGE_USER };
        const struct moment end = { .kind = MOMENT_END };
        /* one way is enough: the other is another input's */
        enum replay_from way = trace->definition_bytes % 2 ? REPLAY_BY_THREAD : REPLAY_FROM_BEGINNING;
        struct state state = { .trace = trace, .moment = end };

        if (range_replay(trace, NULL, &end, way, NULL, &state.range) != 0)
                return;
        state.symbols = symbols_new(trace);
        if (state.symbols && summary_make(trace, &state.summary) == 0) {
                write_page(&state, &selection);
                summary_deinit(&state.summary);
        }
        symbols_free(state.symbols);
        range_deinit(&state.range);
}
