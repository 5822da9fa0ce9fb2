/* One of two libraries that differ in a constant alone, and so are loaded over each other. */
#include <stdlib.h>

void *allocate(void);

void *allocate(void) {
        return malloc(RELOAD_BYTES);
}
