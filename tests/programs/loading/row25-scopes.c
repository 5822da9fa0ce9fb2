/*
 * Row 25: row25-scopes WAY LIBRARY. The library's malloc and free are not ours when it is loaded with
 * RTLD_DEEPBIND or into a namespace of its own: what it allocates is not seen, and what it frees or leaves to
 * be freed is told.
 */
#include <dlfcn.h>

#include "../harness.h"

static void *(*take)(size_t bytes);
static void (*give)(void *block);
static void *(*through)(void *(*take_here)(size_t), size_t bytes);
static int (*load)(const char *name);

static void *call_back(size_t bytes) {
        return h_malloc(bytes);
}

static void deepbind(void) {
        h_free_foreign(take(100));

        /* A free that goes past us: known when the address comes again, and until then the block lives. */
        void *past = h_malloc(200), *other = h_malloc(10);
        give(past);
        void *again = malloc(200);
        h_say("the same block: %d\n", again == past);
        h_gave(past, 200);
        h_took(H_MALLOC, again, 200);
        h_free(other, 10);
        h_free(again, 200);
        give(h_malloc(300));
        h_free(through(call_back, 400), 400);
}

static void dlmopen_own(void) {
        /* Another libc with a heap of its own. */
        for (size_t bytes = 1; bytes < 3000; bytes++)
                give(take(bytes));
        h_free(through(call_back, 400), 400);
}

static void runpath(void) {
        /* Where the library's own DT_RUNPATH leads, and nobody else's. */
        if (!load("libtest-beside.so"))
                _exit(98);
        h_free(h_malloc(77), 77);
}

int main(int argc, char **argv) {
        const char *way = argc == 3 ? argv[1] : "";
        void *library = strcmp(way, "dlmopen") == 0    ? dlmopen(LM_ID_NEWLM, argv[2], RTLD_NOW)
                        : strcmp(way, "deepbind") == 0 ? dlopen(argv[2], RTLD_NOW | RTLD_DEEPBIND)
                        : argc == 3                    ? dlopen(argv[2], RTLD_NOW)
                                                       : NULL;

        if (!library)
                return 2;
        take = (void *(*)(size_t))dlsym(library, "take");
        give = (void (*)(void *))dlsym(library, "give");
        through = (void *(*)(void *(*)(size_t), size_t))dlsym(library, "through");
        load = (int (*)(const char *))dlsym(library, "load");
        if (strcmp(way, "dlmopen") == 0)
                dlmopen_own();
        else if (strcmp(way, "deepbind") == 0)
                deepbind();
        else
                runpath();
        if (strcmp(way, "runpath") != 0)
                dlclose(library);
        h_free(h_malloc(500), 500);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
