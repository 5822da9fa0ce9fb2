/*
 * Which modules of several states are the same. One thread.
 */
#include "aggregate/match.h"
#include "base/message.h"
#include "state/snapshot_merge_parts.h"

#include <errno.h>
#include <string.h>

#define NONE UINT32_MAX          /* there is none of that name */
#define SEVERAL (UINT32_MAX - 1) /* there is more than one */

/* A module's names, as numbers. */
struct names {
        uint32_t path;
        uint32_t stable; /* without directory and version */
        uint32_t build;  /* path and build-id */
};

static int number_names(struct snapshot_merge *merge, const struct trace_module *module,
                        struct names *names) {
        const char *path = module->path ? module->path : "";
        char *stable = match_module_name(path);
        int error = stable ? intern_text(&merge->into.texts, stable, &names->stable) : -ENOMEM;

        free(stable);
        if (error == 0)
                error = intern_text(&merge->into.texts, path, &names->path);
        names->build = SNAPSHOT_MERGE_BUILD;
        if (error == 0)
                error = snapshot_merge_chain(merge, &names->build, names->path);
        for (uint32_t i = 0; error == 0 && i < module->build_id_bytes; i++)
                error = snapshot_merge_chain(merge, &names->build, module->build_id[i]);
        return error;
}

static bool is_same_build(const struct trace_module *one, const struct trace_module *other) {
        return one->several_builds == other->several_builds && one->build_id_bytes == other->build_id_bytes &&
               memcmp(one->build_id, other->build_id, one->build_id_bytes) == 0;
}

static int add_module(struct snapshot_merge *merge, const struct trace_module *module) {
        struct trace_module *row = snapshot_add_row(&merge->into, TRACE_MODULES, sizeof(*row));

        if (!row || !(row->path = strdup(module->path ? module->path : "")))
                return -ENOMEM;
        row->several_builds = module->several_builds;
        row->build_id_bytes = module->build_id_bytes;
        memcpy(row->build_id, module->build_id, module->build_id_bytes);
        merge->into.trace->tables[TRACE_MODULES].count++;
        return 0;
}

/* Which row the module is; NONE: it needs a new one. `alone`: the state has no other module of that name. */
static int find_module(struct snapshot_merge *merge, const struct names *names, bool has_path, bool alone,
                       uint32_t *number) {
        const struct {
                struct map *map;
                uint32_t key;
                bool counts;
        } ways[] = { { &merge->builds, names->build, true },
                     { &merge->paths, names->path, has_path },
                     { &merge->named, names->stable, has_path && alone } };

        *number = NONE;
        for (size_t i = 0; *number == NONE && i < sizeof(ways) / sizeof(*ways); i++) {
                const uint32_t *known = map_value(ways[i].map, ways[i].key, NONE);

                if (!known)
                        return -ENOMEM;
                if (ways[i].counts && *known != SEVERAL)
                        *number = *known;
        }
        return 0;
}

static void join(struct snapshot_merge *merge, const struct trace_module *module, uint32_t number) {
        struct trace_module *row =
                (struct trace_module *)merge->into.trace->tables[TRACE_MODULES].items + number;

        if (is_same_build(row, module))
                return;
        merge->names_changed |= !row->several_builds;
        row->several_builds = true;
        row->build_id_bytes = 0;
}

static int set(struct map *map, uint64_t key, uint32_t value) {
        uint32_t *known = map_value(map, key, value);

        if (!known)
                return -ENOMEM;
        *known = value;
        return 0;
}

static int merge_module(struct snapshot_merge *merge, const struct trace_module *module,
                        const struct names *names, bool alone, uint32_t *number) {
        uint32_t count = (uint32_t)merge->into.trace->tables[TRACE_MODULES].count;
        const uint32_t *rival;
        int error = find_module(merge, names, module->path && *module->path, alone, number);

        if (error < 0)
                return error;
        if (*number != NONE) {
                join(merge, module, *number);
                return set(&merge->builds, names->build, *number);
        }
        *number = count;
        rival = map_value(&merge->named, names->stable, NONE);
        if (!rival || set(&merge->named, names->stable, *rival == NONE ? count : SEVERAL) < 0 ||
            set(&merge->builds, names->build, count) < 0 || set(&merge->paths, names->path, count) < 0)
                return -ENOMEM;
        return add_module(merge, module);
}

int snapshot_merge_modules(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        const struct trace *trace = from->state->trace;
        uint32_t count = (uint32_t)trace->tables[TRACE_MODULES].count;
        struct names *names = calloc(count + 1, sizeof(*names));
        struct map here = { 0 }; /* stable name to the path that has it, or SEVERAL */
        int error = 0;

        from->builds = calloc(count + 1, sizeof(*from->builds));
        if (!names || !from->builds)
                error = -ENOMEM;
        for (uint32_t i = 0; error == 0 && i < count; i++) {
                uint32_t *path;

                if (from->used.modules[i] == USED_NOT)
                        continue;
                error = number_names(merge, trace_module(trace, i), &names[i]);
                path = error == 0 ? map_value(&here, names[i].stable, names[i].path) : NULL;
                if (!path)
                        error = -ENOMEM;
                else if (*path != names[i].path)
                        *path = SEVERAL;
                from->builds[i] = names[i].build;
        }
        for (uint32_t i = 0; error == 0 && i < count; i++) {
                const uint32_t *path;

                if (from->used.modules[i] == USED_NOT)
                        continue;
                path = map_value(&here, names[i].stable, SEVERAL);
                error = path ? merge_module(merge, trace_module(trace, i), &names[i], *path != SEVERAL,
                                            &from->used.modules[i])
                             : -ENOMEM;
        }
        map_deinit(&here);
        free(names);
        return error < 0 ? snapshot_no_memory(&merge->into) : 0;
}
