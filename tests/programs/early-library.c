/*
 * Preloaded beside the tracer: allocates in its constructor, which may run before the tracer's, and
 * calls the program back from its destructor, which may run after. Rows 8 and 23.
 */
#include <stdlib.h>

enum { EARLY_BLOCKS = 4 };

void *early_blocks[EARLY_BLOCKS];
void (*early_last)(void);

__attribute__((constructor)) static void early_begin(void) {
        early_blocks[0] = calloc(3, 11);
        early_blocks[1] = malloc(44);
        early_blocks[2] = realloc(malloc(5), 55);
        if (posix_memalign(&early_blocks[3], 64, 66))
                early_blocks[3] = NULL;
}

__attribute__((destructor)) static void early_end(void) {
        if (early_last)
                early_last();
}
