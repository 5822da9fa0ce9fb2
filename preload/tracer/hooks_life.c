/*
 * The few other functions that are hooked: the ends of a process that run no exit handler, and
 * dlclose, after which addresses may mean other code.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "tracer/gate.h"
#include "tracer/hook.h"
#include "tracer/modules.h"
#include "tracer/real.h"
#include "tracer/rules.h"
#include "tracer/symbol.h"
#include "tracer/tracer.h"

HOOK void _exit(int code) {
        tracer_finish(code);
        REAL(_exit)(code);
}

HOOK void _Exit(int code) {
        tracer_finish(code);
        REAL(_exit)(code);
}

HOOK void quick_exit(int code) {
        tracer_finish(code);
        REAL(quick_exit)(code);
}

static bool stays(uintptr_t link_map) {
        return symbol_map_stays((const void *)link_map);
}

/* False where nothing can be unloaded: then there is no end either. */
static bool unload_begin(const void *handle) {
        uintptr_t start, end;

        if (!gate_is_open(gate_now()) || symbol_map_stays(handle))
                return false;
        /*
         * Before, since another thread may load other code there as soon as the loader has unmapped this. Who
         * still uses what goes has a dlclose to come, which forgets what that use brings back.
         */
        rules_unshared++;
        if (modules_range(tracer.process, stays, &start, &end))
                rules_forget(tracer.session, tracer.process, start, end);
        atomic_fetch_add_explicit(&tracer.unloads, 1, memory_order_release);
        return true;
}

static void unload_end(void) {
        rules_unshared--;
        atomic_fetch_add_explicit(&tracer.unloads, 1, memory_order_release);
}

HOOK int dlclose(void *handle) {
        bool unloads = unload_begin(handle);
        int result = REAL(dlclose)(handle);

        if (unloads)
                unload_end();
        return result;
}
