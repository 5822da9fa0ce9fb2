/* One of the libraries of row24-race: they differ in BYTES alone, and so lie at one address in turn. */
#include <stdlib.h>

void *take(void);

static void *own;

void *take(void) {
        return malloc(BYTES);
}

__attribute__((constructor)) static void begin(void) {
        own = malloc(BYTES);
}

__attribute__((destructor)) static void end(void) {
        free(own);
}
