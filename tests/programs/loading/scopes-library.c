/* What row25-scopes loads, one way or the other; with a DT_RUNPATH of its own. */
#include <dlfcn.h>
#include <stdlib.h>

void *take(size_t bytes);
void give(void *block);
void *through(void *(*take_there)(size_t), size_t bytes);
int load(const char *name);

void *take(size_t bytes) {
        return malloc(bytes);
}

void give(void *block) {
        free(block);
}

void *through(void *(*take_there)(size_t), size_t bytes) {
        return take_there(bytes);
}

int load(const char *name) {
        void *library = dlopen(name, RTLD_NOW);

        return library && dlsym(library, "beside");
}
