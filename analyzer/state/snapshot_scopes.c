/*
 * Of which scopes a program told one half alone: read from a snapshot, and added up where several are merged.
 * The names live with those of frames. One thread.
 */
#include "state/snapshot_merge_parts.h"

#include <stdlib.h>

static int note(struct snapshot *snapshot, const char *name) {
        const char *own;

        if (intern_own(&snapshot->texts, name, &own) < 0)
                return snapshot_no_memory(snapshot);
        summary_scopes_note(&snapshot->scopes, own);
        return 0;
}

/* {ends_without_begin, begins_without_end, names, more_names} */
int snapshot_take_scopes(struct snapshot *snapshot, const json_t *value) {
        struct summary_scopes *scopes = &snapshot->scopes;
        const struct snapshot_figure figures[] = { { "ends_without_begin", &scopes->ends },
                                                   { "begins_without_end", &scopes->begins },
                                                   { 0 } };
        const json_t *names = json_object_get(value, "names"), *name;
        int error = snapshot_figures(snapshot, value, figures);
        size_t index;

        if (error == 0 && scopes->ends + scopes->begins == 0)
                error = snapshot_wrong(snapshot, "none lacks a half");
        if (error == 0 && (!json_is_array(names) || json_array_size(names) == 0))
                error = snapshot_wrong(snapshot, "names is not an array with a name");
        if (error == 0 && !json_is_boolean(json_object_get(value, "more_names")))
                error = snapshot_wrong(snapshot, "more_names is neither true nor false");
        json_array_foreach(names, index, name) {
                char *text = NULL;

                if (error == 0)
                        error = snapshot_text(snapshot, name, "a name", &text);
                if (error == 0)
                        error = note(snapshot, text);
                free(text);
        }
        scopes->more_names |= json_is_true(json_object_get(value, "more_names"));
        return error;
}

int snapshot_merge_scopes(struct snapshot *into, const struct summary_scopes *more) {
        int error = 0;

        into->scopes.ends = snapshot_merge_sum(into->scopes.ends, more->ends);
        into->scopes.begins = snapshot_merge_sum(into->scopes.begins, more->begins);
        into->scopes.more_names |= more->more_names;
        for (size_t i = 0; error == 0 && i < more->name_count; i++)
                error = note(into, more->names[i]);
        return error;
}
