/*
 * What heaptrack recorded before it was interpreted: modules as they are mapped, stacks of return addresses,
 * and blocks by their address. Format version 0 has such blocks too. See from_heaptrack_parts.h.
 */
#include "import/from_heaptrack_parts.h"

#include "base/array.h"
#include "import/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int wrong(const struct from_heaptrack *heaptrack, const char *what) {
        return input_wrong(heaptrack->input, "%s is not as heaptrack writes it", what);
}

/* What was mapped before is mapped anew, and addresses may mean something else. */
static void forget_modules(struct from_heaptrack *heaptrack) {
        heaptrack->module_count = 0;
        map_deinit(&heaptrack->frames);
        heaptrack->frames = (struct map){ 0 };
}

/* "x" is the program. */
static const char *path_of(const struct from_heaptrack *heaptrack, const char *path) {
        return strcmp(path, "x") == 0 && heaptrack->exe ? heaptrack->exe : path;
}

static int add_module(struct from_heaptrack *heaptrack, const char *path, const char *at) {
        uint64_t bias, offset, length, start = UINT64_MAX, end = 0;
        int error = input_spend(heaptrack->input, sizeof(struct from_heaptrack_module) + strlen(path));

        if (error < 0)
                return error;
        if (!fields_hex(&at, &bias))
                return wrong(heaptrack, "a module");
        while (*at) {
                uint64_t first, last;

                if (!fields_hex(&at, &offset) || !fields_hex(&at, &length) ||
                    __builtin_add_overflow(bias, offset, &first) ||
                    __builtin_add_overflow(first, length, &last))
                        return wrong(heaptrack, "a module");
                start = first < start ? first : start;
                end = last > end ? last : end;
        }
        if (start >= end)
                return 0;
        if (array_reserve(&heaptrack->modules, &heaptrack->module_capacity, heaptrack->module_count + 1,
                          sizeof(*heaptrack->modules)) < 0)
                return input_no_memory(heaptrack->input);
        heaptrack->modules[heaptrack->module_count++] = (struct from_heaptrack_module){
                start, end, writer_module(heaptrack->writer, start, end, bias, path_of(heaptrack, path))
        };
        return 0;
}

int from_heaptrack_raw_module(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t length = strcspn(at, " ");
        char *path;
        int error;

        heaptrack->raw = true;
        if (heaptrack->version >= 3 && !fields_hex(&at, &length))
                return wrong(heaptrack, "a module");
        if (length == 0 || length > strlen(at))
                return wrong(heaptrack, "a module");
        path = strndup(at, length);
        if (!path)
                return input_no_memory(heaptrack->input);
        at += length;
        at += *at == ' ';
        error = 0;
        if (strcmp(path, "-") == 0)
                forget_modules(heaptrack);
        else
                error = add_module(heaptrack, path, at);
        free(path);
        return error;
}

static uint32_t frame_at(struct from_heaptrack *heaptrack, uint64_t address) {
        for (size_t i = heaptrack->module_count; i-- > 0;) {
                const struct from_heaptrack_module *module = &heaptrack->modules[i];

                if (address >= module->start && address < module->end)
                        return writer_frame(heaptrack->writer, module->number, address - module->start);
        }
        return writer_frame(heaptrack->writer, TRACE_NO_MODULE, address & UINT64_MAX >> 1);
}

int from_heaptrack_raw_stack(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t address, parent;
        uint32_t *frame;

        if (!fields_hex(&at, &address) || !fields_hex(&at, &parent))
                return wrong(heaptrack, "a stack");
        frame = sites_value(&heaptrack->frames, heaptrack->input, address);
        if (!frame)
                return -EINVAL;
        if (*frame == SITES_NONE)
                *frame = frame_at(heaptrack, address);
        return from_heaptrack_stack(heaptrack, *frame, parent);
}

int from_heaptrack_raw_allocation(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t size_bytes, stack, address;
        uint32_t site, *block;
        int error;

        if (!fields_hex_max(&at, MTR_SITE_BYTES_MAX, &size_bytes) || !fields_hex(&at, &stack) ||
            !fields_hex(&at, &address))
                return wrong(heaptrack, "an allocation");
        if (stack > heaptrack->depths.count)
                return input_wrong(heaptrack->input, "an allocation's stack is not defined");
        error = sites_number(&heaptrack->sites, heaptrack->input, heaptrack->writer, (uint32_t)stack,
                             size_bytes, &site);
        if (error < 0)
                return error;
        block = sites_value(&heaptrack->blocks, heaptrack->input, address);
        if (!block)
                return -EINVAL;
        *block = site;
        heaptrack->last_address = address;
        return from_heaptrack_allocated(heaptrack, site);
}

int from_heaptrack_raw_free(struct from_heaptrack *heaptrack, const char *at) {
        uint64_t last = heaptrack->last_address, address;
        uint32_t *block, site;

        if (!fields_hex(&at, &address))
                return wrong(heaptrack, "a free");
        heaptrack->last_address = 0;
        block = sites_value(&heaptrack->blocks, heaptrack->input, address);
        if (!block)
                return -EINVAL;
        site = *block;
        *block = SITES_NONE;
        if (site != SITES_NONE)
                return from_heaptrack_released(heaptrack, site, address == last);
        heaptrack->foreign_frees++;
        return 0;
}

void from_heaptrack_raw_deinit(struct from_heaptrack *heaptrack) {
        free(heaptrack->modules);
        map_deinit(&heaptrack->frames);
        map_deinit(&heaptrack->blocks);
}
