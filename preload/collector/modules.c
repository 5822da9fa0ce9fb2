/*
 * Which module a frame lies in, and its definition: the part of stacks.h that reads the
 * process's module list. Runs in the collector's one thread; the list grows as it is read.
 */
#include <memtrace/format.h>

#include "collector/stacks.h"
#include "collector/text.h"

#define FRAME_GENERATION_MASK 0x7fffu
#define MODULE_ROW_BYTES_MAX (6 * VARINT_MAX_BYTES + MODULE_BUILD_ID_MAX + MTR_STRING_MAX)

/* Return addresses are looked up at the call before them, which may be a module's last bytes. */
static bool module_holds(struct module *module, uint64_t frame) {
        uint64_t address = frame & STACK_FRAME_ADDRESS_MASK;
        uint64_t lookup = frame & STACK_FRAME_EXACT ? address : address - 1;

        /* Acquire pairs with the tracer's release of a module: before, its fields are not there. */
        return atomic_load_explicit(&module->ready, memory_order_acquire) != 0 && lookup >= module->start &&
               lookup < module->end &&
               (module->generation & FRAME_GENERATION_MASK) == (frame >> 48 & FRAME_GENERATION_MASK);
}

static uint32_t module_find(struct stacks *stacks, uint64_t frame) {
        struct process *process = stacks->process;
        uint32_t count = atomic_load_explicit(&process->module_count, memory_order_relaxed);

        if (count > PROCESS_MODULES)
                count = PROCESS_MODULES;
        if (stacks->last_module < count && module_holds(&process->modules[stacks->last_module], frame))
                return stacks->last_module;
        for (uint32_t i = 0; i < count; i++) {
                if (module_holds(&process->modules[i], frame))
                        return stacks->last_module = i;
        }
        return UINT32_MAX;
}

static size_t path_of(const struct stacks *stacks, const struct module *module, char path[MTR_STRING_MAX]) {
        struct text text = text_in(path, MTR_STRING_MAX);
        /* Read once: the process may change it behind the check. */
        uint32_t offset = __atomic_load_n(&module->path, __ATOMIC_RELAXED);
        const char *name;
        size_t length;

        if (offset >= PROCESS_STRINGS_BYTES)
                return 0;
        name = stacks->process->strings + offset;
        length = strnlen(name, PROCESS_STRINGS_BYTES - offset);
        if (length == 0) {
                text_string(&text, stacks->exe);
                return text.length;
        }
        /* What has no slash at all is a name, not a place: the vDSO's. */
        if (name[0] != '/' && memchr(name, '/', length) && stacks->cwd[0] == '/') {
                text_string(&text, stacks->cwd);
                if (text.length > 1)
                        text_string(&text, "/");
                if (length > 2 && name[0] == '.' && name[1] == '/') {
                        name += 2;
                        length -= 2;
                }
        }
        text_bytes(&text, name, length);
        return text.length;
}

static bool module_define(struct stacks *stacks, const struct module *module, uint64_t start) {
        struct buffer *rows = &stacks->module_rows;
        char path[MTR_STRING_MAX];
        size_t path_bytes = path_of(stacks, module, path);
        uint32_t build_id_bytes = module->build_id_bytes;

        if (build_id_bytes > MODULE_BUILD_ID_MAX)
                build_id_bytes = 0;
        if (!buffer_reserve(rows, MODULE_ROW_BYTES_MAX))
                return false;
        buffer_varint(rows, start);
        buffer_varint(rows, module->end - start);
        buffer_svarint(rows, (int64_t)(module->bias - start));
        buffer_varint(rows, module->generation);
        buffer_varint(rows, build_id_bytes);
        buffer_put(rows, module->build_id, build_id_bytes);
        buffer_varint(rows, path_bytes);
        buffer_put(rows, path, path_bytes);
        stacks->modules_defined++;
        stacks->module_count++;
        return true;
}

uint32_t stacks_module(struct stacks *stacks, uint64_t frame, uint64_t *start) {
        uint32_t index = module_find(stacks, frame);
        uint32_t *number;

        if (index == UINT32_MAX)
                return 0;
        *start = stacks->process->modules[index].start;
        number = (uint32_t *)stacks->modules.data + index;
        if (*number == 0) {
                if (!module_define(stacks, &stacks->process->modules[index], *start))
                        return UINT32_MAX;
                *number = stacks->module_count;
        }
        return *number;
}
