/*
 * The few other functions that are hooked: the ends of a process that run no exit handler, and
 * dlclose, after which addresses may mean other code.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "tracer/hook.h"
#include "tracer/real.h"
#include "tracer/tracer.h"

HOOK void _exit(int code) {
        (void)real_resolve();
        tracer_finish(code);
        real.exit_now(code);
}

HOOK void _Exit(int code) {
        (void)real_resolve();
        tracer_finish(code);
        real.exit_now(code);
}

HOOK void quick_exit(int code) {
        (void)real_resolve();
        tracer_finish(code);
        real.quick_exit(code);
}

HOOK int dlclose(void *handle) {
        int result;

        (void)real_resolve();
        result = real.dlclose(handle);
        tracer_unloaded();
        return result;
}
