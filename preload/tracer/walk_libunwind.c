/*
 * Backtraces by libunwind: see walk_libunwind.h. Runs in any thread; a handler nested in it gets no
 * stack, since libunwind may hold a lock.
 */
#include "tracer/walk_libunwind.h"

#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>

/* The names libunwind's header makes of the functions used, as symbols. */
#define STRING(name) STRING_OF(name)
#define STRING_OF(name) #name

static struct {
        int (*get_context)(unw_tdep_context_t *context);
        int (*init_local)(unw_cursor_t *cursor, unw_context_t *context);
        int (*step)(unw_cursor_t *cursor);
        int (*get_reg)(unw_cursor_t *cursor, unw_regnum_t reg, unw_word_t *value);
} libunwind;

bool walk_libunwind_open(void) {
        void *handle = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);

        if (!handle)
                return false;
        libunwind.get_context = (int (*)(unw_tdep_context_t *))dlsym(handle, "_Ux86_64_getcontext");
        libunwind.init_local =
                (int (*)(unw_cursor_t *, unw_context_t *))dlsym(handle, STRING(unw_init_local));
        libunwind.step = (int (*)(unw_cursor_t *))dlsym(handle, STRING(unw_step));
        libunwind.get_reg =
                (int (*)(unw_cursor_t *, unw_regnum_t, unw_word_t *))dlsym(handle, STRING(unw_get_reg));
        return libunwind.get_context && libunwind.init_local && libunwind.step && libunwind.get_reg;
}

/* The frames from `leaf` outwards into level->fresh, innermost first; returns how many. */
static uint32_t collect(struct walk_level *level, uint64_t leaf, uint32_t limit) {
        unw_context_t context;
        unw_cursor_t cursor;
        uint32_t count = 0;

        if (libunwind.get_context(&context) < 0 || libunwind.init_local(&cursor, &context) < 0)
                return 0;
        do {
                unw_word_t ip;

                if (libunwind.get_reg(&cursor, UNW_REG_IP, &ip) < 0 || ip == 0)
                        break;
                if (count == 0 && ip != leaf)
                        continue; /* our own frames */
                level->fresh[count++].frame.ip = ip;
        } while (count < limit && libunwind.step(&cursor) > 0);
        return count;
}

uint32_t walk_libunwind(struct walker *walker, const struct walk_level *of, uintptr_t hook_sp) {
        struct walk_level *level = &walker->levels[0];
        uint32_t id = 0;
        int saved = errno;

        if (of != level)
                return 0;
        for (uint32_t i = collect(level, frame_of_caller(hook_sp).ip, walker->process->depth); i-- > 0;) {
                uint64_t address = level->fresh[i].frame.ip;
                cfi_rule rule = rules_find(walker->session, walker->process, &walker->rules, address);

                id = stack_table_intern(walker->session, &walker->process->stacks, id,
                                        address | (uint64_t)cfi_rule_generation(rule) << 48, &level->spare);
                if (id == 0)
                        break;
        }
        errno = saved;
        return id;
}
