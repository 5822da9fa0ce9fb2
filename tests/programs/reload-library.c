/* One of two libraries that differ in one line alone, and so are loaded over each other. */
#include <stdlib.h>

void *allocate(void);

void *allocate(void) {
#ifdef RELOAD_FIRST
        return malloc(1111);
#else
        return malloc(2222);
#endif
}
