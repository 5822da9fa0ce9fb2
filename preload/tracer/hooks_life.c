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

HOOK int dlclose(void *handle) {
        int result = REAL(dlclose)(handle);

        tracer_unloaded();
        return result;
}
